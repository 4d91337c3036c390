"""Publications of the clue loop: compiled from the register, approved, seen by everybody, withdrawn with a reason."""

from __future__ import annotations

import re
from typing import Any

import orjson
import pytest
from flask import Flask
from sqlalchemy import select

import models
from domain.authority import Actor
from domain.errors import Conflict, Forbidden, Invalid, NotFound
from models import Ledger, Person, Publication
from services.publications import publications
from services.publications.publication_actions import content_hash
from tests.support import clues
from tests.support.played import office
from tests.support.site import as_holder, new_app
from tests.support.world import World, beijing

CANARY = "举报人金丝雀"
REPORTER = {"name": CANARY, "phone": "0354-7654321", "address": f"{CANARY}街"}
OFFICE = "市“百日攻坚”集中行动领导组办公室"
HERE, THERE = "榆次某煤业公司", "平遥某建材公司"


@pytest.fixture(scope="module")
def world(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> World:
    """Two counties had a clue each handed over on 3 January; the lists of the day wait for their approval."""
    url, folder = database_url, tmp_path_factory.mktemp("world")
    world = World(url, folder, key="jinzhong-hundred-day", now=beijing("2021-12-28 09:00"), enterprises=3)
    world.at(beijing("2022-01-02 15:00"))
    clues.hand_in(world, subject=HERE, unit="榆次区", reporter=REPORTER)
    clues.hand_in(world, subject=THERE, unit="平遥县", reporter=REPORTER)
    world.at(beijing("2022-01-03 09:30"))
    world.complete(world.open_tasks("confirm_list")[0])
    world.complete(world.open_tasks("seal_letters")[0])
    world.at(beijing("2022-01-04 00:30"))
    return world


@pytest.fixture(scope="module")
def app(world: World, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    url = world.database.url.render_as_string(hide_password=False)
    return new_app(url, tmp_path_factory.mktemp("var"))


def rows(**where: Any) -> list[Any]:
    query = select(Publication.__table__).order_by(Publication.compiled_at, Publication.id)
    with models.reading() as tx:
        return list(tx.execute(query.filter_by(**where)))


def subjects(row: Any) -> list[str]:
    return [clue["subject"] for clue in row.content["clues"]]


def test_the_daily_list_is_each_publishers_own(world: World) -> None:
    drafts = rows(kind="assignment_list")
    by_title = {row.title: subjects(row) for row in drafts}
    assert by_title == {
        "问题线索交办清单（2022年1月3日）": [HERE, THERE],
        "榆次区问题线索交办清单（2022年1月3日）": [HERE],
        "平遥县问题线索交办清单（2022年1月3日）": [THERE],
    }
    assert {row.status for row in drafts} == {"draft"}
    tasks = [*world.open_tasks("approve_county"), *world.open_tasks("approve_office")]
    assert {(task.unit, task.post) for task in tasks} == {
        ("平遥县", "deputy"), (OFFICE, "director"), ("榆次区", "deputy")
    }  # fmt: skip
    assert {task.due_at for task in tasks} == {beijing("2022-01-05 00:00")}
    assert publications.public_page(publications.Filters()).rows == ()


def test_the_approver_sees_exactly_what_will_stand(world: World, app: Flask) -> None:
    task = world.open_tasks("approve_county", unit="榆次区")[0]
    page = as_holder(app, "榆次区", "deputy").get(f"/sign-offs/{task.id}").text
    assert HERE in page and THERE not in page and "同意公开" in page and "退回修改" in page


def test_returned_amended_approved_and_published(world: World, app: Flask) -> None:
    task = world.open_tasks("approve_county", unit="榆次区")[0]
    world.complete(task, outcome="return", opinion="请写明下一步措施")
    assert rows(kind="assignment_list", status="published") == []
    note = world.open_tasks("revise_county", unit="榆次区")[0]
    assert note.post == "liaison"
    world.complete(note, body="已责成有关部门核查。", media="区政府网站")
    again = world.open_tasks("approve_county", unit="榆次区")[0]
    page = as_holder(app, "榆次区", "deputy").get(f"/sign-offs/{again.id}").text
    assert "已责成有关部门核查。" in page and "此前已退回 1 次。" in page and "请写明下一步措施" in page
    world.complete(again, outcome="approve")
    (row,) = rows(kind="assignment_list", status="published")
    assert (row.body, row.media, row.published_at) == ("已责成有关部门核查。", "区政府网站", world.now)
    assert row.content_hash == content_hash(row, {"body": row.body, "media": row.media})
    with models.reading() as tx:
        approver = tx.execute(select(Person.name).where(Person.id == row.approved_by)).scalar_one()
        told = tx.execute(select(Ledger.data).where(Ledger.tag == "publication:publish")).scalar_one()
    assert approver and told["hash"] == row.content_hash
    shown = app.test_client().get(f"/public/items/{row.id}")
    assert shown.status_code == 200 and HERE in shown.text and "已责成有关部门核查。" in shown.text
    assert approver not in shown.text, "no person's name is published"


def conclude(world: World, unit: str, day: str) -> None:
    """Verified, reported, signed by both, found satisfactory."""
    world.at(beijing(f"{day} 09:00"))
    world.complete(world.open_tasks("verify_clue", unit=unit)[0])
    world.complete(
        world.open_tasks("report_result", unit=unit)[0], verdict="true", administrative_penalty=5, closed_banned=1
    )
    for element in ("sign_party", "sign_government"):
        world.complete(world.open_tasks(element, unit=unit)[0])
    world.complete(world.open_tasks("check_result")[0])


def test_a_result_goes_to_its_publication_when_the_clue_is_concluded(world: World) -> None:
    conclude(world, "平遥县", "2022-01-06")
    (draft,) = rows(kind="result")
    labels = [label for label, _ in draft.content["items"]]
    assert labels == [
        "违法性质", "停产整顿", "关闭取缔", "行政处罚", "吊销证照", "重大事故隐患整改率", "提级核查",
        "失信企业联合惩戒", "党纪政务处分", "刑事责任追究",
    ]  # fmt: skip
    items = dict(draft.content["items"])
    assert (items["关闭取缔"], items["行政处罚"]) == ("1家", "5万元")
    task = world.open_tasks("approve_result")[0]
    assert (task.unit, task.post, task.due_at) == (OFFICE, "director", beijing("2022-01-08 00:00"))
    world.complete(task, outcome="approve")
    assert [row.status for row in rows(kind="result")] == ["published"]


def test_the_weekly_publication_counts_how_far_things_are(world: World) -> None:
    world.at(beijing("2022-01-10 09:30"))
    (draft,) = rows(kind="weekly_progress", period="2022-01-03~2022-01-09")
    assert draft.title == "交办问题清单和查处整改进展情况（2022年1月3日至2022年1月9日）"
    assert subjects(draft) == [HERE, THERE]
    assert {line["unit"]: (line["handed_over"], line["concluded"]) for line in draft.content["progress"]} == {
        "榆次区": (1, 0), "平遥县": (1, 1)
    }  # fmt: skip
    assert draft.content["handled"]["administrative_penalty"] == 5
    note = world.open_tasks("edit_progress")[0]
    assert (note.post, note.due_at) == ("dispatcher", beijing("2022-01-10 18:00"))
    world.complete(note)
    world.complete(world.open_tasks("approve_progress")[0], outcome="approve")
    assert rows(kind="weekly_progress")[0].status == "published"


def test_a_day_without_hand_over_ends_without_a_task(world: World) -> None:
    assert {row.period for row in rows(kind="assignment_list")} == {"2022-01-03"}
    assert len(world.open_tasks("approve_county")) == 1, "only what is left of 3 January"


def test_the_public_lists_by_kind_unit_and_day(world: World, app: Flask) -> None:
    client = app.test_client()
    assert client.get("/public").text.count("happening-what") == 3
    with models.reading() as tx:
        yuci = clues.unit_id(tx, "榆次区")
    assert client.get(f"/public?unit={yuci}").text.count("happening-what") == 1
    assert client.get("/public?kind=result").text.count("happening-what") == 1
    assert "没有公开的内容" in client.get("/public?until=2022-01-01").text
    assert client.get("/public?since=2022-01-10").text.count("happening-what") == 1
    assert client.get("/public?since=soon").status_code == 422
    assert client.get("/public?after=x").status_code == 422
    draft = rows(kind="assignment_list", status="draft")[0]
    assert client.get(f"/public/items/{draft.id}").status_code == 404


def test_nothing_of_a_reporter_or_of_their_words_is_published(app: Flask) -> None:
    client = app.test_client()
    pages = [client.get("/public").text] + [
        client.get(f"/public/items/{row.id}").text for row in rows(status="published")
    ]
    written = orjson.dumps([[row.title, row.content, row.body] for row in rows(audience="public")]).decode()
    for text in (*pages, written):
        assert not re.search(f"{CANARY}|7654321|夜间违规生产", text)


def test_withdrawn_by_the_office_with_a_reason(world: World, app: Flask) -> None:
    row = rows(kind="result")[0]
    director, county = office("director"), Actor(person_id="x", name="x")
    with pytest.raises(Forbidden):
        publications.withdraw(county, row.id, "内容有误，需要更正", world.now)
    with pytest.raises(Invalid):
        publications.withdraw(director, row.id, "误", world.now)
    with pytest.raises(NotFound):
        publications.withdraw(director, "nothing", "内容有误，需要更正", world.now)
    with pytest.raises(Conflict):
        publications.withdraw(
            director, rows(kind="assignment_list", status="draft")[0].id, "内容有误，需要更正", world.now
        )
    browser = as_holder(app, OFFICE, "director")
    refused = browser.post(f"/publications/{row.id}/withdraw", {"reason": "误"})
    assert refused.status_code == 422 and "5 至 400 个字" in refused.text
    reason = {"reason": "内容有误，需要更正"}
    assert as_holder(app, "榆次区", "deputy").post(f"/publications/{row.id}/withdraw", reason).status_code == 403
    assert browser.post(f"/publications/{row.id}/withdraw", reason).status_code == 303
    assert browser.post(f"/publications/{row.id}/withdraw", reason).status_code == 409
    gone = app.test_client().get(f"/public/items/{row.id}")
    assert gone.status_code == 404 and "已撤回" in gone.text
    assert "内容有误，需要更正" in browser.get(f"/publications/{row.id}").text
    assert "已撤回" in browser.get("/publications").text
    with models.reading() as tx:
        assert tx.execute(select(Ledger.data).where(Ledger.tag == "publication:withdraw")).scalar_one()["reason"]


def test_a_county_sees_its_own(app: Flask) -> None:
    yuci = as_holder(app, "榆次区", "liaison")
    page = yuci.get("/publications").text
    assert "榆次区问题线索交办清单" in page and "平遥县问题线索交办清单" not in page
    other = next(row for row in rows(kind="assignment_list") if "平遥县" in row.title)
    assert yuci.get(f"/publications/{other.id}").status_code == 403
