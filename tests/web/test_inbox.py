"""待办 and 已办: every task once, the most urgent first, counted no further than needed; on both databases."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert, select

import models
from models import Instance, Task, Unit
from services.tasks import inbox
from tests.support.site import JSON, Signed, as_holder, new_app, new_person, new_post, new_unit, sign_in
from tests.support.world import World, beijing
from tests.web.conftest import CAMPAIGN, COUNTY, LAUNCH

MANY = 95
NOW = datetime.now(UTC).replace(microsecond=0)


@pytest.fixture(scope="module")
def app(backend: str, new_database: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> Flask:
    url = new_database(backend)
    World(url, tmp_path_factory.mktemp("world"), key=CAMPAIGN, now=beijing(LAUNCH), enterprises=1)
    return new_app(url, tmp_path_factory.mktemp("var"))


@pytest.fixture(scope="module")
def crowd(app: Flask) -> tuple[str, list[Any]]:
    """Somebody with three posts and many tasks, in the order in which they should be seen."""
    person_id = new_person("忙人")
    unit_id, _ = new_unit("某街道100%_办")
    posts = [new_post(unit_id, f"kind_{n}", "staff", person_id) for n in range(3)]
    draw = random.Random(7)
    with models.reading() as tx:
        instance = tx.execute(select(Instance.id, Instance.campaign_id).limit(1)).one()
    rows = []
    for n in range(MANY):
        # many share a due date, some have none
        due_at = None if n % 9 == 0 else NOW + timedelta(days=draw.randint(-20, 20), hours=1)
        rows.append(
            {
                "id": models.new_id(),
                "instance_id": instance.id,
                "campaign_id": instance.campaign_id if n % 2 else None,
                "ref": f"ref-{n}",
                "element": "sign_commitment",
                "name": f"任务{n}",
                "title": "含 50%_折扣 的标题" if n == 4 else "标题",
                "post_id": draw.choice(posts),
                "unit_id": unit_id,
                "opened_at": NOW - timedelta(days=30),
                "due_at": due_at,
            }
        )
    with models.transaction() as tx:
        tx.execute(insert(Task), rows)
    rows.sort(key=lambda row: (row["due_at"] is None, row["due_at"] or NOW, row["id"]))
    return person_id, rows


@pytest.fixture
def busy(app: Flask, crowd: tuple[str, list[Any]]) -> Signed:
    return sign_in(app, crowd[0])


def walk(browser: Signed, **given: Any) -> list[str]:
    """All pages of the list, one after the other."""
    ids: list[str] = []
    after = ""
    for _ in range(50):
        page = browser.get("/api/tasks", query_string={**given, "after": after}, headers=JSON).json
        ids += [item["id"] for item in page["items"]]
        after = page["next"]
        if not after:
            return ids
    raise AssertionError("the pages do not end")


@pytest.mark.parametrize("size", [7, 20, 100])
def test_the_pages_hold_every_task_once_in_order(busy: Signed, crowd: tuple[str, list[Any]], size: int) -> None:
    assert walk(busy, size=size) == [row["id"] for row in crowd[1]]


def test_late_ones_alone(busy: Signed, crowd: tuple[str, list[Any]]) -> None:
    late = [row["id"] for row in crowd[1] if row["due_at"] and row["due_at"] < NOW]
    assert walk(busy, size=10, late=1) == late
    page = busy.get("/api/tasks", headers=JSON).json
    assert (page["count"], page["late"]) == (MANY, len(late))
    assert {item["light"]["color"] for item in busy.get("/api/tasks?late=1", headers=JSON).json["items"]} == {"red"}


def test_one_campaign_alone(busy: Signed, crowd: tuple[str, list[Any]]) -> None:
    campaign = next(row["campaign_id"] for row in crowd[1] if row["campaign_id"])
    wanted = [row["id"] for row in crowd[1] if row["campaign_id"]]
    assert walk(busy, size=10, campaign=campaign) == wanted
    assert walk(busy, campaign="no-such-campaign") == []


@pytest.mark.parametrize(
    ("text", "found"),
    [("任务17", 1), ("任务", MANY), ("50%_折扣", 1), ("某街道100%_办", MANY), ("100%办", 0), ("_", MANY), ("%", MANY)],
)
def test_a_text_is_looked_for_as_it_is(busy: Signed, text: str, found: int) -> None:
    assert busy.get("/api/tasks", query_string={"q": text}, headers=JSON).json["count"] == found


def test_acting_for_one_post_shows_its_tasks_alone(app: Flask, crowd: tuple[str, list[Any]]) -> None:
    person_id, rows = crowd
    post_id = rows[0]["post_id"]
    browser = sign_in(app, person_id, post_id)
    assert walk(browser) == [row["id"] for row in rows if row["post_id"] == post_id]


def test_more_posts_than_a_statement_has_branches(app: Flask, crowd: tuple[str, list[Any]]) -> None:
    person_id = new_person("身兼百职")
    unit_id, _ = new_unit("另一处")
    posts = [new_post(unit_id, f"kind_{n}", "staff", person_id) for n in range(70)]
    row = {**crowd[1][0], "unit_id": unit_id}
    with models.transaction() as tx:
        tasks = [{**row, "id": models.new_id(), "ref": f"x{n}", "post_id": post} for n, post in enumerate(posts)]
        tx.execute(insert(Task), tasks)
    browser = sign_in(app, person_id)
    assert sorted(walk(browser)) == sorted(task["id"] for task in tasks)
    assert browser.get("/inbox").status_code == 200


def test_counts_stop_at_their_cap(app: Flask, crowd: tuple[str, list[Any]]) -> None:
    person_id = new_person("积压")
    unit_id, _ = new_unit("积压处")
    post_id = new_post(unit_id, "kind", "staff", person_id)
    row = {**crowd[1][0], "unit_id": unit_id, "post_id": post_id}
    with models.transaction() as tx:
        tx.execute(insert(Task), [{**row, "id": models.new_id(), "ref": f"y{n}"} for n in range(inbox.CAP + 20)])
    page = sign_in(app, person_id).get("/inbox")
    assert "<b>999+</b>" in page.text
    assert '<span class="nav-badge">99+' in page.text


@pytest.mark.parametrize("after", ["x", "~", "1~", "abc~x", "99999999999999999999~x", "-1~x", "1" * 200])
@pytest.mark.parametrize("path", ["/inbox", "/inbox/done", "/api/tasks"])
def test_a_made_up_cursor_is_refused(busy: Signed, path: str, after: str) -> None:
    assert busy.get(path, query_string={"after": after}).status_code == 422


@pytest.mark.parametrize("size", ["0", "101", "-1", "x", "１"])
def test_a_made_up_size_is_refused(busy: Signed, size: str) -> None:
    assert busy.get("/api/tasks", query_string={"size": size}, headers=JSON).status_code == 422


def test_one_sees_only_the_tasks_of_ones_posts(app: Flask) -> None:
    liaison = as_holder(app, COUNTY, "liaison")
    with models.reading() as tx:
        mine = tx.execute(
            select(Task.id).join(Unit, Unit.id == Task.unit_id).where(Unit.short_name == COUNTY)
        ).scalars()
        own = set(mine)
    shown = set(walk(liaison))
    assert shown and shown <= own
    assert walk(sign_in(app, new_person())) == []


def test_the_page_shows_light_due_date_and_campaign(app: Flask) -> None:
    page = as_holder(app, COUNTY, "liaison").get("/inbox").text
    assert "已超期</span>" in page and "超期" in page
    assert "2021年12月31日 24:00" in page, "midnight is the end of the day before"
    assert "“百日攻坚”集中行动" in page
    assert "报送实施方案" in page


def test_empty_lists_say_why(app: Flask, busy: Signed) -> None:
    assert "您目前没有担任岗位" in sign_in(app, new_person()).get("/inbox").text
    assert "没有符合条件的待办" in busy.get("/inbox?q=nothing-of-that-name").text
    assert "还没有已办任务" in busy.get("/inbox/done").text


def test_done_tasks_are_listed_latest_first(app: Flask, crowd: tuple[str, list[Any]]) -> None:
    person_id = new_person("办结多")
    row = crowd[1][0]
    done = [
        {
            **row,
            "id": models.new_id(),
            "ref": f"z{n}",
            "status": "done",
            "completed_by": person_id,
            "completed_at": NOW - timedelta(minutes=n // 3),
        }
        for n in range(45)
    ]
    with models.transaction() as tx:
        tx.execute(insert(Task), done)
    browser = sign_in(app, person_id)
    ids: list[str] = []
    after: str | None = ""
    while after is not None:
        page = browser.get("/inbox/done", query_string={"after": after}, headers=JSON).json
        ids += [item["id"] for item in page["items"]]
        after = page["next"] or None
    wanted = sorted(done, key=lambda task: (task["completed_at"], task["id"]), reverse=True)
    assert ids == [task["id"] for task in wanted]
    assert browser.get("/inbox/done").status_code == 200


def test_htmx_gets_the_list_alone(busy: Signed) -> None:
    part = busy.get("/inbox", headers={"HX-Request": "true"}).text
    assert "<html" not in part and "task-link" in part
