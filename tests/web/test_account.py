"""Signing in, staying in, getting out: over HTTP, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from http.cookies import SimpleCookie
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from werkzeug.test import TestResponse

import models
from domain.authority import SYSTEM
from models import Ledger, Person, SignedSession
from services.access import sessions
from services.directory import directory
from tests.support.site import JSON, PASSWORD, Signed, new_app, new_person, new_post, new_unit, sign_in
from web.session import COOKIE

NEW = "another-horse-7"


@pytest.fixture(scope="module")
def app(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    return new_app(database_url, tmp_path_factory.mktemp("var"))


@pytest.fixture
def username(app: Flask, request: pytest.FixtureRequest) -> str:
    """Somebody with a password."""
    name = f"user-{models.new_id()}"
    new = directory.NewPerson(username=name, name="王某", password=PASSWORD, must_change=False)
    directory.create_person(SYSTEM, new, min_length=10, now=datetime.now(UTC) - timedelta(days=1))
    return name


def logged_in(client: FlaskClient, username: str, password: str = PASSWORD, **more: str) -> TestResponse:
    """Fill the login page and send it."""
    page = client.get("/login").text
    token = page.split('name="csrf_token" value="')[1].split('"')[0]
    return client.post("/login", data={"username": username, "password": password, "csrf_token": token, **more})


def cookie_of(answer: TestResponse, name: str = COOKIE) -> Any:
    found: SimpleCookie = SimpleCookie()
    for line in answer.headers.getlist("Set-Cookie"):
        found.load(line)
    return found.get(name)


def tags_of(username: str) -> list[str]:
    query = select(Ledger.tag).join(Person, Person.id == Ledger.person_id).where(Person.username == username)
    with models.reading() as tx:
        return list(tx.execute(query.order_by(Ledger.seq)).scalars())


def test_a_right_password_opens_a_session(app: Flask, username: str) -> None:
    client = app.test_client()
    answer = logged_in(client, username)
    assert (answer.status_code, answer.location) == (303, "/")
    cookie = cookie_of(answer)
    assert cookie["httponly"] and cookie["samesite"] == "Lax" and not cookie["secure"]
    assert client.get("/account", headers=JSON).json["name"] == "王某"
    with models.reading() as tx:
        stored = tx.execute(select(SignedSession.token_hash)).scalars().all()
    assert cookie.value not in stored and sessions.digest(cookie.value) in stored
    assert "session:open" in tags_of(username)


def test_cookies_are_for_https_alone_where_the_server_is_reached_from_outside(
    app: Flask, username: str, database_url: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = new_app(database_url, tmp_path_factory.mktemp("outside"), HOST="10.0.0.1")
    client = outside.test_client()
    with client:
        page = client.get("/login", base_url="https://city.example")
    assert page.headers["Strict-Transport-Security"]
    assert all("Secure" in line for line in page.headers.getlist("Set-Cookie"))
    models.bind(database_url)


@pytest.mark.parametrize("who", ["nobody-of-that-name", "known", "closed"])
def test_every_refusal_reads_the_same(app: Flask, username: str, who: str) -> None:
    if who == "closed":
        with models.transaction() as tx:
            tx.execute(update(Person).where(Person.username == username).values(active=False))
    password = PASSWORD if who == "closed" else "wrong-horse-9"
    answer = logged_in(app.test_client(), username if who != "nobody-of-that-name" else who, password)
    assert answer.status_code == 422
    assert sessions.WRONG in answer.text
    assert password not in answer.text
    assert cookie_of(answer) is None


def test_five_wrong_passwords_lock_the_account(app: Flask, username: str) -> None:
    client = app.test_client()
    for attempt in range(5):
        answer = logged_in(client, username, "wrong-horse-9")
        assert ("锁定" in answer.text) == (attempt == 4)
    assert "锁定" in logged_in(client, username).text, "the right password must not open a locked account"
    with models.reading() as tx:
        locks = tx.execute(select(Ledger.data).where(Ledger.tag == "person:lock")).scalars().all()
        person_id = tx.execute(select(Person.id).where(Person.username == username)).scalar_one()
    assert [lock["person"] for lock in locks].count(person_id) == 1


def test_the_lock_runs_out_and_the_count_begins_anew(app: Flask, username: str) -> None:
    client = app.test_client()
    for _ in range(5):
        logged_in(client, username, "wrong-horse-9")
    past = datetime.now(UTC) - timedelta(seconds=1)
    with models.transaction() as tx:
        tx.execute(update(Person).where(Person.username == username).values(locked_until=past))
    assert "锁定" not in logged_in(client, username, "wrong-horse-9").text
    assert logged_in(client, username).status_code == 303


def test_a_right_password_forgives_the_wrong_ones(app: Flask, username: str) -> None:
    for wrong in (4, 1):
        for _ in range(wrong):
            logged_in(app.test_client(), username, "wrong-horse-9")
        assert logged_in(app.test_client(), username).status_code == 303


def test_a_session_given_from_outside_is_not_taken_over(app: Flask, username: str) -> None:
    client = app.test_client()
    client.set_cookie(COOKIE, "chosen-by-somebody-else")
    answer = logged_in(client, username)
    assert cookie_of(answer).value != "chosen-by-somebody-else"
    other = app.test_client()
    other.set_cookie(COOKIE, "chosen-by-somebody-else")
    assert other.get("/account", headers=JSON).status_code == 401


def test_signing_in_again_rotates_the_token(app: Flask, username: str) -> None:
    person_id = _person_id(username)
    first = sign_in(app, person_id)
    token = first.client.get("/help").text.split('name="csrf-token" content="')[1].split('"')[0]
    data = {"username": username, "password": PASSWORD, "csrf_token": token}
    answer = first.client.post("/login", data=data)
    assert answer.status_code == 303
    old = app.test_client()
    old.set_cookie(COOKIE, first.token)
    assert old.get("/account", headers=JSON).status_code == 401


def test_after_logout_a_copied_cookie_is_worth_nothing(app: Flask, username: str) -> None:
    client = app.test_client()
    token = cookie_of(logged_in(client, username)).value
    csrf = client.get("/account", headers=JSON).json["csrf"]
    answer = client.post("/logout", data={"csrf_token": csrf})
    assert answer.location == "/login"
    thief = app.test_client()
    thief.set_cookie(COOKIE, token)
    assert thief.get("/account").location.startswith("/login")
    assert thief.get("/account", headers=JSON).status_code == 401
    assert tags_of(username)[-1] == "session:close"


@pytest.mark.parametrize(
    "change",
    [
        {"seen_at": timedelta(minutes=-31)},
        {"expires_at": timedelta(seconds=-1)},
        {"revoked_at": timedelta(seconds=-1)},
    ],
    ids=["idle for half an hour", "twelve hours old", "revoked"],
)
def test_a_session_ends(app: Flask, username: str, change: dict[str, timedelta]) -> None:
    browser = sign_in(app, _person_id(username))
    values = {name: datetime.now(UTC) + by for name, by in change.items()}
    with models.transaction() as tx:
        tx.execute(
            update(SignedSession).where(SignedSession.token_hash == sessions.digest(browser.token)).values(**values)
        )
    assert browser.get("/account", headers=JSON).status_code == 401


def test_being_seen_is_noted_once_a_minute(app: Flask, username: str) -> None:
    browser = sign_in(app, _person_id(username))
    moments = []
    for minutes in (0, 5):
        earlier = datetime.now(UTC) - timedelta(minutes=minutes)
        with models.transaction() as tx:
            tx.execute(
                update(SignedSession)
                .where(SignedSession.token_hash == sessions.digest(browser.token))
                .values(seen_at=earlier)
            )
        browser.get("/help")
        with models.reading() as tx:
            query = select(SignedSession.seen_at).where(SignedSession.token_hash == sessions.digest(browser.token))
            moments.append(tx.execute(query).scalar_one() - earlier)
    assert moments[0] < timedelta(milliseconds=1)
    assert moments[1] > timedelta(minutes=4)


def test_a_new_password_ends_every_other_session(app: Flask, username: str) -> None:
    person_id = _person_id(username)
    here, elsewhere = sign_in(app, person_id), sign_in(app, person_id)
    answer = here.post("/account/password", {"old": PASSWORD, "new": NEW, "again": NEW})
    assert answer.status_code == 303
    assert here.get("/account", headers=JSON).status_code == 200, "the browser goes on under a new token"
    assert elsewhere.get("/account", headers=JSON).status_code == 401
    copied = app.test_client()
    copied.set_cookie(COOKIE, here.token)
    assert copied.get("/account", headers=JSON).status_code == 401
    assert logged_in(app.test_client(), username).status_code == 422
    assert logged_in(app.test_client(), username, NEW).status_code == 303
    assert "password:change" in tags_of(username)


@pytest.mark.parametrize(
    ("given", "field", "sentence"),
    [
        ({"old": PASSWORD, "new": "short-1", "again": "short-1"}, "new", "至少 10 位"),
        ({"old": PASSWORD, "new": "aaaaaaaaaaaa", "again": "aaaaaaaaaaaa"}, "new", "过于简单"),
        ({"old": PASSWORD, "new": PASSWORD, "again": PASSWORD}, "new", "不能与原口令相同"),
        ({"old": PASSWORD, "new": NEW, "again": "other-horse-77"}, "again", "不一致"),
        ({"old": "wrong-horse-9", "new": NEW, "again": NEW}, "old", "原口令不正确"),
    ],
)
def test_a_bad_new_password_is_refused_at_its_field(
    app: Flask, username: str, given: dict[str, str], field: str, sentence: str
) -> None:
    browser = sign_in(app, _person_id(username))
    answer = browser.post("/account/password", given)
    assert answer.status_code == 422
    assert sentence in answer.text.split(f'id="h-{field}"')[1].split("</div>")[0]
    assert not any(value in answer.text for value in given.values())


def test_guessing_the_old_password_locks_too(app: Flask, username: str) -> None:
    browser = sign_in(app, _person_id(username))
    for _ in range(5):
        browser.post("/account/password", {"old": "wrong-horse-9", "new": NEW, "again": NEW})
    assert "锁定" in browser.post("/account/password", {"old": PASSWORD, "new": NEW, "again": NEW}).text


def test_a_closed_account_is_out_at_once(app: Flask, username: str) -> None:
    person_id = _person_id(username)
    browser = sign_in(app, person_id)
    directory.set_active(SYSTEM, person_id, False, datetime.now(UTC))
    assert browser.get("/account", headers=JSON).status_code == 401
    directory.set_active(SYSTEM, person_id, True, datetime.now(UTC))
    assert browser.get("/account", headers=JSON).status_code == 401, "an ended session does not come back"


def test_whoever_has_a_first_password_changes_it_before_anything_else(app: Flask) -> None:
    browser = sign_in(app, new_person(must_change=True))
    assert browser.get("/inbox").location == "/account/password"
    assert browser.get("/api/tasks", headers=JSON).status_code == 403
    assert browser.get("/account/password").status_code == 200
    assert browser.get("/help").status_code == 200
    assert browser.post("/logout").status_code == 303


@pytest.mark.parametrize(
    ("wanted", "led"),
    [
        ("/inbox?late=1", "/inbox?late=1"),
        ("//evil.example", "/"),
        ("https://evil.example/", "/"),
        ("/\\evil.example", "/"),
        ("javascript:alert(1)", "/"),
    ],
)
def test_after_login_one_stays_on_this_site(app: Flask, username: str, wanted: str, led: str) -> None:
    assert logged_in(app.test_client(), username, next=wanted).location == led


def test_a_visitor_is_led_to_login_and_back(app: Flask) -> None:
    answer = app.test_client().get("/inbox?q=报送")
    assert answer.status_code == 303
    assert answer.location.startswith("/login?next=")


def _person_id(username: str) -> str:
    with models.reading() as tx:
        return tx.execute(select(Person.id).where(Person.username == username)).scalar_one()


class TestPosts:
    """Acting for one of one's posts."""

    @pytest.fixture
    def holder(self, app: Flask) -> tuple[Signed, str, str]:
        person_id = new_person()
        unit_id, _ = new_unit("甲县")
        posts = [new_post(unit_id, f"kind_{n}", role, person_id) for n, role in enumerate(("staff", "leader"))]
        return sign_in(app, person_id), posts[0], posts[1]

    def test_one_acts_for_all_until_one_chooses(self, holder: tuple[Signed, str, str]) -> None:
        browser, first, second = holder
        assert browser.get("/account", headers=JSON).json["acting"] is None
        assert browser.post("/account/post", {"post": second, "next": "/help"}).location == "/help"
        assert browser.get("/account", headers=JSON).json["acting"] == second
        browser.post("/account/post", {"post": ""})
        assert browser.get("/account", headers=JSON).json["acting"] is None
        assert {post["id"] for post in browser.get("/account", headers=JSON).json["posts"]} == {first, second}

    def test_nobody_acts_for_a_post_of_others(self, app: Flask, holder: tuple[Signed, str, str]) -> None:
        stranger = sign_in(app, new_person())
        assert stranger.post("/account/post", {"post": holder[1]}).status_code == 403

    def test_a_post_that_is_given_up_is_gone_with_the_next_request(self, holder: tuple[Signed, str, str]) -> None:
        browser, first, second = holder
        browser.post("/account/post", {"post": second})
        other = new_person()
        directory.set_holding(SYSTEM, second, other, datetime.now(UTC))
        shown = browser.get("/account", headers=JSON).json
        assert [post["id"] for post in shown["posts"]] == [first]
        assert shown["acting"] is None
