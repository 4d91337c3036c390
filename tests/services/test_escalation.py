"""The ladder of a task: each step at its moment, and after an outage one step, not all that were missed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

import models
from bench import city
from models import Ledger, Notice, Task, Timer
from services import handlers
from services.plans import versions
from services.running import jobs, processes
from tests.support.seats import actor_of_seat

assert handlers  # registers what a drain carries out

FOLDER = Path(__file__).resolve().parent / "tree-city"
NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def people(database: models.Database) -> city.City:
    versions.forget()
    return city.build(largest=13, folder=FOLDER)


@pytest.fixture
def task(people: city.City) -> Any:
    office, unit_id = actor_of_seat(people.office, NOW), people.seats["county"][0].unit_id
    started = processes.start(office, "share", unit_id=unit_id, now=NOW)
    (found,) = ask(select(Task.__table__).where(Task.instance_id == started["instance"]))
    return found


def ask(query: Any) -> list[Any]:
    with models.reading() as tx:
        return list(tx.execute(query))


def steps_of(task: Any) -> list[tuple[str, str]]:
    """Ladder events of a task: tag and step."""
    tags = ("early_warning:send", "escalation:step")
    rows = ask(select(Ledger.tag, Ledger.data).where(Ledger.task_id == task.id, Ledger.tag.in_(tags)))
    return [(row.tag, row.data["rung"]) for row in rows]


def timers_of(task: Any) -> list[Any]:
    return ask(select(Timer.due_at).where(Timer.ref == task.id))


def test_each_step_at_its_moment(task: Any) -> None:
    (early,) = timers_of(task)
    jobs.drain(early.due_at)
    assert steps_of(task) == [("early_warning:send", "early")]
    assert [timer.due_at for timer in timers_of(task)] == [task.due_at]
    jobs.drain(task.due_at)
    assert steps_of(task)[1:] == [("escalation:step", "due")]
    assert timers_of(task) == []


def test_after_an_outage_the_last_step_is_taken_and_no_other(task: Any) -> None:
    jobs.drain(task.due_at + timedelta(days=3))
    assert steps_of(task) == [("escalation:step", "due")]
    assert len(ask(select(Notice.id).where(Notice.task_id == task.id))) == 1
    assert timers_of(task) == []
    (after,) = ask(select(Task.light, Task.rung).where(Task.id == task.id))
    assert (after.light, after.rung) == ("red", "due")
