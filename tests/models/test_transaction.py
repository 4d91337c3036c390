"""The one door: all or nothing, looking leaves no trace, and writers take turns."""

from __future__ import annotations

import statistics
import threading
import time
from contextlib import nullcontext, suppress
from datetime import UTC, datetime

import pytest
from sqlalchemy import Connection, func, insert, select
from sqlalchemy.exc import DBAPIError

import models
from models import Policy

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


def put(tx: Connection, key: str) -> None:
    tx.execute(insert(Policy).values(key=key, value="x", changed_at=NOW))


def keys(database: models.Database, prefix: str) -> list[str]:
    with database.reading() as tx:
        return list(tx.execute(select(Policy.key).where(Policy.key.startswith(prefix)).order_by(Policy.key)).scalars())


def test_everything_or_nothing(database: models.Database) -> None:
    with database.transaction() as tx:
        put(tx, "kept-1")
        put(tx, "kept-2")
    assert keys(database, "kept") == ["kept-1", "kept-2"]
    with pytest.raises(ZeroDivisionError), database.transaction() as tx:
        put(tx, "gone-1")
        assert 1 / 0
    assert keys(database, "gone") == []


@pytest.mark.parametrize("end", [KeyboardInterrupt, SystemExit, GeneratorExit])
def test_also_when_the_process_is_told_to_stop(database: models.Database, end: type[BaseException]) -> None:
    with pytest.raises(end), database.transaction() as tx:
        put(tx, "stopped")
        raise end
    assert keys(database, "stopped") == []


def test_a_failed_commit_keeps_nothing(database: models.Database) -> None:
    with pytest.raises(RuntimeError), database.transaction() as tx:
        put(tx, "uncommitted")
        tx.commit = _refuse  # type: ignore[method-assign]
    assert keys(database, "uncommitted") == []


def test_a_swallowed_fault_is_no_success(database: models.Database, backend: str) -> None:
    """On PostgreSQL nothing after a failed statement is kept, so nobody may be told that it was."""
    expected = pytest.raises(RuntimeError) if backend == "postgresql" else nullcontext()
    with expected, database.transaction() as tx:
        put(tx, "swallowed")
        with suppress(DBAPIError):
            put(tx, "swallowed")
    assert keys(database, "swallowed") == ([] if backend == "postgresql" else ["swallowed"])


def _refuse() -> None:
    raise RuntimeError("the commit did not happen")


def test_what_is_written_while_looking_is_not_kept(database: models.Database) -> None:
    refused = pytest.raises(DBAPIError, match="read-only") if database.backend == "postgresql" else nullcontext()
    with refused, database.reading() as tx:
        put(tx, "looked")
    assert keys(database, "looked") == []


def test_a_moment_without_zone_is_refused(database: models.Database) -> None:
    with pytest.raises(Exception, match="naive"), database.transaction() as tx:
        tx.execute(insert(Policy).values(key="naive", value="x", changed_at=datetime(2026, 1, 1)))  # noqa: DTZ001


def test_moments_come_back_aware_and_equal(database: models.Database) -> None:
    with database.transaction() as tx:
        put(tx, "moment")
    with database.reading() as tx:
        assert tx.execute(select(Policy.changed_at).where(Policy.key == "moment")).scalar() == NOW


def test_writers_take_turns(database: models.Database) -> None:
    """Eight at once: nobody starves, nobody waits long. SQLite's own waiting gave single waits of seconds."""
    until = time.monotonic() + 2.0
    written: list[int] = []
    waits: list[float] = []

    def write(name: int) -> None:
        mine = 0
        while time.monotonic() < until:
            began = time.monotonic()
            with database.transaction() as tx:
                put(tx, f"turn-{name}-{mine}")
            waits.append(time.monotonic() - began)
            mine += 1
        written.append(mine)

    threads = [threading.Thread(target=write, args=(name,)) for name in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.reading() as tx:
        assert tx.execute(select(func.count()).where(Policy.key.startswith("turn-"))).scalar() == sum(written)
    assert min(written) >= statistics.mean(written) / 5, written
    assert max(waits) < 2.5, max(waits)
