"""The state of an instance as text: its tokens, oldest first, and the next reference. No spec, no history.

Short states stay plain JSON, which costs nothing to read; long ones are compressed.
"""

from __future__ import annotations

import base64
import zlib
from typing import Any

import orjson
from SpiffWorkflow.util.task import TaskState

from domain.errors import DomainError, Finding, Refused
from engine.process import Process
from engine.tokens import Instance, SubScope, Token, TokenScope

FORMAT = 1
PLAIN_UP_TO = 4_000  # characters
WARN_FROM = 100_000
REFUSE_FROM = 200_000
MAX_READ = 20_000_000  # bytes a stored state may unpack to
_OPEN = {TaskState.WAITING, TaskState.STARTED}


def dump(instance: Instance) -> str:
    """The state text; refuses one that has grown beyond the limit."""
    rows = [_row(token) for token in instance.tokens()]
    plain = orjson.dumps([FORMAT, instance.counter, int(instance.ended), rows])
    text = plain.decode() if len(plain) <= PLAIN_UP_TO else "z" + base64.b85encode(zlib.compress(plain, 6)).decode()
    if len(text) > REFUSE_FROM:
        sentence = f"流程“{instance.process.name}”同时进行的环节过多，状态超过 {REFUSE_FROM // 1000} kB，无法保存"
        raise Refused([Finding("state_size", sentence)])
    return text


def _row(token: Token) -> list[Any]:
    scope = token.workflow
    row: list[Any] = [
        int(token.id),
        token.task_spec.name,
        token._state,
        int(scope.host.id) if isinstance(scope, SubScope) else 0,
        token.flow if _needs_flow(token) else None,
        int(token.owner) if token.owner else None,
        token.info or None,
        token.data if token.data != scope.task_tree.data else None,
        int(token.done) or None,
    ]
    while row[-1] is None:
        row.pop()
    return row


def _needs_flow(token: Token) -> bool:
    """Only a join and an awaited event ask by which flow a token came, and only before they go on."""
    if token._state == TaskState.ERROR:
        return bool(token.info["fault"][0] == "enter")
    return token._state in (TaskState.FUTURE, TaskState.WAITING)


def restore(process: Process, state: str) -> Instance:
    """The instance of a state text."""
    try:
        version, counter, ended, rows = orjson.loads(_unpacked(state))
        if version != FORMAT:
            raise ValueError("unknown state format")
        instance = Instance(process)
        instance.counter, instance.ended = counter, bool(ended)
        for row in rows:
            _restore_row(instance, row)
    except (ValueError, TypeError, KeyError, AttributeError, zlib.error) as error:
        raise DomainError("流程实例的状态无法读取，请联系系统管理员") from error
    return instance


def _unpacked(state: str) -> str | bytes:
    if not state.startswith("z"):
        return state
    unpacker = zlib.decompressobj()
    plain = unpacker.decompress(base64.b85decode(state[1:]), MAX_READ)
    if unpacker.unconsumed_tail:
        raise ValueError("state too large")
    return plain


def _restore_row(instance: Instance, row: list[Any]) -> None:
    row += [None] * (9 - len(row))
    ref, name, state, host, flow, owner, info, data, done = row
    scope = _scope(instance, host)
    spec = scope.spec.task_specs.get(name)
    if spec is None:
        raise DomainError(f"流程的这一版本没有环节“{name}”，实例不能用它继续办理")
    token = Token(scope, spec, str(ref), state)
    token.flow, token.owner = flow, str(owner) if owner is not None else None
    if info:
        token.internal_data = info
    token.data = scope.task_tree.data if data is None else data
    token.done = bool(done)
    token.told = state in _OPEN or (state == TaskState.READY and not spec.is_due(token)) or _still_told(token)
    instance.index[token.id] = token


def _still_told(token: Token) -> bool:
    return token._state == TaskState.ERROR and token.info["fault"][0] in ("child", "proceed")


def _scope(instance: Instance, host: int) -> TokenScope:
    if not host:
        return instance
    known = instance.subprocesses.get(str(host))
    if known is None:
        token = instance.index[str(host)]
        known = instance.subprocesses[str(host)] = SubScope(instance.process.specs[token.task_spec.node.scope], token)
    return known
