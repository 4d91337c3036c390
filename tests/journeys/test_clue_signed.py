"""The result of a clue signed on a phone: sent back with a reason, reported again, signed by both principals."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

import models
from models import Clue, Person
from services.access import passwords
from tests.journeys.test_browser import PHONE, fits, signed_in, wait_for
from tests.support import clues
from tests.support.serving import Served
from tests.support.site import holder_of
from tests.support.world import PASSWORD, World, beijing

COUNTY, SUBJECT = "榆次区", "榆次某煤业公司"
THUMB = 44
RETURN, SIGN = "退回重办", "审核同意并签字"
REASON = "处罚依据不充分，请补充后重新报签"


@pytest.fixture(scope="module")
def world(postgresql_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A clue was handed over, verified, and its result waits for the principals of the county."""
    folder, stored = tmp_path_factory.mktemp("store"), passwords.hashed(PASSWORD)
    now = beijing("2021-12-27 09:00")
    world = World(postgresql_url, folder, key="jinzhong-hundred-day", now=now, enterprises=2, password_hash=stored)
    world.at(beijing("2022-01-02 15:00"))
    # nothing else waits for their signature
    for element in ("sign_party_commitment", "sign_government_commitment"):
        world.complete(world.open_tasks(element, unit=COUNTY)[0])
    clues.hand_in(world, subject=SUBJECT, unit=COUNTY)
    for at, element in (
        ("2022-01-03 09:00", "confirm_list"),
        ("2022-01-03 10:00", "seal_letters"),
        ("2022-01-04 09:00", "verify_clue"),
    ):
        world.at(beijing(at))
        world.complete(world.open_tasks(element)[0])
    world.at(beijing("2022-01-05 09:00"))
    report(world)
    yield world
    world.database.dispose()


@pytest.fixture(scope="module")
def server(world: World, postgresql_url: str, served: Callable[..., Served]) -> Served:
    """No worker: today lies years behind the campaign, and whatever was due since would be carried out."""
    return served(postgresql_url, web_workers=2, workers=0)


def report(world: World) -> None:
    world.complete(world.open_tasks("report_result", unit=COUNTY)[0], verdict="true")


def principal(browser: Browser, server: Served, post: str) -> Page:
    """Their phone, on the page on which they are asked."""
    with models.reading() as tx:
        person_id, _ = holder_of(COUNTY, post)
        username = tx.execute(select(Person.username).where(Person.id == person_id)).scalar_one()
    page = signed_in(browser, server, username, PHONE)
    page.goto(f"{server.url}/sign-offs")
    assert fits(page)
    page.locator("article", has_text=SUBJECT).get_by_role("link", name="审阅并签批").click()
    expect(page.get_by_role("heading", name="送签的内容")).to_be_visible()
    expect(page.locator('[data-island="form"][data-drawn]')).to_be_visible()
    return page


def small(page: Page) -> list[str]:
    """Buttons and fields that a thumb misses."""
    found: list[str] = (
        page.locator(".sign-page")
        .locator("button, .btn, textarea, input[type=password]")
        .evaluate_all(
            f"all => all.filter(one => one.offsetParent && one.getBoundingClientRect().height < {THUMB})"
            ".map(one => one.outerHTML.slice(0, 120))"
        )
    )
    return found


def waiting(world: World) -> dict[str, int]:
    elements = ("sign_party", "sign_government", "report_result")
    return {element: len(world.open_tasks(element, unit=COUNTY)) for element in elements}


def test_the_result_goes_back_and_comes_again_and_both_sign(browser: Browser, server: Served, world: World) -> None:
    send_back(principal(browser, server, "government_principal"), world)
    report(world)
    assert waiting(world) == {"sign_party": 1, "sign_government": 1, "report_result": 0}
    sign(principal(browser, server, "party_principal"))
    wait_for(lambda: waiting(world) == {"sign_party": 0, "sign_government": 1, "report_result": 0})
    assert not world.open_tasks("check_result"), "one of two has signed"
    page = principal(browser, server, "government_principal")
    expect(page.locator(".signers")).to_contain_text("已签")
    expect(page.locator(".opinion-text")).to_have_text([REASON])
    sign(page)
    wait_for(lambda: len(world.open_tasks("check_result")) == 1)
    with models.reading() as tx:
        clue = tx.execute(select(Clue.reported_at).where(Clue.subject == SUBJECT)).scalar_one()
    assert clue is not None


def send_back(page: Page, world: World) -> None:
    """Not without a reason and not without the password; what was typed stays."""
    if shots := os.environ.get("SHOTS"):
        page.screenshot(path=f"{shots}/sign.png", full_page=True)
    assert fits(page)
    assert small(page) == []
    page.get_by_role("button", name=RETURN).click()
    expect(page.get_by_role("alert")).to_contain_text("说明理由")
    assert waiting(world) == {"sign_party": 1, "sign_government": 1, "report_result": 0}
    page.get_by_label("意见", exact=False).last.fill(REASON)
    page.get_by_role("button", name=RETURN).click()
    expect(page.get_by_role("alert")).to_contain_text("登录口令")
    expect(page.get_by_label("意见", exact=False).last).to_have_value(REASON)
    page.get_by_label("登录口令").fill(PASSWORD)
    page.get_by_role("button", name=RETURN).click()
    page.wait_for_url(re.compile("/sign-offs$"))
    wait_for(lambda: waiting(world) == {"sign_party": 0, "sign_government": 0, "report_result": 1})
    assert fits(page)
    expect(page.get_by_text(REASON)).to_be_visible()
    page.context.close()


def sign(page: Page) -> None:
    """The password is asked, a wrong one is refused, the right one signs; nothing runs out of the side meanwhile."""
    assert fits(page)
    assert small(page) == []
    page.get_by_role("button", name=SIGN).click()
    expect(page.get_by_role("alert")).to_contain_text("登录口令")
    assert fits(page)
    page.get_by_label("登录口令").fill("not-my-password")
    page.get_by_role("button", name=SIGN).click()
    expect(page.get_by_role("alert")).to_contain_text("口令不正确")
    page.get_by_label("登录口令").fill(PASSWORD)
    page.get_by_role("button", name=SIGN).click()
    page.wait_for_url(re.compile("/sign-offs$"))
    expect(page.get_by_text("已签署并记入台账")).to_be_visible()
    assert fits(page)
    page.context.close()
