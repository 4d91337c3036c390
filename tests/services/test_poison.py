"""Nothing that a form can carry stops an instance: it is refused with a sentence, or kept and the process goes on."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

import models
from bench import city
from bench.raw import FORM
from domain.authority import Actor
from domain.errors import Invalid
from models import Incident, Instance, Submission, Task
from services.plans import versions
from services.running import processes
from services.tasks import tasks
from tests.support.seats import actor_of_seat

NOW = datetime.now(UTC)

POISON: dict[str, Any] = {
    "a type name": {"typename": "Task"},
    "a type name in a text": '{"typename": "Task", "id": "x"}',
    "an id of a type": {"typename": "UUID", "value": "x"},
    "a moment of a type": {"typename": "datetime", "value": "junk"},
    "a list": ["a", {"typename": "Task"}],
    "code": "__import__('os').system('true')",
    "an attribute walk": "().__class__.__bases__[0].__subclasses__()",
    "a template": "${7*7} {{7*7}} #{7*7} =7*7",
    "a NUL": "a\x00b",
    "half a character": "a\ud800b",
    "right to left": "\u202eabc\u202c",
    "nothing": None,
    "true": True,
    "not a number": float("nan"),
    "endless": float("inf"),
    "a large number": 10**40,
    "a long text": "字" * 100_000,
    "a deep list": [[[[[[[[[["x"]]]]]]]]]],
    "markup": "<script>alert(1)</script>",
    "a formula": '=HYPERLINK("http://x")',
    "quotes": "'; DROP TABLE task; --",
}


@pytest.fixture(scope="module")
def office_and_county(database: models.Database) -> tuple[Actor, Actor, str]:
    versions.forget()
    people = city.build(largest=13)
    county = people.seats["county"][0]
    return actor_of_seat(people.office, NOW), actor_of_seat(county, NOW), county.unit_id


def the_open_task(instance_id: str) -> Any:
    with models.reading() as tx:
        query = select(Task.__table__).where(Task.instance_id == instance_id, Task.status == "open")
        return tx.execute(query).one()


def finish(person: Actor, instance_id: str) -> None:
    """The rest of the approval, in order."""
    if the_open_task(instance_id).element == "fill":
        tasks.complete(person, the_open_task(instance_id).id, answers=FORM, now=NOW)
    tasks.complete(person, the_open_task(instance_id).id, answers={}, outcome="approve", opinion="同意", now=NOW)
    with models.reading() as tx:
        assert tx.execute(select(Instance.status).where(Instance.id == instance_id)).scalar() == "ended"
        assert tx.execute(select(Incident.id)).first() is None


@pytest.mark.parametrize("place", ["subject", "amount", "reason", "unknown", "typename"])
@pytest.mark.parametrize("poison", POISON.values(), ids=POISON.keys())
def test_in_a_field(office_and_county: tuple[Actor, Actor, str], poison: Any, place: str) -> None:
    office, person, unit_id = office_and_county
    instance_id = processes.start(office, "approval", unit_id=unit_id, now=NOW)["instance"]
    task = the_open_task(instance_id)
    answers = {**FORM, place: poison}
    try:
        tasks.complete(person.with_key(models.new_id()), task.id, answers=answers, now=NOW)
    except Invalid as refused:
        assert refused.message
    else:
        with models.reading() as tx:
            kept = tx.execute(select(Submission.data).where(Submission.task_id == task.id)).scalar_one()
        assert kept.keys() <= FORM.keys()
    finish(person, instance_id)


@pytest.mark.parametrize("place", ["outcome", "opinion"])
@pytest.mark.parametrize("poison", [value for value in POISON.values() if isinstance(value, str)])
def test_beside_the_form(office_and_county: tuple[Actor, Actor, str], poison: str, place: str) -> None:
    office, person, unit_id = office_and_county
    instance_id = processes.start(office, "approval", unit_id=unit_id, now=NOW)["instance"]
    tasks.complete(person, the_open_task(instance_id).id, answers=FORM, now=NOW)
    said = {"outcome": "reject", "opinion": "退回", place: poison}
    try:
        tasks.complete(person, the_open_task(instance_id).id, answers={}, now=NOW, **said)
    except Invalid as refused:
        assert refused.message
    finish(person, instance_id)


@pytest.mark.parametrize("poison", POISON.values(), ids=POISON.keys())
def test_as_a_variable_of_a_start(office_and_county: tuple[Actor, Actor, str], poison: Any) -> None:
    office, _, unit_id = office_and_county
    for name in ("amount",) * (poison is not None) + ("unit_id", "__class__", "undeclared"):
        with pytest.raises(Invalid):
            processes.start(office, "approval", unit_id=unit_id, variables={name: poison}, now=NOW)


@pytest.mark.parametrize("poison", POISON.values(), ids=POISON.keys())
def test_in_a_draft(office_and_county: tuple[Actor, Actor, str], poison: Any) -> None:
    office, person, unit_id = office_and_county
    instance_id = processes.start(office, "approval", unit_id=unit_id, now=NOW)["instance"]
    task = the_open_task(instance_id)
    try:
        tasks.save_draft(person, task.id, {"subject": poison}, NOW)
    except Invalid as refused:
        assert refused.message
    else:
        tasks.draft(person, task.id)
    finish(person, instance_id)
