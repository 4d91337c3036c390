"""The worker as a process: it shows that it lives, works in time, and leaves in order."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

import models
from bench import city
from bench.raw import FORM
from config import ROOT
from models import Job, Task
from models.queries import clock, workers
from services.plans import versions
from services.running import jobs, processes
from services.tasks import tasks
from tests.support.seats import actor_of_seat

PATIENCE_SECONDS = 20.0


class Worker:
    """A worker process and its log."""

    def __init__(self, url: str, folder: Path) -> None:
        self.log = folder / f"worker-{time.monotonic_ns()}.log"
        environ = os.environ | {"DATABASE_URL": url, "VAR_DIR": str(folder), "DEMO": "off"}
        with self.log.open("wb") as log:
            command = [sys.executable, "-m", "worker"]
            self.process = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=log, stderr=log)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Tell it to leave; its exit code."""
        self.process.send_signal(number)
        return self.process.wait(PATIENCE_SECONDS)

    def beats(self) -> bool:
        """Whether it shows that it lives; those that tests before have killed are not asked."""
        with models.reading() as tx:
            return any(row.worker.endswith(f":{self.process.pid}") for row in workers.beats(tx))

    def lines(self) -> list[dict[str, Any]]:
        """Its log, a JSON object a line."""
        return [json.loads(line) for line in self.log.read_text().splitlines()]


@pytest.fixture
def hire(database: models.Database, tmp_path: Path) -> Iterator[Callable[[], Worker]]:
    """Start workers on the module's database; none is left behind."""
    hired: list[Worker] = []
    url = database.url.render_as_string(hide_password=False)

    def start() -> Worker:
        hired.append(Worker(url, tmp_path))
        return hired[-1]

    yield start
    for worker in hired:
        if worker.process.poll() is None:
            worker.process.kill()
            worker.process.wait()


def wait_for(condition: Callable[[], Any]) -> float:
    """Seconds until it held."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < PATIENCE_SECONDS, "waited in vain"
        time.sleep(0.05)
    return time.monotonic() - began


def ask(query: Any) -> Any:
    with models.reading() as tx:
        return tx.execute(query).scalar()


def open_tasks(element: str) -> list[Any]:
    with models.reading() as tx:
        query = select(Task.id, Task.unit_id).where(Task.element == element, Task.status == "open")
        return list(tx.execute(query))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_shows_that_it_lives_and_leaves_in_order(hire: Callable[[], Worker], number: signal.Signals) -> None:
    worker = hire()
    wait_for(worker.beats)
    assert worker.stop(number) == 0
    assert not worker.beats()
    events = [line["event"] for line in worker.lines()]
    assert events[0] == "worker_start" and events[-1] == "worker_stop"
    assert all({"timestamp", "level", "worker"} <= line.keys() for line in worker.lines())


def test_the_gate_opens_within_three_seconds_of_the_last_child(hire: Callable[[], Worker]) -> None:
    versions.forget()
    people = city.build(largest=13)
    now = datetime.now(UTC)
    office = actor_of_seat(people.office, now)
    wait_for(hire().beats)
    processes.start(office, "campaign", unit_id=people.office.unit_id, now=now)
    wait_for(lambda: len(open_tasks("report")) == 13)
    for element, answers in (("report", FORM), ("review", {})):
        for task in open_tasks(element):
            actor = actor_of_seat(people.by_unit[task.unit_id], now)
            tasks.complete(actor, task.id, answers=answers, now=now)
    assert wait_for(lambda: open_tasks("sign_off")) <= 3.0


def test_what_a_killed_neighbour_held_is_taken_over_at_once(hire: Callable[[], Worker]) -> None:
    """A lease of a process of this machine that is gone need not run out first."""
    gone = subprocess.Popen([sys.executable, "-c", "pass"])
    gone.wait()
    lease = f"{socket.gethostname()[:20]}:{gone.pid}:0123abcd"
    now = datetime.now(UTC)
    with models.transaction() as tx:
        jobs.enqueue(tx, "message:deliver", "orphan", _nobody_waits(0), now)
        assert clock.claim(tx, Job, now=now, lease=lease, seconds=jobs.LEASE_SECONDS, limit=10)
    hire()
    assert wait_for(lambda: not ask(select(func.count()).where(Job.key == "orphan"))) < jobs.LEASE_SECONDS / 2


def test_it_outlives_a_handler_that_fails(hire: Callable[[], Worker]) -> None:
    now = datetime.now(UTC)
    with models.transaction() as tx:
        jobs.enqueue(tx, "no:such:kind", "x", {}, now)
    worker = hire()
    wait_for(lambda: ask(select(Job.attempts).where(Job.kind == "no:such:kind")) == 1)
    wait_for(lambda: any(line["event"] == "row_failed" for line in worker.lines()))
    assert worker.stop() == 0
    failed = [line for line in worker.lines() if line["event"] == "row_failed"]
    assert failed[0]["kind"] == "no:such:kind" and "KeyError" in failed[0]["exception"]


def test_it_waits_for_a_database_that_is_away(tmp_path: Path) -> None:
    worker = Worker("postgresql://nobody@127.0.0.1:1/nothing", tmp_path)
    wait_for(lambda: sum(line["event"] == "database_busy" for line in worker.lines()) >= 2)
    assert worker.process.poll() is None
    assert worker.stop() == 0


def test_several_share_the_work_on_postgresql(backend: str, hire: Callable[[], Worker]) -> None:
    if backend == "sqlite":
        return  # one worker only: config.py refuses more
    hired = [hire() for _ in range(3)]
    for worker in hired:
        wait_for(worker.beats)
    soon = datetime.now(UTC) + timedelta(seconds=1)
    with models.transaction() as tx:
        for number in range(200):
            jobs.enqueue(tx, "message:deliver", str(number), _nobody_waits(number), soon)
    wait_for(lambda: not ask(select(func.count()).where(Job.kind == "message:deliver")))


def _nobody_waits(number: int) -> dict[str, Any]:
    return {"kind": "message", "name": f"nobody-{number}", "payload": {}, "root": None}
