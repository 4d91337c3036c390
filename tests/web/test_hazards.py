"""The register of hazards over HTTP: lists, filters, one hazard with its plate, entering, opening again."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from flask import Flask
from openpyxl import load_workbook

from services.running import jobs
from tests.support.hazards import campaign_id, enter, enterprise_of, row, unit_id
from tests.support.played import KEY, LAUNCH
from tests.support.site import Signed, as_holder, new_app
from tests.support.world import World, beijing

OFFICE = "市“百日攻坚”集中行动领导组办公室"


@pytest.fixture(scope="module")
def world(new_database: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> World:
    """One of each: listed and late, closed, waiting for acceptance, of another county, outside the directory."""
    world = World(new_database("sqlite"), tmp_path_factory.mktemp("world"), key=KEY, now=LAUNCH, enterprises=30)
    world.at(beijing("2022-01-05 10:00"))
    enter(world, grade="major", text="瓦斯抽采系统失效")
    world.complete(world.open_tasks("list_supervision")[0])
    enter(world, text="消防通道堵塞")
    task = world.open_tasks("make_rectification_plan")[-1]
    world.complete(task)
    world.complete(world.open_tasks("rectify_hazard")[0])
    world.complete(world.open_tasks("accept_rectification")[0])
    enter(world, text="配电箱无盖板")
    world.complete(world.open_tasks("make_rectification_plan")[-1])
    world.complete(world.open_tasks("rectify_hazard")[0])
    enter(world, by=("太谷区", "officer"), county="太谷区", text="有限空间无警示")
    outside = {"enterprise_id": "", "enterprise_name": "路边加油点", "county_id": unit_id("榆次区")}
    enter(world, text="非法加油", **outside)
    world.at(beijing("2022-01-12 10:00"))
    return world


@pytest.fixture(scope="module")
def app(world: World, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    return new_app(world.database.url.render_as_string(hide_password=False), tmp_path_factory.mktemp("var"))


@pytest.fixture
def office(app: Flask) -> Signed:
    return as_holder(app, OFFICE, "director")


@pytest.fixture
def county(app: Flask) -> Signed:
    return as_holder(app, "榆次区", "officer")


@pytest.mark.parametrize(
    ("asked", "shown", "hidden"),
    [
        ("", "瓦斯抽采系统失效", "没有符合条件"),
        ("?grade=major", "瓦斯抽采系统失效", "消防通道堵塞"),
        ("?state=closed", "消防通道堵塞", "配电箱无盖板"),
        ("?state=submitted", "配电箱无盖板", "消防通道堵塞"),
        ("?state=overdue", "瓦斯抽采系统失效", "消防通道堵塞"),
        ("?state=listed", "挂牌督办〔2022〕1号", "有限空间无警示"),
        ("?q=有限空间", "有限空间无警示", "消防通道堵塞"),
        ("?source=direct", "消防通道堵塞", "没有符合条件"),
        ("?source=clue", "没有符合条件的隐患", "消防通道堵塞"),
        ("?state=open", "非法加油", "消防通道堵塞"),
    ],
)
def test_the_register_is_filtered(office: Signed, asked: str, shown: str, hidden: str) -> None:
    page = office.get(f"/hazards{asked}")
    assert page.status_code == 200
    assert shown in page.text
    assert hidden not in page.text


def test_a_county_sees_its_own_and_what_lies_outside_the_directory(county: Signed) -> None:
    page = county.get("/hazards").text
    assert "非法加油" in page
    assert "有限空间无警示" not in page
    assert county.get(f"/hazards/{_id('有限空间无警示')}").status_code == 403


def test_a_department_sees_what_its_sectors_have(app: Flask, world: World) -> None:
    page = as_holder(app, "市交通局", "officer").get("/hazards").text
    assert "瓦斯抽采系统失效" not in page
    hazard = enter(world, by=("市交通局", "officer"), text="客车超员")
    assert "客车超员" in as_holder(app, "市交通局", "officer").get("/hazards").text
    assert as_holder(app, "市交通局", "officer").get(f"/hazards/{hazard}").status_code == 200


def test_a_listed_hazard_shows_its_plate_the_next_step_and_the_ladder(office: Signed) -> None:
    page = office.get(f"/hazards/{_id('瓦斯抽采系统失效')}").text
    for said in (
        "重大隐患挂牌督办",
        "挂牌督办〔2022〕1号",
        "榆次区分管负责人",
        "制定整改方案",
        "已超期",
        "个工作日",
        "黄牌警示",
    ):
        assert said in page


def test_the_enterprise_shows_its_hazards(office: Signed) -> None:
    assert "瓦斯抽采系统失效" in office.get(f"/enterprises/{enterprise_of('榆次区')}").text


def test_the_export_holds_the_five_of_the_plan(office: Signed) -> None:
    book = load_workbook(io.BytesIO(office.get("/hazards/export?grade=major").data))
    cells = [cell.value for line in book.worksheets[0].iter_rows() for cell in line]
    assert {"整改责任人", "整改措施", "整改资金", "整改时限", "应急预案", "瓦斯抽采系统失效"} <= set(cells)


def test_entering_one(county: Signed, world: World) -> None:
    found = county.get("/hazards/new?find=榆次")
    assert enterprise_of("榆次区") in found.text
    data = {"campaign": campaign_id(), "enterprise_id": enterprise_of("榆次区"), "grade": "general", "text": ""}
    refused = county.post("/hazards/new", data)
    assert refused.status_code == 422
    assert "请填写隐患内容" in refused.text
    made = county.post("/hazards/new", {**data, "text": "脚手架未验收"})
    assert made.status_code == 303
    jobs.drain(world.now)
    assert row(made.location.rsplit("/", 1)[-1]).text == "脚手架未验收"


def test_a_date_ahead_is_refused(county: Signed) -> None:
    data = {"campaign": campaign_id(), "enterprise_id": enterprise_of("榆次区"), "grade": "general", "text": "堵塞"}
    refused = county.post("/hazards/new", {**data, "found_on": "2150-01-01"})
    assert refused.status_code == 422
    assert "发现时间不能晚于现在" in refused.text
    assert county.post("/hazards/new", {**data, "found_on": "昨天"}).status_code == 422


def test_opening_again(app: Flask, county: Signed, world: World) -> None:
    hazard = _id("消防通道堵塞")
    assert "重新启动整改" in county.get(f"/hazards/{hazard}").text
    assert county.post(f"/hazards/{hazard}/reopen", {"reason": ""}).status_code == 422
    enterprise = as_holder(app, "太谷区", "officer")
    assert enterprise.post(f"/hazards/{hazard}/reopen", {"reason": "反弹"}).status_code == 403
    assert county.post(f"/hazards/{hazard}/reopen", {"reason": "回头看发现反弹"}).status_code == 303
    jobs.drain(world.now)
    page = county.get(f"/hazards/{hazard}").text
    assert "以前各轮" in page
    assert "回头看发现反弹" in page
    assert county.post(f"/hazards/{hazard}/reopen", {"reason": "再来一次"}).status_code == 409


def _id(text: str) -> str:
    from sqlalchemy import select

    from models import Hazard, reading

    with reading() as tx:
        return tx.execute(select(Hazard.id).where(Hazard.text == text)).scalar_one()
