"""Every fault of the database that can be provoked, and the sentence a person gets for it."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import Connection, exc, insert, select, text

import models
from domain.errors import Busy, Conflict, DomainError, Invalid, StorageFull
from models import CalendarDay, Policy
from models.faults import map_db_error

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


def put_day(tx: Connection, day: date) -> None:
    tx.execute(insert(CalendarDay).values(day=day, working=True, name="补班"))


def put_policy(tx: Connection, key: str, value: str = "x") -> None:
    tx.execute(insert(Policy).values(key=key, value=value, changed_at=NOW))


# -- both databases ----------------------------------------------------------------------------------------------------
def test_a_second_row_with_the_same_key_is_a_conflict(database: models.Database) -> None:
    with database.transaction() as tx:
        put_day(tx, date(2026, 1, 4))
    with pytest.raises(Conflict) as refused, database.transaction() as tx:
        put_day(tx, date(2026, 1, 4))
    assert refused.value.message == "该任务已被他人办理，请刷新页面后查看。"
    assert isinstance(refused.value.__cause__, exc.IntegrityError)


def test_a_mistake_of_ours_is_not_dressed_up(database: models.Database) -> None:
    with pytest.raises(exc.DBAPIError), database.transaction() as tx:
        tx.execute(text("SELECT nothing_of_this_name FROM nowhere"))


def test_after_every_refusal_the_next_write_works(database: models.Database) -> None:
    with pytest.raises(Conflict), database.transaction() as tx:
        put_day(tx, date(2026, 2, 14))
        put_day(tx, date(2026, 2, 14))
    with database.transaction() as tx:
        put_day(tx, date(2026, 2, 14))


# -- PostgreSQL --------------------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def postgresql(postgresql_url: str) -> Iterator[models.Database]:
    database = models.Database(postgresql_url)
    with database.transaction() as tx:
        put_policy(tx, "one")
        put_policy(tx, "two")
    yield database
    database.dispose()


@contextmanager
def held(database: models.Database, key: str) -> Iterator[None]:
    """Somebody else has this row."""
    with database.engine.connect() as other:
        other.execute(select(Policy).where(Policy.key == key).with_for_update())
        yield


def test_a_row_that_stays_locked_means_busy(postgresql: models.Database) -> None:
    with held(postgresql, "one"), pytest.raises(Busy), postgresql.transaction() as tx:
        tx.execute(text("SET LOCAL lock_timeout = '50ms'"))
        tx.execute(select(Policy).where(Policy.key == "one").with_for_update())


def test_the_door_sets_its_own_lock_timeout(postgresql: models.Database) -> None:
    with postgresql.reading() as tx:
        assert tx.execute(text("SHOW lock_timeout")).scalar() == "5s"
        assert tx.execute(text("SHOW idle_in_transaction_session_timeout")).scalar() == "30s"


def test_one_of_two_that_wait_for_each_other_is_asked_to_come_again(postgresql: models.Database) -> None:
    both_hold = threading.Barrier(2)
    outcomes: list[DomainError | None] = []

    def cross(first: str, second: str) -> None:
        try:
            with postgresql.transaction() as tx:
                tx.execute(select(Policy).where(Policy.key == first).with_for_update())
                both_hold.wait()
                tx.execute(select(Policy).where(Policy.key == second).with_for_update())
            outcomes.append(None)
        except DomainError as refused:
            outcomes.append(refused)

    threads = [threading.Thread(target=cross, args=keys) for keys in (("one", "two"), ("two", "one"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Busy", "NoneType"]


def test_a_lost_race_under_stricter_isolation_means_busy(postgresql: models.Database) -> None:
    strict = postgresql.engine.execution_options(isolation_level="REPEATABLE READ")
    with pytest.raises(Busy), map_db_error(), strict.connect() as slow:
        slow.execute(select(Policy)).all()
        with postgresql.transaction() as quick:
            quick.execute(text("UPDATE policy SET value = '1' WHERE key = 'one'"))
        slow.execute(text("UPDATE policy SET value = '2' WHERE key = 'one'"))


@pytest.mark.parametrize("text_", ["a\0b", "x" * 81], ids=["NUL", "too long"])
def test_what_a_column_cannot_hold_is_said_in_words(postgresql: models.Database, text_: str) -> None:
    with pytest.raises(Invalid, match="无法保存"), postgresql.transaction() as tx:
        put_policy(tx, text_)
    with pytest.raises(Invalid), postgresql.reading() as tx:
        tx.execute(select(Policy).where(Policy.key == "a\0b"))


def test_a_fault_does_not_quote_what_was_written(database: models.Database) -> None:
    with pytest.raises(exc.DBAPIError) as fault, database.transaction() as tx:
        tx.execute(text("INSERT INTO nowhere VALUES (:name)"), {"name": "张三"})
    assert "张三" not in str(fault.value)


def test_a_statement_that_takes_too_long_means_busy(postgresql: models.Database) -> None:
    with pytest.raises(Busy), postgresql.transaction() as tx:
        tx.execute(text("SET LOCAL statement_timeout = '50ms'"))
        tx.execute(text("SELECT pg_sleep(5)"))


def test_a_server_that_ends_the_connection_means_busy_and_the_next_one_works(postgresql: models.Database) -> None:
    with pytest.raises(Busy), postgresql.transaction() as tx:
        pid = tx.execute(text("SELECT pg_backend_pid()")).scalar()
        put_policy(tx, "lost")
        with postgresql.engine.connect() as other:
            other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
        put_policy(tx, "lost too")
    with postgresql.transaction() as tx:
        assert not tx.execute(select(Policy).where(Policy.key.like("lost%"))).all()


def test_a_connection_that_died_in_the_pool_is_not_handed_out(postgresql: models.Database) -> None:
    with postgresql.reading() as tx:
        pid = tx.execute(text("SELECT pg_backend_pid()")).scalar()
    killer = models.Database(postgresql.url.render_as_string(hide_password=False))
    with killer.transaction() as tx:
        tx.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
    killer.dispose()
    time.sleep(1.1)  # a connection just used is not asked whether it lives
    with postgresql.reading() as tx:
        assert tx.execute(text("SELECT 1")).scalar() == 1


def test_whoever_falls_asleep_in_a_transaction_loses_it(postgresql: models.Database) -> None:
    with pytest.raises(Busy), postgresql.transaction() as tx:
        tx.execute(text("SET idle_in_transaction_session_timeout = '50ms'"))
        put_policy(tx, "asleep")
        time.sleep(0.3)
        tx.execute(text("SELECT 1"))
    with postgresql.reading() as tx:
        assert not tx.execute(select(Policy).where(Policy.key == "asleep")).all()


def test_a_server_that_is_not_there_means_busy() -> None:
    nobody = models.Database("postgresql+psycopg://postgres@127.0.0.1:1/nothing?connect_timeout=2")
    with pytest.raises(Busy), nobody.reading():
        pass


@pytest.mark.parametrize(("state", "meaning"), [("53100", StorageFull), ("53300", Busy), ("57P03", Busy)])
def test_what_cannot_be_provoked_is_raised_by_hand(
    postgresql: models.Database, state: str, meaning: type[DomainError]
) -> None:
    with pytest.raises(meaning), postgresql.transaction() as tx:
        tx.execute(text(f"DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '{state}'; END $$"))


# -- SQLite ------------------------------------------------------------------------------------------------------------
@pytest.fixture
def sqlite(new_database) -> Iterator[models.Database]:  # type: ignore[no-untyped-def]
    database = models.Database(new_database("sqlite"))
    yield database
    database.dispose()


def test_a_writer_outside_our_queue_means_busy(sqlite: models.Database) -> None:
    with sqlite.transaction() as tx:
        tx.exec_driver_sql("PRAGMA busy_timeout = 50")
    stranger = sqlite3.connect(str(sqlite.url.database), isolation_level=None)
    stranger.execute("BEGIN IMMEDIATE")
    with pytest.raises(Busy) as refused, sqlite.transaction() as tx:
        put_policy(tx, "waits")
    assert refused.value.message == "系统正忙，请稍后重试。"
    stranger.execute("ROLLBACK")
    stranger.close()
    with sqlite.transaction() as tx:
        put_policy(tx, "waits")


def test_a_write_transaction_holds_the_lock_from_its_first_statement(sqlite: models.Database) -> None:
    with sqlite.transaction() as tx:
        tx.execute(text("SELECT 1"))
        stranger = sqlite3.connect(str(sqlite.url.database), isolation_level=None, timeout=0)
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            stranger.execute("BEGIN IMMEDIATE")
        stranger.close()


def test_a_full_disk_is_said_and_over_once_there_is_room(sqlite: models.Database) -> None:
    with sqlite.transaction() as tx:
        pages = tx.exec_driver_sql("PRAGMA page_count").scalar()
        tx.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(StorageFull) as refused, sqlite.transaction() as tx:
        for number in range(200):
            put_policy(tx, f"large-{number}", "字" * 2000)
    assert "存储空间已满" in refused.value.message
    with sqlite.reading() as tx:
        assert not tx.execute(select(Policy)).all()
    with sqlite.transaction() as tx:
        tx.exec_driver_sql("PRAGMA max_page_count = 1073741823")
    with sqlite.transaction() as tx:
        put_policy(tx, "room again", "字" * 2000)
