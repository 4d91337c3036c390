"""What goes wrong is said in plain Chinese, with the right number, and tells nothing it should not."""

from __future__ import annotations

import errno
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import orjson
import pytest
from flask import Flask

import models
from domain import errors
from tests.support.site import JSON, Signed, new_app, new_person, sign_in
from web import logs
from web.errors import HEADINGS, STATUS
from web.policy import POLICY, signed_in

SECRET = "something-somebody-typed"


@pytest.fixture(scope="module")
def app(new_database: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The application with a route that fails in the way its address names."""
    app = new_app(new_database("sqlite"), tmp_path_factory.mktemp("var"))

    def fail(kind: str) -> None:
        raise {
            **{kind.__name__: kind for kind in STATUS},
            "OSError": OSError(errno.EIO, SECRET),
            "KeyError": KeyError(SECRET),
        }[kind]

    app.add_url_rule("/fail/<kind>", "fail", fail, methods=["GET", "POST"])
    POLICY["fail"] = signed_in()
    yield app
    del POLICY["fail"]


@pytest.fixture
def somebody(app: Flask) -> Signed:
    return sign_in(app, new_person())


PAGES = [(kind, status) for kind, status in STATUS.items() if status != 401]


@pytest.mark.parametrize(("kind", "status"), PAGES, ids=lambda value: getattr(value, "__name__", str(value)))
def test_a_domain_error_has_its_page_and_its_json(
    somebody: Signed, kind: type[errors.DomainError], status: int
) -> None:
    page = somebody.get(f"/fail/{kind.__name__}")
    assert page.status_code == status
    assert kind().message in page.text
    assert f'<h1 class="page-heading">{HEADINGS[status]}</h1>' in page.text
    number = page.headers["X-Request-Id"]
    assert re.fullmatch("[0-9a-f]{12}", number) and number in page.text
    told = somebody.get(f"/fail/{kind.__name__}", headers=JSON)
    assert told.status_code == status
    assert told.json["error"] == kind().message
    assert set(told.json) == {"error", "fields", "request_id"}


def test_busy_says_when_to_come_again(somebody: Signed) -> None:
    assert somebody.get("/fail/Busy").headers["Retry-After"] == "2"


@pytest.mark.parametrize("kind", ["OSError", "KeyError"])
def test_a_fault_of_ours_shows_nothing_of_itself(
    somebody: Signed, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    page = somebody.get(f"/fail/{kind}")
    assert page.status_code == 500
    assert errors.DomainError.__doc__ in page.text
    assert SECRET not in page.text and "Traceback" not in page.text
    log = capsys.readouterr().err
    assert page.headers["X-Request-Id"] in log and kind in log
    assert SECRET not in log


def test_an_unknown_address_and_a_wrong_method(somebody: Signed) -> None:
    assert (somebody.get("/no/such/page").status_code, "没有找到" in somebody.get("/no").text) == (404, True)
    assert somebody.get("/no", headers=JSON).json["error"].startswith("没有找到")
    wrong = somebody.client.put("/inbox", headers={"X-CSRF-Token": somebody.csrf})
    assert wrong.status_code == 405
    assert "GET" in wrong.headers["Allow"]


def test_htmx_gets_a_part_and_not_a_page(somebody: Signed) -> None:
    part = somebody.get("/fail/Conflict", headers={"HX-Request": "true"})
    assert part.status_code == 409
    assert "<html" not in part.text and errors.Conflict().message in part.text


def test_whoever_is_not_signed_in_is_led_to_login(app: Flask) -> None:
    visitor = app.test_client()
    assert visitor.get("/fail/Conflict").location == "/login?next=/fail/Conflict"
    assert visitor.get("/fail/Conflict", headers=JSON).status_code == 401
    assert visitor.get("/fail/Conflict", headers={"HX-Request": "true"}).headers["HX-Redirect"].startswith("/login")


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ('{"answers": NaN}', "不是有效的 JSON"),
        ('{"answers": {"a": Infinity}}', "不是有效的 JSON"),
        ('{"answers": {}, "answers": {}}', "不是有效的 JSON"),
        ('{"answers": {"a": {"b": 1, "b": 2}}}', "不是有效的 JSON"),
        ("[" * 100_000, "不是有效的 JSON"),
        ('{"answers": ' + "[" * 40 + "]" * 40 + "}", "嵌套过深"),
        ('["answers"]', "JSON 对象"),
        ("answers", "不是有效的 JSON"),
        (b"\xff\xfe{}", "不是有效的 JSON"),
        ('{"answers": {}, "role": "admin"}', "不符合要求"),
        ('{"answers": [], "version": 1}', "不符合要求"),
        ('{"answers": {}, "version": "1"}', "不符合要求"),
    ],
)
def test_json_is_read_strictly(somebody: Signed, body: str | bytes, sentence: str) -> None:
    headers = {**JSON, "X-CSRF-Token": somebody.csrf, "Content-Type": "application/json"}
    answer = somebody.client.post("/api/tasks/any/complete", data=body, headers=headers)
    assert answer.status_code == 422
    assert sentence in answer.json["error"]


def test_too_much_is_refused_unread(app: Flask, somebody: Signed) -> None:
    headers = {**JSON, "X-CSRF-Token": somebody.csrf}
    large = "x" * (3 * 1024 * 1024)
    assert somebody.client.post("/api/tasks/any/complete", json={"answers": large}, headers=headers).status_code == 413
    assert somebody.post("/account/post", {"post": large}).status_code == 413
    limit = app.config["MAX_CONTENT_LENGTH"]
    assert somebody.client.post("/account/post", data=b"x" * (limit + 1), headers=headers).status_code == 413


def test_another_host_name_is_not_ours(app: Flask) -> None:
    assert app.test_client().get("/healthz", base_url="http://localhost:8000").status_code == 200
    assert app.test_client().get("/healthz", base_url="http://evil.example").status_code == 400


def test_every_answer_has_its_headers(somebody: Signed) -> None:
    for path in ("/inbox", "/no/such/page", "/fail/KeyError", "/healthz", "/static/css/app.css"):
        headers = somebody.get(path).headers
        policy = headers["Content-Security-Policy"]
        assert "script-src 'self';" in policy and "frame-ancestors 'none'" in policy and "object-src 'none'" in policy
        assert "unsafe-inline" not in policy.replace("style-src 'self' 'unsafe-inline'", "")
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert ("no-store" in headers["Cache-Control"]) == ("static" not in path)


def test_the_log_has_a_line_a_request_and_nobody_in_it(
    new_database: Callable[..., str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    app = new_app(new_database("sqlite"), tmp_path, LOG_LEVEL="INFO")
    browser = sign_in(app, new_person("赵秘密"))
    capsys.readouterr()
    browser.get("/inbox?q=赵秘密")
    lines = [line for line in capsys.readouterr().err.splitlines() if '"request"' in line]
    assert len(lines) == 1
    line = orjson.loads(lines[0])
    assert line["route"] == "/inbox" and line["status"] == 200
    assert "赵秘密" not in lines[0] and browser.person_id not in lines[0]


def test_half_a_character_in_a_fault_does_not_cost_the_line(app: Flask, capsys: pytest.CaptureFixture[str]) -> None:
    logs.log.error("fault", text="半\ud800个", kind=KeyError)
    line = orjson.loads(capsys.readouterr().err.replace("\\ud800", "?"))
    assert line["text"] == "半?个" and "KeyError" in line["kind"]


def test_a_database_that_is_gone_is_said_and_not_a_fault(tmp_path: Path) -> None:
    app = new_app(f"sqlite:///{tmp_path}/nowhere/gone.db", tmp_path)
    client = app.test_client()
    client.set_cookie("bihuan_session", "any")
    for path in ("/inbox", "/no/such/page"):
        page = client.get(path)
        assert page.status_code in (503, 404)
        assert page.headers["X-Request-Id"] in page.text
    assert client.get("/inbox").headers["Retry-After"]
    assert client.get("/healthz").status_code == 200
    ready = client.get("/readyz")
    assert (ready.status_code, ready.json["database"]) == (503, "down")


def test_readiness_wants_migrations_and_a_living_worker(new_database: Callable[..., str], tmp_path: Path) -> None:
    from datetime import UTC, datetime, timedelta

    from sqlalchemy import insert, text, update

    app = new_app(new_database("sqlite"), tmp_path)
    client = app.test_client()
    assert client.get("/readyz").json["worker"] == "silent"
    with models.transaction() as tx:
        tx.execute(insert(models.WorkerBeat), {"worker": "one", "at": datetime.now(UTC)})
    ready = client.get("/readyz")
    assert (ready.status_code, ready.json["ready"]) == (200, True)
    with models.transaction() as tx:
        tx.execute(update(models.WorkerBeat).values(at=datetime.now(UTC) - timedelta(minutes=2)))
    assert client.get("/readyz").status_code == 503
    with models.transaction() as tx:
        tx.execute(text("UPDATE alembic_version SET version_num = 'older'"))
    assert client.get("/readyz").json["migration"] == "behind"


def test_host_names_can_be_set(new_database: Callable[..., str], tmp_path: Path) -> None:
    names = "safety.example.gov.cn, 10.0.0.1"
    app = new_app(new_database("sqlite"), tmp_path, HOST="10.0.0.1", TRUSTED_HOSTS=names)
    answers = {
        host: app.test_client().get("/healthz", base_url=f"https://{host}").status_code
        for host in ("safety.example.gov.cn", "10.0.0.1:8000", "evil.example")
    }
    assert answers == {"safety.example.gov.cn": 200, "10.0.0.1:8000": 200, "evil.example": 400}
