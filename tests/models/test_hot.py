"""Hot statements give what Core gives: the same rows, the same types, the same refusals."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import bindparam, exc, func, select, text, update

import models
from domain.errors import Busy, Conflict
from models import Job, Ledger, Policy, Unit, new_id
from models.hot import Hot, insert_into

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
BEIJING = timezone(timedelta(hours=8))
ADD_JOB = insert_into(Job)
ADD_LEDGER = insert_into(Ledger)
FIND = Hot(select(Job.__table__).where(Job.kind == bindparam("kind")).order_by(Job.key))
MOVE = Hot(update(Job).where(Job.key == bindparam("b_key")).values(due_at=bindparam("b_at")))


def job(key: str, kind: str, **more: object) -> dict[str, object]:
    return {"id": new_id(), "kind": kind, "key": key, "args": {"单位": key}, "due_at": NOW.astimezone(BEIJING), **more}


def test_rows_come_back_as_core_gives_them(database: models.Database) -> None:
    with database.transaction() as tx:
        ADD_JOB.run_many(tx, [job("b", "same"), job("a", "same", attempts=3)])
    with database.reading() as tx:
        hot = [row._asdict() for row in FIND.rows(tx, {"kind": "same"})]
        core = [dict(row._mapping) for row in tx.execute(FIND.statement, {"kind": "same"})]
    assert hot == core
    assert hot[0]["due_at"] == NOW and hot[0]["due_at"].tzinfo is UTC
    assert [(row["key"], row["attempts"], row["taken"]) for row in hot] == [("a", 3, False), ("b", 0, False)]


def test_a_first_row_leaves_nothing_half_read(database: models.Database) -> None:
    """A statement that stays open would pin the connection to an old state, and its next write would be refused."""
    with database.transaction() as tx:
        ADD_JOB.run_many(tx, [job(f"half-{n}", "half") for n in range(5)])
    with database.reading() as tx:
        assert FIND.first(tx, {"kind": "half"}).key == "half-0"
    with database.transaction() as tx:
        read = FIND.later(tx, {"kind": "half"})
        assert read().key == "half-0"
        assert FIND.first(tx, {"kind": "half"}).key == "half-0"
    other = models.Database(database.url)
    with other.transaction() as tx:
        assert MOVE.run(tx, {"b_key": "half-0", "b_at": NOW + timedelta(days=1)}) == 1
    other.dispose()
    with database.transaction() as tx:
        assert FIND.first(tx, {"kind": "half"}).due_at == NOW + timedelta(days=1)
        assert MOVE.run(tx, {"b_key": "half-0", "b_at": NOW}) == 1


def test_what_is_asked_in_a_pipeline_is_read_after_it(database: models.Database) -> None:
    with database.transaction() as tx:
        with models.pipelined(tx):
            ADD_JOB.run_many(tx, [job("asked", "asked")])
            read = FIND.later(tx, {"kind": "asked"})
            missing = FIND.later(tx, {"kind": "nobody"})
        assert read().key == "asked"
        assert missing() is None


def test_nothing_found(database: models.Database) -> None:
    with database.reading() as tx:
        assert FIND.first(tx, {"kind": "none"}) is None
        assert FIND.rows(tx, {"kind": "none"}) == []
        assert FIND.scalar(tx, {"kind": "none"}) is None


def test_defaults_of_the_model_fill_what_is_missing(database: models.Database) -> None:
    unit = {"id": new_id(), "path": "/x/", "code": "x", "name": "甲", "short_name": "甲", "level": "city", "kind": "g"}
    with database.transaction() as tx:
        insert_into(Unit).run_many(tx, [unit])
    with database.reading() as tx:
        row = tx.execute(select(Unit.active, Unit.parent_id).where(Unit.code == "x")).one()
    assert tuple(row) == (True, None)


def test_a_naive_moment_is_refused(database: models.Database) -> None:
    with pytest.raises(ValueError, match="naive"), database.transaction() as tx:
        ADD_JOB.run_many(tx, [job("naive", "naive") | {"due_at": datetime(2026, 1, 1)}])  # noqa: DTZ001


def test_the_ledger_counts_by_itself(database: models.Database) -> None:
    with database.transaction() as tx:
        ADD_LEDGER.run_many(tx, [{"at": NOW, "tag": "task:open", "data": {"n": n}} for n in range(3)])
    with database.reading() as tx:
        rows = tx.execute(select(Ledger.seq, Ledger.data).order_by(Ledger.seq)).all()
    assert [row.data["n"] for row in rows] == [0, 1, 2]
    assert len({row.seq for row in rows}) == 3


def test_how_many_rows_were_touched(database: models.Database) -> None:
    with database.transaction() as tx:
        ADD_JOB.run_many(tx, [job("c", "touch")])
        assert MOVE.run(tx, {"b_key": "c", "b_at": NOW}) == 1
        assert MOVE.run(tx, {"b_key": "nobody", "b_at": NOW}) == 0
        with models.pipelined(tx):
            hit, missed = (MOVE.send(tx, {"b_key": key, "b_at": NOW}) for key in ("c", "nobody"))
            ADD_JOB.run_many(tx, [job("d", "touch"), job("e", "touch")])
        assert (hit.rowcount, missed.rowcount) == (1, 0)


@pytest.mark.parametrize("through_pipeline", [False, True])
def test_refusals_are_those_of_core(database: models.Database, through_pipeline: bool) -> None:
    key = f"twice-{through_pipeline}"
    with pytest.raises(Conflict) as refused, database.transaction() as tx:
        if through_pipeline:
            with models.pipelined(tx):
                ADD_JOB.run_many(tx, [job(key, "twice")])
                ADD_JOB.run_many(tx, [job(key, "twice")])
                ADD_LEDGER.run_many(tx, [{"at": NOW, "tag": "task:open", "data": {}}])
        else:
            ADD_JOB.run_many(tx, [job(key, "twice"), job(key, "twice")])
    assert isinstance(refused.value.__cause__, exc.IntegrityError)
    with database.transaction() as tx:
        assert tx.execute(select(func.count()).where(Job.kind == "twice")).scalar() == 0
        ADD_JOB.run_many(tx, [job(key, f"once-{key}")])


def test_a_statement_of_ours_that_is_wrong_stays_a_fault(database: models.Database) -> None:
    with pytest.raises(exc.DBAPIError), database.transaction() as tx:
        Hot(select(text("nothing_of_this_name")).select_from(Policy)).rows(tx, {})


@pytest.mark.parametrize("through_pipeline", [False, True])
def test_a_server_that_ends_the_connection_means_busy(postgresql_url: str, through_pipeline: bool) -> None:
    database = models.Database(postgresql_url)
    with pytest.raises(Busy), database.transaction() as tx:
        pid = tx.execute(text("SELECT pg_backend_pid()")).scalar()
        with database.engine.connect() as other:
            other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
        if through_pipeline:
            with models.pipelined(tx):
                ADD_JOB.run_many(tx, [job("gone", "gone")])
        else:
            FIND.rows(tx, {"kind": "gone"})
    with database.transaction() as tx:
        assert FIND.rows(tx, {"kind": "gone"}) == []
    database.dispose()


def test_what_is_not_hot_does_not_overtake_a_pipeline(postgresql_url: str) -> None:
    database = models.Database(postgresql_url)
    with pytest.raises(RuntimeError, match="overtake"), database.transaction() as tx, models.pipelined(tx):
        ADD_JOB.run_many(tx, [job("first", "order")])
        tx.execute(select(func.count()).where(Job.kind == "order"))
    with database.transaction() as tx:
        assert FIND.rows(tx, {"kind": "order"}) == []
    database.dispose()


def test_an_answer_is_not_read_before_it_is_there(postgresql_url: str) -> None:
    database = models.Database(postgresql_url)
    with pytest.raises(RuntimeError, match="inside the pipeline"), database.transaction() as tx, models.pipelined(tx):
        FIND.later(tx, {"kind": "early"})()
    database.dispose()


def test_more_in_one_pipeline_than_sockets_hold(postgresql_url: str) -> None:
    """Both sides write at once: whoever did not read meanwhile would wait for ever."""
    database = models.Database(postgresql_url)
    with database.transaction() as tx:
        with models.pipelined(tx):
            ADD_JOB.run_many(tx, [job(f"{n:05}", "much", args="长" * 20_000) for n in range(50)])
            answers = [FIND.later(tx, {"kind": "much"}) for _ in range(20)]
        assert {answer().key for answer in answers} == {"00000"}
        assert len(FIND.rows(tx, {"kind": "much"})) == 50
    database.dispose()


@pytest.mark.parametrize("lost", ["DEALLOCATE ALL", "ALTER TABLE policy ADD COLUMN more integer"])
def test_a_prepared_statement_that_is_out_of_date_is_prepared_anew(postgresql_url: str, lost: str) -> None:
    database = models.Database(postgresql_url)
    every = Hot(select(text("*")).select_from(Policy))
    with database.transaction() as tx:
        assert every.rows(tx, {}) == []
    with database.transaction() as tx:
        tx.execute(text(lost))
    with pytest.raises(exc.DBAPIError), database.transaction() as tx:
        every.rows(tx, {})
    with database.transaction() as tx:
        assert every.rows(tx, {}) == []
    database.dispose()


def test_a_refused_command_leaves_the_statements_prepared(postgresql_url: str) -> None:
    """A ROLLBACK must not make the next command prepare everything again."""
    database = models.Database(postgresql_url)
    prepared = text("SELECT count(*) FROM pg_prepared_statements")

    def count() -> int:
        with database.transaction() as tx:
            FIND.rows(tx, {"kind": "kept"})
            return int(tx.execute(prepared).scalar_one())

    before = count()
    with pytest.raises(Conflict), database.transaction() as tx:
        FIND.rows(tx, {"kind": "kept"})
        raise Conflict
    assert count() == before > 0
    database.dispose()
