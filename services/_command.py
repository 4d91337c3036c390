"""One command, one transaction, one answer: the frame of every verb that a person may press twice."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from domain.authority import Actor
from domain.errors import Conflict, Invalid
from models import Tx, pipelined, transaction
from models.queries import answered

UNKEEPABLE = "提交的内容含有无法保存的字符或数字，请检查后重新提交。"


@dataclass(frozen=True)
class Run:
    """An open command: write through `tx`; if `replay` is not None the command ran before and that is its answer."""

    tx: Tx
    replay: Any = None
    found: Any = None  # what the command looked for first
    key: tuple[str, str] | None = None  # person and Idempotency-Key

    def settle(self, answer: Any) -> None:
        """The answer of a command that knows it only at its end: a repeated request gets this one."""
        if self.key is not None:
            answered.amend(self.tx, *self.key, answer)


def fingerprint(*parts: Any) -> str:
    """A digest of what was asked, so that a reused key with another request is noticed."""
    return hashlib.sha256(packed(parts)).hexdigest()


def packed(asked: Any) -> bytes:
    """What was asked as bytes; Invalid where it holds what no row can keep: half characters, NUL, endless integers."""
    try:
        found = orjson.dumps(asked, default=str, option=orjson.OPT_SORT_KEYS)
    except TypeError as fault:
        raise Invalid(UNKEEPABLE) from fault
    if b"\\u0000" in found.replace(rb"\\", b""):
        raise Invalid(UNKEEPABLE)
    return found


@contextmanager
def command(
    actor: Actor, asked: tuple[Any, ...], answer: Any, now: datetime, *, look: Callable[[Tx], Any] | None = None
) -> Iterator[Run]:
    """Open the transaction of a command whose answer is known beforehand (ids are ours), or else settled at its end.

    With an Idempotency-Key the answer is written first; a second request with the key finds it and is not carried out
    again. The same key with another request is a Conflict. `look` asks the command's first question in the same round
    trip (a query that answers later); `found` holds the answer.
    """
    digest = fingerprint(*asked)
    with transaction() as tx:
        remembered, found = _begin(tx, actor, digest, answer, now, look)
        key = (actor.person_id, actor.command_key) if actor.person_id and actor.command_key else None
        yield Run(tx, _replay(remembered, digest), found() if found else None, key)


def _begin(
    tx: Tx, actor: Actor, digest: str, answer: Any, now: datetime, look: Callable[[Tx], Any] | None
) -> tuple[Callable[[], Any] | None, Any]:
    keyed = actor.command_key and actor.person_id
    if not keyed and look is None:
        return None, None
    row = {"person_id": actor.person_id, "key": actor.command_key, "fingerprint": digest, "answer": answer, "at": now}
    with pipelined(tx):
        return answered.remember(tx, row) if keyed else None, look(tx) if look else None


def _replay(remembered: Callable[[], Any] | None, digest: str) -> Any:
    earlier = remembered() if remembered else None
    if earlier is None:
        return None
    if earlier.fingerprint != digest:
        raise Conflict("同一个提交编号被用于不同的内容，请刷新页面后重新提交。")
    return earlier.answer
