"""The pages of spot checks and rankings: what they show, to whom, and what can be downloaded."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

import models
from models import Publication, SpotCheck, Unit
from tests.support import visits
from tests.support.site import JSON, as_holder, new_app
from tests.support.world import World, beijing

OFFICE = "市“百日攻坚”集中行动领导组办公室"


@pytest.fixture(scope="module")
def world(new_database: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> World:
    world = World(
        new_database("sqlite"),
        tmp_path_factory.mktemp("world"),
        key="jinzhong-hundred-day",
        now=beijing("2021-12-27 09:00"),
    )
    world.at(beijing("2022-01-05 10:00"))
    visits.by_county("市应急局", "榆社县", 11, world.now)
    visits.by_county("市应急局", "榆次区", 2, world.now)
    world.at(beijing("2022-01-10 10:00"))
    visits.answer("市应急局", world.now, count=1, items=["o2"])
    return world


@pytest.fixture(scope="module")
def app(world: World, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    url = world.database.url.render_as_string(hide_password=False)
    return new_app(url, tmp_path_factory.mktemp("var"))


def draw_of(county: str) -> str:
    with models.reading() as tx:
        query = select(SpotCheck.id).join(Unit, Unit.id == SpotCheck.county_id).where(Unit.short_name == county)
        return str(tx.execute(query).scalar_one())


def test_shares_with_the_line_of_ten_percent(app: Flask) -> None:
    text = as_holder(app, OFFICE, "dispatcher").get("/spot-checks").text
    assert "市应急局" in text
    assert "榆社县" in text
    assert "18.2%" in text  # 2 of 11
    assert "≥10%" in text
    assert "达到比例" in text


def test_a_county_sees_its_own_draws_only(app: Flask) -> None:
    browser = as_holder(app, "榆次区", "liaison")
    text = browser.get("/spot-checks").text
    assert "榆次区" in text
    assert "榆社县" not in text
    assert browser.get(f"/spot-checks/{draw_of('榆次区')}").status_code == 200
    assert browser.get(f"/spot-checks/{draw_of('榆社县')}").status_code == 403
    assert browser.get(f"/spot-checks/{draw_of('榆社县')}/paper").status_code == 403


def test_another_department_sees_nothing_of_it(app: Flask) -> None:
    browser = as_holder(app, "市工信局", "liaison")
    assert "还没有抽取" in browser.get("/spot-checks").text
    assert browser.get(f"/spot-checks/{draw_of('榆次区')}").status_code == 403


def test_a_draw_with_its_proof(app: Flask) -> None:
    text = as_holder(app, "市应急局", "officer").get(f"/spot-checks/{draw_of('榆社县')}").text
    for word in ("抽查复核", "复核一致", "种子", "封存值", "封存中，行动结束后公开", "县级未发现", "名单（11 家"):
        assert word in text, word


def test_the_paper_is_enough_to_draw_again(app: Flask) -> None:
    answer = as_holder(app, "榆社县", "liaison").get(f"/spot-checks/{draw_of('榆社县')}/paper", headers=JSON)
    assert answer.headers["Content-Disposition"].startswith("attachment")
    paper = answer.get_json()
    again = set()
    for stratum in paper["strata"]:
        codes = [one["code"] for one in paper["population"] if one["stratum"] == stratum["stratum"]]
        codes.sort(key=lambda code: hashlib.sha256(f"{paper['seed']}|{code}".encode()).hexdigest())
        again |= set(codes[: stratum["size"]])
    assert again == set(paper["drawn"])
    assert (paper["size"], paper["secret"], paper["differences"]) == (2, None, [])


def test_all_draws_made_again(app: Flask) -> None:
    text = as_holder(app, OFFICE, "dispatcher").get("/spot-checks/verify").text
    assert "复核 2 次抽取，全部一致" in text


def test_the_list_as_excel_under_its_filter(app: Flask) -> None:
    answer = as_holder(app, OFFICE, "dispatcher").get(f"/spot-checks/export?county={visits.unit_id('榆社县')}")
    assert answer.status_code == 200
    assert answer.data[:2] == b"PK"


def test_a_draw_that_is_not_there(app: Flask) -> None:
    assert as_holder(app, OFFICE, "dispatcher").get("/spot-checks/nothing").status_code == 404


def test_the_task_lists_what_was_drawn(app: Flask, world: World) -> None:
    (task,) = world.open_tasks("check_picks", unit="市应急局")
    text = as_holder(app, "市应急局", "officer").get(f"/tasks/{task.id}").text
    assert text.count("未检查") >= 2
    assert "查看抽取名单和复核" in text


def test_the_task_is_refused_with_422_and_names_who_is_missing(app: Flask, world: World) -> None:
    (task,) = world.open_tasks("check_picks", unit="市应急局")
    body = {"answers": world.answers(task, undiscovered=0), "version": task.version}
    answer = as_holder(app, "市应急局", "officer").send("POST", f"/tasks/{task.id}/complete", body)
    assert answer.status_code == 422
    assert "还有抽中的企业没有检查记录，不能办结" in answer.text
    assert "榆社县" in answer.text or "榆次区" in answer.text
    assert world.open_tasks("check_picks", unit="市应急局")


def test_rankings(app: Flask) -> None:
    with models.reading() as tx:
        publication_id = tx.execute(select(Publication.id).where(Publication.kind == "ranking")).scalar_one()
    browser = as_holder(app, OFFICE, "dispatcher")
    assert "待审定" in browser.get("/rankings").text
    text = browser.get(f"/rankings/{publication_id}").text
    for word in ("名次", "理由", "权重", "建议重点督导", "内容校验码"):
        assert word in text, word
    assert browser.get(f"/rankings/{publication_id}/{visits.unit_id('榆次区')}").status_code == 200
    assert browser.get(f"/rankings/{publication_id}/export").data[:2] == b"PK"
    county = as_holder(app, "榆次区", "liaison")
    assert county.get(f"/rankings/{publication_id}").status_code == 403
    assert "还没有考评结果" in county.get("/rankings").text


def test_what_was_drawn_and_is_closed_is_recorded_as_such(app: Flask, world: World) -> None:
    """Last in this module: the picks of the department change."""
    pick = visits.open_pick("市应急局")
    browser, path = as_holder(app, "市应急局", "officer"), f"/inspections/new/{pick.enterprise_id}"
    assert "能否检查" not in browser.get(path).text
    assert "正常检查" in browser.get(f"{path}?pick={pick.id}").text
    visits.close_drawn("市应急局")
    text = browser.get(f"{path}?pick={pick.id}").text
    assert "已注销或关闭，无法检查" in text
    assert "正常检查" not in text
    typed = {"kind": "spot_check", "pick_id": pick.id, "teams": "1", "inspected_at": "2022-01-10", "lines": "2"}
    usual = browser.post(path, data=typed)
    assert (usual.status_code, "在单位目录中已停用" in usual.text) == (422, True)
    silent = browser.post(path, data={**typed, "hindrance": "closed"})
    assert (silent.status_code, "请写明核实的情况" in silent.text) == (422, True)
    done = browser.post(path, data={**typed, "hindrance": "closed", "note": "已于1月8日办理注销，现场已拆除"})
    assert done.status_code == 303
    shown = browser.get(done.headers["Location"]).text
    assert "已注销或关闭，无法检查" in shown
    assert "没有可检查的内容" in shown
    draws = [draw_of(county) for county in ("榆社县", "榆次区")]
    assert any("已注销或关闭，无法检查" in browser.get(f"/spot-checks/{draw}").text for draw in draws)
