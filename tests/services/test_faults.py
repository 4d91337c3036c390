"""What goes wrong is seen, once, for as long as it stands; nothing waits for nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

import models
from bench import city
from catalog.campaigns import load_campaign
from domain.authority import SYSTEM, Actor
from domain.errors import Conflict, Invalid
from engine.contract import ActionSignature
from models import Holding, Incident, Instance, Job, Ledger, Post, Schedule, Task, Timer, Tx, new_id
from models.queries import clock, running
from services import handlers
from services.campaigns import campaigns, definitions
from services.directory import directory
from services.plans import versions
from services.running import hosts, jobs, processes, repairs, workers
from services.tasks import instance_page, tasks
from tests.support.seats import actor_of_seat

assert handlers  # registers what a drain carries out

FOLDER = Path(__file__).resolve().parent / "fault-city"
NOW = datetime.now(UTC)


def _next(tx: Tx, n: int, **_world: Any) -> Mapping[str, int]:
    return {"n": n + 1}


@pytest.fixture(scope="module")
def people(database: models.Database) -> city.City:
    versions.forget()
    signature = ActionSignature(arguments={"n": "int"}, results={"n": "int"})
    hosts.host_action("test.count", "数一个", signature)(_next)
    found = city.build(largest=13, folder=FOLDER.parent / "tree-city")
    nothing = FOLDER / "none"
    definition = load_campaign(FOLDER, nothing, nothing, actions=hosts.signatures())
    del hosts.ACTIONS["test.count"]
    definitions.store(SYSTEM, definition, NOW)
    return found


@pytest.fixture
def county(people: city.City) -> Actor:
    return actor_of_seat(people.seats["county"][0], NOW)


def begin(people: city.City, key: str, **variables: Any) -> str:
    office, unit_id = actor_of_seat(people.office, NOW), people.seats["county"][0].unit_id
    started = processes.start(office, key, unit_id=unit_id, variables=variables, now=NOW)
    jobs.drain(NOW)
    return str(started["instance"])


def ask(query: Any) -> list[Any]:
    with models.reading() as tx:
        return list(tx.execute(query))


def open_tasks(instance_id: str) -> list[Any]:
    below = select(Instance.id).where((Instance.id == instance_id) | (Instance.parent_id == instance_id))
    query = select(Task.__table__).where(Task.instance_id.in_(below), Task.status == "open").order_by(Task.id)
    return ask(query)


def open_incidents(instance_id: str) -> list[Any]:
    query = select(Incident.__table__).where(Incident.instance_id == instance_id, Incident.closed_at.is_(None))
    return ask(query.order_by(Incident.id))


def status(instance_id: str) -> str:
    return str(ask(select(Instance.status).where(Instance.id == instance_id))[0][0])


def tags(instance_id: str) -> list[str]:
    return [row.tag for row in ask(select(Ledger.tag).where(Ledger.instance_id == instance_id).order_by(Ledger.seq))]


def give(instance_id: str, **variables: Any) -> None:
    """Put the cause right: variables as they should have been."""
    (row,) = ask(select(Instance.variables).where(Instance.id == instance_id))
    with models.transaction() as tx:
        tx.execute(update(Instance).where(Instance.id == instance_id).values(variables={**row.variables, **variables}))


def test_each_branch_in_error_has_an_incident_until_it_is_repaired(people: city.City, county: Actor) -> None:
    instance_id = begin(people, "twofold")
    for task in open_tasks(instance_id):
        tasks.complete(county, task.id, answers={}, now=NOW)
    first, second = open_incidents(instance_id)
    assert (first.kind, second.kind, first.ref != second.ref) == ("engine", "engine", True)
    admin = actor_of_seat(people.office, NOW)
    repairs.retry(admin, first.id, NOW)
    assert [i.id for i in open_incidents(instance_id)] == [first.id, second.id]
    give(instance_id, divisor=2)
    repairs.retry(admin, second.id, NOW)
    assert ([i.id for i in open_incidents(instance_id)], status(instance_id)) == ([first.id], "failed")
    repairs.retry(admin, first.id, NOW)
    assert (open_incidents(instance_id), status(instance_id)) == ([], "ended")
    assert tags(instance_id).count("incident:close") == 2
    with pytest.raises(Conflict, match="已经处理过"):
        repairs.retry(admin, first.id, NOW)


def test_a_branch_in_error_does_not_keep_the_tasks_of_the_others(people: city.City) -> None:
    instance_id = begin(people, "halves")
    (incident,) = open_incidents(instance_id)
    assert (incident.element, status(instance_id)) == ("weigh", "failed")
    assert [task.element for task in open_tasks(instance_id)] == ["right", "look"]


def test_a_call_shows_how_many_of_its_children_stand_in_error(people: city.City) -> None:
    instance_id = begin(people, "halves")
    (child,) = ask(select(Instance.id).where(Instance.parent_id == instance_id))
    office = actor_of_seat(people.office, NOW)
    assert instance_page.page(office, instance_id, NOW).groups[0][0].failed == 0
    with models.transaction() as tx:
        tx.execute(update(Instance).where(Instance.id == child.id).values(status="failed"))
    assert instance_page.page(office, instance_id, NOW).groups[0][0].failed == 1


def test_an_error_that_is_caught_above_leaves_no_incident(people: city.City, county: Actor) -> None:
    instance_id = begin(people, "caller")
    (task,) = open_tasks(instance_id)
    tasks.complete(county, task.id, answers={}, now=NOW)
    assert len(open_incidents(task.instance_id)) == 1
    jobs.drain(NOW)
    assert (open_incidents(task.instance_id), status(task.instance_id)) == ([], "cancelled")
    assert [task.element for task in open_tasks(instance_id)] == ["again"]


def test_a_message_reaches_who_waits_although_another_branch_stands(people: city.City) -> None:
    first, second = begin(people, "listener"), begin(people, "listener")
    with models.transaction() as tx:
        tx.execute(update(Instance).where(Instance.id == first).values(status="failed"))
    for heard, silent in (([first], second), ([first, second], None)):
        message = {"kind": "message", "name": "go", "payload": {}, "root": None}
        with models.transaction() as tx:
            jobs.enqueue(tx, "message:deliver", new_id(), message, NOW)
        jobs.drain(NOW)
        assert [open_tasks(instance_id)[0].element for instance_id in heard] == ["act"] * len(heard)
        assert silent is None or open_tasks(silent) == []


def test_a_task_for_a_unit_that_is_not_there_says_so(people: city.City) -> None:
    place = "市里没有的一个名字很长很长很长很长很长的单位"
    first, second = (begin(people, "misplaced", place=place) for _ in range(2))
    for instance_id in (first, second):
        (incident,) = open_incidents(instance_id)
        assert (incident.kind, open_tasks(instance_id)) == ("no_post", [])
        assert "未能下达" in incident.sentence
    admin, seat = actor_of_seat(people.office, NOW), people.seats["county"][1]
    give(first, place=seat.unit_id)
    repairs.retry(admin, open_incidents(first)[0].id, NOW)
    assert ([task.unit_id for task in open_tasks(first)], open_incidents(first)) == ([seat.unit_id], [])
    repairs.retry(admin, open_incidents(second)[0].id, NOW)
    assert len(open_incidents(second)) == 1


def test_a_call_for_a_unit_that_is_not_there_is_an_incident_of_its_caller(people: city.City) -> None:
    instance_id = begin(people, "misdirected", place="x" * 20)
    moment = NOW
    for _ in range(jobs.MAX_ATTEMPTS):
        moment += timedelta(minutes=1)
        jobs.drain(moment)
    (incident,) = open_incidents(instance_id)
    assert (incident.kind, ask(select(Instance.id).where(Instance.parent_id == instance_id))) == ("job", [])
    assert incident.sentence.endswith("“call”找不到下级流程的办理单位")
    assert [row.parked for row in ask(select(Job.parked).where(Job.id == incident.source_id))] == [True]
    with models.transaction() as tx:
        group = running.group(tx, instance_id, "2")
        place = {**group.plan, "unit_value": people.seats["county"][1].unit_id}
        running.update_group(tx, group.id, plan=place)
    repairs.retry(actor_of_seat(people.office, NOW), incident.id, NOW)
    jobs.drain(NOW)
    assert ([task.element for task in open_tasks(instance_id)], open_incidents(instance_id)) == (["look"], [])


def test_a_parked_timer_is_an_incident_of_its_campaign(people: city.City) -> None:
    launched = campaigns.launch(SYSTEM, "fault-city", past="keep", now=NOW)["campaign"]
    (root,) = ask(select(Instance.id).where(Instance.campaign_id == launched))
    row = {"id": new_id(), "kind": "engine", "instance_id": root.id, "ref": "1", "element": "close", "due_at": NOW}
    with models.transaction() as tx:
        tx.execute(Timer.__table__.insert(), [row | {"attempts": jobs.MAX_ATTEMPTS - 1}])
        (timer,) = clock.claim(tx, Timer, now=NOW, lease="worker", seconds=30, limit=1)
    assert jobs._failed(Timer, timer, "worker", NOW, RuntimeError("张三的电话"))
    (incident,) = open_incidents(root.id)
    assert (incident.campaign_id, incident.sentence.endswith("RuntimeError")) == (launched, True)
    repairs.retry(actor_of_seat(people.office, NOW), incident.id, NOW)
    jobs.drain(NOW)
    assert (open_incidents(root.id), ask(select(Timer.id).where(Timer.id == row["id"]))) == ([], [])


def test_host_actions_without_end_are_refused(people: city.City) -> None:
    signature = ActionSignature(arguments={"n": "int"}, results={"n": "int"})
    hosts.host_action("test.count", "数一个", signature)(_next)
    try:
        counted = begin(people, "endless", limit=150)
        assert status(counted) == "ended"
        with pytest.raises(Invalid, match="可能有没有出口的环路"):
            begin(people, "endless", limit=1000)
    finally:
        del hosts.ACTIONS["test.count"]


def test_no_period_opens_after_the_campaign_has_ended(people: city.City) -> None:
    launched = campaigns.launch(SYSTEM, "fault-city", past="keep", again=True, now=NOW)["campaign"]
    schedule = select(Schedule.due_at).where(Schedule.campaign_id == launched)
    assert ask(schedule)[0].due_at is not None
    (root,) = ask(select(Instance.id).where(Instance.campaign_id == launched))
    (task,) = open_tasks(root.id)
    tasks.complete(actor_of_seat(people.office, NOW), task.id, answers={}, now=NOW)
    assert ask(schedule)[0].due_at is None
    assert tags(root.id)[-1] == "campaign:end"


def test_a_post_that_loses_its_holder_with_tasks_is_told_once(people: city.City, county: Actor) -> None:
    instance_id = begin(people, "listener")
    with models.transaction() as tx:
        jobs.enqueue(
            tx, "message:deliver", new_id(), {"kind": "message", "name": "go", "payload": {}, "root": None}, NOW
        )
    jobs.drain(NOW)
    (task,) = open_tasks(instance_id)
    assert workers.tell_vacancies(NOW) == 0
    later = NOW + timedelta(minutes=5)
    with models.transaction() as tx:
        tx.execute(update(Holding).where(Holding.post_id == task.post_id).values(until=later))
    assert workers.tell_vacancies(later) == 1
    assert workers.tell_vacancies(later) == 0
    told = select(Incident.sentence).where(Incident.source_id == task.unit_id, Incident.closed_at.is_(None))
    assert "待办无人办理" in ask(told)[0].sentence
    directory.set_holding(actor_of_seat(people.office, NOW), task.post_id, str(county.person_id), later)
    assert ask(told) == []


def test_a_vacancy_is_settled_when_somebody_holds_the_post(people: city.City) -> None:
    seat = people.seats["county"][2]
    (post,) = ask(select(Post.id).where(Post.unit_id == seat.unit_id, Post.kind == "liaison"))
    (held,) = ask(select(Holding.id, Holding.person_id).where(Holding.post_id == post.id))
    office = actor_of_seat(people.office, NOW)
    vacant = select(Incident.id, Incident.closed_at, Incident.closed_by).where(Incident.source_id == seat.unit_id)
    for round_ in (1, 2):
        moment = NOW + timedelta(minutes=round_)
        open_ended = update(Holding).where(Holding.post_id == post.id, Holding.until.is_(None))
        with models.transaction() as tx:
            tx.execute(open_ended.values(until=moment))
        processes.start(office, "share", unit_id=seat.unit_id, now=moment)
        (open_one,) = [row for row in ask(vacant) if row.closed_at is None]
        with pytest.raises(Invalid, match="不用重试"):
            repairs.retry(office, open_one.id, moment)
        directory.set_holding(office, post.id, held.person_id, moment)
        assert {row.closed_by for row in ask(vacant)} == {office.person_id}
        assert len(ask(vacant)) == round_
