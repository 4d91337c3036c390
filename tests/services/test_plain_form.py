"""A form without formulas is checked where its task is locked: nothing is read ahead of the command."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

import models
from bench import city
from domain.errors import Invalid
from models import Task
from services import handlers
from services.plans import versions
from services.running import jobs, processes
from services.tasks import _ahead, tasks
from tests.support.seats import actor_of_seat

assert handlers  # registers what a drain carries out

FOLDER = Path(__file__).resolve().parent / "race-city"
NOW = datetime.now(UTC)
FORM = {"subject": "更换防护栏", "amount": 3, "reason": "三处防护栏锈蚀，已设警戒线，本周内更换。"}


def test_it_is_checked_under_the_lock(database: models.Database, monkeypatch: pytest.MonkeyPatch) -> None:
    versions.forget()
    people = city.build(largest=13, folder=FOLDER)
    seat, office = people.seats["county"][0], actor_of_seat(people.office, NOW)
    instance_id = processes.start(office, "share", unit_id=seat.unit_id, now=NOW)["instance"]
    jobs.drain(NOW)
    with models.reading() as tx:
        task_id = tx.execute(select(Task.id).where(Task.instance_id == instance_id)).scalar_one()
    monkeypatch.setattr(_ahead, "look", None)
    actor = actor_of_seat(seat, NOW)
    with pytest.raises(Invalid) as refused:
        tasks.complete(actor, task_id, answers={**FORM, "amount": -1}, now=NOW)
    assert set(refused.value.fields) == {"amount"}
    assert tasks.complete(actor, task_id, answers=FORM, now=NOW)["status"] == "done"
