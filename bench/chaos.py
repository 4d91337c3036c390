"""A storm: people at work, processes killed by their pid, calm again, and the checker's report."""

from __future__ import annotations

import os
import random
import signal
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
from sqlalchemy import func, select

from bench import checker
from bench.house import House
from bench.load import AckLog, Crowd
from models import Job, Timer

# Out of ten: a web process, a worker, the whole web server.
VICTIMS = ("web",) * 6 + ("worker",) * 3 + ("server",)
# The storm keeps time by what is acknowledged and not by the clock: on a slow machine a process needs longer to start
# than any pause that suits a fast one, and killing each before it has served shows only that nothing is served then.
ACKS_BETWEEN_KILLS = 5
STANDSTILL_SECONDS = 180.0
CALM_SECONDS = 300.0


@dataclass(frozen=True)
class Storm:
    """What happened."""

    kills: int
    seconds: float
    report: checker.Report
    faults: tuple[str, ...]
    answers: dict[int, int]
    worst_seconds: float
    p99_seconds: float  # of the writes that were answered

    def __str__(self) -> str:
        report = self.report
        return (
            f"{self.kills} kills in {self.seconds:.0f} s, {report.acknowledged} acknowledged, "
            f"{report.completed} completed, lost {report.lost}, doubled {report.doubled}, "
            f"findings {len(report.findings)}, answers {self.answers}, "
            f"writes p99 {self.p99_seconds * 1000:.0f} ms, longest wait with restarts {self.worst_seconds:.1f} s"
        )


def storm(
    house: House, folder: Path, *, kills: int | None = None, minutes: float | None = None, seed: int = 1
) -> Storm:
    """Kill so often, or for so long, while people work; then wait until everything due is done, and check."""
    acks = AckLog(folder / f"acknowledged-{house.backend}.log")
    crowd = Crowd(house.served.port, house.city, acks, seed=seed)
    killer = _Killer(house, acks, random.Random(seed))
    began = time.monotonic()
    crowd.start()
    try:
        while (kills is None or killer.count < kills) and (minutes is None or time.monotonic() - began < minutes * 60):
            killer.strike()
        killer.revive()
    finally:
        crowd.stop()
    seconds = time.monotonic() - began
    wait_until_calm(house)
    report = checker.check(house.database, acks.lines())
    answers = dict(sorted(crowd.answers.items()))
    faults, p99 = (*crowd.faults, *killer.faults), _p99(crowd.write_seconds)
    return Storm(killer.count, seconds, report, faults, answers, crowd.worst_seconds, p99)


def _p99(seconds: list[float]) -> float:
    return sorted(seconds)[len(seconds) * 99 // 100] if seconds else 0.0


def wait_until_calm(house: House) -> None:
    """Wait until nothing is due and nothing is leased; a dead worker's leases run out by themselves."""
    deadline = time.monotonic() + CALM_SECONDS
    while time.monotonic() < deadline:
        with house.database.reading() as tx:
            left = [tx.execute(select(func.count()).select_from(model)).scalar_one() for model in (Job, Timer)]
        if not any(left):
            return
        time.sleep(0.5)


class _Killer:
    """Kills one process at a time, and starts again what nobody else starts."""

    def __init__(self, house: House, acks: AckLog, draw: random.Random) -> None:
        self.served = house.served
        self.acks = acks
        self.draw = draw
        self.count = 0
        self.faults: list[str] = []

    def strike(self) -> None:
        """Wait until there is work going on, then kill."""
        self._wait_for_work()
        victim = self.draw.choice(VICTIMS)
        if victim == "web":
            self._kill_one_web_process()
        elif victim == "worker":
            self.served.kill(self.served.workers.pop())
            self.served.workers.append(self.served.start_worker())
        else:
            self.served.kill(self.served.web)
            self.served.web = self.served.start_web()
        self.count += 1

    def revive(self) -> None:
        """Nothing is killed any more; the server answers."""
        self.served.wait_until_ready()

    def _wait_for_work(self) -> None:
        """Everybody may have to wait for a process that starts; nobody waits for ever."""
        before, deadline = self.acks.count, time.monotonic() + STANDSTILL_SECONDS
        while self.acks.count < before + ACKS_BETWEEN_KILLS:
            if time.monotonic() > deadline:
                self.faults.append(f"after kill {self.count} nobody was served for {STANDSTILL_SECONDS:.0f} s")
                return
            time.sleep(0.01)
        time.sleep(self.draw.uniform(0, 0.05))

    def _kill_one_web_process(self) -> None:
        """The one that has lived longest: it is at work, the others may still be starting."""
        with suppress(psutil.NoSuchProcess, ProcessLookupError):
            children = psutil.Process(self.served.web.pid).children()
            if children:
                os.kill(min(children, key=psutil.Process.create_time).pid, signal.SIGKILL)
