"""FEEL and JavaScript patterns on the server, evaluated by the code that runs in the browser.

The bundle web/static/dist/feelin.js is loaded into V8 once a process, at first use. One call carries all expressions
of a form, so the price of crossing into V8 is paid once. V8 reserves address space by the gigabyte: never evaluate in a
child process whose memory is limited.
"""

from __future__ import annotations

import atexit
import ctypes
import json
import math
import os
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from py_mini_racer import DEFAULT_V8_FLAGS, JSEvalException, JSOOMException, MiniRacer, init_mini_racer

from domain.errors import DomainError

BUNDLE = Path(__file__).resolve().parents[2] / "web" / "static" / "dist" / "feelin.js"
SECONDS = 2.0
MEMORY = 256 * 1024 * 1024
MAX_RESULT = 1024 * 1024
# The engine of linear time refuses what it cannot run in linear time, instead of backtracking.
FLAGS = (*DEFAULT_V8_FLAGS, "--enable-experimental-regexp-engine")

PRELUDE = r"""
function descend(value, path) {
  return path.reduce((inner, step) => (inner === null || inner === undefined ? undefined : inner[step]), value);
}
function build(info, data) {
  return { ...info, ...data, _this_: info.this, _parent_: info.parent, _i_: info.i };
}
function contextOf(job, scope) {
  let info = { this: job.data, parent: null, i: [] };
  for (const path of scope) {
    info = {
      this: descend(job.rows, path),
      parent: build(info, info.this),
      i: [...info.i, path[path.length - 1] + 1],
    };
  }
  return build(info, job.data);
}
function runJob(text) {
  const job = JSON.parse(text);
  const contexts = new Map();
  const results = job.tasks.map(([kind, source, scope]) => {
    const key = JSON.stringify(scope);
    if (!contexts.has(key)) contexts.set(key, contextOf(job, scope));
    const evaluate = kind === "test" ? feelin.unaryTest : feelin.evaluate;
    try {
      const { value } = evaluate(source, contexts.get(key));
      return value === undefined ? null : value;
    } catch (error) {
      return null;
    }
  });
  return JSON.stringify(results);
}
const patterns = new Map();
function compiled(source) {
  if (!patterns.has(source)) {
    let pattern;
    try {
      pattern = new RegExp(source, "l");
    } catch (error) {
      pattern = new RegExp(source);
    }
    if (patterns.size > 500) patterns.clear();
    patterns.set(source, pattern);
  }
  return patterns.get(source);
}
function matchAll(text) {
  const matched = JSON.parse(text).map(([source, value]) => {
    try {
      return compiled(source).test(value);
    } catch (error) {
      return false;
    }
  });
  return JSON.stringify(matched);
}
function inspectPattern(source) {
  try {
    new RegExp(source);
  } catch (error) {
    return "bad";
  }
  try {
    new RegExp(source, "l");
  } catch (error) {
    return "slow";
  }
  return "good";
}
function inspectExpression(kind, source, names) {
  const evaluate = kind === "test" ? feelin.unaryTest : feelin.evaluate;
  const context = Object.fromEntries(JSON.parse(names).map((name) => [name, null]));
  try {
    const unknown = evaluate(source, context)
      .warnings.filter((warning) => warning.type === "NO_VARIABLE_FOUND")
      .map((warning) => source.slice(warning.position.from, warning.position.to));
    return JSON.stringify({ unknown });
  } catch (error) {
    return JSON.stringify({ error: String(error.message || error) });
  }
}
"""


class FeelFault(DomainError):
    """表单中的公式未能在限定的时间和内存内算完，请联系系统管理员。"""


class FeelMissing(DomainError):
    """缺少表单公式的计算组件（web/static/dist/feelin.js），请先运行 make setup。"""


@dataclass(frozen=True, kw_only=True)
class Task:
    """One expression: `test` (a unary test: true, false or null) or `value`; `scope` is the way into repeated rows."""

    kind: str
    source: str
    scope: tuple[tuple[str | int, ...], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Inspected:
    """What is wrong with an expression: it does not parse, or it uses names that nobody gives."""

    error: str = ""
    unknown: tuple[str, ...] = field(default=())


class Stint:
    """What all evaluations of one check may take together; counted from the first, V8 being up by then."""

    def __init__(self) -> None:
        self._until = math.inf

    def left(self) -> float:
        """Seconds that are left; FeelFault where none are."""
        now = time.monotonic()
        self._until = min(self._until, now + SECONDS)
        if self._until <= now:
            raise FeelFault
        return self._until - now


class _Engine:
    """V8 with the bundle, for one process. Thrown away after a time-out or an exhausted memory."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.racer: Any = None

    def call(self, function: str, *arguments: str, stint: Stint | None = None) -> str:
        with self._lock:
            racer = self.racer or self._start()
            seconds = stint.left() if stint else SECONDS
            try:
                answer = racer.call(function, *arguments, timeout_sec=seconds, max_memory=MEMORY)
            except (JSEvalException, JSOOMException) as fault:
                self._discard(racer)
                raise FeelFault from fault
        if len(answer) > MAX_RESULT:
            raise FeelFault
        return str(answer)

    def _start(self) -> Any:
        if not BUNDLE.is_file():
            raise FeelMissing
        # In a thread that runs an event loop V8 would attach itself to that loop and wait for it for ever.
        with ThreadPoolExecutor(max_workers=1) as elsewhere:
            self.racer = elsewhere.submit(_load).result()
        return self.racer

    def _discard(self, racer: Any) -> None:
        # one more turn: V8 reports the script it cut off, and must find somebody listening
        with suppress(JSEvalException, JSOOMException):
            racer.eval("0", timeout_sec=SECONDS)
        self._close()

    def _close(self) -> None:
        # an unclosed V8 with a terminated script may keep the process from ending
        racer, self.racer = self.racer, None
        if racer is not None:
            racer.close()

    def close(self) -> None:
        """End V8; the next call starts another."""
        with self._lock:
            self._close()


def _load() -> Any:
    init_mini_racer(flags=FLAGS, ignore_duplicate_init=True)
    racer = MiniRacer()
    racer.eval(BUNDLE.read_text(encoding="utf-8"))
    racer.eval(PRELUDE)
    return racer


_engine = _Engine()


def _forget() -> None:
    """After a fork: V8's threads stayed in the parent; collecting its object here would wait for them."""
    global _engine
    parent = _engine.racer
    if parent is not None:
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(parent))
    _engine = _Engine()


os.register_at_fork(after_in_child=_forget)
atexit.register(lambda: _engine.close())


def evaluate_all(
    data: Mapping[str, Any], rows: Mapping[str, Any], tasks: Sequence[Task], stint: Stint | None = None
) -> list[Any]:
    """The value of each task. `data` is what expressions see by name, `rows` holds the rows that `this` stands for."""
    if not tasks:
        return []
    job = {"data": data, "rows": rows, "tasks": [[task.kind, task.source, task.scope] for task in tasks]}
    return list(json.loads(_engine.call("runJob", _written(job), stint=stint)))


def _written(job: Any) -> str:
    try:
        return json.dumps(job, ensure_ascii=False, allow_nan=False, default=str)
    except ValueError:
        return json.dumps(_finite(job), ensure_ascii=False, allow_nan=False, default=str)


def _finite(value: Any) -> Any:
    """A number that JSON does not have (a reader makes one of 1e999) is nothing here; its field's check refuses it."""
    if isinstance(value, Mapping):
        return {name: _finite(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(inner) for inner in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def match_all(pairs: Sequence[tuple[str, str]], stint: Stint | None = None) -> list[bool]:
    """Whether each (pattern, text) matches, as JavaScript sees it; a broken pattern matches nothing."""
    if not pairs:
        return []
    matched = _engine.call("matchAll", json.dumps(pairs, ensure_ascii=False), stint=stint)
    return [bool(one) for one in json.loads(matched)]


def inspect_pattern(pattern: str) -> str:
    """`good`, `slow` (not certain to run in linear time) or `bad` (no pattern at all)."""
    return _engine.call("inspectPattern", pattern)


def inspect_expression(kind: str, source: str, names: Sequence[str]) -> Inspected:
    """Parse an expression and try it once with every name empty."""
    found = json.loads(_engine.call("inspectExpression", kind, source, json.dumps(list(names), ensure_ascii=False)))
    return Inspected(error=found.get("error", ""), unknown=tuple(sorted(set(found.get("unknown", ())))))
