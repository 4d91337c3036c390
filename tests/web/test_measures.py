"""任务清单 over HTTP: who sees which work, filters, the table, one measure, notes, and the task pages beside."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import select

import models
from models import Attachment, Campaign
from tests.support import measures
from tests.support.measures import allocate, works
from tests.support.site import Signed, as_holder, new_app
from tests.support.world import World, beijing

OFFICE, FIRE = "市集中行动办公室", "市消防救援支队"


@pytest.fixture(scope="module")
def world(new_database: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> World:
    """One measure accepted, one reported below target, one returned."""
    world = measures.city(new_database("sqlite"), tmp_path_factory.mktemp("world"))
    world.at(beijing("2022-01-20 09:00"))
    for element in ("report_measure", "office_check"):
        world.complete(world.open_tasks(element, measure="m_3", of=FIRE)[0])
    world.complete(world.open_tasks("report_measure", measure="m_1", of="孝义市")[0], **{"figures.0.value": 40})
    world.complete(world.open_tasks("report_measure", measure="m_1", of="离石区")[0], **{"figures.0.value": 62})
    world.complete(world.open_tasks("lead_check", of="离石区")[0], outcome="return", opinion="照片不清晰")
    return world


@pytest.fixture(scope="module")
def app(world: World, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    url = world.database.url.render_as_string(hide_password=False)
    return new_app(url, tmp_path_factory.mktemp("var"))


@pytest.fixture(scope="module")
def campaign(world: World) -> str:
    with models.reading() as tx:
        return str(tx.execute(select(Campaign.id)).scalar_one())


def text(signed: Signed, path: str) -> str:
    answer = signed.get(path)
    assert answer.status_code == 200, path
    return str(answer.get_data(as_text=True))


def table(signed: Signed, query: str) -> list[list[object]]:
    """The rows of the Excel file under these filters."""
    answer = signed.get(f"/measures/export?{query}")
    rows = load_workbook(io.BytesIO(answer.data)).active.iter_rows(values_only=True)
    found = [list(row) for row in rows]
    head = next(i for i, row in enumerate(found) if row[0] == "编号")
    return [row for row in found[head + 1 :] if row[1]]


def test_the_office_sees_everything_by_measure_and_by_unit(app: Flask) -> None:
    office = as_holder(app, OFFICE, "director")
    page = text(office, "/measures")
    assert all(
        name in page for name in ("消防车通道达标验收", "规划建设微型消防站", "制定年度检查计划", "完善长效机制")
    )
    assert "共 15 件" in page
    assert "已验收 1" in page
    page = text(office, "/measures?view=units")
    assert all(word in page for word in ("离石区", "市文旅局", "不低于 50%", "完成 40%", "未达到", "退回 1 次"))
    assert "任务清单" in text(office, "/help")


def test_a_unit_sees_its_own_work_and_a_lead_what_it_checks(app: Flask) -> None:
    county = as_holder(app, "离石区", "liaison")
    assert {row[3] for row in table(county, "")} == {"离石区"}
    fire = table(as_holder(app, FIRE, "liaison"), "")
    assert {row[3] for row in fire} == {FIRE, "离石区", "孝义市", "汾阳市", "市住建局", "市文旅局"}
    # m_2 has no lead: what counties do of it is none of its business
    assert "规划建设微型消防站" not in {row[1] for row in fire}
    assert table(as_holder(app, "市住建局", "liaison"), "view=units") == [
        row for row in table(as_holder(app, OFFICE, "director"), "") if row[3] == "市住建局"
    ]


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 15),
        ("heading=1", 11),
        ("heading=2", 4),
        ("heading=9", 15),
        ("heading=x", 15),
        ("state=accepted", 1),
        ("state=returned", 1),
        ("state=waiting", 4),
        ("state=nonsense", 15),
        ("target=yes", 11),
        ("q=微型", 3),
        ("q=1.1.1", 8),
        ("q=孝义", 3),
        ("q=没有这个", 0),
        ("heading=2&q=长效", 1),
    ],
)
def test_filters(app: Flask, query: str, count: int) -> None:
    office = as_holder(app, OFFICE, "director")
    assert len(table(office, query)) == count
    for view in ("measures", "units"):
        text(office, f"/measures?view={view}&{query}")


def test_overdue_is_asked_for_by_its_own_name(app: Flask) -> None:
    # the pages' clock is today's: everything that is not accepted is late by years
    assert len(table(as_holder(app, OFFICE, "director"), "state=overdue")) == 14


def test_a_page_goes_on_behind_its_last_line(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("services._pages", "services.measures.measure_pages"):
        monkeypatch.setattr(f"{module}.PAGE", 2)
    office = as_holder(app, OFFICE, "director")
    for view in ("measures", "units"):
        first = text(office, f"/measures?view={view}")
        assert 'rel="next"' in first
        address = first.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0].replace("&amp;", "&")
        assert address.startswith("/measures?")
        assert "回到第一页" in text(office, address)
    assert "回到第一页" in text(office, "/measures?view=units&after=nonsense")


def test_one_measure_with_its_words_work_and_contradiction(app: Flask, campaign: str) -> None:
    page = text(as_holder(app, OFFICE, "director"), f"/measures/{campaign}/m_1")
    for word in (
        "对公共建筑和新建住宅小区消防车通道逐一划线",
        "以任务条款为准，分2月底、3月底两期验收。",
        "（牵头单位：市消防救援支队；责任单位：各县（市、区）政府；配合单位：各有关部门）",
        "由市消防救援支队核验",
        "照片不清晰",
        "上报完成情况.docx",
        "1 个单位，共 2 个单位上报",
    ):
        assert word in page, word
    own = text(as_holder(app, "汾阳市", "liaison"), f"/measures/{campaign}/m_1")
    assert "照片不清晰" not in own
    assert "汾阳市" in own
    assert "没有您数据范围内的承办单位" in text(as_holder(app, "市住建局", "liaison"), f"/measures/{campaign}/m_1")
    assert as_holder(app, OFFICE, "director").get(f"/measures/{campaign}/m_9").status_code == 404
    assert as_holder(app, OFFICE, "director").get("/measures/nothing/m_1").status_code == 404


def test_notes_by_the_unit_itself(app: Flask, world: World, campaign: str) -> None:
    county = as_holder(app, "汾阳市", "liaison")
    unit = world.ask(works, "m_1", "汾阳市")[0].unit_id
    path = f"/measures/{campaign}/m_1/notes"
    assert county.post(path, {"unit": unit, "text": "已完成城区<b>划线</b>"}).status_code == 303
    page = text(county, f"/measures/{campaign}/m_1")
    assert "已完成城区&lt;b&gt;划线&lt;/b&gt;" in page
    refused = county.post(path, {"unit": unit, "text": "无"})
    assert refused.status_code == 422
    assert "请写明进展" in refused.get_data(as_text=True)
    assert county.send("POST", path, {}).status_code == 422
    assert as_holder(app, "孝义市", "liaison").post(path, {"unit": unit, "text": "别人的进展"}).status_code == 403
    assert as_holder(app, OFFICE, "auditor").post(path, {"unit": unit, "text": "审计的进展"}).status_code == 403


def test_the_task_page_shows_the_measure_and_only_lines_of_its_date(app: Flask, world: World) -> None:
    found = world.open_tasks("report_measure", measure="m_1", of="离石区")[0]
    page = text(as_holder(app, "离石区", "liaison"), f"/tasks/{found.id}")
    assert "对公共建筑和新建住宅小区消防车通道逐一划线" in page
    assert "照片不清晰" in page
    assert "已带入" in page


def test_who_checks_may_open_the_evidence(app: Flask, world: World) -> None:
    found = world.open_tasks("lead_check", of="孝义市")[0]
    with models.reading() as tx:
        query = select(Attachment.id).join(models.Task, models.Task.id == Attachment.task_id)
        file = tx.execute(query.where(models.Task.instance_id == found.instance_id)).scalar_one()
    fire = as_holder(app, FIRE, "liaison")
    assert "上报完成情况.docx" in text(fire, f"/tasks/{found.id}")
    # the bytes lie in the world's store, the application has its own: it is found, and not forbidden
    assert fire.get(f"/attachments/{file}").status_code != 403
    assert as_holder(app, "汾阳市", "liaison").get(f"/attachments/{file}").status_code == 403


def test_the_campaign_page_has_the_figures(app: Flask, campaign: str) -> None:
    page = text(as_holder(app, OFFICE, "director"), f"/campaigns/{campaign}")
    assert "查看任务清单" in page
    assert "有量化目标 11，已达标验收 0" in page


# -- allocation --------------------------------------------------------------------------------------------------------
@pytest.fixture
def allocated(new_database: Callable[..., str], tmp_path: Path) -> tuple[World, Flask]:
    """The same city with 1500 people to be trained, allocated among three counties."""
    world = measures.city(new_database("sqlite"), tmp_path, change=allocate)
    return world, new_app(world.database.url.render_as_string(hide_password=False), tmp_path / "var")


def test_the_allocation_on_the_page_and_as_excel(allocated: tuple[World, Flask]) -> None:
    world, app = allocated
    county, office = as_holder(app, "孝义市", "liaison"), as_holder(app, OFFICE, "director")
    with models.reading() as tx:
        campaign = str(tx.execute(select(Campaign.id)).scalar_one())
    unit = world.ask(works, "m_2", "孝义市")[0].unit_id
    address = f"/measures/{campaign}/m_2"
    assert "目前完成（人）" in text(county, address)
    wrong = county.post(f"{address}/notes", data={"unit": unit, "text": "第一期结业", "figure": "很多"})
    assert wrong.status_code == 422
    page = wrong.get_data(as_text=True)
    assert "请填写不小于 0 的数" in page
    assert "很多" in page
    assert (
        county.post(f"{address}/notes", data={"unit": unit, "text": "第一期结业", "figure": "120"}).status_code == 303
    )
    page = text(office, address)
    assert all(word in page for word in ("任务 1500 人", "已完成 120", "差额", "1380", "目前完成 120"))
    assert "只列您数据范围内的单位" in text(county, address)
    rows = list(load_workbook(io.BytesIO(office.get(f"{address}/allocation").data)).active.iter_rows(values_only=True))
    assert ("孝义市", 400, 120, 280, "进展记录") in [tuple(row[2:7]) for row in rows]
    assert office.get(f"/measures/{campaign}/m_1/allocation").status_code == 404
