"""Periods of many units open in batches; what was opened stays opened, and statements are accepted when they end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update

import models
from bench import city
from domain.authority import SYSTEM
from models import Instance, Ledger, Period, Schedule, Task, Unit
from models.queries import clock
from services import handlers
from services.campaigns import campaigns
from services.plans import versions
from services.running import jobs
from services.tasks import tasks
from tests.support.seats import actor_of_seat
from tests.support.world import beijing

assert handlers  # registers what a drain carries out

FOLDER = Path(__file__).resolve().parent / "calendar-city"
LAUNCHED = beijing("2030-03-01 09:00")
OPENS = beijing("2030-05-05 10:00")
VILLAGES = 1200


@pytest.fixture(scope="module")
def people(database: models.Database) -> city.City:
    versions.forget()
    people = city.build(folder=FOLDER)
    with models.transaction() as tx:
        surplus = select(Unit.id).where(Unit.level == "village").order_by(Unit.code).limit(100)
        tx.execute(update(Unit).where(Unit.id.in_(surplus)).values(active=False))
    campaigns.launch(SYSTEM, "calendar-city", past="keep", now=LAUNCHED)
    jobs.drain(LAUNCHED)
    return people


def ask(query: Any) -> Any:
    with models.reading() as tx:
        return tx.execute(query).all()


def opened() -> list[int]:
    """How many units have a period of everybody's report, by transaction (one moment each)."""
    count = select(func.count()).where(Period.report == "everybody").group_by(Period.opened_at)
    return [n for (n,) in ask(count.order_by(Period.opened_at))]


def schedule(report: str = "everybody") -> Any:
    (row,) = ask(select(Schedule.__table__).where(Schedule.report == report))
    return row


def turn(now: datetime) -> int:
    """One turn of a worker that takes one row."""
    return jobs.turn(lambda: now, batch=1).taken


def statement(county: Any) -> Any:
    """What a county owes for the first week."""
    (row,) = ask(select(Period.__table__).where(Period.report == "weekly", Period.unit_id == county.unit_id))
    return row


def about(instance_id: str, *tags: str) -> list[str]:
    """Which of these tags the ledger of an instance has, in order."""
    return [row.tag for row in ask(select(Ledger.tag).where(Ledger.instance_id == instance_id, Ledger.tag.in_(tags)))]


def test_a_statement_is_accepted_when_its_instance_ends_whoever_ends_it(people: city.City) -> None:
    """The unit hands it in, two working days later a timer ends the process."""
    county = people.seats["county"][0]
    monday = beijing("2030-03-04 10:00")
    jobs.drain(monday)
    (task,) = ask(select(Task.id).where(Task.instance_id == statement(county).instance_id))
    form = {"subject": "更换防护栏", "amount": 3, "reason": "三处防护栏锈蚀，已设警戒线，本周内更换。"}
    tasks.complete(actor_of_seat(county, datetime.now(UTC)), task.id, answers=form, now=monday)
    assert statement(county).status == "submitted"
    jobs.drain(beijing("2030-03-07 00:00"))
    found = statement(county)
    (instance,) = ask(select(Instance.status).where(Instance.id == found.instance_id))
    assert (instance.status, found.status, found.submitted_at) == ("ended", "accepted", monday)
    told = about(found.instance_id, "statement:submit", "statement:accept", "instance:end")
    assert told == ["statement:submit", "instance:end", "statement:accept"]


def test_a_period_of_many_units_opens_in_batches_and_goes_on_after_a_kill(
    people: city.City, monkeypatch: pytest.MonkeyPatch
) -> None:
    with models.transaction() as tx:  # the other report is past its time
        tx.execute(update(Schedule).where(Schedule.report == "weekly").values(parked=True))
    assert turn(OPENS) == 1
    assert opened() == [500]
    assert (schedule().next_index, schedule().due_at) == (0, OPENS)

    # killed in the middle of the second batch: the rows are written, the commit never comes
    def killed(*_: Any, **__: Any) -> None:
        raise SystemExit

    monkeypatch.setattr(clock, "reschedule", killed)
    with pytest.raises(SystemExit):
        turn(OPENS + timedelta(minutes=1))
    monkeypatch.undo()
    assert opened() == [500]
    # the lease of the dead worker runs out
    assert turn(OPENS + timedelta(minutes=1)) == 0
    later = OPENS + timedelta(minutes=3)
    assert turn(later) == 1
    assert opened() == [500, 500]
    jobs.drain(later + timedelta(minutes=1))
    assert opened() == [500, 500, 200]
    assert (schedule().next_index, schedule().due_at) == (1, OPENS + timedelta(days=7))
    doubled = select(Period.unit_id).where(Period.report == "everybody").group_by(Period.unit_id)
    assert ask(doubled.having(func.count() > 1)) == []
    tasks_of = select(func.count()).select_from(Task).join(Period, Period.instance_id == Task.instance_id)
    assert ask(tasks_of.where(Period.report == "everybody", Task.status == "open")) == [(VILLAGES,)]
    events = ask(select(Ledger.data).where(Ledger.tag == "statement:open").order_by(Ledger.seq))
    assert [event.data["units"] for event in events if event.data["report"] == "everybody"] == [500, 500, 200]
