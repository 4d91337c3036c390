"""A form is checked before its command takes its place among the writers, and counts only for what was checked."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

import models
from bench import city
from catalog.forms import validate
from domain.authority import Actor
from domain.errors import Conflict, Forbidden, Invalid
from models import Instance, Submission, Task
from services import handlers
from services.plans import versions
from services.running import jobs, processes
from services.tasks import _ahead, tasks
from tests.support.seats import actor_of_seat

assert handlers  # registers what a drain carries out

FOLDER = Path(__file__).resolve().parent / "race-city"
NOW = datetime.now(UTC)
FORM = {"subject": "更换防护栏", "amount": 3, "reason": "三处防护栏锈蚀，已设警戒线，本周内更换。"}


@pytest.fixture(scope="module")
def people(database: models.Database, tmp_path_factory: pytest.TempPathFactory) -> city.City:
    """The city's form holds a formula, else there would be nothing to wait for."""
    folder = tmp_path_factory.mktemp("ahead") / "race-city"
    shutil.copytree(FOLDER, folder)
    form = folder / "forms" / "application.json"
    schema = json.loads(form.read_text())
    schema["components"][2]["conditional"] = {"hide": "=amount < 0"}
    form.write_text(json.dumps(schema, ensure_ascii=False))
    versions.forget()
    return city.build(largest=13, folder=folder)


@pytest.fixture
def task(people: city.City) -> tuple[Actor, Any]:
    """An open task with a form, and who may complete it."""
    seat = people.seats["county"][0]
    office = actor_of_seat(people.office, NOW)
    instance_id = processes.start(office, "share", unit_id=seat.unit_id, now=NOW)["instance"]
    jobs.drain(NOW)
    with models.reading() as tx:
        found = tx.execute(select(Task.__table__).where(Task.instance_id == instance_id)).one()
    return actor_of_seat(seat, NOW), found


def meanwhile(patch: pytest.MonkeyPatch, happens: Callable[[], None], times: int = 1) -> list[Any]:
    """Let something happen in another thread while the form is checked; the contexts it was checked with."""
    seen: list[Any] = []

    def checking(schema: Any, data: Any, *, context: Any) -> Any:
        seen.append(context)
        if len(seen) <= times:
            other = threading.Thread(target=happens)
            other.start()
            other.join(4)
            assert not other.is_alive(), "the form is checked while a writer has to wait"
        return validate(schema, data, context=context)

    patch.setattr(_ahead, "validate", checking)
    return seen


def write(instance_id: str, **variables: Any) -> None:
    """Another branch of the instance goes on."""
    with models.transaction() as tx:
        old: Any = tx.execute(select(Instance.variables).where(Instance.id == instance_id)).scalar_one()
        values = {"variables": {**old, **variables}, "version": Instance.version + 1}
        tx.execute(update(Instance).where(Instance.id == instance_id).values(values))


def test_a_writer_need_not_wait_for_a_form(task: tuple[Actor, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite has one writer at a time; whoever locks the same instance in PostgreSQL goes on as well."""
    actor, row = task
    seen = meanwhile(monkeypatch, lambda: write(row.instance_id))
    assert tasks.complete(actor, row.id, answers=FORM, now=NOW)["status"] == "done"
    assert len(seen) == 1


def test_what_the_form_was_checked_against_has_changed(
    task: tuple[Actor, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    actor, row = task
    seen = meanwhile(monkeypatch, lambda: write(row.instance_id, level="high"))
    tasks.complete(actor, row.id, answers=FORM, now=NOW)
    assert [context.get("level") for context in seen] == [None, "high"]


def test_a_process_that_does_not_come_to_rest_is_no_reason_to_wait_for_ever(
    task: tuple[Actor, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    actor, row = task
    numbers = iter(range(1000))
    meanwhile(monkeypatch, lambda: write(row.instance_id, n=next(numbers)), times=1000)
    with pytest.raises(Conflict, match="正在变动"):
        tasks.complete(actor.with_key(f"restless-{row.id}"), row.id, answers=FORM, now=NOW)
    monkeypatch.undo()
    # nothing was kept under the key
    assert tasks.complete(actor.with_key(f"restless-{row.id}"), row.id, answers=FORM, now=NOW)["status"] == "done"


def test_somebody_was_faster_while_the_form_was_checked(
    people: city.City, task: tuple[Actor, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    actor, row = task

    faster = lambda: tasks.complete(actor, row.id, answers=FORM, now=NOW)  # noqa: E731 - one line says it

    def checking(schema: Any, data: Any, *, context: Any) -> Any:
        monkeypatch.setattr(_ahead, "validate", validate)
        faster()
        return validate(schema, data, context=context)

    monkeypatch.setattr(_ahead, "validate", checking)
    with pytest.raises(Conflict, match="已被他人办理"):
        tasks.complete(actor, row.id, answers=FORM | {"amount": 5}, now=NOW)
    with models.reading() as tx:
        data: Any = tx.execute(select(Submission.data).where(Submission.task_id == row.id)).scalar_one()
    assert data["amount"] == 3


def test_refusals_of_the_task_come_before_those_of_the_form(people: city.City, task: tuple[Actor, Any]) -> None:
    actor, row = task
    stranger = actor_of_seat(people.seats["county"][1], NOW)
    with pytest.raises(Forbidden):
        tasks.complete(stranger, row.id, answers={}, now=NOW)
    with pytest.raises(Conflict):
        tasks.complete(actor, row.id, answers={}, version=row.version + 1, now=NOW)
    with pytest.raises(Invalid) as refused:
        tasks.complete(actor, row.id, answers={}, now=NOW)
    assert "subject" in refused.value.fields


def test_a_repeated_request_gets_its_answer_whatever_became_of_the_task(task: tuple[Actor, Any]) -> None:
    actor, row = task
    keyed = actor.with_key(f"twice-{row.id}")
    first = tasks.complete(keyed, row.id, answers=FORM, now=NOW)
    assert tasks.complete(keyed, row.id, answers=FORM, now=NOW) == first
    with pytest.raises(Conflict, match="同一个提交编号"):
        tasks.complete(keyed, row.id, answers={}, now=NOW)
