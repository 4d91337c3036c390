"""签批 over HTTP: the list, the page, and the password that no way around it avoids."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

import models
from models import Ledger, Person, Policy, Signature, SignedSession, Stage, Task
from services.access import passwords
from tests.support.site import Signed, as_holder, holder_of, new_app
from tests.support.world import PASSWORD, World, beijing
from tests.web.conftest import CAMPAIGN, OFFICE

LAUNCH = beijing("2021-12-28 09:00")
GATE_OPENS = beijing("2022-01-11 09:00")
ASKED = "签署须输入您的登录口令确认身份。"


@pytest.fixture(scope="module")
def world(new_database: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> World:
    """The first stage is over, its gate is open; everybody knows the password."""
    url, folder = new_database("sqlite"), tmp_path_factory.mktemp("world")
    world = World(url, folder, key=CAMPAIGN, now=LAUNCH, enterprises=2, password_hash=passwords.hashed(PASSWORD))
    world.at(GATE_OPENS)
    return world


@pytest.fixture(scope="module")
def app(world: World, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    url = world.database.url.render_as_string(hide_password=False)
    return new_app(url, tmp_path_factory.mktemp("var"))


@pytest.fixture
def leader(app: Flask) -> Signed:
    return as_holder(app, OFFICE, "city_leader")


def commitment(world: World, unit: str) -> Any:
    return world.open_tasks("sign_party_commitment", unit=unit)[0]


def signed(task_id: str) -> Any:
    with models.reading() as tx:
        return tx.execute(select(Signature.__table__).where(Signature.task_id == task_id)).first()


def body(world: World, task: Any, **more: Any) -> dict[str, Any]:
    return {"answers": world.answers(task), "version": task.version, **more}


def test_what_waits_is_listed_and_what_was_signed(app: Flask, world: World) -> None:
    task = commitment(world, "左权县")
    party = as_holder(app, "左权县", "party_principal")
    page = party.get("/sign-offs").text
    assert "安全防范承诺书签字" in page and f"/sign-offs/{task.id}" in page and "已超期" in page
    assert "还没有签批过的事项" in page
    answer = party.send("POST", f"/sign-offs/{task.id}", body(world, task, password=PASSWORD))
    assert (answer.status_code, answer.json["next"]) == (200, "/sign-offs")
    page = party.get("/sign-offs").text
    assert "没有待签批的事项" in page and f"/sign-offs/{task.id}" in page
    assert party.get("/sign-offs?after=x").status_code == 422
    assert party.get("/sign-offs?after=~x").status_code == 422


def test_the_page_shows_what_is_asked_who_else_signs_and_what_deviates(app: Flask, world: World) -> None:
    task = commitment(world, "榆社县")
    party = as_holder(app, "榆社县", "party_principal")
    assert party.get(f"/tasks/{task.id}").headers["Location"].endswith(f"/sign-offs/{task.id}")
    page = party.get(f"/sign-offs/{task.id}").text
    assert "安全防范承诺书（附件2）" in page
    assert "通过电视台或在单位显著位置张贴等方式公开承诺" in page
    assert "会签情况" in page and "政府主要负责人" in page and page.count("待签") == 2
    assert "签署已超期，截止时间为 01月10日 24:00。" in page
    assert "data-password" in page and "data-submit-task" in page
    watcher = as_holder(app, OFFICE, "dispatcher")
    seen = watcher.get(f"/sign-offs/{task.id}").text
    assert "data-submit-task" not in seen and "您可以查看" in seen
    assert watcher.send("POST", f"/sign-offs/{task.id}", body(world, task)).status_code == 403


@pytest.mark.parametrize("path", ["/api/tasks/{}/complete", "/tasks/{}/complete", "/sign-offs/{}"])
def test_no_way_to_sign_goes_around_the_password(app: Flask, world: World, path: str) -> None:
    task = commitment(world, "祁县")
    party = as_holder(app, "祁县", "party_principal")
    address = path.format(task.id)
    refused = party.send("POST", address, body(world, task))
    assert (refused.status_code, refused.json["fields"]) == (422, {"password": ASKED})
    wrong = party.send("POST", address, body(world, task, password="not-my-password"))
    assert wrong.status_code == 422
    assert "口令不正确" in wrong.json["fields"]["password"]
    assert signed(task.id) is None
    right = party.send("POST", f"/sign-offs/{task.id}", body(world, task, version=99, password=PASSWORD))
    assert right.status_code == 409, "the password alone signs nothing"


def test_a_signature_says_when_its_signer_was_confirmed(app: Flask, world: World) -> None:
    task = commitment(world, "平遥县")
    party = as_holder(app, "平遥县", "party_principal")
    before = datetime.now(UTC)
    assert party.send("POST", f"/api/tasks/{task.id}/complete", body(world, task, password=PASSWORD)).status_code == 200
    row = signed(task.id)
    assert before <= row.confirmed_at == row.signed_at
    with models.reading() as tx:
        data = tx.execute(select(Ledger.data).where(Ledger.tag == "sign_off:sign", Ledger.task_id == task.id))
        assert datetime.fromisoformat(data.scalar_one()["confirmed_at"]) == row.confirmed_at


def test_wrong_passwords_lock_the_account_and_leave_the_session(app: Flask, world: World) -> None:
    task = commitment(world, "和顺县")
    party = as_holder(app, "和顺县", "party_principal")
    for _ in range(5):
        answer = party.send("POST", f"/sign-offs/{task.id}", body(world, task, password="not-my-password"))
        assert answer.status_code == 422
    assert "账号已锁定" in answer.json["error"] or "账号已锁定" in answer.json["fields"]["password"]
    right = party.send("POST", f"/sign-offs/{task.id}", body(world, task, password=PASSWORD))
    assert right.status_code == 422 and "账号已锁定" in right.json["error"]
    assert signed(task.id) is None
    with models.reading() as tx:
        person_id = holder_of("和顺县", "party_principal")[0]
        assert tx.execute(select(Person.locked_until).where(Person.id == person_id)).scalar_one() is not None
    assert party.get("/sign-offs").status_code == 200


def ago(browser: Signed, minutes: float) -> None:
    """The password was given so many minutes ago."""
    at = datetime.now(UTC) - timedelta(minutes=minutes)
    with models.transaction() as tx:
        tx.execute(update(SignedSession).where(SignedSession.person_id == browser.person_id).values(confirmed_at=at))


def test_the_password_is_asked_again_after_ten_minutes(app: Flask, world: World) -> None:
    task = commitment(world, "昔阳县")
    party = as_holder(app, "昔阳县", "party_principal")
    ago(party, 10.1)
    assert "data-password" in party.get(f"/sign-offs/{task.id}").text
    assert party.send("POST", f"/sign-offs/{task.id}", body(world, task)).status_code == 422
    ago(party, 9.5)
    assert "data-password" not in party.get(f"/sign-offs/{task.id}").text
    assert party.send("POST", f"/sign-offs/{task.id}", body(world, task)).status_code == 200


def test_a_policy_of_zero_asks_every_time(app: Flask, world: World) -> None:
    task = commitment(world, "寿阳县")
    party = as_holder(app, "寿阳县", "party_principal")
    with models.transaction() as tx:
        tx.execute(Policy.__table__.insert(), {"key": "sign_in.sign_reauth_minutes", "value": 0, "changed_at": LAUNCH})
    try:
        ago(party, 0)
        assert party.send("POST", f"/sign-offs/{task.id}", body(world, task)).status_code == 422
        given = body(world, task, password=PASSWORD)
        assert party.send("POST", f"/sign-offs/{task.id}", given).status_code == 200
    finally:
        with models.transaction() as tx:
            tx.execute(Policy.__table__.delete())


def test_a_gate_keeps_what_was_typed_when_the_password_is_wrong(leader: Signed) -> None:
    with models.reading() as tx:
        gate = tx.execute(select(Stage.gate_task_id).where(Stage.key == "s1")).scalar_one()
        version = tx.execute(select(Task.version).where(Task.id == gate)).scalar_one()
    assert leader.get(f"/sign-offs/{gate}").headers["Location"].endswith(f"/gates/{gate}")
    typed = {"outcome": "sign", "version": version, "opinion": "差额已逐一督促，同意转段。", "command_key": "k" * 20}
    for password, sentence in ((None, ASKED), ("wrong-wrong", "口令不正确")):
        refused = leader.post(f"/gates/{gate}", typed | ({"password": password} if password else {}))
        assert refused.status_code == 422
        assert sentence in refused.text and "差额已逐一督促，同意转段。" in refused.text
        assert not re.search(r'value="wrong-wrong"', refused.text)
    done = leader.post(f"/gates/{gate}", typed | {"password": PASSWORD})
    assert (done.status_code, done.headers["Location"]) == (303, "/sign-offs")
    assert signed(gate).confirmed_at is not None
