"""The ledger of clues of the last three years over HTTP: import with its faults, list, disposal."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import select

from models import OldClue, reading
from tests.services.test_old_clues import GOOD, book
from tests.support.played import KEY, LAUNCH
from tests.support.site import Signed, as_holder, new_app
from tests.support.world import World, beijing


@pytest.fixture(scope="module")
def world(new_database: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> World:
    world = World(new_database("sqlite"), tmp_path_factory.mktemp("world"), key=KEY, now=LAUNCH, enterprises=30)
    world.at(beijing("2022-01-05 10:00"))
    return world


@pytest.fixture(scope="module")
def app(world: World, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    return new_app(world.database.url.render_as_string(hide_password=False), tmp_path_factory.mktemp("var"))


@pytest.fixture
def county(app: Flask) -> Signed:
    return as_holder(app, "榆次区", "liaison")


def sent(browser: Signed, content: bytes, mode: str) -> tuple[int, str]:
    answer = browser.post("/old-clues/import", {"mode": mode, "file": (io.BytesIO(content), "线索.xlsx")})
    return answer.status_code, answer.text


def clue(number: str) -> str:
    with reading() as tx:
        return tx.execute(select(OldClue.id).where(OldClue.number == number)).scalar_one()


def test_checking_importing_and_disposing(app: Flask, county: Signed) -> None:
    assert "台账中还没有线索" in county.get("/old-clues").text
    content = book(("旧-1", *GOOD[1:]), ("旧-2", *GOOD[1:5], "去年", *GOOD[6:]))
    status, page = sent(county, content, "check")
    assert (status, "无误 1 行，有误 1 行" in page, "第 3 行" in page) == (200, True, True)
    status, page = sent(county, content, "all")
    assert (status, "没有导入" in page) == (422, True)
    assert "台账中还没有线索" in county.get("/old-clues").text
    assert sent(county, content, "good")[0] == 303
    listed = county.get("/old-clues").text
    assert "旧-1" in listed
    assert "旧-2" not in listed
    assert "没有符合条件" in county.get("/old-clues?status=closed").text
    other = as_holder(app, "太谷区", "liaison")
    assert "旧-1" not in other.get("/old-clues").text
    assert other.get(f"/old-clues/{clue('旧-1')}").status_code == 403
    assert other.post(f"/old-clues/{clue('旧-1')}/dispose", {"way": "close", "said": "查处"}).status_code == 403
    assert "移交公安机关" in county.get(f"/old-clues/{clue('旧-1')}?find=榆次").text
    refused = county.post(f"/old-clues/{clue('旧-1')}/dispose", {"way": "hazard", "said": "属实", "grade": "general"})
    assert (refused.status_code, "请选择所在县" in refused.text) == (422, True)
    assert county.post(f"/old-clues/{clue('旧-1')}/dispose", {"way": "police", "said": "涉嫌犯罪"}).status_code == 303
    assert "移交公安机关" in county.get(f"/old-clues/{clue('旧-1')}").text
    assert county.post(f"/old-clues/{clue('旧-1')}/dispose", {"way": "close", "said": "已立案"}).status_code == 303
    assert "已销号" in county.get(f"/old-clues/{clue('旧-1')}").text


def test_what_is_no_workbook_is_refused(county: Signed) -> None:
    status, page = sent(county, b"plain text", "all")
    assert (status, "请上传 Excel 工作簿" in page) == (422, True)
    assert county.post("/old-clues/import", {"mode": "all"}).status_code == 422


def test_files_to_take_away(county: Signed) -> None:
    for address in ("/old-clues/template", "/old-clues/export"):
        assert load_workbook(io.BytesIO(county.get(address).data)).worksheets


def test_enterprises_have_no_part_in_it(app: Flask) -> None:
    enterprise = as_holder(app, "榆次崧铭煤业有限公司（示范）", "safety_officer")
    assert enterprise.get("/old-clues").status_code == 403
