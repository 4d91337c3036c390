"""A leader's view of stage 1 in a real browser: launched, worked on by three people, signed, passed."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from services.access import passwords
from tests.support import rows
from tests.support.serving import Served
from tests.support.world import PASSWORD, World

CAMPAIGN = "jinzhong-hundred-day"
DESK = {"width": 1366, "height": 768}
PHONE = {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def world(postgresql_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The city with two enterprises, nothing launched yet."""
    folder = tmp_path_factory.mktemp("store")
    stored = passwords.hashed(PASSWORD)
    world = World(postgresql_url, folder, key=CAMPAIGN, now=now(), launch=False, enterprises=2, password_hash=stored)
    yield world
    world.database.dispose()


@pytest.fixture(scope="module")
def server(world: World, postgresql_url: str, served: Callable[..., Served]) -> Served:
    return served(postgresql_url, web_workers=2, workers=2)


def now() -> datetime:
    return datetime.now(UTC)


def signed_in(browser: Browser, server: Served, username: str, size: dict[str, int] = DESK) -> Page:
    """A page of somebody who has signed in."""
    page = browser.new_context(locale="zh-CN", timezone_id="Asia/Shanghai", viewport=size).new_page()
    page.set_default_timeout(30_000)
    page.goto(f"{server.url}/login")
    page.get_by_label("登录名").fill(username)
    page.get_by_label("口令").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url(re.compile("/inbox"))
    return page


def test_from_launch_to_the_gate(browser: Browser, server: Served, world: World) -> None:
    launch(signed_in(browser, server, "director"))
    wait_for(lambda: len(world.open_tasks("file_liaison")) == 23)
    name_liaison(signed_in(browser, server, "yuci.liaison"), server, world)
    receive(signed_in(browser, server, "dispatcher"), world)
    promise(signed_in(browser, server, "enterprise", PHONE), server, world)
    everybody_else(world)
    wait_for(lambda: len(world.open_tasks("sign_stage_1")) == 1)
    sign(signed_in(browser, server, "city_leader", PHONE), world)


def launch(page: Page) -> None:
    page.get_by_role("link", name="行动", exact=True).click()
    page.get_by_role("link", name="启动行动").first.click()
    page.get_by_role("link", name="预览").first.click()
    expect(page.get_by_text("谁会收到多少任务")).to_be_visible()
    expect(page.get_by_text("报送实施方案").first).to_be_visible()
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="启动行动").click()
    page.wait_for_url(re.compile("/campaigns/[0-9a-z]{20}"))
    expect(page.get_by_text("自查自纠").first).to_be_visible()


def name_liaison(page: Page, server: Served, world: World) -> None:
    """The liaison of 榆次区 fills annex 7; what is missing is said at the field, what was typed stays."""
    task = world.open_tasks("file_liaison", unit="榆次区")[0]
    page.goto(f"{server.url}/tasks/{task.id}")
    page.get_by_label("姓名").fill("榆次区联络员")
    page.get_by_role("button", name="提交").click()
    expect(page.get_by_text("此项必填").first).to_be_visible()
    expect(page.get_by_label("姓名")).to_have_value("榆次区联络员")
    fill(page, world, task)
    page.get_by_role("button", name="提交").click()
    wait_for(lambda: not world.open_tasks("file_liaison", unit="榆次区"))


def receive(page: Page, world: World) -> None:
    """The office receives it from its inbox."""
    wait_for(lambda: len(world.open_tasks("receive_liaison")) == 1)
    page.reload()
    page.get_by_role("link", name=re.compile("接收联络人信息")).first.click()
    expect(page.get_by_text("流转记录")).to_be_visible()
    fill(page, world, world.open_tasks("receive_liaison")[0])
    page.get_by_role("button", name="接收").click()
    wait_for(lambda: not world.open_tasks("receive_liaison"))


def promise(page: Page, server: Served, world: World) -> None:
    """The principal of an enterprise signs the commitment on a phone."""
    unit = "榆次崧铭煤业有限公司（示范）"
    task = next(t for t in world.open_tasks("sign_commitment") if t.unit.startswith(unit[:6]))
    page.goto(f"{server.url}/tasks/{task.id}")
    assert fits(page)
    fill(page, world, task)
    page.get_by_role("button", name="签署并提交").click()
    expect(page.get_by_role("alert")).to_contain_text("签署须输入您的登录口令")
    expect(page.get_by_label("我已逐条阅读")).to_be_checked()
    page.get_by_label("登录口令").fill(PASSWORD)
    page.get_by_role("button", name="签署并提交").click()
    wait_for(lambda: task.id not in {t.id for t in world.open_tasks("sign_commitment")})


def sign(page: Page, world: World) -> None:
    """The leader reads the figures and signs; every button is large enough for a thumb."""
    page.get_by_role("button", name="菜单").click()
    page.get_by_role("link", name="签批").click()
    page.get_by_role("link", name="审阅并签批").first.click()
    assert fits(page)
    for button in page.locator(".gate-buttons button").all():
        box = button.bounding_box()
        assert box and box["height"] >= 44
    page.get_by_label("意见").fill("情况属实，同意通过。")
    page.get_by_label("登录口令").fill(PASSWORD)
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="签署", exact=True).click()
    wait_for(lambda: world.ask(rows.stage, "s1").gate_signed_at is not None)


def fill(page: Page, world: World, task: Any) -> None:
    """Type valid answers into the form as a person would: each field by its label."""
    answers = world.answers(task)
    for component in (world.form(task) or {})["components"]:
        value = answers.get(component.get("key"))
        if value is not None:
            type_in(page, component, value)


def type_in(page: Page, component: dict[str, Any], value: Any) -> None:
    field = page.get_by_label(component["label"], exact=False).first
    kind = component["type"]
    if kind in ("textfield", "textarea", "number"):
        field.fill(str(value))
    elif kind == "checkbox":
        # by keyboard: error lines that vanish above move the box away from under a mouse
        if value:
            field.press(" ")
    elif kind == "radio":
        label = next(option["label"] for option in component["values"] if option["value"] == value)
        page.get_by_label(label, exact=True).press(" ")
    elif kind == "datetime":
        day = datetime.fromisoformat(value)
        field.fill(day.strftime("%Y-%m-%d"))
        field.press("Tab")


def everybody_else(world: World) -> None:
    """All others do their part through the same services, until nothing of stage 1 is open."""
    world.now = now()
    for _ in range(12):
        tasks = [task for element in STAGE_ONE for task in world.open_tasks(element)]
        if not tasks:
            return
        for task in tasks:
            world.now = now()
            world.complete(task, drain=False)
        time.sleep(0.5)
    raise AssertionError("stage 1 does not come to an end")


STAGE_ONE = (
    "file_plan",
    "file_liaison",
    "receive_plan",
    "receive_liaison",
    "make_scheme",
    "report_self_inspection",
    "receive_locality",
    "receive_sector",
    "sign_party_commitment",
    "sign_government_commitment",
    "sign_commitment",
    "record_publication",
)


def fits(page: Page) -> bool:
    """No sideways scroll, once the page is there."""
    page.wait_for_load_state()
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


def wait_for(condition: Callable[[], bool], seconds: float = 60) -> None:
    """Wait for the worker; a generous limit, since CI machines are slow."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the worker did not come to it"
        time.sleep(0.2)
