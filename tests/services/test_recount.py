"""After a change of the calendar: tasks, timers of processes and statements are counted again, in batches, once."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update

import models
from bench import city
from domain.authority import SYSTEM
from domain.workdays import BEIJING
from models import Instance, Job, Ledger, Period, Schedule, Task, Timer
from models.queries import calendar as calendar_rows
from services import handlers
from services.campaigns import campaigns
from services.plans import calendar, versions
from services.running import jobs, processes, recount
from services.tasks import tasks
from tests.support.seats import actor_of_seat
from tests.support.world import beijing

assert handlers  # registers what a drain carries out

FOLDER = Path(__file__).resolve().parent / "calendar-city"
FORM = {"subject": "更换防护栏", "amount": 3, "reason": "三处防护栏锈蚀，已设警戒线，本周内更换。"}


@pytest.fixture(scope="module")
def people(database: models.Database) -> city.City:
    versions.forget()
    people = city.build(largest=13, folder=FOLDER)
    launched = beijing("2030-03-01 09:00")
    campaigns.launch(SYSTEM, "calendar-city", past="keep", now=launched)
    with models.transaction() as tx:
        tx.execute(update(Schedule).where(Schedule.report == "everybody").values(parked=True))
    jobs.drain(launched)
    return people


def ask(query: Any) -> Any:
    with models.reading() as tx:
        return tx.execute(query).all()


def task_due(instance_id: str) -> datetime:
    """When the open task of an instance is due."""
    ((found,),) = ask(select(Task.due_at).where(Task.instance_id == instance_id, Task.status == "open"))
    return found.astimezone(BEIJING)  # type: ignore[no-any-return]


def timer_due(instance_id: str) -> datetime:
    """When the timer that the process of an instance waits for is due."""
    ((found,),) = ask(select(Timer.due_at).where(Timer.instance_id == instance_id, Timer.kind == "engine"))
    return found.astimezone(BEIJING)  # type: ignore[no-any-return]


def changes() -> int:
    """How many new counts the ledger tells of."""
    ((found,),) = ask(select(func.count()).where(Ledger.tag == "due:recompute"))
    return int(found)


def close(day: date, now: datetime) -> None:
    calendar.set_day(SYSTEM, day, working=False, name="停工", now=now)


def begin(people: city.City, county: int, now: datetime, process: str = "settle") -> str:
    office = actor_of_seat(people.office, datetime.now(UTC))
    unit = people.seats["county"][county].unit_id
    return str(processes.start(office, process, unit_id=unit, now=now)["instance"])


def test_a_statement_that_may_not_fall_on_a_holiday_moves_with_its_task(people: city.City) -> None:
    monday, county = beijing("2030-03-04 10:00"), people.seats["county"][0]
    jobs.drain(monday)
    owed = select(Period.__table__).where(Period.report == "weekly").order_by(Period.starts_at)
    mine, others = ask(owed)
    assert {row.due_at for row in (mine, others)} == {beijing("2030-03-06 10:00")}
    if mine.unit_id != county.unit_id:
        mine, others = others, mine
    ((task_id,),) = ask(select(Task.id).where(Task.instance_id == mine.instance_id))
    tasks.complete(actor_of_seat(county, datetime.now(UTC)), task_id, answers=FORM, now=monday)
    assert timer_due(mine.instance_id) == beijing("2030-03-07 00:00")
    close(date(2030, 3, 6), monday)
    jobs.drain(monday)
    dues = {row.id: row.due_at for row in ask(owed)}
    # what was handed in stays as it was
    assert (dues[mine.id], dues[others.id]) == (beijing("2030-03-06 10:00"), beijing("2030-03-07 10:00"))
    assert task_due(others.instance_id) == beijing("2030-03-07 10:00")
    assert timer_due(mine.instance_id) == beijing("2030-03-08 00:00")
    ((variables,),) = ask(select(Instance.variables).where(Instance.id == others.instance_id))
    assert datetime.fromisoformat(variables["period_due"]) == beijing("2030-03-07 10:00")
    # the process goes on with what was counted
    other = next(seat for seat in people.seats["county"] if seat.unit_id == others.unit_id)
    ((task_id,),) = ask(select(Task.id).where(Task.instance_id == others.instance_id, Task.status == "open"))
    tasks.complete(actor_of_seat(other, datetime.now(UTC)), task_id, answers=FORM, now=monday)
    jobs.drain(beijing("2030-03-08 00:00"))
    assert {row.status for row in ask(owed.where(Period.starts_at == mine.starts_at))} == {"accepted"}


def test_a_timer_over_working_days_moves_with_them_and_fires_then(people: city.City) -> None:
    monday = beijing("2030-06-03 09:00")
    instance_id = begin(people, 0, monday)
    assert (task_due(instance_id), timer_due(instance_id)) == (beijing("2030-06-06 00:00"), beijing("2030-06-08 00:00"))
    close(date(2030, 6, 5), monday)
    before = changes()
    jobs.drain(monday)
    assert (task_due(instance_id), timer_due(instance_id)) == (beijing("2030-06-07 00:00"), beijing("2030-06-11 00:00"))
    assert changes() == before + 2
    jobs.drain(beijing("2030-06-08 00:00"))
    assert timer_due(instance_id) == beijing("2030-06-11 00:00")
    jobs.drain(beijing("2030-06-11 00:00"))
    ((element,),) = ask(select(Task.element).where(Task.instance_id == instance_id, Task.status == "open"))
    assert element == "take_over"


def test_work_that_came_back_has_a_deadline_of_its_own_and_is_counted_again_by_it(people: city.City) -> None:
    monday, wednesday = beijing("2030-09-02 09:00"), beijing("2030-09-04 09:00")
    instance_id = begin(people, 2, monday, "twice")
    assert task_due(instance_id) == beijing("2030-09-05 00:00")
    ((task_id,),) = ask(select(Task.id).where(Task.instance_id == instance_id, Task.status == "open"))
    liaison = actor_of_seat(people.seats["county"][2], datetime.now(UTC))
    tasks.complete(liaison, task_id, answers=FORM, outcome="again", opinion="重办", now=wednesday)
    assert task_due(instance_id) == beijing("2030-09-11 00:00")
    close(date(2030, 9, 6), wednesday)
    jobs.drain(wednesday)
    assert task_due(instance_id) == beijing("2030-09-12 00:00")


def test_what_is_counted_again_comes_to_the_same(people: city.City) -> None:
    monday = beijing("2030-07-01 09:00")
    instance_id = begin(people, 1, monday)
    close(date(2030, 7, 2), monday)
    jobs.drain(monday)
    found, before = (task_due(instance_id), timer_due(instance_id)), changes()
    close(date(2030, 7, 2), monday)
    jobs.drain(monday)
    assert ((task_due(instance_id), timer_due(instance_id)), changes()) == (found, before)


def test_batches_go_on_where_they_stood_and_an_older_calendar_is_left_to_the_newer(
    people: city.City, monkeypatch: pytest.MonkeyPatch
) -> None:
    monday = beijing("2030-08-05 09:00")
    started = [begin(people, n, monday) for n in range(5)]
    monkeypatch.setattr(recount, "BATCH", 2)
    close(date(2030, 8, 6), monday)
    jobs.turn(lambda: monday, batch=1)
    # half-way the calendar changes again: the first job has nothing to do any more
    close(date(2030, 8, 7), monday)
    assert len(ask(select(Job.id).where(Job.kind == "calendar:recount"))) == 2
    real = calendar_rows.set_timers

    def killed(*_: Any) -> None:
        monkeypatch.setattr(calendar_rows, "set_timers", real)
        raise SystemExit

    jobs.turn(lambda: monday, batch=1)
    monkeypatch.setattr(calendar_rows, "set_timers", killed)
    with pytest.raises(SystemExit):
        jobs.turn(lambda: monday, batch=1)
    jobs.drain(beijing("2030-08-05 09:01"))
    assert {task_due(one) for one in started} == {beijing("2030-08-10 00:00")}
    assert {timer_due(one) for one in started} == {beijing("2030-08-14 00:00")}
    assert ask(select(Job.id).where(Job.kind == "calendar:recount")) == []
