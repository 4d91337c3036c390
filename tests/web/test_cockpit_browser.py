"""The pages in a real browser: on a desk and in a hand nothing runs out of the side; a leader signs with a thumb."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect
from sqlalchemy import select

import models
from models import Campaign, Enterprise, Period, Person, Post, Stage, Task
from tests.support.played import KEY, WEEK, played
from tests.support.serving import Served
from tests.support.site import holder_of, new_app, sign_in
from tests.support.world import World, beijing
from web.session import COOKIE

OFFICE = "市“百日攻坚”集中行动领导组办公室"
DESK, HAND = ViewportSize(width=1366, height=768), ViewportSize(width=390, height=844)
OVERHANG = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
THUMB = 44


@pytest.fixture(scope="module")
def world(new_database: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> World:
    world = played(new_database("sqlite"), tmp_path_factory.mktemp("world"), enterprises=4)
    world.at(beijing("2022-01-11 09:00"))
    return world


@pytest.fixture(scope="module")
def app(world: World, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    return new_app(address(world), tmp_path_factory.mktemp("var"))


@pytest.fixture(scope="module")
def site(world: World, served: Callable[..., Served]) -> Served:
    return served(address(world), web_workers=1, workers=0, DEMO="on")


def address(world: World) -> str:
    return str(world.database.url.render_as_string(hide_password=False))


def first(query: object) -> str:
    with models.reading() as tx:
        return str(tx.execute(query).scalars().first())  # type: ignore[call-overload]


class Visit:
    """Somebody's browser on our site; errors of scripts and of the content policy are kept."""

    def __init__(self, app: Flask, site: Served, browser: Browser, post: str, viewport: ViewportSize) -> None:
        person_id, post_id = holder_of(OFFICE, post)
        token = sign_in(app, person_id, post_id, confirmed=True).token
        self.site = site
        self.context: BrowserContext = browser.new_context(locale="zh-CN", viewport=viewport)
        self.context.add_cookies([{"name": COOKIE, "value": token, "url": site.url}])
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(15_000)
        self.errors: list[str] = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", lambda said: self.errors.append(said.text) if said.type == "error" else None)

    def open(self, path: str) -> Page:
        answer = self.page.goto(self.site.url + path)
        assert answer is not None
        assert (answer.status, self.page.url) == (200, self.site.url + path)
        return self.page


def pages(post: str) -> list[str]:
    campaign = first(select(Campaign.id))
    statement = first(select(Period.id).where(Period.period == WEEK, Period.submitted_at.is_not(None)))
    return {
        "director": [
            "/campaigns",
            f"/campaigns/{campaign}",
            f"/campaigns/launch/{KEY}",
            f"/instances/{first(select(Campaign.instance_id))}",
            "/statements",
            "/statements/roll-up",
            "/statements/late",
            f"/statements/{statement}",
            "/enterprises",
            f"/enterprises/{first(select(Enterprise.unit_id))}",
            "/commitments",
            f"/commitments/{first(select(Task.id).where(Task.element == 'sign_commitment', Task.status == 'done'))}",
            "/calendar/2022",
            "/incidents",
        ],
        "city_leader": ["/sign-offs", "/gates", f"/gates/{first(select(Stage.gate_task_id).where(Stage.key == 's1'))}"],
        "admin": [
            "/people",
            "/people/new?find=01",
            f"/people/{first(select(Person.id))}",
            "/people/posts",
            f"/people/posts/{first(select(Post.id))}",
            "/audit",
            "/system",
        ],
    }[post]


@pytest.mark.parametrize("viewport", [DESK, HAND], ids=["desk", "hand"])
@pytest.mark.parametrize("post", ["director", "city_leader", "admin"])
def test_nothing_runs_out_of_the_side(
    app: Flask, site: Served, browser: Browser, post: str, viewport: ViewportSize
) -> None:
    visit = Visit(app, site, browser, post, viewport)
    wide = {path: over for path in pages(post) if (over := visit.open(path).evaluate(OVERHANG)) > 0}
    assert not wide
    assert not visit.errors, visit.errors
    visit.context.close()


def test_the_campaigns_diagram_counts_the_units(app: Flask, site: Served, browser: Browser) -> None:
    visit = Visit(app, site, browser, "director", DESK)
    page = visit.open(f"/campaigns/{first(select(Campaign.id))}")
    box = page.locator('[data-island="viewer"]')
    box.scroll_into_view_if_needed()
    expect(box).to_have_attribute("data-drawn", "yes")
    expect(box.locator(".viewer-badge", has_text="/23").first).to_be_visible()
    assert not visit.errors, visit.errors
    visit.context.close()


def test_a_leader_signs_with_a_thumb(app: Flask, site: Served, browser: Browser) -> None:
    visit = Visit(app, site, browser, "city_leader", HAND)
    page = visit.open("/inbox")
    page.get_by_role("link", name="签署自查自纠关口").click()
    expect(page.get_by_role("heading", name="完成条件")).to_be_visible()
    small = page.locator("main .btn").evaluate_all(
        f"all => all.filter(one => one.getBoundingClientRect().height < {THUMB}).map(one => one.textContent)"
    )
    assert not small
    page.get_by_role("button", name="签署").click()
    expect(page.get_by_role("alert")).to_contain_text("写明理由")
    visit.errors.clear()  # the browser reports the 422 itself
    page.get_by_label("意见").fill("差额单位已督促，同意转段")
    page.get_by_role("button", name="签署").click()
    expect(page.get_by_role("status")).to_contain_text("意见已签署")
    expect(page.get_by_role("row").filter(has_text="差额单位已督促，同意转段")).to_be_visible()
    assert page.evaluate(OVERHANG) <= 0
    expect(visit.open("/gates").get_by_text("关口已签")).to_be_visible()
    assert not visit.errors, visit.errors
    visit.context.close()


@pytest.mark.parametrize("viewport", [DESK, HAND], ids=["desk", "hand"])
def test_an_administrator_changes_a_rule(app: Flask, site: Served, browser: Browser, viewport: ViewportSize) -> None:
    value = {DESK["width"]: "9", HAND["width"]: "11"}[viewport["width"]]
    visit = Visit(app, site, browser, "admin", viewport)
    page = visit.open("/system")
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_label("连续输错多少次锁定账号").fill("21")
    page.get_by_label("修改理由").fill("按测评意见调整")
    page.get_by_role("button", name="保存策略").click()
    assert page.url == site.url + "/system", "the browser itself keeps what is out of bounds"
    assert page.evaluate("!document.querySelector('#change form').checkValidity()")
    page.get_by_label("连续输错多少次锁定账号").fill(value)
    page.get_by_role("button", name="保存策略").click()
    expect(page.get_by_role("status")).to_contain_text("策略已修改，立即生效")
    expect(page.get_by_role("row").filter(has_text="连续输错多少次锁定账号")).to_contain_text(f"{value} 次")
    assert page.evaluate(OVERHANG) <= 0
    assert not visit.errors, visit.errors
    visit.context.close()
