"""Lists that units keep, over HTTP and in a browser: entered, changed, closed, imported, looked for."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, ViewportSize
from sqlalchemy import select

import models
from domain.authority import SYSTEM
from models import Campaign, ListEntry, SignedSession
from services import excel
from services.campaigns import campaigns
from services.running import jobs
from tests.support.programmes import KEY, LEARNING, installed, remind_of_lists
from tests.support.serving import Served
from tests.support.site import Signed, as_holder, new_app
from tests.support.world import World, beijing
from web.session import COOKIE

DESK, HAND = ViewportSize(width=1366, height=768), ViewportSize(width=390, height=844)
OVERHANG = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
OFFICE = "市“百日攻坚”集中行动领导组办公室"
LINE = {"c0": "每月开展一次安全培训", "c1": "纳入年度计划", "c2": "分管副县长", "c3": "2022-03-31", "c4": "三（二）"}
COLUMNS = ("内容", "措施", "责任岗位", "时限", "依据")


@pytest.fixture(scope="module")
def world(new_database: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> World:
    folder, at = tmp_path_factory.mktemp("world"), beijing("2022-01-04 09:00")
    root = installed(folder)
    remind_of_lists(root)
    world = World(new_database("sqlite"), folder, key=KEY, now=at, launch=False, enterprises=2, root=root)
    campaigns.launch(SYSTEM, KEY, past="keep", now=at)
    jobs.drain(at)
    world.at(beijing("2022-01-18 09:00"))
    return world


@pytest.fixture(scope="module")
def app(world: World, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    return new_app(address(world), tmp_path_factory.mktemp("var"))


def address(world: World) -> str:
    return str(world.database.url.render_as_string(hide_password=False))


def signed(app: Flask, unit: str = "榆次区", post: str = "liaison", key: str = LEARNING) -> Signed:
    """Somebody who looks at this campaign."""
    browser = as_holder(app, unit, post)
    with models.reading() as tx:
        campaign = tx.execute(select(Campaign.id).where(Campaign.key == key)).scalar_one()
    assert browser.post("/account/campaign", {"campaign": campaign}).status_code == 303
    return browser


def entry(text: str) -> str:
    with models.reading() as tx:
        return str(tx.execute(select(ListEntry.id).where(ListEntry.content == text)).scalar_one())


def test_an_entry_from_beginning_to_end(app: Flask) -> None:
    county = signed(app)
    page = county.get("/lists").text
    assert "尚未登记" in page
    assert 'href="/lists/kept/measures/new"' in page
    form = county.get("/lists/kept/measures/new").text
    assert re.findall(r'name="(c\d)"', form) == ["c0", "c1", "c2", "c3", "c4"]
    done = county.post("/lists/kept/measures/new", LINE, follow_redirects=True)
    assert "已登记" in done.text
    assert "每月开展一次安全培训" in done.text
    one = f"/lists/entries/{entry(LINE['c0'])}"
    assert f'href="{one}"' in done.text
    assert "分管副县长" in county.get(one).text
    changed = county.post(one, {**LINE, "c1": "另行安排", "version": "1"}, follow_redirects=True).text
    assert "措施原为“纳入年度计划”" in changed
    assert county.post(one, {**LINE, "version": "1"}).status_code == 409
    assert county.post(f"{one}/settle", {"way": "close", "reason": ""}).status_code == 422
    closed = county.post(f"{one}/settle", {"way": "close", "reason": "已写入制度"}, follow_redirects=True).text
    assert "已销号" in closed
    assert "恢复在册" in closed
    assert LINE["c0"] not in county.get("/lists").text
    assert LINE["c0"] in county.get("/lists?state=closed").text
    assert "在册" in county.post(f"{one}/settle", {"way": "reopen", "reason": "被废止"}, follow_redirects=True).text


def test_what_is_wrong_stands_at_its_field(app: Flask) -> None:
    refused = signed(app).post("/lists/kept/measures/new", {**LINE, "c0": "", "c3": "三月底"})
    assert refused.status_code == 422
    assert "请填写内容" in refused.text
    assert "应为日期，如 2021-05-18" in refused.text
    assert "纳入年度计划" in refused.text, "what was typed is not lost"


def test_who_may_write_and_read(app: Flask) -> None:
    county = signed(app)
    county.post("/lists/kept/measures/new", {**LINE, "c0": "本县的制度"})
    one = f"/lists/entries/{entry('本县的制度')}"
    for unit in ("太谷区", "祁县"):
        other = signed(app, unit)
        assert other.get(one).status_code == 403
        assert other.post(f"{one}/settle", {"way": "close", "reason": "x"}).status_code == 403
        assert "本县的制度" not in other.get("/lists").text
    assert "登记</a>" not in signed(app, "祁县").get("/lists").text
    assert signed(app, "祁县").get("/lists/kept/measures/new").status_code == 403
    director = signed(app, OFFICE, "director")
    assert director.get(one).status_code == 200
    assert "保存</button>" not in director.get(one).text
    assert county.get("/lists/kept/nothing/new").status_code == 404
    assert county.get("/lists/kept/problems/new").status_code == 422


def test_the_programme_shows_the_lists_of_all(app: Flask) -> None:
    signed(app).post("/lists/kept/measures/new", {**LINE, "c0": "专题里的制度"})
    page = signed(app, OFFICE, "director", KEY).get("/lists").text
    assert "专题里的制度" in page
    assert "所属行动" in page
    assert "“四个清单”" in page


def test_a_file_is_looked_over_and_taken(app: Flask) -> None:
    county = signed(app)
    assert county.get("/lists/kept/measures/template").mimetype.endswith("sheet")
    assert "内容、措施、责任岗位、时限、依据" in county.get("/lists/kept/measures/import").text

    def sends(mode: str, *lines: tuple[str, ...]) -> str:
        content = excel.workbook(excel.Sheet(title="清单", head=COLUMNS, rows=lines))
        sent = {"mode": mode, "file": (io.BytesIO(content), "lists.xlsx")}
        return county.post("/lists/kept/measures/import", sent, follow_redirects=True).text

    good, bad = ("导入的制度", "", "", "2022-02-01", ""), ("", "没有内容", "", "", "")
    assert "无误 1 行，有误 1 行" in sends("check", good, bad)
    refused = sends("all", good, bad)
    assert "没有导入：文件有误，请改正后重新导入。" in refused
    assert "“内容”请填写内容" in refused
    assert "导入的制度" not in county.get("/lists").text
    assert "已导入 1 条" in sends("all", good)
    assert "导入的制度" in county.get("/lists").text


def test_the_menu_has_the_lists_where_there_are_any(app: Flask) -> None:
    assert '<span class="nav-title">清单</span>' in signed(app).get("/inbox").text


def test_the_export(app: Flask) -> None:
    assert signed(app).get("/lists/export?list=measures").mimetype.endswith("sheet")


@pytest.mark.parametrize("viewport", [DESK, HAND], ids=["desk", "hand"])
def test_nothing_runs_out_of_the_side(
    app: Flask, world: World, served: Callable[..., Served], browser: Browser, viewport: ViewportSize
) -> None:
    site = served(address(world), web_workers=1, workers=0, DEMO="on")
    county = signed(app)
    text = f"看图用的制度 {viewport['width']}"
    county.post("/lists/kept/measures/new", {**LINE, "c0": text})
    with models.reading() as tx:
        assert tx.execute(select(SignedSession.token_hash)).first()
    context = browser.new_context(locale="zh-CN", viewport=viewport)
    context.add_cookies([{"name": COOKIE, "value": county.token, "url": site.url}])
    page = context.new_page()
    (task,) = world.open_tasks("confirm_lists", unit="榆次区")
    for name, path in {
        "lists": "/lists",
        "entry": f"/lists/entries/{entry(text)}",
        "new": "/lists/kept/measures/new",
        "import": "/lists/kept/measures/import",
        "task": f"/tasks/{task.id}",
    }.items():
        answer = page.goto(site.url + path)
        assert answer is not None
        assert answer.status == 200, path
        page.wait_for_load_state("networkidle")
        assert page.evaluate(OVERHANG) <= 0, path
        if os.environ.get("PICTURES"):
            page.screenshot(
                path=str(Path(os.environ["PICTURES"]) / f"l-{name}-{viewport['width']}.png"), full_page=True
            )
    context.close()
