"""First answers of commands, kept under their Idempotency-Key."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.dialects import postgresql, sqlite

from models.hot import Hot
from models.records import Answered

_VALUES: dict[str, Any] = {name: bindparam(name) for name in ("person_id", "key", "fingerprint", "answer", "at")}
_INSERT = {
    "sqlite": Hot(sqlite.insert(Answered).values(_VALUES).on_conflict_do_nothing()),
    "postgresql": Hot(postgresql.insert(Answered).values(_VALUES).on_conflict_do_nothing()),
}
_EARLIER = select(Answered.fingerprint, Answered.answer).where(
    Answered.person_id == bindparam("person_id"), Answered.key == bindparam("key")
)


def remember(tx: Connection, row: dict[str, Any]) -> Any | None:
    """Write a first answer; the earlier one where the key has been used before."""
    if _INSERT[tx.dialect.name].run(tx, row):
        return None
    return tx.execute(_EARLIER, {"person_id": row["person_id"], "key": row["key"]}).one()
