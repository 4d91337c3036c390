"""Each row is counted by one weekly statement of its unit, in whatever order rows and statements come in."""

from __future__ import annotations

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime, timedelta
from threading import Barrier, BrokenBarrierError
from typing import Any

import pytest
from sqlalchemy import select

from models import Period, Submission, reading
from services.counting import counted_forms, figures
from services.statements import statement_figures, statements
from tests.support import events
from tests.support.played import KEY, office
from tests.support.world import World, beijing

WEEKS = ("2021-12-27~2022-01-02", "2022-01-03~2022-01-09", "2022-01-10~2022-01-16")
FIRST, END = beijing("2021-12-27 00:00"), beijing("2022-01-17 00:00")
NOW = beijing("2022-01-14 10:00")


@pytest.fixture(scope="module")
def world(backend: str, new_database: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> World:
    url, folder = new_database(backend), tmp_path_factory.mktemp("world")
    world = World(url, folder, key=KEY, now=beijing("2021-12-27 09:00"), enterprises=5)
    world.at(NOW)
    return world


def hand_in(world: World, unit: str, week: str) -> None:
    world.complete(world.open_tasks("fill_statement", unit=unit, period=week)[0], cases=2)


def handed_in(unit: str) -> dict[str, dict[str, Any]]:
    query = select(Period.period, Submission.data).join(Submission, Submission.id == Period.submission_id)
    query = query.where(Period.unit_id == events.unit(unit).id, Period.period.in_(WEEKS))
    with reading() as tx:
        return {row.period: row.data for row in tx.execute(query)}


def period_id(unit: str, week: str) -> str:
    query = select(Period.id).where(Period.unit_id == events.unit(unit).id, Period.period == week)
    with reading() as tx:
        return str(tx.execute(query).scalar_one())


def happen(unit: str, at: datetime, draw: random.Random) -> None:
    one = draw.choice(events.enterprises())
    made: tuple[Callable[[], Any], ...] = (
        lambda: events.inspection(unit, at, one, teams=draw.randint(1, 3)),
        lambda: events.hazard(unit, at, one, status="closed", closed_at=at + timedelta(days=draw.randint(0, 5))),
        lambda: events.finding(unit, at, one, status="decided", decided_at=at + timedelta(days=draw.randint(0, 5))),
        lambda: events.disposal(unit, at, "fine", amount=draw.randint(1, 9) / 4),
        lambda: events.disposal(unit, at, "criminal", persons=draw.randint(1, 3)),
        lambda: events.disposal(unit, at, "closure", f"某小煤窑{draw.random()}"),
    )
    draw.choice(made)()


@pytest.mark.parametrize(("unit", "seed"), [("榆次区", 1), ("太谷区", 2), ("平遥县", 3), ("市应急局", 4)])
def test_the_statements_together_are_the_whole_and_nothing_is_counted_twice(world: World, unit: str, seed: int) -> None:
    draw = random.Random(seed)
    order: list[str | None] = [*WEEKS, *[None] * 24]
    draw.shuffle(order)
    last = max(position for position, week in enumerate(order) if week)
    order.append(order.pop(last))  # what comes after the last statement has none to be counted in
    for week in order:
        if week:
            hand_in(world, unit, week)
        else:
            happen(unit, FIRST + timedelta(hours=draw.randint(0, 15 * 24 - 1)), draw)
    found = handed_in(unit)
    assert set(found) == set(WEEKS)
    with reading() as tx:
        whole = figures.count(tx, figures.of_unit(events.campaign_id(), events.unit(unit).path, FIRST, END))
    # other notices have columns that this one's table has not
    counted = {field: rule for field, rule in figures.RULES.items() if all(field in data for data in found.values())}
    assert len(counted) == 13
    for field, rule in counted.items():
        ids = [row for data in found.values() for row in data["counted"]["rows"].get(field, ())]
        assert sorted(ids) == sorted(whole.rows.get(field, ())), field
        if rule.how != "subjects":
            assert sum(data[field] for data in found.values()) == pytest.approx(whole.figures[field]), field
    assert sum(map(len, whole.rows.values())) >= 24


def test_a_late_row_is_marked_where_it_is_counted_and_where_it_came_late(world: World) -> None:
    unit, one = "祁县", events.enterprises()[0]
    hand_in(world, unit, WEEKS[0])
    late = events.hazard(unit, beijing("2021-12-29 10:00"), one)
    own = events.hazard(unit, beijing("2022-01-05 10:00"), one)

    def marks(week: str) -> dict[str, tuple[bool, bool]]:
        part = statement_figures.behind(office(), period_id(unit, week), "hazard_found").parts[0]
        return {entry.row.id: (entry.later, entry.catches_up) for entry in part.rows}

    assert marks(WEEKS[0]) == {late: (True, False)}
    assert marks(WEEKS[1]) == {late: (False, True), own: (False, False)}
    hand_in(world, unit, WEEKS[1])
    assert marks(WEEKS[1]) == {late: (False, True), own: (False, False)}
    assert marks(WEEKS[2]) == {}
    assert handed_in(unit)[WEEKS[1]]["hazard_found"] == 2
    page = statements.one(office(), period_id(unit, WEEKS[1]), NOW)
    assert page.figures is not None
    assert page.figures.changes == ()


def test_a_row_whose_own_statement_is_open_waits_for_it(world: World) -> None:
    unit, one = "灵石县", events.enterprises()[0]
    events.hazard(unit, beijing("2021-12-29 10:00"), one)
    hand_in(world, unit, WEEKS[1])
    assert handed_in(unit)[WEEKS[1]]["hazard_found"] == 0
    after = events.hazard(unit, beijing("2022-01-05 10:00"), one)
    hand_in(world, unit, WEEKS[0])
    first = handed_in(unit)[WEEKS[0]]
    assert first["hazard_found"] == 2
    assert after in first["counted"]["rows"]["hazard_found"]


def test_two_statements_handed_in_at_once_do_not_both_count_a_late_row(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    unit, one = "和顺县", events.enterprises()[0]
    hand_in(world, unit, WEEKS[0])
    late = events.hazard(unit, beijing("2021-12-29 10:00"), one)
    count, together = counted_forms.of_statement, Barrier(2)

    def slow(*args: Any) -> Any:
        found = count(*args)
        with suppress(BrokenBarrierError):  # whoever waits for the other's commit never comes here with it
            together.wait(1)
        return found

    tasks = [world.open_tasks("fill_statement", unit=unit, period=week)[0] for week in WEEKS[1:]]
    filled = [world.answers(task, cases=2) for task in tasks]
    monkeypatch.setattr(counted_forms, "of_statement", slow)
    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(world.complete, task, answers=own) for task, own in zip(tasks, filled, strict=True)]:
            done.result()
    counted = [data["counted"]["rows"].get("hazard_found", ()) for data in handed_in(unit).values()]
    assert sorted(map(list, counted)) == [[], [], [late]]
