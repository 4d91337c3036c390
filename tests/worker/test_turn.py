"""One turn of the clock side: attempts, failures, leases, giving back, waking what got stuck."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, insert, select, update

import models
from bench import city
from domain.errors import Busy, Overrun
from models import ChildGroup, Incident, Instance, Job, Ledger, Tx, WorkerBeat
from models.queries import clock
from services import handlers
from services.plans import versions
from services.running import jobs, processes, workers
from services.running.jobs import HANDLERS
from tests.support.seats import actor_of_seat

assert handlers  # registers what a turn carries out

NOW = datetime.now(UTC)


class Desk:
    """A handler that does what the test says and notes what it was given."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self.fault: Exception | None = None

    def handle(self, tx: Tx, args: Mapping[str, Any], now: datetime) -> None:
        self.seen.append(args["name"])
        tx.execute(insert(Ledger).values(at=now, tag="task:open", data={"job": args["name"]}))
        if self.fault and args["name"].startswith("bad"):
            raise self.fault


@pytest.fixture
def desk(database: models.Database) -> Iterator[Desk]:
    found = Desk()
    HANDLERS["test:desk"] = found.handle
    yield found
    del HANDLERS["test:desk"]
    with models.transaction() as tx:
        tx.execute(Job.__table__.delete())
        tx.execute(Incident.__table__.delete())


def queue(*names: str, at: datetime = NOW) -> None:
    with models.transaction() as tx:
        for name in names:
            jobs.enqueue(tx, "test:desk", name, {"name": name}, at)


def ask(query: Any) -> Any:
    with models.reading() as tx:
        return tx.execute(query).scalar()


def effects(name: str) -> int:
    with models.reading() as tx:
        return sum(data.get("job") == name for data in tx.execute(select(Ledger.data)).scalars())


def test_a_job_and_its_effect_go_together(desk: Desk) -> None:
    queue("one", "two")
    assert jobs.turn(lambda: NOW).taken == 2
    assert sorted(desk.seen) == ["one", "two"]
    assert (effects("one"), ask(select(func.count()).select_from(Job))) == (1, 0)
    assert jobs.turn(lambda: NOW).taken == 0


def test_a_waiting_job_is_enough(desk: Desk) -> None:
    queue("same")
    queue("same")
    assert jobs.turn(lambda: NOW).taken == 1


def test_what_is_not_due_stays(desk: Desk) -> None:
    queue("later", at=NOW + timedelta(seconds=1))
    assert jobs.turn(lambda: NOW).taken == 0
    assert jobs.turn(lambda: NOW + timedelta(seconds=1)).taken == 1


def test_a_failure_undoes_its_effect_waits_and_leaves_the_others_alone(desk: Desk) -> None:
    desk.fault = RuntimeError("broken")
    queue("bad", "good")
    done = jobs.turn(lambda: NOW)
    assert [(failure.kind, failure.attempt, failure.parked) for failure in done.failures] == [("test:desk", 1, False)]
    assert (effects("bad"), effects("good")) == (0, 1)
    assert jobs.turn(lambda: NOW).taken == 0
    assert jobs.turn(lambda: NOW + jobs.backoff(1) + timedelta(seconds=1)).taken == 1


def test_after_the_last_attempt_an_incident_stands(desk: Desk) -> None:
    desk.fault = RuntimeError("broken")
    queue("bad")
    at = NOW
    for _ in range(jobs.MAX_ATTEMPTS):
        jobs.turn(lambda at=at: at)
        at += timedelta(minutes=1)
    assert desk.seen == ["bad"] * jobs.MAX_ATTEMPTS
    assert jobs.turn(lambda: at + timedelta(days=1)).taken == 0
    with models.reading() as tx:
        incident = tx.execute(select(Incident.__table__)).one()
    assert incident.kind == "job" and "连续 5 次未能办成" in incident.sentence
    assert "RuntimeError" in incident.detail


def test_a_busy_database_does_not_count(desk: Desk) -> None:
    desk.fault = Busy()
    queue("bad")
    at = NOW
    for _ in range(jobs.MAX_ATTEMPTS + 2):
        assert jobs.turn(lambda at=at: at).taken == 1
        at += timedelta(minutes=1)
    assert ask(select(Job.attempts)) == 0
    desk.fault = None
    assert jobs.turn(lambda: at).taken == 1
    assert effects("bad") == 1


def test_a_process_that_does_not_come_to_rest_is_given_up(desk: Desk) -> None:
    """Each attempt costs seconds: for ever, they would cost a whole worker, and nobody would know."""
    desk.fault = Overrun()
    queue("bad")
    at = NOW
    for _ in range(jobs.MAX_ATTEMPTS + 2):
        jobs.turn(lambda at=at: at)
        at += timedelta(minutes=1)
    assert len(desk.seen) == jobs.MAX_ATTEMPTS
    assert "用时过长" in ask(select(Incident.sentence))


def test_a_worker_that_is_told_to_stop_gives_the_rest_back(desk: Desk) -> None:
    queue("first", "second", "third")
    done = jobs.turn(lambda: NOW, go_on=lambda: not desk.seen)
    assert (done.taken, len(desk.seen)) == (3, 1)
    assert jobs.turn(lambda: NOW).taken == 2
    assert ask(select(func.count()).select_from(Job)) == 0


def test_a_lease_runs_out_by_itself(desk: Desk) -> None:
    queue("orphan")
    with models.transaction() as tx:
        assert clock.claim(tx, Job, now=NOW, lease="dead", seconds=jobs.LEASE_SECONDS, limit=10)
    assert jobs.turn(lambda: NOW + timedelta(seconds=jobs.LEASE_SECONDS - 1)).taken == 0
    assert jobs.turn(lambda: NOW + timedelta(seconds=jobs.LEASE_SECONDS + 1)).taken == 1
    assert ask(select(Job.attempts)) is None


def test_a_slow_worker_stops_before_its_lease_ends(desk: Desk) -> None:
    queue("one", "two")
    moments = iter([NOW, NOW, NOW, NOW, NOW] + [NOW + timedelta(seconds=jobs.LEASE_SECONDS)] * 9)
    jobs.turn(lambda: next(moments))
    assert len(desk.seen) == 1


# -- beside the jobs ---------------------------------------------------------------------------------------------------
def test_workers_that_died_long_ago_are_forgotten(database: models.Database) -> None:
    workers.beat("old", NOW - timedelta(hours=2))
    workers.beat("new", NOW)
    workers.beat("new", NOW + timedelta(seconds=5))
    with models.reading() as tx:
        assert [tuple(row) for row in tx.execute(select(WorkerBeat.worker, WorkerBeat.at))] == [
            ("new", NOW + timedelta(seconds=5))
        ]
    workers.leave("new")
    assert ask(select(func.count()).select_from(WorkerBeat)) == 0


def test_a_parent_whose_children_have_all_ended_is_woken(database: models.Database) -> None:
    versions.forget()
    people = city.build(largest=13)
    office = actor_of_seat(people.office, NOW)
    parent = processes.start(office, "campaign", unit_id=people.office.unit_id, now=NOW)["instance"]
    jobs.drain(NOW)
    assert workers.recover(NOW) == 0
    with models.transaction() as tx:
        tx.execute(update(Instance).where(Instance.parent_id == parent).values(status="ended", ended_at=NOW))
    assert workers.recover(NOW) == 1
    assert workers.recover(NOW) == 0, "one job is enough"
    jobs.drain(NOW)
    assert ask(select(ChildGroup.status).where(ChildGroup.parent_id == parent)) == "done"
