"""Lists as Excel files: under the same filters, in the same data scope, with a name that every machine takes."""

from __future__ import annotations

import io
from typing import Any
from urllib.parse import unquote

import pytest
from flask import Flask
from openpyxl import load_workbook

from domain.ledger import TITLES, Tag
from services.excel import MEDIA_TYPE
from tests.support.site import JSON, Signed, as_holder
from tests.support.world import World
from tests.web.conftest import COUNTY
from web.excel import file_name

LISTS = (
    "/enterprises/export",
    "/statements/export",
    "/statements/roll-up/export",
    "/commitments/export",
    "/lists/export",
)
PAGES = (
    "/lists",
    "/lists?list=l4&q=某",
    "/lists/months",
    "/briefings",
    "/briefings?kind=briefing",
    "/statements/roll-up?townships=1",
)


def rows(browser: Signed, path: str) -> list[list[Any]]:
    answer = browser.get(path)
    assert (answer.status_code, answer.mimetype) == (200, MEDIA_TYPE), answer.get_data(as_text=True)
    sheet = load_workbook(io.BytesIO(answer.data)).worksheets[0]
    return [[cell.value for cell in row] for row in sheet.iter_rows()]


@pytest.mark.parametrize("path", LISTS)
def test_a_list_comes_as_a_file_with_a_chinese_name(dispatcher: Signed, path: str) -> None:
    answer = dispatcher.get(path)
    given = answer.headers["Content-Disposition"]
    assert given.startswith("attachment; ")
    assert unquote(given.partition("filename*=UTF-8''")[2]).endswith(".xlsx")
    assert "no-store" in answer.headers["Cache-Control"]
    assert len(rows(dispatcher, path)) > 3


def test_the_filters_of_the_list_are_those_of_the_file(dispatcher: Signed) -> None:
    every = rows(dispatcher, "/enterprises/export")[2:]
    some = rows(dispatcher, f"/enterprises/export?q={every[0][0]}")[2:]
    assert len(every) == 5
    assert some == [every[0]]
    assert rows(dispatcher, "/enterprises/export?q=没有这家")[2] == ["没有符合条件的记录。", *[None] * 8]


def test_the_file_holds_what_its_reader_sees(app: Flask, dispatcher: Signed) -> None:
    for county in ("榆次区", "灵石县"):
        own = rows(as_holder(app, county, "liaison"), "/enterprises/export")[2:]
        whole = [row for row in rows(dispatcher, "/enterprises/export")[2:] if row[1] == county]
        assert [row for row in own if row[1]] == whole
    units = {row[1] for row in rows(as_holder(app, "榆次区", "liaison"), "/statements/export")[3:]}
    assert units == {"榆次区"}


def test_commitments_name_every_signer(dispatcher: Signed) -> None:
    found = rows(dispatcher, "/commitments/export?kind=county")
    assert any("榆次区" in row[0] for row in found[3:])
    assert len([row for row in found if row[0] == found[3][0]]) == 2  # the party's and the government's


def test_the_audit_log_is_for_those_who_may_read_it(app: Flask, dispatcher: Signed) -> None:
    assert dispatcher.get("/audit/export", headers=JSON).status_code == 403
    found = rows(as_holder(app, "市“百日攻坚”集中行动领导组办公室", "auditor"), "/audit/export?subject=campaign")
    assert {row[2] for row in found[2:]} == {TITLES[Tag.CAMPAIGN_PUBLISH], TITLES[Tag.CAMPAIGN_LAUNCH]}


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("企业名单", "企业名单"),
        ("../../etc/passwd", "etc_passwd"),
        ("甲\u202e乙\r\nX-Evil: 1", "甲乙X-Evil_1"),
        ('a"b<c>|d', "a_b_c_d"),
        ("", "导出"),
        ("长" * 200, "长" * 80),
    ],
)
def test_a_file_name_is_harmless(given: str, name: str) -> None:
    assert file_name(given) == name


@pytest.mark.parametrize("path", PAGES)
def test_the_pages_beside_them_answer(dispatcher: Signed, liaison: Signed, path: str) -> None:
    for browser in (dispatcher, liaison):
        answer = browser.get(path)
        assert answer.status_code == 200
        assert "<main" in answer.get_data(as_text=True)


def test_the_way_from_a_task_to_its_figures(world: World, liaison: Signed, app: Flask) -> None:
    task = world.open_tasks("fill_statement", unit=COUNTY)[0]
    assert f"/statements/of/{task.instance_id}" in liaison.get(f"/tasks/{task.id}").get_data(as_text=True)
    found = liaison.get(f"/statements/of/{task.instance_id}")
    assert found.status_code == 303
    page = liaison.get(found.headers["Location"]).get_data(as_text=True)
    assert "报送时定格" in page
    assert "/behind/hazard_found" in page
    assert liaison.get(f"{found.headers['Location']}/behind/hazard_found").status_code == 200
    assert liaison.get(f"{found.headers['Location']}/export").mimetype == MEDIA_TYPE
    other = as_holder(app, "灵石县", "liaison")
    for path in ("", "/behind/hazard_found", "/export"):
        assert other.get(found.headers["Location"] + path, headers=JSON).status_code == 403
