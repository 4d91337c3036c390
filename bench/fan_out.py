"""W2 campaign: a parent over N units, each {report, review}, then a sign-off; 2N + 1 completions, all over HTTP.

What is counted: starting the parent, the worker starting N children, every completion, the worker taking the parent on.
"""

from __future__ import annotations

import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count
from typing import Any

from sqlalchemy import select

from bench.city import FAN_OUT
from bench.client import Stopwatch
from bench.house import House
from bench.raw import FORM
from models import Instance, Task

_numbers = count()
CLIENTS = 2
PATIENCE_SECONDS = 120.0


@dataclass(frozen=True)
class Run:
    """One or several whole campaigns of one width."""

    width: int
    cpu_ms: float  # a completion
    bytes: float  # stored, a completion
    latencies: tuple[float, ...]
    gate_seconds: float  # from the last child's end to the open gate, the slowest

    @property
    def p50_ms(self) -> float:
        """The median."""
        return statistics.median(self.latencies)

    @property
    def p95_ms(self) -> float:
        """95 of 100 are faster."""
        return statistics.quantiles(self.latencies, n=20)[-1]


def measure(house: House, width: int, *, times: int = 1) -> Run:
    """`times` campaigns over `width` units, one after the other."""
    watch, gates = Stopwatch(), []
    meter, before = house.meter(), house.stored_bytes()
    meter.begin()
    for _ in range(times):
        gates.append(_campaign(house, width, watch))
    completions = times * (2 * width + 1)
    cpu, grown = meter.ms / completions, (house.stored_bytes() - before) / completions
    assert len(watch.ms) == completions
    return Run(width, cpu, grown, tuple(watch.ms), max(gates))


def _campaign(house: House, width: int, watch: Stopwatch) -> float:
    office = house.client(house.city.office)
    begun = office.start(FAN_OUT[width], house.city.office.unit_id, key=f"wide-{next(_numbers)}")
    assert begun.ok, begun
    parent = begun.body["instance"]
    for body in ({"answers": FORM}, {}):
        tasks = _wait_for(lambda: _below(house, parent), width)
        with ThreadPoolExecutor(CLIENTS) as pool:
            list(pool.map(lambda task, body=body: _complete(house, task, body, watch), tasks))
    ended = time.monotonic()
    (gate,) = _wait_for(lambda: _own(house, parent), 1)
    waited = time.monotonic() - ended
    watch.run(lambda: office.complete(gate.id, key=f"wide-{next(_numbers)}"))
    return waited


def _complete(house: House, task: Any, body: dict[str, Any], watch: Stopwatch) -> None:
    client, key = house.client(house.city.by_unit[task.unit_id]), f"wide-{next(_numbers)}"
    watch.run(lambda: client.complete(task.id, key=key, **body))


def _below(house: House, parent: str) -> list[Any]:
    children = select(Instance.id).where(Instance.parent_id == parent)
    return _open(house, Task.instance_id.in_(children))


def _own(house: House, parent: str) -> list[Any]:
    return _open(house, Task.instance_id == parent)


def _open(house: House, which: Any) -> list[Any]:
    with house.database.reading() as tx:
        return list(tx.execute(select(Task.id, Task.unit_id).where(which, Task.status == "open").order_by(Task.id)))


def _wait_for(ask: Any, wanted: int) -> list[Any]:
    """Wait for the worker; a look every tenth of a second from outside."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while len(found := ask()) != wanted:
        assert time.monotonic() < deadline, f"{len(found)} of {wanted} tasks"
        time.sleep(0.1)
    return found
