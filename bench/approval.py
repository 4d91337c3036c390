"""W1 approval: start, fill, approve (sent back once), fill, approve; four completions an instance, over HTTP."""

from __future__ import annotations

import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count

from sqlalchemy import select

from bench.city import Seat
from bench.client import Client, Stopwatch
from bench.house import House
from bench.raw import DECISIONS, FORM
from models import Task

COMPLETIONS = len(DECISIONS)
_numbers = count()
STEPS = tuple(
    {"answers": decision} if decision is FORM else {"outcome": decision["outcome"], "opinion": "已阅。"}
    for decision in DECISIONS
)


@dataclass(frozen=True)
class Run:
    """Whole instances of some clients: CPU includes the start, latencies are those of completions."""

    cpu_ms: float
    per_s: float
    latencies: tuple[float, ...]

    @property
    def p50_ms(self) -> float:
        """The median."""
        return statistics.median(self.latencies)

    @property
    def p95_ms(self) -> float:
        """95 of 100 are faster."""
        return statistics.quantiles(self.latencies, n=20)[-1]


def measure(house: House, *, clients: int, instances: int) -> Run:
    """Each client takes `instances` instances of its own through, one after the other."""
    seats = house.city.seats["county"][:clients]
    workers = [(house.client(house.city.office), house.client(seat), seat) for seat in seats]
    meter = house.meter()
    began = time.perf_counter()
    meter.begin()
    with ThreadPoolExecutor(clients) as pool:
        watches = list(pool.map(lambda worker: _client(house, *worker, instances), workers))
    seconds, cpu = time.perf_counter() - began, meter.ms
    done = clients * instances * COMPLETIONS
    return Run(cpu / done, done / seconds, tuple(ms for watch in watches for ms in watch.ms))


def _client(house: House, office: Client, person: Client, seat: Seat, instances: int) -> Stopwatch:
    watch = Stopwatch()
    for _ in range(instances):
        begun = office.start("approval", seat.unit_id, key=f"bench-{next(_numbers)}")
        assert begun.ok, begun
        instance_id = begun.body["instance"]
        for step in STEPS:
            task_id, key = open_task(house, instance_id), f"bench-{next(_numbers)}"
            watch.run(lambda task_id=task_id, key=key, step=step: person.complete(task_id, key=key, **step))
    assert open_task(house, instance_id) == ""
    return watch


def open_task(house: House, instance_id: str) -> str:
    """The open task of an instance, read past the server: looking it up is not what is measured."""
    with house.database.reading() as tx:
        query = select(Task.id).where(Task.instance_id == instance_id, Task.status == "open")
        return tx.execute(query).scalar() or ""
