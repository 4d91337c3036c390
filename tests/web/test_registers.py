"""包保责任, 宣传报道 and the hand-over letter: registers kept by hand, and the paper of a hand-over, over HTTP."""

from __future__ import annotations

import io

import pytest
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import select

import models
from models import Broadcast, Enterprise, Letter, Person, Responsibility, Unit
from tests.support import clues
from tests.support.site import Signed, as_holder, holder_of
from tests.support.world import World, beijing
from tests.web.conftest import COUNTY, OFFICE


def unit_id(name: str) -> str:
    with models.reading() as tx:
        return str(tx.execute(select(Unit.id).where(Unit.short_name == name)).scalar_one())


@pytest.fixture
def director(app: Flask) -> Signed:
    return as_holder(app, OFFICE, "director")


@pytest.fixture
def township(app: Flask) -> Signed:
    return as_holder(app, "乌金山镇", "officer")


def enter(person: Signed, level: int, unit: str, post: str, area: str = "", key: str = "") -> int:
    body = {"level": str(level), "unit_id": unit_id(unit), "post": post, "area": area}
    if key:
        body["command_key"] = key
    return person.post("/responsibility/new", body).status_code


# -- responsibility ----------------------------------------------------------------------------------------------------
def test_each_level_enters_what_lies_below_it(director: Signed, liaison: Signed, township: Signed) -> None:
    assert enter(director, 1, COUNTY, "市委常委、常务副市长", key="r1") == 303
    assert enter(director, 1, COUNTY, "市委常委、常务副市长", key="r1") == 303
    assert enter(liaison, 2, "乌金山镇", "副区长") == 303
    assert enter(township, 3, "乌金山镇", "副镇长", "王村、李村") == 303
    assert enter(township, 4, "乌金山镇", "王村村委会主任", "王村一组至三组各户") == 303
    page = liaison.get("/responsibility").text
    assert all(word in page for word in ("市领导包县", "县领导包乡", "乡领导包村", "村干部包户", "王村一组至三组各户"))
    assert page.count("市委常委、常务副市长") == 1
    assert "县（区、市） 1/1 已明确" in page
    assert "市委常委、常务副市长" in township.get("/responsibility").text
    with models.reading() as tx:
        below = tx.execute(select(Enterprise.unit_id).where(Enterprise.county_id == unit_id(COUNTY))).scalars().first()
    assert "市委常委、常务副市长" in director.get(f"/enterprises/{below}").text
    book = load_workbook(io.BytesIO(liaison.get("/responsibility/export").data))
    assert any("王村一组至三组各户" in map(str, row) for row in book.active.iter_rows(values_only=True))


def test_nobody_enters_what_is_not_theirs(app: Flask, liaison: Signed, township: Signed) -> None:
    assert enter(liaison, 1, COUNTY, "区长") == 403
    assert enter(liaison, 2, "明星镇", "副区长") == 403
    assert enter(township, 2, "乌金山镇", "副区长") == 403
    assert enter(township, 3, "东阳镇", "副镇长", "某村") == 403
    assert enter(as_holder(app, "市应急局", "officer"), 2, "乌金山镇", "副局长") == 403


def test_what_is_missing_is_named(director: Signed, township: Signed) -> None:
    answer = township.post("/responsibility/new", {"level": "3", "unit_id": unit_id("乌金山镇"), "post": "镇长"})
    assert answer.status_code == 422
    assert "请写明所包的村" in answer.text and "镇长" in answer.text
    assert enter(director, 1, "乌金山镇", "副市长") == 422
    assert enter(director, 2, COUNTY, "副区长") == 422
    assert enter(director, 9, COUNTY, "副区长") == 422
    assert enter(director, 1, COUNTY, "") == 422


def test_a_line_is_taken_off_once(app: Flask, director: Signed, liaison: Signed) -> None:
    enter(liaison, 2, "东阳镇", "将撤销的岗位")
    with models.reading() as tx:
        found = tx.execute(select(Responsibility.id).where(Responsibility.post == "将撤销的岗位")).scalar_one()
    assert as_holder(app, "太谷区", "liaison").post(f"/responsibility/{found}/end").status_code == 403
    assert liaison.post(f"/responsibility/{found}/end").status_code == 303
    assert "将撤销的岗位" not in director.get("/responsibility").text
    assert director.post(f"/responsibility/{found}/end").status_code == 409
    assert director.post("/responsibility/nothing/end").status_code == 404


# -- publicity ---------------------------------------------------------------------------------------------------------
def test_a_county_records_its_column_and_what_it_showed(director: Signed, liaison: Signed) -> None:
    assert COUNTY in director.get("/publicity").text.split("尚未登记开设专栏")[1].split("</p>")[0]
    body = {"kind": "column", "medium": "榆次区电视台", "title": "百日攻坚进行时"}
    assert liaison.post("/publicity/new", body).status_code == 303
    shown = {"kind": "exposure", "medium": "榆次区电视台", "title": "曝光某企业带病运行", "aired_on": "2021-12-28"}
    assert liaison.post("/publicity/new", shown).status_code == 303
    page = director.get("/publicity?kind=exposure").text
    assert "曝光某企业带病运行" in page and "百日攻坚进行时" not in page
    assert COUNTY not in director.get("/publicity").text.split("尚未登记开设专栏")[1].split("</p>")[0]
    assert director.get("/publicity/export").status_code == 200


def test_the_office_says_of_which_county(director: Signed) -> None:
    body = {"kind": "example", "medium": "太谷区电视台", "title": "先进典型巡礼"}
    assert director.post("/publicity/new", body).status_code == 422
    assert director.post("/publicity/new", {**body, "county_id": unit_id("太谷区")}).status_code == 303
    with models.reading() as tx:
        county = tx.execute(select(Broadcast.county_id).where(Broadcast.title == "先进典型巡礼")).scalar_one()
    assert county == unit_id("太谷区")


def test_a_county_sees_its_own_and_others_record_nothing(app: Flask, township: Signed) -> None:
    taigu = as_holder(app, "太谷区", "liaison")
    body = {"kind": "progress", "medium": "太谷区电视台", "title": "太谷推进排查"}
    assert taigu.post("/publicity/new", body).status_code == 303
    assert "太谷推进排查" not in as_holder(app, COUNTY, "officer").get("/publicity").text
    assert township.post("/publicity/new", body).status_code == 403
    assert as_holder(app, "市应急局", "officer").post("/publicity/new", body).status_code == 403
    for wrong in ({"aired_on": "2031-01-01"}, {"aired_on": "2021-12-01"}, {"aired_on": "x"}, {"kind": "other"}):
        assert taigu.post("/publicity/new", {**body, **wrong}).status_code == 422
    assert taigu.post("/publicity/new", {**body, "title": ""}).status_code == 422


# -- grid workers, letters ---------------------------------------------------------------------------------------------
def test_a_township_registers_what_a_grid_worker_found(township: Signed) -> None:
    body = {"channel": "grid", "kind": "hazard", "subject": "某加工点", "text": "网格员巡查发现私拉电线"}
    assert township.get("/clues/new").status_code == 200
    assert township.post("/clues/new", {**body, "command_key": "g1"}).status_code == 201
    assert "某加工点" in township.get("/clues").text
    assert township.post("/clues/new", {**body, "channel": "phone"}).status_code == 403


def test_a_letter_is_printed_as_the_annex_has_it(app: Flask, world: World, director: Signed) -> None:
    clue = clues.hand_in(world, unit="平遥县", subject="某煤业公司")
    world.at(beijing("2021-12-30 10:00"))
    world.complete(world.open_tasks("confirm_list")[0])
    world.complete(world.open_tasks("seal_letters")[0])
    with models.reading() as tx:
        letter = tx.execute(select(Letter.id).where(Letter.clue_id == clue)).scalar_one()
    page = as_holder(app, "平遥县", "liaison").get(f"/letters/{letter}").text
    assert "平遥县政府、市应急局：" in page
    assert "2021年12月28日" in page and "接到群众关于某煤业公司涉嫌非法违法生产经营建设行为的举报" in page
    assert "严格落实县委县政府签字确认和市有关部门挂牌督办的责任" in page
    assert "请你局对该事项进行挂牌督办，并将督办情况及结果于" in page
    with models.reading() as tx:
        handler = tx.execute(select(Person.name).where(Person.id == holder_of(OFFICE, "dispatcher")[0])).scalar_one()
    assert f"承办人：{handler}" in page
    assert "夜间违规生产" in page and "（代章）" in page
    assert as_holder(app, "祁县", "liaison").get(f"/letters/{letter}").status_code == 403
    assert director.get("/letters/nothing").status_code == 404
    shown = director.get(f"/clues/{clue}").text
    assert f'href="/letters/{letter}"' in shown and "挂牌督办交办事项" in shown and "市应急局分管负责人" in shown
    world.complete(world.open_tasks("list_matter")[0], demands="立即核查，依法处置。")
    world.complete(world.open_tasks("report_supervision")[0], result="settled", situation="已现场督办，核查属实。")
    told = director.get(f"/clues/{clue}").text
    assert "立即核查，依法处置。" in told and "已督促办结" in told and "已现场督办，核查属实。" in told
