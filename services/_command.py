"""One command, one transaction, one answer: the frame of every verb that a person may press twice."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, bindparam, select
from sqlalchemy.dialects import postgresql, sqlite

from domain.authority import Actor
from domain.errors import Conflict
from models import Answered, transaction

_columns = ("person_id", "key", "fingerprint", "answer", "at")
_values = {name: bindparam(name) for name in _columns}
_INSERT = {
    "sqlite": sqlite.insert(Answered).values(_values).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(Answered).values(_values).on_conflict_do_nothing(),
}
_EARLIER = select(Answered.fingerprint, Answered.answer).where(
    Answered.person_id == bindparam("person_id"), Answered.key == bindparam("key")
)


@dataclass(frozen=True)
class Run:
    """An open command: write through `tx`; if `replay` is not None the command ran before and that is its answer."""

    tx: Connection
    replay: Any = None


def fingerprint(*parts: Any) -> str:
    """A digest of what was asked, so that a reused key with another request is noticed."""
    return hashlib.sha256(orjson.dumps(parts, default=str, option=orjson.OPT_SORT_KEYS)).hexdigest()


@contextmanager
def command(actor: Actor, asked: tuple[Any, ...], answer: Any, now: datetime) -> Iterator[Run]:
    """Open the transaction of a command whose answer is known beforehand (ids are ours).

    With an Idempotency-Key the answer is written first; a second request with the key finds it and is not carried out
    again. The same key with another request is a Conflict.
    """
    with transaction() as tx:
        earlier = _remember(tx, actor, asked, answer, now) if actor.command_key and actor.person_id else None
        yield Run(tx, earlier)


def _remember(tx: Connection, actor: Actor, asked: tuple[Any, ...], answer: Any, now: datetime) -> Any:
    digest = fingerprint(*asked)
    row = {"person_id": actor.person_id, "key": actor.command_key, "fingerprint": digest, "answer": answer, "at": now}
    if tx.execute(_INSERT[tx.dialect.name], row).rowcount:
        return None
    earlier = tx.execute(_EARLIER, {"person_id": actor.person_id, "key": actor.command_key}).one()
    if earlier.fingerprint != digest:
        raise Conflict("同一个提交编号被用于不同的内容，请刷新页面后重新提交。")
    return earlier.answer
