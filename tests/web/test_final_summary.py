"""The final summary: the figures of the whole campaign stand on its pages, frozen as they were handed in."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from tests.support import events, rows
from tests.support.played import KEY
from tests.support.site import as_holder, new_app
from tests.support.world import World, beijing

OFFICE = "市“百日攻坚”集中行动领导组办公室"
COUNTY, LEADER_OF_MANY, LEADER_OF_ONE = "榆次区", "市应急局", "市文旅局"


@pytest.fixture(scope="module")
def world(backend: str, new_database: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> World:
    url, folder = new_database(backend), tmp_path_factory.mktemp("world")
    world = World(url, folder, key=KEY, now=beijing("2022-03-30 09:00"), enterprises=5)
    world.at(beijing("2022-04-01 09:00"))
    return world


@pytest.fixture(scope="module")
def app(world: World, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    return new_app(world.database.url.render_as_string(hide_password=False), tmp_path_factory.mktemp("var"))


def test_a_department_s_figures_by_sector_before_and_after(app: Flask, world: World) -> None:
    one = events.enterprises()[0]
    for day, sector in (("2021-12-30", "coal_mine"), ("2022-02-20", "coal_mine"), ("2022-03-30", "metal_smelting")):
        events.hazard(LEADER_OF_MANY, beijing(f"{day} 10:00"), one, sector=sector)
    task = world.open_tasks("file_summary", unit=LEADER_OF_MANY)[0]
    before = as_holder(app, LEADER_OF_MANY, "liaison").get(f"/tasks/{task.id}").text
    assert "分行业领域数据" in before
    assert "金属冶炼" in before
    typed = world.answers(task) | {"hazard_found": 99, "fines": 7}
    world.complete(task, answers=typed)
    events.hazard(LEADER_OF_MANY, beijing("2022-03-31 10:00"), one, sector="coal_mine")
    kept = world.ask(rows.handed_in, LEADER_OF_MANY, "final_summary")
    assert (kept["hazard_found"], kept["fines"]) == (3, 0)
    found = {sector: own["hazard_found"] for sector, own in kept["counted"]["sectors"].items()}
    assert found == {"coal_mine": 2, "non_coal_mine": 0, "hazardous_chemicals": 0, "metal_smelting": 1}
    for unit, post, address in (
        (LEADER_OF_MANY, "liaison", task.id),
        (OFFICE, "dispatcher", world.open_tasks("receive_summary")[0].id),
    ):
        page = as_holder(app, unit, post).get(f"/tasks/{address}").text
        assert "分行业领域数据" in page
        coal = page.split("<strong>煤矿</strong>")[1].split("</tr>")[0]
        assert 'data-label="集中行动开展情况·重大隐患·排查（项）" class="number">2<' in coal


@pytest.mark.parametrize("unit", [COUNTY, LEADER_OF_ONE])
def test_other_units_have_the_whole_alone(app: Flask, world: World, unit: str) -> None:
    events.disposal(unit, beijing("2022-01-10 10:00"), "fine", amount=1.5)
    task = world.open_tasks("file_summary", unit=unit)[0]
    page = as_holder(app, unit, "liaison").get(f"/tasks/{task.id}").text
    assert "集中行动以来累计数据" in page
    assert "分行业领域数据" not in page
    world.complete(task)
    kept = world.ask(rows.handed_in, unit, "final_summary")
    assert (kept["fines"], kept["counted"]["sectors"]) == (1.5, {})


def test_what_is_corrected_is_counted_anew(world: World) -> None:
    unit = "太谷区"
    world.complete(world.open_tasks("file_summary", unit=unit)[0])
    events.disposal(unit, beijing("2022-01-10 10:00"), "fine", amount=2)
    for task in world.open_tasks("receive_summary"):
        world.complete(task, outcome="return", opinion="请核对罚款金额")
    world.at(beijing("2022-04-01 10:00"))
    world.complete(world.open_tasks("supplement_summary", unit=unit)[0])
    assert world.ask(rows.handed_in, unit, "final_summary")["fines"] == 2
