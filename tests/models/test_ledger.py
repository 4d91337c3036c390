"""The ledger only grows, whoever asks."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import exc, func, insert, select, text

import models
from models import Ledger

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
CHANGES = (
    "UPDATE ledger SET tag = 'task:open'",
    "UPDATE ledger SET data = '{}' WHERE seq = 1",
    "DELETE FROM ledger",
    "DELETE FROM ledger WHERE seq = 1",
)


@pytest.fixture(scope="module", autouse=True)
def two_rows(database: models.Database) -> None:
    with database.transaction() as tx:
        tx.execute(insert(Ledger), [{"at": NOW, "tag": "task:complete", "data": {"n": n}} for n in (1, 2)])


def untouched(database: models.Database) -> bool:
    with database.reading() as tx:
        rows = tx.execute(select(Ledger.tag, Ledger.data).order_by(Ledger.seq)).all()
    return [(row.tag, row.data) for row in rows] == [("task:complete", {"n": 1}), ("task:complete", {"n": 2})]


@pytest.mark.parametrize("statement", CHANGES)
def test_rows_cannot_be_changed(database: models.Database, statement: str) -> None:
    with pytest.raises(exc.DBAPIError, match="append-only"), database.transaction() as tx:
        tx.execute(text(statement))
    assert untouched(database)


def test_rows_cannot_be_replaced(database: models.Database) -> None:
    """Each database has a way of its own to write over a row without saying UPDATE or DELETE."""
    columns = "(seq, at, tag, data) VALUES (1, '2026-11-24', 'x', '{}')"
    ways = {
        "sqlite": [f"INSERT OR REPLACE INTO ledger {columns}"],
        "postgresql": [
            "TRUNCATE ledger",
            f"INSERT INTO ledger {columns} ON CONFLICT (seq) DO UPDATE SET tag = 'x'",
        ],
    }
    for statement in ways[database.backend]:
        with pytest.raises(exc.DBAPIError, match="append-only"), database.transaction() as tx:
            tx.execute(text(statement))
    assert untouched(database)


def test_rows_can_be_added(database: models.Database) -> None:
    with pytest.raises(ZeroDivisionError), database.transaction() as tx:
        before = tx.execute(select(func.count()).select_from(Ledger)).scalar()
        tx.execute(insert(Ledger).values(at=NOW, tag="task:open", data={}))
        assert tx.execute(select(func.count()).select_from(Ledger)).scalar() == before + 1
        assert 1 / 0  # leave the others' two rows alone
