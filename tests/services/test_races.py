"""Two at the same moment: one wins, the other is told so, and the rows tell one story. Many rounds, both databases."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, insert, select, update

import models
from bench import city
from domain.authority import Actor
from domain.errors import Conflict
from models import (
    Campaign,
    ChildGroup,
    Holding,
    Incident,
    Instance,
    Job,
    Ledger,
    Person,
    Post,
    Submission,
    Task,
    Timer,
    new_id,
)
from models.queries import clock
from services import handlers
from services.campaigns import campaigns
from services.plans import versions
from services.running import jobs, processes
from services.tasks import tasks
from tests.support.races import is_conflict, race
from tests.support.seats import actor_of_seat

assert handlers  # registers what a drain carries out

FOLDER = Path(__file__).resolve().parent / "race-city"
ROUNDS = 20
NOW = datetime.now(UTC)
LATER = NOW + timedelta(hours=2)
FORM = {"subject": "更换防护栏", "amount": 3, "reason": "三处防护栏锈蚀，已设警戒线，本周内更换。"}


@dataclass
class Town:
    """Who takes part."""

    office: Actor
    office_unit: str
    counties: list[tuple[Actor, str]]
    stand_in: Actor  # of the first county's liaison


@pytest.fixture(scope="module")
def town(database: models.Database) -> Town:
    versions.forget()
    people = city.build(largest=13, folder=FOLDER)
    first = people.seats["county"][0]
    person = new_id()
    row = {"id": person, "username": "second", "name": "第二人", "password_hash": "x", "created_at": NOW}
    with models.transaction() as tx:
        post = tx.execute(select(Post.id).where(Post.unit_id == first.unit_id, Post.kind == "liaison")).scalar_one()
        tx.execute(insert(Person), row)
        since = NOW - timedelta(days=1)
        held = {"id": new_id(), "post_id": post, "person_id": person, "since": since, "kind": "stand_in"}
        tx.execute(insert(Holding), held)
    actors = [(actor_of_seat(seat, NOW), seat.unit_id) for seat in people.seats["county"][:2]]
    stand_in = Actor(person_id=person, name="第二人", posts=actors[0][0].posts)
    return Town(actor_of_seat(people.office, NOW), people.office.unit_id, actors, stand_in)


def begin(town: Town, key: str, unit_id: str) -> str:
    return str(processes.start(town.office, key, unit_id=unit_id, now=NOW)["instance"])


def scalar(query: Any) -> Any:
    with models.reading() as tx:
        return tx.execute(query).scalar()


def open_tasks(instance_id: str) -> list[Any]:
    """Open tasks of an instance and of its children, by the order of units."""
    below = select(Instance.id).where((Instance.id == instance_id) | (Instance.parent_id == instance_id))
    query = select(Task.__table__).where(Task.instance_id.in_(below), Task.status == "open").order_by(Task.id)
    with models.reading() as tx:
        return list(tx.execute(query))


def story(instance_id: str) -> Counter[str]:
    """How often each tag stands in the ledger of an instance."""
    query = select(Ledger.tag, func.count()).where(Ledger.instance_id == instance_id).group_by(Ledger.tag)
    with models.reading() as tx:
        return Counter(dict(tx.execute(query).all()))


def take(instance_id: str) -> tuple[Any, str]:
    """The due timer of an instance under a lease, as a worker would have it."""
    lease = new_id()
    with models.transaction() as tx:
        rows = clock.claim(tx, Timer, now=LATER, lease=lease, seconds=jobs.LEASE_SECONDS, limit=100)
    (row,) = [row for row in rows if row.instance_id == instance_id]
    return row, lease


def fire(timer: Any, lease: str) -> None:
    jobs._DUE_KINDS[Timer](timer, lease, LATER)


@pytest.mark.parametrize("_", range(ROUNDS))
def test_two_people_complete_one_task(town: Town, _: int) -> None:
    (actor, unit_id), second = town.counties[0], town.stand_in
    instance_id = begin(town, "share", unit_id)
    (task,) = open_tasks(instance_id)
    outcomes = race(
        lambda: tasks.complete(actor, task.id, answers=FORM, now=NOW),
        lambda: tasks.complete(second, task.id, answers=FORM, now=NOW),
    )
    assert sorted(map(is_conflict, outcomes)) == [False, True], outcomes
    winner = (actor, second)[is_conflict(outcomes[0])]
    assert scalar(select(Task.completed_by).where(Task.id == task.id)) == winner.person_id
    assert scalar(select(func.count()).where(Submission.task_id == task.id)) == 1
    assert story(instance_id) == {"instance:start": 1, "task:open": 1, "task:complete": 1, "instance:end": 1}


@pytest.mark.parametrize("_", range(ROUNDS))
def test_one_person_sends_the_same_command_twice(town: Town, _: int) -> None:
    actor, unit_id = town.counties[0]
    instance_id = begin(town, "share", unit_id)
    (task,) = open_tasks(instance_id)
    keyed = actor.with_key(new_id())
    outcomes = race(*[lambda: tasks.complete(keyed, task.id, answers=FORM, now=NOW)] * 3)
    assert outcomes == [{"task": task.id, "status": "done"}] * 3
    assert story(instance_id)["task:complete"] == 1


def test_a_key_used_for_something_else_is_a_conflict(town: Town) -> None:
    actor, unit_id = town.counties[0]
    first, other = (open_tasks(begin(town, "share", unit_id))[0] for _ in range(2))
    keyed = actor.with_key(new_id())
    tasks.complete(keyed, first.id, answers=FORM, now=NOW)
    with pytest.raises(Conflict, match="不同的内容"):
        tasks.complete(keyed, other.id, answers=FORM, now=NOW)
    assert scalar(select(Task.status).where(Task.id == other.id)) == "open"


@pytest.mark.parametrize("_", range(ROUNDS))
def test_the_last_two_children_end_together(town: Town, _: int) -> None:
    parent = begin(town, "campaign", town.office_unit)
    jobs.drain(NOW)
    by_unit = {task.unit_id: task.id for task in open_tasks(parent)}
    outcomes = race(
        *(
            lambda actor=actor, unit_id=unit_id: tasks.complete(actor, by_unit[unit_id], answers=FORM, now=NOW)
            for actor, unit_id in town.counties
        )
    )
    assert not any(map(is_conflict, outcomes)), outcomes
    jobs.drain(NOW)
    assert [task.element for task in open_tasks(parent)] == ["sign_off"]
    assert story(parent)["children:done"] == 1
    with models.reading() as tx:
        group = tx.execute(select(ChildGroup.__table__).where(ChildGroup.parent_id == parent)).one()
    assert (group.done, group.total, group.status) == (2, 2, "done")


@pytest.mark.parametrize("_", range(ROUNDS))
def test_a_completion_meets_the_timer_that_interrupts_it(town: Town, _: int) -> None:
    actor, unit_id = town.counties[0]
    instance_id = begin(town, "timed", unit_id)
    (task,) = open_tasks(instance_id)
    timer, lease = take(instance_id)
    answer, _fired = race(lambda: tasks.complete(actor, task.id, answers=FORM, now=LATER), lambda: fire(timer, lease))
    told = story(instance_id)
    if is_conflict(answer):
        assert [task.element for task in open_tasks(instance_id)] == ["take_over"]
        assert (told["timer:fire"], told["task:withdraw"], told["task:complete"]) == (1, 1, 0)
        assert scalar(select(Task.status).where(Task.id == task.id)) == "withdrawn"
    else:
        assert open_tasks(instance_id) == []
        assert (told["timer:fire"], told["task:withdraw"], told["task:complete"]) == (0, 0, 1)
        assert scalar(select(Instance.status).where(Instance.id == instance_id)) == "ended"
    assert scalar(select(func.count()).where(Timer.instance_id == instance_id)) == 0


@pytest.mark.parametrize("_", range(ROUNDS))
def test_a_completion_meets_the_cancellation_from_above(town: Town, _: int) -> None:
    parent = begin(town, "campaign", town.office_unit)
    jobs.drain(NOW)
    actor, unit_id = town.counties[0]
    (task,) = [task for task in open_tasks(parent) if task.unit_id == unit_id]
    timer, lease = take(parent)
    answer, _fired = race(lambda: tasks.complete(actor, task.id, answers=FORM, now=LATER), lambda: fire(timer, lease))
    jobs.drain(LATER)
    assert [task.element for task in open_tasks(parent)] == ["explain"]
    with models.reading() as tx:
        query = select(Instance.unit_id, Instance.status).where(Instance.parent_id == parent)
        children = dict(tx.execute(query).all())
    assert children[town.counties[1][1]] == "cancelled"
    assert children[unit_id] == ("cancelled" if is_conflict(answer) else "ended")
    assert scalar(select(Task.status).where(Task.id == task.id)) == ("withdrawn" if is_conflict(answer) else "done")
    assert story(parent)["children:done"] == 0


# -- workers -----------------------------------------------------------------------------------------------------------
def test_two_workers_share_the_work(town: Town) -> None:
    actor, unit_id = town.counties[0]
    instances = [begin(town, "timed", unit_id) for _ in range(30)]
    done = race(*[lambda: _until_idle(LATER)] * 3)
    assert sum(done) >= 30
    assert [story(instance_id)["timer:fire"] for instance_id in instances] == [1] * 30


def _until_idle(now: datetime) -> int:
    count = 0
    while taken := jobs.turn(lambda: now, batch=5).taken:
        count += taken
    return count


def test_a_worker_that_froze_past_its_lease_changes_nothing(town: Town) -> None:
    _, unit_id = town.counties[0]
    instance_id = begin(town, "timed", unit_id)
    timer, frozen = take(instance_id)
    much_later = LATER + timedelta(seconds=jobs.LEASE_SECONDS + 1)
    jobs.drain(much_later)
    before = story(instance_id)
    assert before["timer:fire"] == 1
    fire(timer, frozen)
    assert jobs._failed(Timer, timer, frozen, much_later, RuntimeError("thawed")) is False
    assert story(instance_id) == before
    assert scalar(select(func.count()).where(Incident.source_id == timer.id)) == 0


def test_a_worker_that_froze_cannot_take_back_what_another_holds(town: Town) -> None:
    with models.transaction() as tx:
        clock.enqueue(tx, "no:such", "fenced", {}, NOW)
        (row,) = clock.claim(tx, Job, now=NOW, lease="frozen", seconds=60, limit=10)
    with models.transaction() as tx:
        later = NOW + timedelta(seconds=61)
        (again,) = clock.claim(tx, Job, now=later, lease="awake", seconds=60, limit=10)
        assert again.id == row.id
        assert not clock.release(tx, Job, row.id, "frozen")
        assert not clock.park(tx, Job, row.id, "frozen")
        clock.give_back(tx, Job, "frozen")
        clock.retry_later(tx, Job, row.id, "frozen", at=later)
        assert clock.holds(tx, Job, row.id, "awake")
        assert clock.release(tx, Job, row.id, "awake")


@pytest.mark.parametrize("_", range(ROUNDS))
def test_two_offices_launch_the_same_campaign(town: Town, _: int) -> None:
    outcomes = race(*[lambda: campaigns.launch(town.office, "race-city", past="keep", now=NOW)] * 2)
    assert sorted(map(is_conflict, outcomes)) == [False, True], outcomes
    meant = campaigns.launch(town.office, "race-city", past="keep", again=True, now=NOW)["campaign"]
    assert scalar(select(func.count()).where(Campaign.status == "running")) == 2
    with models.transaction() as tx:
        tx.execute(update(Campaign).values(status="ended"))
    assert scalar(select(Campaign.key).where(Campaign.id == meant)) == "race-city"
