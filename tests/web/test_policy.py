"""The policy table against the routes there are, and every role against every route."""

from __future__ import annotations

import pytest
from flask import Flask

import models
from domain.errors import Forbidden
from tests.support.routes import Call, calls
from tests.support.site import JSON, Signed, new_person, new_post, new_unit, sign_in
from web.guard import EXPIRED_FORM
from web.http import UNSAFE
from web.policy import POLICY, RELATIONS, ROLES

ANYBODY = ("visitor", "without a post", *sorted(ROLES))


def test_every_route_has_a_row_and_every_row_a_route(app: Flask) -> None:
    assert {route.endpoint for route in app.url_map.iter_rules()} == set(POLICY)


def test_rows_name_known_roles_and_relations() -> None:
    assert {role for rule in POLICY.values() for role in rule.roles or ()} <= ROLES
    assert {rule.relation for rule in POLICY.values()} <= RELATIONS


def test_a_route_without_a_row_is_refused(app: Flask, liaison: Signed) -> None:
    rule = POLICY.pop("help.index")
    try:
        assert liaison.get("/help").status_code == 403
    finally:
        POLICY["help.index"] = rule


def people(app: Flask) -> dict[str, str]:
    """role -> somebody who has it and nothing else."""
    unit_id, _ = new_unit("某地")
    found = {"without a post": new_person("无岗")}
    for role in ROLES:
        found[role] = new_person(role)
        new_post(unit_id, f"only_{role}", role, found[role])
    return found


@pytest.fixture(scope="module")
def cast(app: Flask) -> dict[str, str]:
    return people(app)


@pytest.mark.parametrize("who", ANYBODY)
def test_a_role_comes_in_where_its_row_says_and_nowhere_else(app: Flask, cast: dict[str, str], who: str) -> None:
    models.bind(app.config["SETTINGS"].database_url)
    wrong = [f"{call.method} {call.path}: {what}" for call in calls(app) if (what := _tried(app, cast, who, call))]
    assert not wrong, wrong


def _tried(app: Flask, cast: dict[str, str], who: str, call: Call) -> str:
    """What was wrong with the answer; nothing where it was right."""
    rule = POLICY[call.endpoint]
    # a session of its own each time: one of the routes ends it, another changes whom it acts for
    browser = sign_in(app, cast[who]) if who in cast else None
    client = browser.client if browser else app.test_client()
    headers = {**JSON, "X-CSRF-Token": browser.csrf if browser else ""}
    body = {"json": {}} if call.method in UNSAFE else {}
    answer = client.open(call.path, method=call.method, headers=headers, **body)
    sentence = (answer.get_json(silent=True) or {}).get("error", "")
    if rule.roles is None:
        return "" if answer.status_code != 401 else "asked to sign in"
    if browser is None:
        return "" if answer.status_code == 401 else f"a visitor got {answer.status_code}"
    if rule.roles and who not in rule.roles:
        return "" if answer.status_code == 403 else f"got {answer.status_code} without the role"
    refused = answer.status_code == 403 and sentence in (Forbidden().message, EXPIRED_FORM)
    return f"refused: {sentence}" if refused or answer.status_code in (401, 500) else ""
