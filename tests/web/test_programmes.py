"""A programme in the browser: its children rolled up, links up and down, the switch, the launch page, data scope."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, ViewportSize, expect
from sqlalchemy import select

import models
from domain.authority import SYSTEM
from models import Campaign
from services.campaigns import campaigns
from services.running import jobs
from tests.support.programmes import FIRE, KEY, LEARNING, installed
from tests.support.serving import Served
from tests.support.site import Signed, as_holder, holder_of, new_app, sign_in
from tests.support.world import World, beijing
from web.session import COOKIE

OFFICE = "市“百日攻坚”集中行动领导组办公室"
DESK, HAND = ViewportSize(width=1366, height=768), ViewportSize(width=390, height=844)
OVERHANG = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return installed(tmp_path_factory.mktemp("root"))


@pytest.fixture(scope="module")
def world(new_database: Callable[..., str], tmp_path_factory: pytest.TempPathFactory, root: Path) -> World:
    """One county is late with both plans, the other has handed in both; the month is open; the gates wait."""
    folder, at = tmp_path_factory.mktemp("world"), beijing("2022-01-04 09:00")
    world = World(new_database("sqlite"), folder, key=KEY, now=at, launch=False, enterprises=2, root=root)
    campaigns.launch(SYSTEM, KEY, past="keep", now=at)
    jobs.drain(at)
    for task in world.open_tasks("issue_plan", unit="榆次区"):
        world.complete(task)
    world.at(beijing("2022-01-19 09:00"))
    world.complete(world.open_tasks("report", unit="榆次区")[0])
    world.at(beijing("2022-02-08 09:00"))
    return world


@pytest.fixture(scope="module")
def app(world: World, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    return new_app(address(world), tmp_path_factory.mktemp("var"))


def address(world: World) -> str:
    return str(world.database.url.render_as_string(hide_password=False))


@pytest.fixture
def director(app: Flask) -> Signed:
    return as_holder(app, OFFICE, "director")


def campaign(key: str) -> str:
    with models.reading() as tx:
        return str(tx.execute(select(Campaign.id).where(Campaign.key == key)).scalar_one())


def rows(page: str) -> list[list[str]]:
    """The texts of the cells of the roll-up, line by line; columns as printed."""
    part = page.partition('id="children"')[2].partition("</section>")[0]
    lines = re.findall(r'<tr class="unit-row">(.*?)</tr>', part, re.S)
    cells = [re.findall(r"<td.*?>(.*?)</td>", line, re.S) for line in lines]
    return [[" ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in line] for line in cells]


def test_the_programme_rolls_its_children_up(app: Flask, director: Signed) -> None:
    page = director.get(f"/campaigns/{campaign(KEY)}").text
    found = rows(page)
    assert [line[0] for line in found] == ["本级", "学习专题", "消防专项"]
    own, learning, fire = found
    assert [line[4:6] for line in found] == [["1", "1"], ["3", "3"], ["2", "2"]], "open, overdue today"
    assert (own[6], learning[6:8], fire[6]) == ("—", ["1/2", "1"], "—")
    assert "动员部署" in learning[1]
    assert "关口超期未签" in learning[1]
    assert learning[2] == "已签 0/1 待签"
    assert f'href="/campaigns/{campaign(LEARNING)}"' in page


def test_the_figures_above_are_those_of_all(director: Signed) -> None:
    page = director.get(f"/campaigns/{campaign(KEY)}").text
    figures = re.findall(r'class="figure-value[^"]*">\s*(?:<a[^>]*>)?\s*([0-9%]+)', page)
    assert figures[:3] == ["3", "6", "6"]


def test_a_child_leads_back_to_its_programme(director: Signed) -> None:
    page = director.get(f"/campaigns/{campaign(FIRE)}").text
    assert f'<a href="/campaigns/{campaign(KEY)}">三年行动</a>' in page
    assert 'id="children"' not in page


def test_a_county_sees_its_own_part(app: Flask) -> None:
    late, done = (rows(as_holder(app, unit, "liaison").get(f"/campaigns/{campaign(KEY)}").text) for unit in COUNTIES)
    assert [line[4:6] for line in late] == [["0", "0"], ["2", "2"], ["1", "1"]]
    assert [line[4:6] for line in done] == [["0", "0"], ["0", "0"], ["0", "0"]]
    assert (late[1][6:8], done[1][6:8]) == (["0/1", "1"], ["1/1", "0"])


COUNTIES = ("太谷区", "榆次区")


def test_the_list_and_the_switch_show_children_below_their_programme(director: Signed) -> None:
    page = director.get("/campaigns").text
    body = page[page.index('class="sheet-titles"') :]
    assert (
        body.index("示例专项整治三年行动方案")
        < body.index("下级行动")
        < body.index("学习专题")
        < body.index("消防专项")
    )
    switch = page[page.index("切换行动") : page.index("</form>", page.index("切换行动"))]
    assert re.findall(r'class="menu-item (is-below)? ?(is-on)?"[^>]*>([^< ]+)', switch) == [
        ("", "is-on", "示例专项整治三年行动方案"),
        ("is-below", "", "学习专题"),
        ("is-below", "", "消防专项"),
    ]


def test_somebody_looks_at_a_child(director: Signed) -> None:
    director.post("/account/campaign", {"campaign": campaign(FIRE)})
    page = director.get("/statements", follow_redirects=True).text
    assert "正在看的行动：消防专项，点击切换" in page


def test_the_inbox_says_which_child_a_task_belongs_to(app: Flask) -> None:
    page = as_holder(app, "太谷区", "liaison").get("/inbox", follow_redirects=True).text
    assert re.findall(r'cell-campaign">([^<]+)<', page) == ["学习专题", "消防专项", "学习专题"]
    assert re.findall(r'<option value="\w+" >([^<]+)<', page) == ["三年行动", "　└ 学习专题", "　└ 消防专项"]


def test_the_gates_of_children_name_their_programme(app: Flask) -> None:
    leader = as_holder(app, OFFICE, "city_leader")
    page = leader.get("/gates").text
    assert page.count("签署意见") == 3
    assert "三年行动 · 消防专项" in page
    assert "下级行动的其他关口（2）" in page
    gate = re.findall(r'href="(/gates/\w+)"', page[page.index("三年行动 · 消防专项") :])[0]
    assert "<span>三年行动</span><span>消防专项</span>" in leader.get(gate).text


# -- launching ---------------------------------------------------------------------------------------------------------
def test_children_are_launched_with_their_programme_only(director: Signed) -> None:
    page = director.get("/campaigns/launch").text
    assert "下级行动 2 个，随它一并启动：学习专题、消防专项" in page
    assert re.findall(r'href="(/campaigns/launch/[^"]+)"', page) == ["/campaigns/launch/action"]
    refused = director.post("/campaigns/launch/action/02-fire", {"past": "keep"})
    assert refused.status_code == 422
    assert "随上级行动一并启动，不能单独启动" in refused.text


def test_the_preview_lists_the_tasks_of_each_child(director: Signed) -> None:
    page = director.get("/campaigns/launch/action?past=shift").text
    assert "下级行动（2）" in page
    below = page[page.index("随本行动一并启动") :]
    assert (
        below.index("学习专题") < below.index("报送本月进展") < below.index("消防专项") < below.index("印发消防子方案")
    )


def test_a_child_has_a_preview_of_its_own(director: Signed) -> None:
    assert director.get("/campaigns/launch/action/02-fire?past=keep").status_code == 200
    assert director.get("/campaigns/launch/action/03-nothing").status_code == 404


# -- in a browser ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("viewport", [DESK, HAND], ids=["desk", "hand"])
def test_nothing_runs_out_of_the_side(
    app: Flask, world: World, served: Callable[..., Served], browser: Browser, viewport: ViewportSize
) -> None:
    site = served(address(world), web_workers=1, workers=0, DEMO="on")
    person_id, post_id = holder_of(OFFICE, "city_leader")
    context = browser.new_context(locale="zh-CN", viewport=viewport)
    token = sign_in(app, person_id, post_id, confirmed=True).token
    context.add_cookies([{"name": COOKIE, "value": token, "url": site.url}])
    page = context.new_page()
    for name, path in {
        "programme": f"/campaigns/{campaign(KEY)}",
        "child": f"/campaigns/{campaign(FIRE)}",
        "list": "/campaigns",
        "gates": "/gates",
    }.items():
        page.goto(site.url + path)
        assert page.evaluate(OVERHANG) <= 0, path
        if name == "list":
            page.locator("summary.which").click()
            expect(page.get_by_role("button", name="学习专题")).to_be_visible()
        if os.environ.get("PICTURES"):
            page.screenshot(path=f"{os.environ['PICTURES']}/{name}-{viewport['width']}.png", full_page=name != "list")
    context.close()
