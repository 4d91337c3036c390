"""One command, one transaction, one answer: the frame of every verb that a person may press twice."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from domain.authority import Actor
from domain.errors import Conflict, Invalid
from models import Tx, transaction
from models.queries import answered

UNKEEPABLE = "提交的内容含有无法保存的字符或数字，请检查后重新提交。"


@dataclass(frozen=True)
class Run:
    """An open command: write through `tx`; if `replay` is not None the command ran before and that is its answer."""

    tx: Tx
    replay: Any = None


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
def command(actor: Actor, asked: tuple[Any, ...], answer: Any, now: datetime) -> Iterator[Run]:
    """Open the transaction of a command whose answer is known beforehand (ids are ours).

    With an Idempotency-Key the answer is written first; a second request with the key finds it and is not carried out
    again. The same key with another request is a Conflict.
    """
    digest = fingerprint(*asked)
    with transaction() as tx:
        earlier = _remember(tx, actor, digest, answer, now) if actor.command_key and actor.person_id else None
        yield Run(tx, earlier)


def _remember(tx: Tx, actor: Actor, digest: str, answer: Any, now: datetime) -> Any:
    earlier = answered.remember(
        tx, {"person_id": actor.person_id, "key": actor.command_key, "fingerprint": digest, "answer": answer, "at": now}
    )
    if earlier is None:
        return None
    if earlier.fingerprint != digest:
        raise Conflict("同一个提交编号被用于不同的内容，请刷新页面后重新提交。")
    return earlier.answer
