"""Pages with islands in a real browser, on a desk's screen and on a phone's."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from tests.support.site import Signed, as_holder
from tests.support.world import World
from tests.web.conftest import COUNTY, OFFICE
from web.session import COOKIE

SIZES = {"desk": (1366, 768), "phone": (390, 844)}
# What a page may say on the console: a refusal is an answer that the page shows itself.
EXPECTED = ("the server responded with a status of 4",)
Opener = Callable[..., Page]


@pytest.fixture(scope="module")
def address(app: Flask) -> Iterator[str]:
    """The application behind a real server."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()


@pytest.fixture(params=SIZES)
def size(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def opened(browser: Browser, address: str, size: str) -> Iterator[Opener]:
    """`opened(person, path)`: a page in that person's browser; what it says on the console fails the test."""
    contexts, faults = [], []

    def note(text: str) -> None:
        if not any(part in text for part in EXPECTED):
            faults.append(text)

    def open_page(person: Signed | None, path: str) -> Page:
        width, height = SIZES[size]
        phone = {"is_mobile": True, "has_touch": True} if size == "phone" else {}
        context = browser.new_context(
            locale="zh-CN", timezone_id="Asia/Shanghai", viewport={"width": width, "height": height}, **phone
        )
        context.set_default_timeout(15_000)
        contexts.append(context)
        if person:
            context.add_cookies([{"name": COOKIE, "value": person.token, "url": address}])
        page = context.new_page()
        page.on("pageerror", lambda error: note(str(error)))
        page.on("console", lambda said: note(said.text) if said.type in ("error", "warning") else None)
        page.goto(address + path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not faults, faults


def wider_than_the_screen(page: Page) -> list[str]:
    """What sticks out to the right."""
    found: list[str] = page.evaluate(
        """() => document.documentElement.scrollWidth <= document.documentElement.clientWidth ? [] :
        [...document.querySelectorAll("body *")]
        .filter((each) => each.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
        .map((each) => `${each.tagName}.${each.className}`)"""
    )
    return found


def drawn(page: Page) -> Page:
    """The same page once its form and its diagram are there."""
    page.wait_for_selector('[data-island="form"][data-drawn]')
    page.locator("#diagram").scroll_into_view_if_needed()
    page.wait_for_selector('[data-island="viewer"][data-drawn]')
    return page


@pytest.mark.parametrize(
    "path", ["/inbox", "/inbox/done", "/inbox?q=没有", "/account", "/account/password", "/help", "/no"]
)
def test_nothing_sticks_out(opened: Opener, app: Flask, path: str) -> None:
    page = opened(as_holder(app, COUNTY, "liaison"), path)
    expect(page.locator("h1")).to_be_visible()
    assert wider_than_the_screen(page) == []


def test_login_on_a_page(opened: Opener) -> None:
    page = opened(None, "/inbox")
    assert wider_than_the_screen(page) == []
    page.get_by_label("登录名").fill("nobody")
    page.get_by_label("口令").fill("wrong-horse-9")
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("alert")).to_contain_text("登录名或口令不正确")
    assert page.get_by_label("登录名").input_value() == "nobody", "what was typed is still there"


def test_the_menu_opens_on_a_phone(opened: Opener, app: Flask, size: str) -> None:
    page = opened(as_holder(app, COUNTY, "liaison"), "/inbox")
    entry = page.locator("#nav").get_by_role("link", name="使用帮助")
    if size == "phone":
        expect(entry).not_to_be_in_viewport()
        page.get_by_role("button", name="打开菜单").click()
        expect(page.locator("#nav").get_by_role("link", name="待办").first).to_be_in_viewport()
    entry.click()
    expect(page.locator("h1")).to_have_text("使用帮助")


def test_the_menu_by_keyboard(opened: Opener, app: Flask, size: str) -> None:
    page = opened(as_holder(app, COUNTY, "liaison"), "/inbox")
    button, nav = page.get_by_role("button", name="打开菜单"), page.locator("#nav")
    if size == "phone":
        button.press("Enter")
    heading = nav.locator('[data-group="reports"] > summary')
    heading.press("Enter")
    statements = nav.get_by_role("link", name="报表", exact=True)
    expect(statements).to_be_visible()
    if size == "phone":
        page.keyboard.press("Escape")
        expect(button).to_be_focused()
        button.press("Enter")
    page.wait_for_function("document.cookie.includes('reports')")
    statements.press("Enter")
    expect(page.locator("h1")).to_contain_text("报表")
    page.goto(page.url.replace("/statements", "/help"))
    if size == "phone":
        button.press("Enter")
    expect(statements).to_be_visible()
    assert wider_than_the_screen(page) == []


def test_the_list_by_keyboard(opened: Opener, app: Flask, size: str) -> None:
    page = opened(as_holder(app, COUNTY, "liaison"), "/inbox")
    page.keyboard.press("j")
    page.keyboard.press("j")
    second = page.locator("[data-row] a.task-link").nth(1)
    expect(second).to_be_focused()
    assert second.evaluate("each => getComputedStyle(each).outlineStyle") == "solid", "one sees where one is"
    page.keyboard.press("Enter")
    page.wait_for_url("**/tasks/*")
    page.go_back()
    page.keyboard.press("/")
    expect(page.locator("[data-search]")).to_be_focused()


def test_a_task_with_form_and_diagram(opened: Opener, app: Flask, world: World) -> None:
    task = world.open_tasks("file_plan", unit=COUNTY)[0]
    page = drawn(opened(as_holder(app, COUNTY, "liaison"), f"/tasks/{task.id}"))
    assert wider_than_the_screen(page) == []
    for mark in page.locator('a[href*="bpmn.io"]').all():
        expect(mark).to_be_visible()
    assert page.locator('a[href*="bpmn.io"]').count() == 2, "form and diagram carry the mark of bpmn.io"
    assert page.locator(".djs-shape.is-current").count() == 2
    assert page.locator(".djs-connection.is-done").count() == 3
    page.locator(".viewer-outline summary").click()
    expect(page.locator(".viewer-outline")).to_contain_text(f"报送实施方案：进行中{COUNTY} · 联络人")
    before = page.locator(".viewport").get_attribute("transform")
    page.get_by_role("button", name="放大").click()
    assert page.locator(".viewport").get_attribute("transform") != before


def test_what_is_missing_is_said_in_chinese_at_its_field(opened: Opener, app: Flask, world: World) -> None:
    task = world.open_tasks("file_plan", unit=COUNTY)[0]
    page = drawn(opened(as_holder(app, COUNTY, "liaison"), f"/tasks/{task.id}"))
    page.locator("[data-submit-task]").click()
    expect(page.locator("[data-refusal]")).to_contain_text("有内容未填写或填写有误")
    assert "此项必填。" in page.locator(".fjs-form-field-error").all_inner_texts()
    assert wider_than_the_screen(page) == []


def test_a_draft_is_kept_while_one_types(opened: Opener, app: Flask, world: World, size: str) -> None:
    unit = {"desk": "和顺县", "phone": "昔阳县"}[size]
    task = world.open_tasks("file_plan", unit=unit)[0]
    person = as_holder(app, unit, "liaison")
    page = drawn(opened(person, f"/tasks/{task.id}"))
    expect(page.locator("[data-draft-state]")).to_have_text("填写后自动保存草稿")
    page.get_by_label("方案名称").fill("写到一半的方案")
    expect(page.locator("[data-draft-state]")).to_contain_text("草稿已自动保存")
    again = drawn(opened(person, f"/tasks/{task.id}"))
    assert again.get_by_label("方案名称").input_value() == "写到一半的方案"


def fill_liaison(page: Page, world: World, task: Any) -> None:
    """Type what the form of a liaison asks for."""
    answers, form = world.answers(task), world.form(task)
    assert form is not None
    for component in form["components"]:
        value = answers.get(component.get("key", ""))
        if component["type"] in ("textfield", "textarea") and value:
            page.get_by_label(component["label"]).first.fill(str(value))
    page.get_by_role("radio").first.check()


def values_of(page: Page) -> list[str]:
    """What stands in the fields of the form."""
    fields = page.locator("[data-form-box] input:not([type=radio]), [data-form-box] textarea")
    return [field.input_value() for field in fields.all()]


def test_the_second_of_two_keeps_what_was_typed(opened: Opener, app: Flask, world: World, size: str) -> None:
    unit = {"desk": "太谷区", "phone": "榆社县"}[size]
    task = world.open_tasks("file_liaison", unit=unit)[0]
    person = as_holder(app, unit, "liaison")
    first, second = (drawn(opened(person, f"/tasks/{task.id}")) for _ in range(2))
    for page in (first, second):
        fill_liaison(page, world, task)
    typed = values_of(second)
    first.locator("[data-submit-task]").click()
    first.wait_for_url(lambda url: task.id not in url)
    expect(first.locator(".said")).to_contain_text("已办结")
    second.locator("[data-submit-task]").click()
    expect(second.locator("[data-refusal]")).to_contain_text("已被他人办理")
    expect(second.get_by_role("link", name="查看最新情况")).to_be_visible()
    assert values_of(second) == typed


def test_a_refusal_of_the_server_stands_at_its_field(opened: Opener, app: Flask, world: World, size: str) -> None:
    """The page's own check is switched off, as a clever user might."""
    task = world.open_tasks("file_liaison", unit=COUNTY)[0]
    page = drawn(opened(as_holder(app, COUNTY, "liaison"), f"/tasks/{task.id}"))
    page.evaluate(
        """() => { const form = document.querySelector('[data-island="form"]').form;
        form.submit = () => ({ data: form._getSubmitData(), errors: {} }); }"""
    )
    page.locator("[data-submit-task]").click()
    expect(page.locator("[data-refusal]")).to_contain_text("填写的内容有误")
    expect(page.locator(".fjs-form-field-error").first).to_be_visible()


def test_after_a_new_login_elsewhere_the_page_goes_on(opened: Opener, app: Flask, world: World, size: str) -> None:
    unit = {"desk": "寿阳县", "phone": "介休市"}[size]
    task = world.open_tasks("file_plan", unit=unit)[0]
    page = drawn(opened(as_holder(app, unit, "liaison"), f"/tasks/{task.id}"))
    again = as_holder(app, unit, "liaison")
    page.context.add_cookies([{"name": COOKIE, "value": again.token, "url": page.url.split("/tasks")[0]}])
    page.get_by_label("方案名称").fill("换了会话的方案")
    expect(page.locator("[data-draft-state]")).to_contain_text("草稿已自动保存")
    stranger = as_holder(app, COUNTY, "principal")
    page.context.add_cookies([{"name": COOKIE, "value": stranger.token, "url": page.url.split("/tasks")[0]}])
    page.get_by_label("方案名称").fill("别人不得接着写")
    expect(page.locator("[data-draft-state]")).to_contain_text("草稿没有保存")


def test_files_go_up_and_are_refused_with_a_sentence(opened: Opener, app: Flask, world: World, size: str) -> None:
    unit = {"desk": "左权县", "phone": "祁县"}[size]
    task = world.open_tasks("file_plan", unit=unit)[0]
    page = drawn(opened(as_holder(app, unit, "liaison"), f"/tasks/{task.id}"))
    files = [
        {"name": "方案.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4 %%EOF"},
        {"name": "图.svg", "mimeType": "image/svg+xml", "buffer": b"<svg xmlns='http://www.w3.org/2000/svg'/>"},
    ]
    page.locator("[data-upload] input[type=file]").set_input_files(files)
    expect(page.locator(".file")).to_contain_text("方案.pdf")
    expect(page.locator("[data-upload-state]")).to_contain_text("“图.svg”没有上传：不接受这种文件")
    assert wider_than_the_screen(page) == []
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="删除 方案.pdf").click()
    expect(page.locator("[data-files]")).to_contain_text("还没有附件")


def test_the_office_sends_back_with_a_reason(opened: Opener, app: Flask, world: World, size: str) -> None:
    unit = {"desk": "平遥县", "phone": "灵石县"}[size]
    world.complete(world.open_tasks("file_liaison", unit=unit)[0])
    task = next(one for one in world.open_tasks("receive_liaison") if unit in one.title)
    page = drawn(opened(as_holder(app, OFFICE, "dispatcher"), f"/tasks/{task.id}"))
    expect(page.locator(".before").first).to_contain_text(unit)
    page.get_by_role("button", name="退回补报").click()
    expect(page.locator("[data-refusal]")).to_contain_text("请填写意见")
    page.get_by_label("意见").fill("请补充联系电话。")
    page.get_by_role("button", name="退回补报").click()
    page.wait_for_url(lambda url: task.id not in url)
    back = world.open_tasks("supplement_liaison", unit=unit)[0]
    page = drawn(opened(as_holder(app, unit, "liaison"), f"/tasks/{back.id}"))
    expect(page.locator(".timeline")).to_contain_text("请补充联系电话。")
    expect(page.locator(".notice").first).to_contain_text("已带入")
    assert wider_than_the_screen(page) == []
