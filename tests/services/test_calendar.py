"""The working calendar: read only when asked, entered by the year or the day, followed by every open due date."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import Engine, event, select

from domain.authority import SYSTEM, Actor
from domain.errors import Conflict, Invalid
from domain.plan import Deadline
from domain.workdays import BEIJING, Calendar
from models import Ledger, Person, Task, Timer, reading
from services.campaigns import campaigns
from services.plans import calendar
from services.plans.calendar import Entry
from services.running import jobs, recount
from tests.support.world import World, beijing

KEY = "jinzhong-hundred-day"
NEW_YEAR = Entry(name="元旦", first=date(2027, 1, 1), last=date(2027, 1, 3), makeup=(date(2027, 1, 9),))
SPRING = Entry(name="春节", first=date(2027, 2, 5), last=date(2027, 2, 12))


@pytest.fixture(scope="module")
def world(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> World:
    """Launched on 2021-12-28 with one plan handed in: its receipt is due after two working days."""
    launch = beijing("2021-12-28 09:00")
    world = World(database_url, tmp_path_factory.mktemp("files"), key=KEY, now=launch, enterprises=1)
    world.complete(world.open_tasks("file_plan", unit="榆次区")[0])
    return world


def due_of(element: str) -> datetime:
    with reading() as tx:
        found = tx.execute(select(Task.due_at).where(Task.element == element, Task.status == "open")).scalars().first()
    assert found is not None
    return found.astimezone(BEIJING)


def next_step() -> datetime:
    """When the receipt's ladder goes on."""
    query = select(Timer.due_at).join(Task, Task.id == Timer.ref).where(Task.element == "receive_plan")
    with reading() as tx:
        return tx.execute(query).scalar_one().astimezone(BEIJING)


def events(tag: str) -> list[Any]:
    with reading() as tx:
        return list(tx.execute(select(Ledger.data).where(Ledger.tag == tag).order_by(Ledger.seq)).scalars())


def test_nothing_is_read_before_a_day_is_asked_for(world: World) -> None:
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        statements.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        with reading() as tx:
            known = calendar.calendar(tx)
            assert not [s for s in statements if "calendar_" in s]
            assert known.is_workday(date(2021, 12, 31))
            assert known.is_workday(date(2021, 12, 30))
            # at most once: a process keeps what it read, as long as the calendar stays the same
            assert len([s for s in statements if "calendar_day" in s]) <= 1
            assert len(calendar.calendar(tx).overrides) == 0
            assert len([s for s in statements if "calendar_day" in s]) <= 1
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def test_a_holiday_entered_moves_what_is_counted_over_it_and_back(world: World) -> None:
    fixed, counted, step = due_of("file_plan"), due_of("receive_plan"), next_step()
    assert counted == beijing("2021-12-31 00:00")
    done = calendar.set_day(SYSTEM, date(2021, 12, 29), working=False, name="市庆", now=world.now)
    assert done.recounted > 23
    assert calendar.page(2021, world.now).recounting
    jobs.drain(world.now)
    assert not calendar.page(2021, world.now).recounting
    assert due_of("receive_plan") == beijing("2022-01-01 00:00")
    assert due_of("file_plan") == fixed
    assert next_step() > step
    noted = events("due:recompute")[-1]
    assert (noted["from"], noted["to"]) == ("2021-12-30T16:00:00+00:00", "2022-01-01T00:00:00+08:00")
    assert events("calendar:enter")[-1]["name"] == "市庆"
    assert len(events("due:recompute")) == 1
    calendar.clear_day(SYSTEM, date(2021, 12, 29), world.now)
    jobs.drain(world.now)
    assert (due_of("receive_plan"), next_step()) == (counted, step)


def test_taking_back_what_was_never_entered_changes_nothing(world: World) -> None:
    before = len(events("calendar:enter"))
    assert calendar.clear_day(SYSTEM, date(2021, 12, 24), world.now).recounted == 0
    assert len(events("calendar:enter")) == before


@pytest.mark.parametrize(
    "entries",
    [
        [],
        [Entry(name="元旦", first=date(2027, 1, 3), last=date(2027, 1, 1))],
        [Entry(name="元旦", first=date(2027, 1, 1))],
        [Entry(name="元旦", first=date(2026, 12, 31), last=date(2027, 1, 2))],
        [Entry(name="元旦", first=date(2027, 1, 1), last=date(2027, 1, 31))],
        [Entry(name="元旦", first=date(2027, 1, 1), last=date(2027, 1, 3), makeup=(date(2027, 1, 2),))],
    ],
)
def test_what_cannot_be_an_arrangement_is_refused(world: World, entries: list[Entry]) -> None:
    with pytest.raises(Invalid):
        calendar.enter_year(SYSTEM, 2027, entries, world.now)
    with reading() as tx:
        assert not calendar.calendar(tx).is_known(date(2027, 1, 1))


def test_the_form_begins_with_what_is_known(world: World) -> None:
    page = calendar.page(2022, world.now)
    spring = next(entry for entry in page.entries if entry.name == "春节")
    assert (spring.first, spring.last) == (date(2022, 1, 31), date(2022, 2, 6))
    assert spring.makeup == (date(2022, 1, 29), date(2022, 1, 30))
    assert page.official
    assert page.missing_years == ()
    assert page.workdays == 249


@pytest.mark.parametrize("variables", [{}, {"assigned_at": "昨天"}])
def test_what_can_no_longer_be_counted_stays_as_it_was(variables: dict[str, str]) -> None:
    counted = Deadline(id="d", name="反馈", clause="product", n=2, unit="working_day", start="assigned_at")
    plan: Any = SimpleNamespace(deadlines={"d": counted})
    opened, due = beijing("2022-01-04 09:00"), beijing("2022-01-07 00:00")
    task: Any = SimpleNamespace(opened_at=opened, due_at=due)
    assert recount.Rule(plan, "d", None).due_at(Calendar(), task, variables) == due


# -- a campaign into a year that nobody has entered --------------------------------------------------------------------
def test_a_year_that_is_not_entered_is_marked_until_it_is(new_database: Callable[..., str], tmp_path: Path) -> None:
    now = beijing("2026-12-28 09:00")
    world = World(new_database("sqlite"), tmp_path, key=KEY, now=now, launch=False, enterprises=2)
    campaigns.launch(SYSTEM, KEY, past="shift", shift_days=261 * 7, now=now)
    jobs.drain(now)
    assert calendar.page(2026, now).missing_years == (2027,)
    with reading() as tx:
        estimated = select(Task.element).where(Task.due_estimated.is_(True)).distinct()
        assert set(tx.execute(estimated).scalars()) >= {"make_scheme", "sign_commitment"}
    world.at(beijing("2026-12-31 09:00"))
    world.complete(world.open_tasks("file_plan", unit="榆次区")[0])
    assert due_of("receive_plan") == beijing("2027-01-05 00:00")  # Friday 1 and Monday 4 January
    calendar.enter_year(SYSTEM, 2027, [NEW_YEAR, SPRING], world.now)
    jobs.drain(world.now)
    assert due_of("receive_plan") == beijing("2027-01-06 00:00")
    with reading() as tx:
        marked = select(Task.element).where(Task.due_estimated.is_(True), Task.status == "open")
        assert list(tx.execute(marked).scalars()) == []
    page = calendar.page(2027, world.now)
    assert (page.missing_years, page.entered_at) == ((), world.now)
    moved = len(events("due:recompute"))
    calendar.enter_year(SYSTEM, 2027, [NEW_YEAR, SPRING], world.now)
    jobs.drain(world.now)
    assert len(events("due:recompute")) == moved


def test_the_same_key_for_another_day_is_a_conflict(world: World) -> None:
    query = select(Person.id).order_by(Person.id)
    with reading() as tx:
        person_id = tx.execute(query).scalars().first()
    actor = Actor(person_id=str(person_id), name="管理员", command_key="k" * 32)
    first = calendar.set_day(actor, date(2022, 6, 1), working=False, name="", now=world.now)
    assert first.recounted > 23
    entered = len(events("calendar:enter"))
    assert calendar.set_day(actor, date(2022, 6, 1), working=False, name="", now=world.now) == first
    assert len(events("calendar:enter")) == entered
    with pytest.raises(Conflict):
        calendar.set_day(actor, date(2022, 6, 2), working=False, name="", now=world.now)
