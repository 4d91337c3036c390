"""Units by what a notice calls them: in the plan's city, by alias, by what only this notice says. Both databases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import models
from catalog.directory_data import read_directory
from catalog.plans import parse_plan
from domain.authority import SYSTEM
from domain.errors import Invalid
from domain.plan import Plan, UnitGroup
from services.directory import directory_import, units
from services.plans.units import group_units, groups_of, start_variables, unit_named
from tests.support.world import beijing

ROOT = Path(__file__).resolve().parents[2]
NOW = beijing("2026-11-02 09:00")
COAL, EQUIPMENT = "luliang-three-year/04-coal-mines", "luliang-three-year/12-special-equipment"


@pytest.fixture(scope="module", params=["sqlite", "postgresql"], autouse=True)
def city(request: pytest.FixtureRequest, new_database: object) -> Iterator[None]:
    url = new_database(request.param)  # type: ignore[operator]
    models.bind(url)
    for name in ("shanxi-jinzhong", "shanxi-luliang"):
        data = read_directory(ROOT / "processes" / "units" / f"{name}.yaml").with_few(2)
        directory_import.import_directory(SYSTEM, data, NOW)
    yield


def plan(key: str = "luliang-hundred-day", members: tuple[str, ...] = ()) -> Plan:
    text = (ROOT / "processes" / "luliang-hundred-day" / "plan.yaml").read_text(encoding="utf-8")
    found = parse_plan(text, ROOT / "processes" / "units")
    own = UnitGroup(id="own", name="某些单位", clause="product", members=members)
    return replace(found, id=key, units={**found.units, "own": own})


def code(name: str, key: str = "luliang-hundred-day") -> str:
    with models.reading() as tx:
        return str(getattr(unit_named(tx, plan(key), name), "code", ""))


def test_every_name_leads_to_the_unit_of_ones_own_city() -> None:
    for name in ("市应急管理局", "吕梁市应急管理局", "市应急局", "市级应急管理局"):
        assert code(name) == "141100-emergency", "晋中's bureau is called 市应急局, too"
    assert code("市城管局") == "141100-urban"
    assert code("市政府") == "141100"
    assert code("没有的局") == ""


def test_a_common_name_means_what_this_notice_means() -> None:
    assert [code("市局", key) for key in (COAL, EQUIPMENT, "luliang-hundred-day")] == [
        "141100-emergency", "141100-market", "",
    ]  # fmt: skip


def test_a_group_may_list_aliases_and_its_units_know_it() -> None:
    asked = plan(members=("市应急局", "离石区人民政府", "市应急管理局"))
    with models.reading() as tx:
        found = group_units(tx, asked, "own")
    assert [unit.code for unit in found] == ["141100-emergency", "141102"], "each unit once"
    assert all("own" in groups_of(asked, unit) for unit in found)
    assert "own" in start_variables(asked, found[0])["unit_groups"].split()
    with models.reading() as tx, pytest.raises(Invalid) as refusal:
        group_units(tx, plan(members=("市局",)), "own")
    assert "单位目录中没有：市局" in refusal.value.message


def test_the_page_finds_by_every_name_and_shows_them() -> None:
    found = units.page("市规自局", "", "")
    assert [line.row.short_name for line in found.lines] == ["市自然资源局"]
    shown = units.one(found.lines[0].row.id, NOW)
    assert "市规划和自然资源局" in shown.aliases
    assert any("64号" in one.notice and one.names == ("市规自局",) for one in shown.named)
    assert units.page("没有的名称", "", "").lines == ()
    assert {line.level for line in units.page("安委办", "county", "").lines} == {"县级"}
