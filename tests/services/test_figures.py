"""Figures are counted from rows: every column from its own, each row for one unit only, frozen with the submission."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

import models
from domain.errors import Forbidden, NotFound
from models import Period, Submission, reading
from services.statements import statement_figures, statements
from services.tasks import _ahead
from tests.support import events
from tests.support.played import KEY, office, somebody
from tests.support.world import World, beijing

WEEK = "2021-12-27~2022-01-02"
IN, BEFORE, AFTER = beijing("2021-12-29 10:00"), beijing("2021-12-26 23:59"), beijing("2022-01-03 00:00")
LATER = beijing("2021-12-31 18:00")
COUNTY, DEPARTMENT, OTHER = "榆次区", "市应急局", "太谷区"


@pytest.fixture
def world(backend: str, new_database: Callable[..., str], tmp_path: Path) -> World:
    world = World(new_database(backend), tmp_path, key=KEY, now=beijing("2021-12-27 09:00"), enterprises=30)
    world.at(beijing("2021-12-31 10:00"))
    return world


@pytest.fixture
def somewhere(world: World) -> Any:
    return events.enterprises()[0]


def period_id(unit: str, period: str = WEEK) -> str:
    query = select(Period.id).where(Period.unit_id == events.unit(unit).id, Period.period == period)
    with reading() as tx:
        return str(tx.execute(query).scalar_one())


def shown(unit: str) -> statements.StatementPage:
    return statements.one(office(), period_id(unit), LATER)


def figures(unit: str, period: str = WEEK) -> dict[str, float]:
    page = statements.one(office(), period_id(unit, period), LATER)
    assert page.figures is not None
    return dict(page.figures.whole or {})


def nonzero(unit: str) -> dict[str, float]:
    return {field: value for field, value in figures(unit).items() if value}


def hand_in(world: World, unit: str, cases: int = 2) -> None:
    world.complete(world.open_tasks("fill_statement", unit=unit, period=WEEK)[0], cases=cases)


def submission(unit: str) -> dict[str, Any]:
    query = select(Submission.data).join(Period, Period.submission_id == Submission.id)
    with reading() as tx:
        return dict(tx.execute(query.where(Period.id == period_id(unit))).scalar_one())


MADE: list[tuple[str, Callable[[Any], Any], dict[str, float]]] = [
    ("visit", lambda e: events.inspection(COUNTY, IN, e, teams=3), {"inspection_teams": 3, "inspected_units": 1}),
    ("act", lambda e: events.finding(COUNTY, IN, e), {"illegal_found": 1}),
    ("accident", lambda e: events.finding(COUNTY, IN, e, kind="concealed_accident"), {"illegal_found": 1}),
    ("plain finding", lambda e: events.finding(COUNTY, IN, e, kind="hazard"), {}),
    (
        "decided act",
        lambda e: events.finding(COUNTY, BEFORE, e, status="decided", decided_at=IN),
        {"illegal_handled": 1},
    ),
    ("hazard", lambda e: events.hazard(COUNTY, IN, e), {"hazard_found": 1}),
    ("general hazard", lambda e: events.hazard(COUNTY, IN, e, grade="general"), {}),
    ("closed", lambda e: events.hazard(COUNTY, BEFORE, e, status="closed", closed_at=IN), {"hazard_rectified": 1}),
    ("re-opened", lambda e: events.hazard(COUNTY, BEFORE, e, status="returned", closed_at=IN), {}),
    ("fine", lambda e: events.disposal(COUNTY, IN, "fine", amount=2.5), {"fines": 2.5}),
    ("suspension", lambda e: events.disposal(COUNTY, IN, "suspension"), {"shutdown_rectification": 1}),
    ("licence", lambda e: events.disposal(COUNTY, IN, "licence"), {"licences_suspended_revoked": 1}),
    ("closure", lambda e: events.disposal(COUNTY, IN, "closure"), {"closed_banned": 1}),
    (
        "sanction",
        lambda e: events.disposal(COUNTY, IN, "party_sanction", persons=4),
        {"party_administrative_sanction": 4},
    ),
    ("criminal", lambda e: events.disposal(COUNTY, IN, "criminal", persons=2), {"criminal_liability": 2}),
    ("admonition", lambda e: events.disposal(COUNTY, IN, "admonition", persons=2), {}),
]


@pytest.mark.parametrize(
    ("make", "expected"), [(make, want) for _, make, want in MADE], ids=[name for name, *_ in MADE]
)
def test_each_row_counts_in_its_column(
    world: World, somewhere: Any, make: Callable[[Any], Any], expected: dict[str, float]
) -> None:
    make(somewhere)
    assert nonzero(COUNTY) == expected
    assert nonzero(OTHER) == nonzero(DEPARTMENT) == {}


@pytest.mark.parametrize(("at", "counts"), [(BEFORE, False), (beijing("2021-12-27 00:00"), True), (AFTER, False)])
def test_a_week_begins_on_monday_and_ends_on_sunday(world: World, somewhere: Any, at: Any, counts: bool) -> None:
    events.hazard(COUNTY, at, somewhere)
    assert (nonzero(COUNTY) == {"hazard_found": 1}) == counts


def test_a_unit_visited_twice_is_one_unit(world: World, somewhere: Any) -> None:
    for _ in range(2):
        events.inspection(COUNTY, IN, somewhere)
        events.disposal(COUNTY, IN, "closure", "某小煤窑")
    assert nonzero(COUNTY) == {"inspection_teams": 2, "inspected_units": 1, "closed_banned": 1}


def test_a_county_counts_its_departments_and_a_city_department_itself_alone(world: World, somewhere: Any) -> None:
    own = next(name for name in names_of("county", "department") if parent(name) == COUNTY)
    events.hazard(own, IN, somewhere)
    events.hazard(DEPARTMENT, IN, somewhere)
    assert (nonzero(COUNTY), nonzero(DEPARTMENT)) == ({"hazard_found": 1}, {"hazard_found": 1})


def test_what_was_transferred_is_found_by_one_and_handled_by_another(world: World, somewhere: Any) -> None:
    holder = events.unit(DEPARTMENT).id
    events.finding(COUNTY, IN, somewhere, status="decided", decided_at=IN, holder_unit_id=holder)
    assert (nonzero(COUNTY), nonzero(DEPARTMENT)) == ({"illegal_found": 1}, {"illegal_handled": 1})


def test_a_commitment_counts_when_the_last_has_signed(world: World) -> None:
    world.complete(world.open_tasks("sign_party_commitment", unit=COUNTY)[0])
    assert nonzero(COUNTY) == {}
    world.complete(world.open_tasks("sign_government_commitment", unit=COUNTY)[0])
    assert nonzero(COUNTY) == {"committed_units": 1}


def test_a_county_s_table_has_a_row_for_each_of_its_townships(world: World) -> None:
    county = max(names_of("county", "government"), key=lambda name: len({e.township for e in events.enterprises(name)}))
    own = events.enterprises(county)
    one = own[0]
    other = next(e for e in own if e.township != one.township)
    elsewhere = next(e for e in events.enterprises() if e.county_id != one.county_id)
    for unit in (county, DEPARTMENT):
        events.inspection(unit, IN, one)
        events.inspection(unit, IN, other, teams=2)
        events.inspection(unit, IN, elsewhere)
    lines = shown(county).lines
    assert [name for name, _ in lines] == ["总计", county, *sorted((one.township, other.township))]
    cells = dict(lines)
    assert (cells[one.township][0], cells[other.township][0], cells["总计"][0]) == ("1", "2", "4")
    assert [name for name, _ in shown(DEPARTMENT).lines] == ["总计", DEPARTMENT]


# -- frozen ------------------------------------------------------------------------------------------------------------
def test_a_new_hazard_changes_the_cell_before_the_submission_and_not_after(world: World, somewhere: Any) -> None:
    events.hazard(COUNTY, IN, somewhere)
    assert figures(COUNTY)["hazard_found"] == 1
    events.hazard(COUNTY, IN, somewhere)
    assert figures(COUNTY)["hazard_found"] == 2
    hand_in(world, COUNTY)
    late = events.hazard(COUNTY, IN, somewhere)
    page = shown(COUNTY)
    assert page.figures is not None
    assert (page.figures.live, (page.figures.whole or {})["hazard_found"]) == (False, 2)
    assert [(one.was, one.now) for one in page.figures.changes] == [("2", "3")]
    behind = statement_figures.behind(office(), period_id(COUNTY), "hazard_found").parts[0]
    assert (behind.value, behind.now) == ("2", "3")
    assert [(one.row.id == late, one.later) for one in behind.rows] == [(False, False), (False, False), (True, True)]


def test_what_is_typed_into_a_counted_field_is_not_taken(world: World, somewhere: Any) -> None:
    events.hazard(COUNTY, IN, somewhere)
    task = world.open_tasks("fill_statement", unit=COUNTY, period=WEEK)[0]
    answers = world.answers(task, cases=2) | {
        "hazard_found": 99,
        "fines": 7,
        "typical_cases": 40,
        "counted": {"rows": {}},
    }
    world.complete(task, answers=answers)
    kept = submission(COUNTY)
    assert (kept["hazard_found"], kept["fines"], kept["typical_cases"]) == (1, 0, 2)
    assert len(kept["counted"]["rows"]["hazard_found"]) == 1


def test_a_row_between_look_and_lock_is_counted(world: World, somewhere: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    look, seen = _ahead.look, []

    def slow(*args: Any) -> Any:
        found = look(*args)
        if not seen:
            seen.append(events.hazard(COUNTY, IN, somewhere))
        return found

    monkeypatch.setattr(_ahead, "look", slow)
    hand_in(world, COUNTY)
    kept = submission(COUNTY)
    assert (kept["hazard_found"], kept["counted"]["rows"]["hazard_found"]) == (1, seen)


def test_supplemented_cases_leave_the_figures_as_they_were(world: World, somewhere: Any) -> None:
    events.hazard(COUNTY, IN, somewhere)
    hand_in(world, COUNTY, cases=1)
    events.hazard(COUNTY, IN, somewhere)
    world.complete(world.open_tasks("review_shortage")[0], outcome="return", opinion="请补报案例")
    world.complete(world.open_tasks("supplement_statement", unit=COUNTY)[0], cases=2)
    kept = submission(COUNTY)
    assert (kept["hazard_found"], kept["typical_cases"], len(kept["cases"])) == (1, 2, 2)
    assert len(kept["counted"]["rows"]["hazard_found"]) == 1


# -- annex 6 -----------------------------------------------------------------------------------------------------------
def test_annex_6_is_proposed_from_what_was_found(world: World, somewhere: Any) -> None:
    act = events.finding(COUNTY, IN, somewhere, illegality="无证生产", escalated=True)
    events.disposal(COUNTY, IN, "fine", amount=1.5, finding_id=act)
    events.disposal(COUNTY, IN, "closure", finding_id=act)
    events.finding(COUNTY, IN, somewhere, kind="hazard", grade="major", detail="通风")
    events.finding(COUNTY, IN, somewhere, kind="hazard", grade="general")
    hand_in(world, COUNTY)
    first, second = submission(COUNTY)["detail_rows"]
    assert first["unit_name"] == somewhere.name
    assert (first["escalated"], first["kind"], first["illegality_nature"]) == ("yes", "illegal_act", "无证生产")
    assert first["measures_taken"] == "行政罚款1.5万元；关闭取缔"
    assert (second["kind"], second["detail"]) == ("major_hazard", "发现问题：通风")


# -- who may look ------------------------------------------------------------------------------------------------------
def test_the_rows_behind_a_figure_are_for_those_who_see_the_unit(world: World, somewhere: Any) -> None:
    statement_figures.behind(somebody(COUNTY, "liaison"), period_id(COUNTY), "fines")
    with pytest.raises(Forbidden):
        statement_figures.behind(somebody(OTHER, "liaison"), period_id(COUNTY), "fines")
    for column in ("typical_cases", "no_such_column"):
        with pytest.raises(NotFound):
            statement_figures.behind(office(), period_id(COUNTY), column)


def names_of(level: str, kind: str) -> list[str]:
    query = select(models.Unit.short_name).where(models.Unit.level == level, models.Unit.kind == kind)
    with reading() as tx:
        return list(tx.execute(query.order_by(models.Unit.code)).scalars())


def parent(name: str) -> str:
    query = select(models.Unit.short_name).where(models.Unit.id == events.unit(name).parent_id)
    with reading() as tx:
        return str(tx.execute(query).scalar_one())
