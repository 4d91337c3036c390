"""What leaves an instance: a signal is for everybody who waits then, an escalation that nobody catches is noted."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select, update

import models
from bench import city
from catalog.campaigns import load_campaign
from domain.authority import SYSTEM
from domain.ledger import Tag
from models import Incident, Instance, Job, Ledger, Task, Wait
from services import handlers
from services.campaigns import definitions
from services.plans import versions
from services.running import _raised, jobs, processes
from services.tasks import tasks
from tests.engine.diagrams import Diagram, ref
from tests.support.seats import actor_of_seat

assert handlers  # registers what a drain carries out

HERE = Path(__file__).resolve().parent
NOW = datetime.now(UTC)
READY = ref("signal", "ready")
OWN = {"clause": "product"}


def _hearer() -> bytes:
    """Hears the signal, then somebody acts while it waits for the next one."""
    diagram = Diagram("hearer").names("signal", "ready").start().catch("hear", READY).both("fork").end().end("over")
    diagram.user("act", **OWN).catch("hear_again", READY)
    return diagram.flow("start", "hear", "fork", "act", "end").flow("fork", "hear_again", "over").xml()


def _assembly() -> bytes:
    """Two units hear, and so does the instance that throws; another one is called later."""
    diagram = Diagram("assembly").names("signal", "ready").start().both("fork").both("both")
    diagram.call("hearers", over="pair", called="hearer").end("heard")
    diagram.user("say", **OWN).throw("tell", READY).user("rest", **OWN).end("told")
    diagram.catch("hear", READY).user("note", **OWN).catch("hear_again", READY).end("noted").end("over")
    diagram.user("invite", **OWN).call("late", called="hearer").end("invited")
    diagram.flow("start", "fork", "hearers", "heard").flow("fork", "say", "tell", "rest", "told")
    diagram.flow("fork", "hear", "both", "note", "noted").flow("both", "hear_again", "over")
    return diagram.flow("fork", "invite", "late", "invited").xml()


def _alarm() -> bytes:
    """Throws an escalation on its way; called or alone."""
    diagram = Diagram("alarm").names("escalation", "delay").start().throw("warn", ref("escalation", "delay"))
    return diagram.user("act", **OWN).end().flow("start", "warn", "act", "end").xml()


def _above() -> bytes:
    """Calls it and does not catch what it throws."""
    return Diagram("above").start().call("ask", called="alarm").end().flow("start", "ask", "end").xml()


@pytest.fixture(scope="module")
def people(database: models.Database, tmp_path_factory: pytest.TempPathFactory) -> city.City:
    versions.forget()
    folder = tmp_path_factory.mktemp("campaign") / "thrown-city"
    shutil.copytree(HERE / "fault-city", folder, ignore=shutil.ignore_patterns("endless.bpmn"))
    plan = folder / "plan.yaml"
    plan.write_text(plan.read_text("utf-8").replace("id: fault-city", "id: thrown-city"), "utf-8")
    for xml, name in ((_hearer(), "hearer"), (_assembly(), "assembly"), (_alarm(), "alarm"), (_above(), "above")):
        (folder / f"{name}.bpmn").write_bytes(xml)
    found = city.build(largest=13, folder=HERE / "tree-city")
    definitions.store(SYSTEM, load_campaign(folder, folder / "none", folder / "none"), NOW)
    return found


def begin(people: city.City, key: str) -> str:
    office, unit_id = actor_of_seat(people.office, NOW), people.seats["county"][0].unit_id
    started = processes.start(office, key, unit_id=unit_id, now=NOW)
    jobs.drain(NOW)
    return str(started["instance"])


def ask(query: Any) -> list[Any]:
    with models.reading() as tx:
        return list(tx.execute(query))


def below(root_id: str) -> Any:
    return select(Instance.id).where(Instance.root_id == root_id)


def complete(people: city.City, root_id: str, element: str, now: datetime = NOW) -> None:
    query = select(Task.id, Task.unit_id).where(Task.instance_id.in_(below(root_id)), Task.status == "open")
    (task,) = ask(query.where(Task.element == element))
    tasks.complete(actor_of_seat(people.by_unit[task.unit_id], now), task.id, answers={}, now=now)


def open_elements(root_id: str) -> list[str]:
    query = select(Task.element).where(Task.instance_id.in_(below(root_id)), Task.status == "open")
    return sorted(row.element for row in ask(query))


def waiting(root_id: str) -> list[str]:
    return sorted(row.element for row in ask(select(Wait.element).where(Wait.instance_id.in_(below(root_id)))))


def incidents(root_id: str) -> list[Any]:
    return ask(select(Incident.sentence).where(Incident.instance_id.in_(below(root_id))))


def test_a_signal_reaches_all_of_its_tree_once(people: city.City) -> None:
    root_id, other = begin(people, "assembly"), begin(people, "assembly")
    assert waiting(root_id) == ["hear", "hear", "hear"]
    complete(people, root_id, "say")
    jobs.drain(NOW)
    assert open_elements(root_id) == ["act", "act", "invite", "note", "rest"]
    assert waiting(root_id) == ["hear_again", "hear_again", "hear_again"], "nobody hears it twice"
    assert waiting(other) == ["hear", "hear", "hear"], "another tree does not hear it"
    assert incidents(root_id) == []


def test_who_waits_later_has_not_heard(people: city.City) -> None:
    root_id = begin(people, "assembly")
    complete(people, root_id, "say", NOW + timedelta(minutes=2))
    complete(people, root_id, "invite", NOW + timedelta(minutes=1))
    jobs.drain(NOW + timedelta(minutes=1))
    assert waiting(root_id) == ["hear", "hear", "hear", "hear_again"]
    jobs.drain(NOW + timedelta(minutes=2))
    assert waiting(root_id) == ["hear", "hear_again", "hear_again", "hear_again"]
    assert open_elements(root_id) == ["act", "act", "note", "rest"]


def test_a_signal_to_many_goes_out_in_batches(people: city.City, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_raised, "BATCH", 1)
    root_id = begin(people, "assembly")
    complete(people, root_id, "say")
    assert len(ask(select(Job.id).where(Job.kind == "message:deliver"))) == 2
    jobs.drain(NOW)
    assert open_elements(root_id) == ["act", "act", "invite", "note", "rest"]


def test_who_does_not_wait_any_more_when_the_signal_arrives_is_left_alone(people: city.City) -> None:
    root_id = begin(people, "assembly")
    complete(people, root_id, "say")
    first, *_ = ask(select(Instance.id).where(Instance.parent_id == root_id).order_by(Instance.id))
    with models.transaction() as tx:
        tx.execute(update(Instance).where(Instance.id == first.id).values(status="cancelled"))
        tx.execute(delete(Wait).where(Wait.instance_id == first.id))
    jobs.drain(NOW)
    assert open_elements(root_id) == ["act", "invite", "note", "rest"]


@pytest.mark.parametrize("key", ["alarm", "above"])
def test_an_escalation_that_nobody_catches_is_told_and_holds_nothing(people: city.City, key: str) -> None:
    root_id = begin(people, key)
    assert incidents(root_id) == []
    assert open_elements(root_id) == ["act"]
    told = ask(select(Ledger.data).where(Ledger.instance_id == root_id, Ledger.tag == Tag.INSTANCE_ESCALATE))
    assert [row.data["sentence"] for row in told] == ["升级事件“delay”没有被捕获，流程照常继续"]
    assert {row.status for row in ask(select(Instance.status).where(Instance.root_id == root_id))} == {"running"}
