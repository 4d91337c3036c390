"""Papers as Chromium prints them: A4, as many pages as they need, heads on every page, nothing cut, no chrome."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page
from sqlalchemy import select

from models import Campaign
from tests.support import papers
from tests.support.papers import commitment_of, letter_about, statement_of
from tests.support.pdf import Sheet, sheets
from tests.support.played import WEEK
from tests.support.serving import Served
from tests.support.site import as_holder, new_app
from tests.support.world import World
from tests.web.conftest import OFFICE
from tests.web.test_papers import ANNEX_6
from web.session import COOKIE

A4 = (595, 842)
MILLIMETRE = 96 / 25.4
# what a browser would print beside the paper if it were not told otherwise
CHROME = ("打印", "返回", "导出Excel", "待办", "A4纸")
CUT = """() => [...document.querySelectorAll(".paper, .paper *")]
  .filter(one => one.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
  .map(one => one.className + ":" + one.textContent.slice(0, 20))"""


@pytest.fixture(scope="module")
def city(new_database: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> World:
    return papers.city(new_database("sqlite"), tmp_path_factory.mktemp("city"))


@pytest.fixture(scope="module")
def app(city: World, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    return new_app(city.database.url.render_as_string(hide_password=False), tmp_path_factory.mktemp("var"))


@pytest.fixture(scope="module")
def site(city: World, served: Callable[..., Served]) -> Served:
    return served(city.database.url.render_as_string(hide_password=False), web_workers=1, workers=0)


@pytest.fixture
def page(app: Flask, site: Served, browser: Browser) -> Iterator[Page]:
    """The office director's browser; what the console says fails the test."""
    context = browser.new_context(locale="zh-CN", viewport={"width": 1366, "height": 768})
    context.add_cookies([{"name": COOKIE, "value": as_holder(app, OFFICE, "director").token, "url": site.url}])
    page = context.new_page()
    errors: list[str] = []
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    yield page
    context.close()
    assert not errors, errors


def printed(page: Page, site: Served, path: str) -> list[Sheet]:
    """The pages of a paper; nothing of the page around it may be among them."""
    answer = page.goto(site.url + path)
    assert answer is not None and answer.status == 200, path
    found = sheets(page.pdf(prefer_css_page_size=True))
    assert not [word for word in CHROME for sheet in found if word in sheet.text], path
    return found


def sizes(found: list[Sheet]) -> set[tuple[int, int]]:
    return {(round(sheet.width), round(sheet.height)) for sheet in found}


def test_a_letter_is_signed_on_a_page_with_text(page: Page, site: Served) -> None:
    path = f"/letters/{letter_about('平遥某煤业有限公司')}"
    for way in (f"{path}/print", path):  # the page around it prints the same paper
        first, last = found = printed(page, site, way)
        assert sizes(found) == {A4}
        assert "—1—" in first.text and "—2—" in last.text
        assert "（煤）移〔2022〕1号" in first.text and "（代章）" not in first.text
        assert last.text.index("安全设施不全。") < last.text.index("（代章）") < last.text.index("2022年1月6日")


def test_a_long_account_begins_a_page(page: Page, site: Served) -> None:
    found = printed(page, site, f"/letters/{letter_about('灵石某化工有限公司')}/print")
    assert ["问题线索内容线索编号" in sheet.text for sheet in found] == [False, False, True]


def test_letters_printed_together_begin_a_page_each_and_bear_no_running_numbers(page: Page, site: Served) -> None:
    found = printed(page, site, "/letters/print")
    assert sum("事项交办（移送）书" in sheet.text for sheet in found) == 6
    assert len(found) == 6 * 2 + 1
    assert not [sheet.text for sheet in found if "—" in sheet.text]


@pytest.mark.parametrize("unit", ["榆次区", "市应急局"])
def test_a_commitment_fits_on_one_sheet(page: Page, site: Served, unit: str) -> None:
    task = commitment_of(unit)
    for path in (f"/commitments/{task}/print", f"/commitments/{task}"):
        (sheet,) = printed(page, site, path)
        assert sizes([sheet]) == {A4}
        assert "承诺单位（盖章）：" in sheet.text and "六、带头严格执行领导干部到岗带班值班" in sheet.text


def test_a_public_commitment_prints_as_the_paper_alone(page: Page, site: Served) -> None:
    (sheet,) = printed(page, site, f"/public/commitments/{commitment_of('榆次区')}")
    assert "安全承诺公开" not in sheet.text and "接受社会监督" not in sheet.text


def test_every_case_begins_a_page(page: Page, site: Served) -> None:
    found = printed(page, site, f"/statements/{statement_of('榆次区')}/cases")
    assert sizes(found) == {A4}
    assert sum("集中行动典型案例" in sheet.text for sheet in found) == 2
    assert ("集中行动典型案例" in found[0].text) and found[-1].text.count("【举一反三工作建议】") == 1


def test_the_detail_table_lies_across_with_its_head_on_every_page(page: Page, site: Served) -> None:
    head = "".join(ANNEX_6)
    for path in (f"/statements/{statement_of('介休市')}/details", f"/statements/roll-up/details?period={WEEK}"):
        found = printed(page, site, path)
        assert sizes(found) == {(A4[1], A4[0])}
        assert 3 <= len(found) <= 8
        assert all(head in sheet.text for sheet in found)
        assert [f"共{len(found)}" in sheet.text for sheet in found] == [True] * len(found)
        rows = "".join(sheet.text for sheet in found)
        assert all(f"介休市第{n}煤焦化" in rows for n in range(1, papers.ROWS + 1))
        assert "（以下空白）" in found[-1].text


def test_the_liaisons_lie_across(page: Page, site: Served) -> None:
    found = printed(page, site, f"/campaigns/{papers.first(select(Campaign.id))}/liaisons")
    assert sizes(found) == {(A4[1], A4[0])}
    assert len(found) == 2 and all("手机号码办公电话电子邮箱" in sheet.text for sheet in found)


def test_no_column_is_cut_on_paper(page: Page, site: Served) -> None:
    """The printed width is the page without its margins; no line and no column reaches beyond it."""
    campaign = papers.first(select(Campaign.id))
    across, upright = 297 - 2 * 18, 210 - 26 - 28
    page.emulate_media(media="print")
    for path, width in (
        (f"/statements/{statement_of('介休市')}/details", across),
        (f"/campaigns/{campaign}/liaisons", across),
        (f"/letters/{letter_about('灵石某化工有限公司')}/print", upright),
        (f"/commitments/{commitment_of('榆次区')}/print", upright),
        (f"/statements/{statement_of('榆次区')}/cases", upright),
    ):
        page.set_viewport_size({"width": int(width * MILLIMETRE), "height": 800})
        page.goto(site.url + path)
        assert page.evaluate(CUT) == [], path


def test_papers_fit_a_phone(page: Page, site: Served) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    for path in (
        "/letters",
        "/letters/print",
        f"/commitments/{commitment_of('榆次区')}/print",
        f"/statements/{statement_of('介休市')}/details",
    ):
        page.goto(site.url + path)
        overhang = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert page.evaluate(overhang) <= 0, path
    low = page.evaluate("[...document.querySelectorAll('.paper-bar a, .paper-bar button')].map(b => b.offsetHeight)")
    assert len(low) == 2 and min(low) >= 44
