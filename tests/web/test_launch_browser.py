"""Choosing the dates of a launch in a real browser, on a desk and in a hand, on both databases."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect
from sqlalchemy import select

import models
from domain.workdays import BEIJING
from models import Campaign, Task
from services.running import jobs
from tests.support.serving import Served
from tests.support.site import as_holder, holder_of, new_app, sign_in
from tests.support.world import World
from web.session import COOKIE

KEY = "jinzhong-hundred-day"
OFFICE = "市“百日攻坚”集中行动领导组办公室"
DESK, HAND = ViewportSize(width=1366, height=768), ViewportSize(width=390, height=844)
OVERHANG = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
NOW = datetime.now(UTC)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def world(request: pytest.FixtureRequest, new_database: Any, tmp_path_factory: pytest.TempPathFactory) -> World:
    folder = tmp_path_factory.mktemp("world")
    return World(new_database(request.param), folder, key=KEY, now=NOW, launch=False, enterprises=2)


@pytest.fixture(scope="module")
def app(world: World, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    return new_app(address(world), tmp_path_factory.mktemp("var"))


@pytest.fixture(scope="module")
def site(world: World, served: Callable[..., Served]) -> Served:
    return served(address(world), web_workers=1, workers=0)


def address(world: World) -> str:
    return str(world.database.url.render_as_string(hide_password=False))


@pytest.fixture(params=[DESK, HAND], ids=["desk", "hand"])
def page(request: pytest.FixtureRequest, app: Flask, site: Served, browser: Browser) -> Iterator[Page]:
    context = visit(app, site, browser, (OFFICE, "director"), request.param)
    yield context.new_page()
    context.close()


def visit(app: Flask, site: Served, browser: Browser, who: tuple[str, str], viewport: ViewportSize) -> BrowserContext:
    person_id, post_id = holder_of(*who)
    token = sign_in(app, person_id, post_id, confirmed=True).token
    context = browser.new_context(locale="zh-CN", viewport=viewport)
    context.add_cookies([{"name": COOKIE, "value": token, "url": site.url}])
    context.set_default_timeout(20_000)
    return context


def shot(page: Page, name: str) -> None:
    """A picture for people, where somebody asks for one."""
    if folder := os.environ.get("SHOTS"):
        width = (page.viewport_size or DESK)["width"]
        page.screenshot(path=str(Path(folder) / f"{name}-{width}.png"), full_page=True)


def test_the_choices_say_what_they_do_and_a_day_becomes_whole_weeks(page: Page, site: Served) -> None:
    page.goto(f"{site.url}/campaigns/launch/{KEY}")
    assert page.evaluate(OVERHANG) <= 0
    keep = page.locator("label.launch-choice", has_text="保留通知日期").first
    expect(keep).to_contain_text("项任务送达时原定期限已过")
    expect(keep).to_contain_text("已经结束的阶段：“自查自纠”")
    expect(page.get_by_role("radio", name="整周平移（默认）")).to_be_checked()
    shot(page, "launch-shift")
    page.get_by_label("从哪一天所在的一周开始").fill("2027-03-03")
    page.get_by_role("button", name="重新预览").click()
    expect(page.get_by_label("平移的周数")).to_have_value("270")
    expect(page.locator("label.launch-choice", has_text="整周平移")).to_contain_text(
        "往后移 270 周，星期不变，第一天是 2027年3月1日"
    )
    shot(page, "launch-2027")
    page.get_by_role("radio", name="保留通知日期，已过的也立即下达").check()
    page.get_by_role("button", name="重新预览").click()
    expect(page.locator("main")).to_contain_text("送达时已逾期")
    assert page.evaluate(OVERHANG) <= 0
    shot(page, "launch-late")


def test_a_day_that_is_none_is_refused_in_words(app: Flask) -> None:
    answer = as_holder(app, OFFICE, "director").get(f"/campaigns/launch/{KEY}?past=shift&first=gestern")
    assert answer.status_code == 422
    assert "开始的日期应写成 2027-03-01 的样子" in answer.text


def test_what_arrives_late_is_marked_and_not_blamed(app: Flask, site: Served, browser: Browser, world: World) -> None:
    director = visit(app, site, browser, (OFFICE, "director"), DESK)
    page = director.new_page()
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(f"{site.url}/campaigns/launch/{KEY}?past=keep")
    page.get_by_role("button", name="启动行动").click()
    if page.get_by_role("dialog").count():
        page.get_by_role("dialog").get_by_role("button", name="确定").click()
    expect(page.locator("body")).to_contain_text("行动已启动")
    jobs.drain(datetime.now(UTC))
    page.reload()
    expect(page.locator(".figures").first).to_contain_text("送达时已逾期（不计超期）")
    shot(page, "late-campaign")
    director.close()
    for viewport in (DESK, HAND):
        liaison = visit(app, site, browser, ("榆次区", "liaison"), viewport)
        page = liaison.new_page()
        page.goto(f"{site.url}/inbox")
        expect(page.locator("[data-row]").first).to_contain_text("送达时已逾期")
        shot(page, "late-inbox")
        page.locator(".task-link").first.click()
        expect(page.locator("main")).to_contain_text("送达时已逾期")
        assert page.evaluate(OVERHANG) <= 0
        shot(page, "late-task")
        liaison.close()
    with models.reading() as tx:
        campaign = tx.execute(select(Campaign.past, Campaign.shift_days)).one()
        due = tx.execute(select(Task.due_at).where(Task.element == "file_plan")).scalars().first()
    assert tuple(campaign) == ("keep", 0)
    assert due is not None
    assert due.astimezone(BEIJING).date() == date(2022, 1, 1), "24:00 of 31 December, as printed"
