"""系统策略: an administrator changes the rules for signing in, and they are in force for the next request."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import delete, func, insert, select, update

import models
from domain.authority import SYSTEM
from models import Ledger, Policy, SignedSession
from services.access import sessions
from services.directory import directory
from tests.support.site import JSON, PASSWORD, Signed, new_app, new_person, new_post, new_unit, sign_in

REASON = "按等级保护测评意见调整"


@pytest.fixture(scope="module")
def app(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    return new_app(database_url, tmp_path_factory.mktemp("var"))


@pytest.fixture(autouse=True)
def as_installed(app: Flask) -> Iterator[None]:
    yield
    with models.transaction() as tx:
        tx.execute(delete(Policy))


def with_role(app: Flask, role: str) -> Signed:
    person_id = new_person(role)
    new_post(new_unit("某地")[0], role, role, person_id)
    return sign_in(app, person_id)


@pytest.fixture
def admin(app: Flask) -> Signed:
    return with_role(app, "admin")


def sent(**values: object) -> dict[str, object]:
    return {"reason": REASON, "command_key": secrets.token_hex(8), **values}


def shift(browser: Signed, **columns: timedelta) -> None:
    """The session as if it had begun or had been used that long ago."""
    values = {name: datetime.now(UTC) - by for name, by in columns.items()}
    mine = SignedSession.token_hash == sessions.digest(browser.token)
    with models.transaction() as tx:
        tx.execute(update(SignedSession).where(mine).values(**values))


def is_in(browser: Signed) -> bool:
    return browser.get("/account", headers=JSON).status_code == 200


# -- in force ----------------------------------------------------------------------------------------------------------
def test_the_lock_comes_at_the_new_number_and_lasts_as_long_as_it_says(app: Flask, admin: Signed) -> None:
    name = f"user-{models.new_id()}"
    new = directory.NewPerson(username=name, name="王某", password=PASSWORD, must_change=False)
    directory.create_person(SYSTEM, new, min_length=10, now=datetime.now(UTC))
    assert admin.post("/system", sent(login_attempts=3, lockout_minutes=45)).status_code == 303
    client = app.test_client()
    told = []
    for _ in range(3):
        token = client.get("/login").text.split('name="csrf_token" value="')[1].split('"')[0]
        wrong = {"username": name, "password": "wrong-horse-9", "csrf_token": token}
        told.append(client.post("/login", data=wrong).text)
    assert ["锁定" in text for text in told] == [False, False, True]
    assert "45 分钟后再试" in told[2]
    with models.reading() as tx:
        lock = tx.execute(select(Ledger.data).where(Ledger.tag == "person:lock").order_by(Ledger.seq.desc())).scalar()
    assert lock["minutes"] == 45


def test_a_shorter_idle_time_ends_sessions_that_began_before(app: Flask, admin: Signed) -> None:
    idle, busy = sign_in(app, new_person()), sign_in(app, new_person())
    shift(idle, seen_at=timedelta(minutes=12))
    shift(busy, seen_at=timedelta(minutes=8))
    assert admin.post("/system", sent(session_idle_minutes=10)).status_code == 303
    assert (is_in(idle), is_in(busy), is_in(admin)) == (False, True, True)


def test_a_longer_idle_time_keeps_them(app: Flask, admin: Signed) -> None:
    browser = sign_in(app, new_person())
    assert admin.post("/system", sent(session_idle_minutes=60)).status_code == 303
    shift(browser, seen_at=timedelta(minutes=45))
    assert is_in(browser)


def test_a_shorter_day_ends_old_sessions_and_a_longer_one_prolongs_none(app: Flask, admin: Signed) -> None:
    old, older = sign_in(app, new_person()), sign_in(app, new_person())
    shift(old, created_at=timedelta(hours=3), seen_at=timedelta(minutes=1))
    shift(older, created_at=timedelta(hours=13), expires_at=timedelta(hours=1))
    assert admin.post("/system", sent(session_hours=2)).status_code == 303
    assert not is_in(old)
    assert admin.post("/system", sent(session_hours=24)).status_code == 303
    assert is_in(old)
    assert not is_in(older)


def test_a_new_session_lasts_as_long_as_the_rules_say(app: Flask, admin: Signed) -> None:
    admin.post("/system", sent(session_hours=2))
    name = f"user-{models.new_id()}"
    new = directory.NewPerson(username=name, name="王某", password=PASSWORD, must_change=False)
    person_id = directory.create_person(SYSTEM, new, min_length=10, now=datetime.now(UTC))
    client = app.test_client()
    token = client.get("/login").text.split('name="csrf_token" value="')[1].split('"')[0]
    assert client.post("/login", data={"username": name, "password": PASSWORD, "csrf_token": token}).status_code == 303
    query = select(SignedSession.created_at, SignedSession.expires_at).where(SignedSession.person_id == person_id)
    with models.reading() as tx:
        row = tx.execute(query).one()
    assert row.expires_at - row.created_at == timedelta(hours=2)


def test_passwords_are_as_long_as_the_rules_say(app: Flask, admin: Signed) -> None:
    assert admin.post("/system", sent(password_min_length=24)).status_code == 303
    browser = sign_in(app, new_person())
    assert "至少 24 位" in browser.get("/account/password").text
    refused = browser.post("/account/password", {"old": PASSWORD, "new": "another-horse-7", "again": "another-horse-7"})
    assert refused.status_code == 422
    assert "口令至少 24 位" in refused.text
    made = admin.post("/people/new", {"username": f"user-{models.new_id()}", "name": "新人"})
    word = re.search(r'class="one-time">([^<]+)<', made.text)
    assert made.status_code == 201
    assert word and len(word[1]) >= 24


def test_what_another_process_wrote_is_in_force_at_once(app: Flask) -> None:
    """Nothing is kept in this process: a row is enough."""
    browser = sign_in(app, new_person())
    shift(browser, seen_at=timedelta(minutes=20))
    assert is_in(browser)
    shift(browser, seen_at=timedelta(minutes=20))
    with models.transaction() as tx:
        row = {"key": "sign_in.session_idle_minutes", "value": 10, "changed_at": datetime.now(UTC)}
        tx.execute(insert(Policy), row)
    assert not is_in(browser)


def test_the_help_names_what_is_in_force(admin: Signed) -> None:
    admin.post("/system", sent(login_attempts=4, session_idle_minutes=15))
    page = admin.get("/help").text
    assert "15 分钟不操作" in page
    assert "连续输错 4 次" in page


# -- the page ----------------------------------------------------------------------------------------------------------
def test_the_page_shows_who_changed_what(admin: Signed) -> None:
    assert admin.get("/system").text.count("未修改过") == 6
    answer = admin.post("/system", sent(lockout_minutes=20))
    assert answer.location == "/system"
    page = admin.get("/system").text
    assert "策略已修改，立即生效。" in page
    assert page.count("未修改过") == 5
    assert "<strong>20 分钟</strong>" in page
    audit = admin.get("/audit?tag=policy:change").text
    assert "账号锁定时长 15" in audit
    assert REASON in audit


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"login_attempts": "2"}, "连续输错多少次锁定账号应为 3 至 20 之间的整数"),
        ({"password_min_length": "65"}, "口令最短位数应为 8 至 64 之间的整数"),
        ({"session_hours": ""}, "登录后最长有效时间应为 1 至 72 之间的整数"),
        ({"session_hours": "1.5"}, "登录后最长有效时间应为 1 至 72 之间的整数"),
        ({"lockout_minutes": "４５"}, "账号锁定时长应为 5 至 1440 之间的整数"),
        ({"lockout_minutes": "9" * 400}, "账号锁定时长应为 5 至 1440 之间的整数"),
        ({"lockout_minutes": "45", "reason": ""}, "请写明修改理由"),
        ({}, "没有修改任何一项策略"),
    ],
)
def test_a_bad_value_is_said_at_its_field_and_nothing_is_changed(
    admin: Signed, values: dict[str, str], sentence: str
) -> None:
    refused = admin.post("/system", sent(**values))
    assert refused.status_code == 422
    assert sentence in refused.text
    assert all(f'value="{value}"' in refused.text for name, value in values.items() if name != "reason")
    program = admin.post("/system", sent(**values), headers=JSON)
    assert program.status_code == 422
    assert sentence in str(program.json)
    with models.reading() as tx:
        assert tx.execute(select(func.count()).select_from(Policy)).scalar_one() == 0


def test_a_page_that_is_out_of_date_is_refused(admin: Signed) -> None:
    seen = re.search(r'name="seen" value="([^"]+)"', admin.get("/system").text)
    assert seen
    assert admin.post("/system", sent(login_attempts=4, seen=seen[1])).status_code == 303
    assert admin.post("/system", sent(login_attempts=6, seen=seen[1])).status_code == 409


def test_a_double_press_counts_once(admin: Signed) -> None:
    form = sent(login_attempts=9)
    assert [admin.post("/system", form).status_code for _ in range(2)] == [303, 303]
    query = select(func.count()).where(Ledger.tag == "policy:change", Ledger.person_id == admin.person_id)
    with models.reading() as tx:
        assert tx.execute(query).scalar_one() == 1


def test_an_auditor_reads_and_changes_nothing(app: Flask, admin: Signed) -> None:
    auditor = with_role(app, "auditor")
    page = auditor.get("/system")
    assert page.status_code == 200
    assert "口令最短位数" in page.text
    assert "保存策略" not in page.text
    assert "保存策略" in admin.get("/system").text
    assert auditor.post("/system", sent(login_attempts=4)).status_code == 403


def test_without_its_token_nothing_is_changed(admin: Signed) -> None:
    assert admin.client.post("/system", data=sent(login_attempts=4)).status_code == 403
    assert admin.post("/system", sent(csrf_token="x" * 40, login_attempts=4)).status_code == 403
