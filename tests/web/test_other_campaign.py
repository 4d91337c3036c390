"""The pages of a campaign whose notice orders less than the first one's: every menu entry opens, in its own words."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from tests.support import acts, clues
from tests.support.site import as_holder, new_app
from tests.support.world import World, beijing
from web.navigation import NAVIGATION

ENTRIES = [entry for group in NAVIGATION for entry in group.entries]
OFFICE = "市集中行动办公室"


@pytest.fixture(scope="module")
def world(new_database: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> World:
    """吕梁 on a morning of its second stage: a letter is out, two units are being looked at."""
    folder = tmp_path_factory.mktemp("world")
    world = World(
        new_database("sqlite"), folder, key="luliang-hundred-day", now=beijing("2021-12-28 09:00"), enterprises=5
    )
    clues.hand_in(world, unit="离石区", subject="某煤业公司")
    world.at(beijing("2021-12-30 09:00"))
    for step in ("confirm_list", "seal_letters"):
        world.complete(world.open_tasks(step)[0])
    acts.oversee(world, ["离石区", "市住建局"], mode="comprehensive", team="第一巡回指导组")
    return world


@pytest.fixture(scope="module")
def app(world: World, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    url = world.database.url.render_as_string(hide_password=False)
    return new_app(url, tmp_path_factory.mktemp("var"))


@pytest.mark.parametrize(
    ("unit", "post"), [(OFFICE, "director"), ("离石区", "liaison"), ("市煤矿专项行动领导小组办公室", "liaison")]
)
def test_every_menu_entry_opens(app: Flask, unit: str, post: str) -> None:
    signed = as_holder(app, unit, post)
    with app.test_request_context():
        paths = [app.url_for(entry.endpoint) for group in NAVIGATION for entry in group.entries]
    answers = {path: signed.get(path, follow_redirects=True).status_code for path in paths}
    assert {path: status for path, status in answers.items() if status not in (200, 403)} == {}


def test_the_menu_leaves_out_what_this_notice_does_not_order(app: Flask) -> None:
    page = as_holder(app, OFFICE, "director").get("/help").get_data(as_text=True)
    titles = {entry.title: f'<span class="nav-title">{entry.title}</span>' in page for entry in ENTRIES}
    assert not any(titles[absent] for absent in ("承诺书", "包保责任", "考评排队", "近三年线索", "清单", "汇总与简报"))
    assert all(titles[there] for there in ("检查", "隐患", "抽查", "督导", "线索", "函件", "报表", "信息公开"))


def test_oversight_speaks_of_this_notice(app: Flask) -> None:
    page = as_holder(app, OFFICE, "director").get("/oversight/new").get_data(as_text=True)
    assert "市集中行动办公室组织巡回指导组对各县市区和市直有关部门开展情况进行督导检查" in page
    assert "开小灶" not in page


def test_a_letter_without_number_and_supervision(app: Flask, world: World) -> None:
    signed = as_holder(app, OFFICE, "director")
    with app.test_request_context():
        listed = signed.get(app.url_for("letters.index")).get_data(as_text=True)
    assert "吕（煤）交〔2021〕1号" in listed
    path = next(part.split('"')[0] for part in listed.split('href="')[1:] if part.startswith("/letters/"))
    page = signed.get(path).get_data(as_text=True)
    assert "（以下简称《通知》）" in page
    assert "同时，" not in page
