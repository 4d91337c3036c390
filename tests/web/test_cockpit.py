"""Pages of campaigns, statements, enterprises, commitments, gates and administration over HTTP."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from sqlalchemy import func, insert, select

import models
from models import Campaign, Enterprise, Incident, Instance, Ledger, Period, Person, Post, Stage, Task, Unit
from services.access import passwords
from tests.support.played import KEY, WEEK, played
from tests.support.site import Signed, as_holder, new_app
from tests.support.world import World, beijing

OFFICE = "市“百日攻坚”集中行动领导组办公室"
GATE_OPENS = beijing("2022-01-11 09:00")


@pytest.fixture(scope="module")
def world(new_database: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> World:
    """The played week, and on to the day after the first stage, when its gate is open."""
    world = played(new_database("sqlite"), tmp_path_factory.mktemp("world"), enterprises=4)
    world.at(GATE_OPENS)
    return world


@pytest.fixture(scope="module")
def app(world: World, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    url = world.database.url.render_as_string(hide_password=False)
    return new_app(url, tmp_path_factory.mktemp("var"))


@pytest.fixture
def director(app: Flask) -> Signed:
    return as_holder(app, OFFICE, "director")


@pytest.fixture
def leader(app: Flask) -> Signed:
    return as_holder(app, OFFICE, "city_leader", confirmed=True)


@pytest.fixture
def admin(app: Flask) -> Signed:
    return as_holder(app, OFFICE, "admin")


@pytest.fixture
def auditor(app: Flask) -> Signed:
    return as_holder(app, OFFICE, "auditor")


@pytest.fixture
def county(app: Flask) -> Signed:
    return as_holder(app, "榆次区", "liaison")


def found(query: object) -> str:
    with models.reading() as tx:
        return str(tx.execute(query).scalars().first())  # type: ignore[call-overload]


def unit(name: str) -> str:
    return found(select(Unit.id).where(Unit.short_name == name))


def task(element: str, status: str = "open") -> str:
    return found(select(Task.id).where(Task.element == element, Task.status == status))


def addresses() -> Iterator[tuple[str, str]]:
    """(who, path) of every page that shows something."""
    campaign = found(select(Campaign.id))
    yield from (("director", path) for path in [*campaign_pages(campaign), *record_pages()])
    yield from (("admin", path) for path in administration())
    yield from (
        ("auditor", path) for path in ("/audit", "/audit?subject=statement&person=榆次&since=2021-12-01", "/gates")
    )
    yield from (("county", path) for path in (f"/campaigns/{campaign}", "/statements", "/enterprises", "/commitments"))


def campaign_pages(campaign: str) -> list[str]:
    root = found(select(Campaign.instance_id))
    return [
        "/campaigns",
        f"/campaigns/{campaign}",
        f"/campaigns/{campaign}/units/{unit('祁县')}",
        "/campaigns/launch",
        f"/campaigns/launch/{KEY}",
        f"/campaigns/launch/{KEY}?past=late",
        f"/instances/{root}",
        f"/instances/{root}?call=collect_plans",
        f"/instances/{found(select(Instance.id).where(Instance.parent_id == root))}",
        "/gates",
        "/calendar",
        "/calendar/2022",
        "/incidents",
        "/incidents?closed=1",
    ]


def record_pages() -> list[str]:
    period = select(Period.id).join(Unit, Unit.id == Period.unit_id).where(Period.period == WEEK)
    return [
        "/statements",
        "/statements?state=late&level=county",
        "/statements/roll-up",
        "/statements/late",
        *(f"/statements/{found(period.where(Unit.short_name == name))}" for name in ("榆次区", "太谷区", "祁县")),
        "/enterprises",
        "/enterprises?inspection=done&commitment=signed&by=county",
        f"/enterprises/{found(select(Enterprise.unit_id))}",
        "/commitments",
        "/commitments?kind=enterprise&state=unsigned",
        "/commitments?kind=county_department&q=应急局",
        f"/commitments/{task('sign_commitment', 'done')}",
        f"/commitments/{task('sign_party_commitment', 'done')}",
        f"/commitments/{task('sign_commitment')}",
    ]


def administration() -> list[str]:
    return [
        "/people",
        "/people?q=榆次",
        "/people/new?find=榆次区",
        "/people/posts",
        "/people/posts?vacant=1&level=county",
        f"/people/{found(select(Person.id))}?find=联络人",
        f"/people/posts/{found(select(Post.id))}?find=liaison",
        "/system",
    ]


CODE = re.compile(r">\s*(None|True|False|Undefined|nan)\s*<|\{\{|\{%|<[a-z_.]+ object at")


def test_every_page_is_whole(app: Flask, world: World, request: pytest.FixtureRequest) -> None:
    wrong = []
    for who, path in addresses():
        answer = request.getfixturevalue(who).get(path)
        text = answer.get_data(as_text=True)
        if answer.status_code != 200 or CODE.search(text) or "<h1" not in text:
            wrong.append((who, path, answer.status_code, CODE.findall(text)))
    assert not wrong, wrong


def test_the_diagram_is_json_for_the_viewer(director: Signed) -> None:
    data = director.get(f"/instances/{found(select(Campaign.instance_id))}/diagram").get_json()
    assert data["xml"].startswith("<?xml")
    assert data["badges"]["collect_plans"]["total"] == 23
    assert data["tokens"]["sign_stage_1"] == 1


def test_a_county_is_refused_what_is_not_its_own(county: Signed) -> None:
    period = select(Period.id).join(Unit, Unit.id == Period.unit_id).where(Unit.short_name == "祁县")
    other = select(Task.id).join(Unit, Unit.id == Task.unit_id).where(Task.element == "sign_party_commitment")
    for path in (
        f"/statements/{found(period)}",
        f"/campaigns/{found(select(Campaign.id))}/units/{unit('祁县')}",
        f"/commitments/{found(other.where(Unit.short_name == '祁县'))}",
        "/people",
        "/audit",
        "/gates",
    ):
        assert county.get(path).status_code == 403, path


# -- the public --------------------------------------------------------------------------------------------------------
def test_a_signed_commitment_is_public_and_an_unsigned_one_is_not(app: Flask, world: World) -> None:
    visitor = app.test_client()
    shown = visitor.get(f"/public/commitments/{task('sign_commitment', 'done')}")
    assert shown.status_code == 200
    assert "六、带头严格执行领导干部到岗带班值班和事故信息报告制度" in shown.text
    assert visitor.get(f"/public/commitments/{task('sign_commitment')}").status_code == 404
    assert visitor.get(f"/public/commitments/{task('file_liaison')}").status_code == 404


# -- incidents ---------------------------------------------------------------------------------------------------------
def test_an_administrator_tries_again_what_was_given_up(admin: Signed, auditor: Signed) -> None:
    given_up = {
        "id": models.new_id(),
        "kind": "job",
        "source_id": "gone",
        "sentence": "未能办成",
        "opened_at": GATE_OPENS,
    }
    with models.transaction() as tx:
        tx.execute(insert(Incident), given_up)
    address = f"/incidents/{given_up['id']}"
    assert "重试</button>" not in auditor.get(address).text
    assert auditor.post(f"{address}/retry").status_code == 403
    assert "重试</button>" in admin.get(address).text
    assert admin.post(f"{address}/retry", {"command_key": "c" * 32}).status_code == 303
    assert "重试</button>" not in admin.get(address).text
    assert admin.post(f"{address}/retry").status_code == 409


# -- the gate ----------------------------------------------------------------------------------------------------------
def test_a_gate_with_unmet_criteria_wants_a_reason_then_is_signed_once(leader: Signed, director: Signed) -> None:
    gate = task("sign_stage_1")
    page = leader.get(f"/gates/{gate}")
    assert "3 项未达成" in page.text
    assert "还差 22 个单位" in page.text
    version = re.search(r'name="version" value="(\d+)"', page.text)
    assert version
    sent = {"outcome": "sign", "version": version[1], "command_key": "a" * 32}
    refused = leader.post(f"/gates/{gate}", sent)
    assert refused.status_code == 422
    assert "写明理由" in refused.text
    assert director.post(f"/gates/{gate}", sent | {"opinion": "不该由我签"}).status_code == 403
    reason = "差额单位已逐一督促，同意转入下一阶段"
    for _ in range(2):
        assert leader.post(f"/gates/{gate}", sent | {"opinion": reason}).status_code == 303
    assert leader.post(f"/gates/{gate}", sent | {"opinion": reason, "command_key": "b" * 32}).status_code == 409
    with models.reading() as tx:
        assert tx.execute(select(Stage.gate_signed_at).where(Stage.key == "s1")).scalar_one() is not None
    signed = director.get(f"/gates/{gate}").text
    assert reason in signed
    assert "签署意见" not in signed


# -- launching ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("query", ["past=shift&weeks=x", "past=never"])
def test_a_preview_refuses_nonsense(director: Signed, query: str) -> None:
    assert director.get(f"/campaigns/launch/{KEY}?{query}").status_code == 422


def test_a_preview_names_what_is_due_on_a_holiday(director: Signed) -> None:
    page = director.get(f"/campaigns/launch/{KEY}?past=late").text
    assert "元旦" in page
    assert "以下任务的期限已过，送达时即已逾期" in page


def test_a_double_press_launches_once(director: Signed) -> None:
    sent = {"past": "shift", "weeks": "260", "command_key": "c" * 32}
    first, second = (director.post(f"/campaigns/launch/{KEY}", sent) for _ in range(2))
    assert first.status_code == second.status_code == 303
    assert first.headers["Location"] == second.headers["Location"]
    with models.reading() as tx:
        assert tx.execute(select(func.count()).select_from(Campaign)).scalar_one() == 2
        assert tx.execute(select(Campaign.shift_days).order_by(Campaign.id.desc())).scalars().first() == 1820


def test_the_same_campaign_is_not_launched_a_second_time_unless_it_is_meant(director: Signed) -> None:
    """One week apart from the one before: another key, other dates, most days the same."""
    address, sent = f"/campaigns/launch/{KEY}", {"past": "shift", "weeks": "520"}
    assert 'name="again"' not in director.get(f"{address}?weeks=520").text
    assert director.post(address, sent | {"command_key": "d" * 32}).status_code == 303
    overlapping = {"past": "shift", "weeks": "521"}
    page = director.get(f"{address}?weeks=521").text
    assert "日期与本次重叠" in page
    assert 'name="again"' in page
    refused = director.post(address, overlapping | {"command_key": "e" * 32})
    assert refused.status_code == 409
    assert "确需如此的，请在启动页勾选确认" in refused.text
    # what was refused kept nothing under its key
    meant = director.post(address, overlapping | {"command_key": "e" * 32, "again": "yes"})
    assert meant.status_code == 303
    assert meant.headers["Location"] != director.post(address, sent | {"command_key": "d" * 32}).headers["Location"]
    # long after both
    assert director.post(address, {"past": "shift", "weeks": "780", "command_key": "f" * 32}).status_code == 303


# -- people ------------------------------------------------------------------------------------------------------------
def password_on(text: str) -> str:
    shown = re.search(r'class="one-time">([^<]+)<', text)
    assert shown
    return shown[1]


def test_a_first_password_is_shown_once_and_works_until_it_is_changed(app: Flask, admin: Signed) -> None:
    post = found(
        select(Post.id).join(Unit, Unit.id == Post.unit_id).where(Unit.short_name == "昔阳县", Post.kind == "liaison")
    )
    made = admin.post("/people/new", {"username": "xiyang.new", "name": "昔阳新联络人", "post": post})
    assert made.status_code == 201
    word = password_on(made.text)
    with models.reading() as tx:
        row = tx.execute(select(Person.__table__).where(Person.username == "xiyang.new")).one()
    assert row.must_change
    assert passwords.matches(row.password_hash, word)
    assert word not in admin.get(f"/people/{row.id}").text
    assert "昔阳新联络人" in admin.get(f"/people/posts/{post}").text
    with models.reading() as tx:
        told = tx.execute(select(Ledger.data).where(Ledger.tag.in_(("person:create", "post:change")))).scalars()
        assert not any(word in str(data) for data in told)
    again = admin.post(f"/people/{row.id}/password")
    assert not passwords.matches(found(select(Person.password_hash).where(Person.id == row.id)), word)
    assert passwords.matches(found(select(Person.password_hash).where(Person.id == row.id)), password_on(again.text))


def test_a_taken_login_name_is_said_at_its_field(admin: Signed) -> None:
    refused = admin.post("/people/new", {"username": "admin", "name": "又一个"})
    assert refused.status_code == 422
    assert "已被使用" in refused.text
    assert 'value="又一个"' in refused.text


def test_a_post_without_holder_is_vacant(admin: Signed) -> None:
    post = found(
        select(Post.id).join(Unit, Unit.id == Post.unit_id).where(Unit.short_name == "左权县", Post.kind == "liaison")
    )
    page = admin.get(f"/people/posts/{post}").text
    holding = re.search(r"/people/holdings/(\w+)/end", page)
    assert holding
    assert admin.post(f"/people/holdings/{holding[1]}/end", {"post": post}).status_code == 303
    assert "左权县" in admin.get("/people/posts?vacant=1").text
    person = found(select(Person.id).where(Person.username == "zuoquan.liaison"))
    if person != "None":
        assert admin.post(f"/people/posts/{post}/holders", {"person": person, "kind": "holder"}).status_code == 303
        assert "没有空缺岗位" in admin.get("/people/posts?vacant=1").text


def test_accounts_are_closed_opened_and_renamed(admin: Signed) -> None:
    person = found(select(Person.id).where(Person.username != "admin"))
    for what, more in (("close", {}), ("open", {}), ("unlock", {}), ("rename", {"name": "新名字"})):
        assert admin.post(f"/people/{person}/account", {"what": what, **more}).status_code == 303
    assert admin.post(f"/people/{person}/account", {"what": "promote"}).status_code == 422
    assert "新名字" in admin.get(f"/people/{person}").text


# -- calendar ----------------------------------------------------------------------------------------------------------
def test_a_year_is_entered_and_the_banner_goes(director: Signed, county: Signed) -> None:
    year = {"first-0": "2027-01-01", "last-0": "2027-01-03", "makeup-0-0": "2027-01-09"}
    wrong = director.post("/calendar/2027", year | {"last-0": "2026-12-31"})
    assert wrong.status_code == 422
    assert "起止日期" in wrong.text
    assert county.post("/calendar/2027", year).status_code == 403
    assert director.post("/calendar/2027", year).status_code == 303
    page = director.get("/calendar/2027").text
    assert "2027 年节假日安排未录入" not in page
    assert "由" in page
    assert director.post("/calendar/days", {"day": "2027-05-04", "working": "no", "name": "青年节"}).status_code == 303
    assert 'title="青年节"' in director.get("/calendar/2027").text
    assert director.post("/calendar/days", {"day": "2027-05-04", "working": "clear"}).status_code == 303
    assert director.post("/calendar/days", {"day": "昨天", "working": "no"}).status_code == 422
    assert director.get("/calendar/1900").status_code == 422


# -- audit -------------------------------------------------------------------------------------------------------------
def test_the_audit_log_is_searched(auditor: Signed) -> None:
    late = auditor.get("/audit?tag=statement:late").text
    assert "平遥县" in late
    assert "报表报送</strong>" not in late
    assert "没有符合条件的记录" in auditor.get("/audit?person=没有这个人").text
    assert "没有符合条件的记录" in auditor.get("/audit?until=2021-12-01").text
    assert auditor.get("/audit?since=昨天").status_code == 422
    first = auditor.get("/audit").text
    following = re.search(r'href="(/audit\?before=\d+)"', first)
    assert following
    assert auditor.get(following[1]).status_code == 200
