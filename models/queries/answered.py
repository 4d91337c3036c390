"""First answers of commands, kept under their Idempotency-Key."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite

from models.hot import Hot
from models.records import Answered

_VALUES: dict[str, Any] = {name: bindparam(name) for name in ("person_id", "key", "fingerprint", "answer", "at")}
_INSERT = {
    "sqlite": Hot(sqlite.insert(Answered).values(_VALUES).on_conflict_do_nothing()),
    "postgresql": Hot(postgresql.insert(Answered).values(_VALUES).on_conflict_do_nothing()),
}
_EARLIER = Hot(
    select(Answered.fingerprint, Answered.answer).where(
        Answered.person_id == bindparam("person_id"), Answered.key == bindparam("key")
    )
)


def remember(tx: Connection, row: dict[str, Any]) -> Callable[[], Any | None]:
    """Write a first answer; what is returned gives, after a pipeline's end, the earlier one where the key was used."""
    sent = _INSERT[tx.dialect.name].send(tx, row)
    return lambda: None if sent.rowcount else _EARLIER.first(tx, {"person_id": row["person_id"], "key": row["key"]})


def amend(tx: Connection, person_id: str, key: str, answer: Any) -> None:
    """The first answer under a key, written by this very transaction, is this one."""
    query = update(Answered).where(Answered.person_id == person_id, Answered.key == key)
    tx.execute(query.values(answer=answer))
