"""A row that takes its worker down is given up after some deaths; rows that were only near it are not."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, func, select

import models
from config import ROOT
from domain.errors import Busy
from models import Incident, Job, Ledger
from models.queries import clock
from services import handlers
from services.running import jobs, repairs, workers
from services.running.jobs import HANDLERS
from tests.worker.test_process import PATIENCE_SECONDS, wait_for
from tests.worker.test_turn import Desk
from tests.worker.test_turn import desk as desk

assert handlers  # registers what a turn carries out

NOW = datetime.now(UTC)
LONGER = timedelta(seconds=jobs.LEASE_SECONDS + 1)


@pytest.fixture
def queue(database: models.Database) -> Iterator[Any]:
    """`queue(kind, *names)`; nothing is left behind."""

    def put(kind: str, *names: str) -> None:
        with models.transaction() as tx:
            for name in names:
                jobs.enqueue(tx, kind, name, {"name": name}, NOW)

    yield put
    with models.transaction() as tx:
        tx.execute(delete(Job))
        tx.execute(delete(Incident))


def ask(query: Any) -> list[Any]:
    with models.reading() as tx:
        return list(tx.execute(query))


def die(now: datetime, *, begun: str | None = None) -> None:
    """A worker claims what is there, begins one of its rows perhaps, and is gone."""
    with models.transaction() as tx:
        rows = clock.claim(tx, Job, now=now, lease="dead", seconds=jobs.LEASE_SECONDS, limit=100)
        for row in rows:
            if row.key == begun and row.deaths:
                assert clock.take_in_hand(tx, Job, row.id, "dead")


def test_a_job_that_kills_its_worker_is_given_up(database: models.Database, queue: Any, tmp_path: Path) -> None:
    queue("test:deadly", "killer")
    queue("test:harmless", *(f"near-{number}" for number in range(20)))
    url = database.url.render_as_string(hide_password=False)
    environ = os.environ | {"DATABASE_URL": url, "VAR_DIR": str(tmp_path), "DEMO": "off"}
    deaths = 0
    while not ask(select(Incident.id)):
        with (tmp_path / "worker.log").open("ab") as log:
            command = [sys.executable, "-m", "tests.worker.deadly"]
            worker = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=log, stderr=log)
        wait_for(lambda worker=worker: worker.poll() is not None or ask(select(Incident.id)))
        if worker.poll() is None:
            worker.terminate()
        deaths += worker.wait(PATIENCE_SECONDS) == 9
        assert deaths <= jobs.MAX_ATTEMPTS, (tmp_path / "worker.log").read_text()
    assert deaths == jobs.MAX_ATTEMPTS
    assert [(row.key, row.parked) for row in ask(select(Job.key, Job.parked))] == [("killer", True)]
    (incident,) = ask(select(Incident.kind, Incident.sentence))
    assert incident.kind == "job"
    assert incident.sentence.endswith("连续 5 次使办理它的后台进程中途退出")
    done = [row.data["job"] for row in ask(select(Ledger.data).where(Ledger.tag == "task:open"))]
    assert sorted(done) == sorted(f"near-{number}" for number in range(20))


def test_rows_near_a_death_are_not_blamed(desk: Desk, queue: Any) -> None:
    queue("test:desk", "one", "two")
    at = NOW
    for _ in range(jobs.MAX_ATTEMPTS + 2):
        die(at)
        at += LONGER
    assert jobs.turn(lambda: at).taken == 2
    assert (sorted(desk.seen), ask(select(Job.id)), ask(select(Incident.id))) == (["one", "two"], [], [])


def test_a_row_in_hand_at_each_death_is_parked_and_can_be_tried_again(desk: Desk, queue: Any) -> None:
    queue("test:desk", "killer", "near")
    at = NOW
    for _ in range(jobs.MAX_ATTEMPTS):
        die(at, begun="killer")
        at += LONGER
    done = jobs.turn(lambda: at)
    assert desk.seen == ["near"]
    assert [(type(failure.fault), failure.parked) for failure in done.failures] == [(jobs.Deadly, True)]
    (incident,) = ask(select(Incident.source_id))
    with models.transaction() as tx:
        clock.take_up(tx, repairs.ROWS["job"], incident.source_id)
    jobs.turn(lambda: at)
    assert desk.seen == ["near", "killer"]


def test_what_was_outlived_is_not_deadly(desk: Desk, queue: Any) -> None:
    """A failure that is told does not add up with deaths that happened to come between."""
    queue("test:desk", "bad")
    desk.fault = RuntimeError("broken")
    at = NOW
    for _ in range(jobs.MAX_ATTEMPTS - 1):
        die(at, begun="bad")
        at += LONGER
        jobs.turn(lambda at=at: at)
        assert [row.deaths for row in ask(select(Job.deaths))] == [0]
        at += LONGER
    assert ask(select(Incident.id)) == []


def test_a_database_that_goes_away_is_no_death(database: models.Database, queue: Any) -> None:
    """The worker lives, and gives back what it could not tell about as soon as it can."""
    queue("test:outage", "one")
    die(NOW)
    at = NOW + LONGER
    HANDLERS["test:outage"] = _lose_the_database
    try:
        for _ in range(jobs.MAX_ATTEMPTS + 2):
            with pytest.raises(Busy):
                jobs.turn(lambda at=at: at)
            models.bind(database.url.render_as_string(hide_password=False))
            at += timedelta(seconds=1)
        HANDLERS["test:outage"] = lambda tx, args, now: None
        assert jobs.turn(lambda: at).taken == 1
    finally:
        del HANDLERS["test:outage"]
    assert (ask(select(Job.id)), ask(select(Incident.id))) == ([], [])


def _lose_the_database(*_: Any) -> None:
    models.bind("postgresql+psycopg://nobody@127.0.0.1:1/nothing")
    raise RuntimeError


def test_a_neighbour_that_is_dead_frees_its_rows_at_once_and_they_are_suspects(desk: Desk, queue: Any) -> None:
    queue("test:desk", "one")
    die(NOW + timedelta(seconds=1))
    assert workers.free_leases(lambda lease: lease == "dead") == 1
    assert workers.free_leases(lambda lease: lease == "dead") == 0
    with models.transaction() as tx:
        (row,) = clock.claim(tx, Job, now=NOW + timedelta(seconds=2), lease="next", seconds=30, limit=1)
    assert row.deaths == 1
    assert ask(select(func.count()).select_from(Job))[0][0] == 1
