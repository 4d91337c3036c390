"""A target allocated among units: each is judged by its own part, figures noted on the way, the gap, the table."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import models
from domain.errors import Invalid, NotFound
from services.measures import allocation, measure_page, progress
from services.plans.launched import chosen_home
from services.rehearsal.rehearsal_acts import actor_of
from tests.support import measures
from tests.support.measures import QUOTAS, allocate, works
from tests.support.world import World, beijing

OFFICE = "市集中行动办公室"


@pytest.fixture
def world(backend: str, new_database: Callable[..., str], tmp_path: Path) -> World:
    return measures.city(new_database(backend), tmp_path, change=allocate)


def actor(world: World, unit: str, post: str) -> Any:
    with models.reading() as tx:
        query = (
            models.Post.__table__.select()
            .join(models.Unit, models.Unit.id == models.Post.unit_id)
            .where(models.Unit.short_name == unit, models.Post.kind == post)
        )
        return actor_of(tx, tx.execute(query).first().id, world.now)


def page(world: World, unit: str = OFFICE, post: str = "director") -> Any:
    return measure_page.one(actor(world, unit, post), campaign(), "m_2", world.now)


def campaign() -> str:
    with models.reading() as tx:
        found = chosen_home(tx, None)
        assert found is not None
        return str(found.row.id)


def unit_id(world: World, unit: str) -> str:
    return str(world.ask(works, "m_2", unit)[0].unit_id)


def lines(shown: Any) -> list[tuple[Any, ...]]:
    return [(line.row.unit, line.quota, line.reached, line.gap) for line in shown.tables[0].lines]


def test_each_unit_is_asked_for_its_own_part_and_judged_by_it(world: World) -> None:
    world.at(beijing("2022-02-10 09:00"))
    for unit, value in {"离石区": 500, "汾阳市": 599}.items():
        world.complete(world.open_tasks("report_measure", measure="m_2", of=unit)[0], **{"figures.0.value": value})
    assert {unit: world.ask(works, "m_2", unit)[0].met for unit in ("离石区", "汾阳市")} == {
        "离石区": True,
        "汾阳市": False,
    }
    shown = page(world)
    assert lines(shown) == [("离石区", 500, 500, 0), ("汾阳市", 600, 599, 1), ("孝义市", 400, None, 400)]
    table = shown.tables[0]
    assert (table.quota, table.reached, table.gap, table.whole) == (1500, 1099, 401, True)
    assert [one.wanted for line in shown.works for one in line.results] == [
        "不低于 500 人",
        "不低于 400 人",
        "不低于 600 人",
    ]


def test_below_quota_is_returned_and_counted_again_after_it_was_made_up(world: World) -> None:
    world.at(beijing("2022-02-10 09:00"))
    world.complete(world.open_tasks("report_measure", measure="m_2", of="汾阳市")[0], **{"figures.0.value": 480})
    world.complete(world.open_tasks("office_check", of="汾阳市")[0], outcome="accept")
    world.complete(world.open_tasks("sign_target", of="汾阳市")[0], outcome="return", opinion="差120人，补训后再报")
    assert world.ask(works, "m_2", "汾阳市")[0].returns == 1
    assert lines(page(world))[1] == ("汾阳市", 600, 480, 120)
    world.complete(world.open_tasks("report_measure", measure="m_2", of="汾阳市")[0], **{"figures.0.value": 610})
    assert lines(page(world))[1] == ("汾阳市", 600, 610, 0)


def test_a_figure_noted_on_the_way_closes_the_gap_until_the_report_counts(world: World) -> None:
    county, unit = actor(world, "孝义市", "liaison"), unit_id(world, "孝义市")
    progress.note(county, campaign(), "m_2", unit, "第一期结业", world.now, "120")
    assert lines(page(world))[2] == ("孝义市", 400, 120, 280)
    world.at(beijing("2022-01-20 09:00"))
    progress.note(county, campaign(), "m_2", unit, "第二期结业", world.now, "260.5")
    assert lines(page(world))[2] == ("孝义市", 400, 260.5, 139.5)
    assert page(world).tables[0].lines[2].noted
    world.complete(world.open_tasks("report_measure", measure="m_2", of="孝义市")[0], **{"figures.0.value": 380})
    assert lines(page(world))[2] == ("孝义市", 400, 380, 20)
    assert not page(world).tables[0].lines[2].noted


@pytest.mark.parametrize("figure", ["-1", "abc", "1e9", "1.234", "１２", "nan", "99999999"])
def test_no_number_is_refused(world: World, figure: str) -> None:
    county, unit = actor(world, "孝义市", "liaison"), unit_id(world, "孝义市")
    with pytest.raises(Invalid):
        progress.note(county, campaign(), "m_2", unit, "第一期结业", world.now, figure)
    assert page(world).notes == ()


def test_a_county_sees_its_own_part_and_is_told_so(world: World) -> None:
    shown = page(world, "孝义市", "liaison")
    assert lines(shown) == [("孝义市", 400, None, 400)]
    assert not shown.tables[0].whole


def test_the_table_as_excel_ends_with_the_total(world: World) -> None:
    rows = list(allocation.sheets(actor(world, OFFICE, "director"), campaign(), "m_2", world.now)[0].rows)
    assert [row[2:6] for row in rows] == [
        ("离石区", 500.0, None, 500.0),
        ("汾阳市", 600.0, None, 600.0),
        ("孝义市", 400.0, None, 400.0),
        ("", 1500.0, 0, 1500.0),
    ]
    with pytest.raises(NotFound):
        allocation.sheets(actor(world, OFFICE, "director"), campaign(), "m_1", world.now)
    assert page(world).figure is not None


@pytest.mark.parametrize(
    ("values", "unit"),
    [({"离石区": 900, "汾阳市": 600}, "孝义市"), ({**QUOTAS, "离石区": 400, "兴县": 100}, "兴县")],
)
def test_quotas_and_doers_must_be_the_same_units(
    new_database: Callable[..., str], tmp_path: Path, values: dict[str, float], unit: str
) -> None:
    def spoil(plan: dict[str, Any]) -> None:
        allocate(plan)
        plan["measures"]["m_2"]["targets"]["t01"]["values"] = values

    with pytest.raises(Invalid, match=unit):
        measures.city(new_database("sqlite"), tmp_path, change=spoil)


def test_a_list_with_allocation_puts_measures_of_one_indicator_together(
    new_database: Callable[..., str], tmp_path: Path
) -> None:
    def share(plan: dict[str, Any]) -> None:
        plan["measure_lists"]["annex"]["allocation"] = True
        for key, value in {"m_3": 7, "m_4": 5}.items():
            target = {"indicator": "培训人数", "operator": ">=", "value": value, "unit": "人"}
            plan["measures"][key] |= {"targets": {"t01": target}, "responsible_units": ["市消防救援支队"]}
            plan["measures"][key].pop("lead_units", None)

    world = measures.city(new_database("sqlite"), tmp_path, change=share)
    shown = measure_page.one(actor(world, OFFICE, "director"), campaign(), "m_3", world.now)
    found = [(line.measure.id, line.quota) for line in shown.tables[0].lines]
    assert found == [("m_3", 7), ("m_4", 5)]
    assert shown.tables[0].whole
