"""No unsafe request goes through without the token of its own session."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.support.routes import calls
from tests.support.site import JSON, Signed, new_person, sign_in
from web.guard import EXPIRED_FORM
from web.http import UNSAFE


@pytest.mark.parametrize("token", [None, "", "guessed", "another session's"])
def test_every_unsafe_route_wants_the_token(app: Flask, liaison: Signed, token: str | None) -> None:
    if token == "another session's":
        token = sign_in(app, new_person()).csrf
    headers = {**JSON, **({"X-CSRF-Token": token} if token is not None else {})}
    for call in calls(app):
        if call.method not in UNSAFE:
            continue
        answer = liaison.client.open(call.path, method=call.method, headers=headers, json={})
        assert (answer.status_code, answer.json["error"]) == (403, EXPIRED_FORM), call


def test_the_token_may_come_in_the_form_or_in_the_header(app: Flask, liaison: Signed) -> None:
    assert liaison.post("/account/post", {"post": ""}).status_code == 303
    header = {"X-CSRF-Token": liaison.csrf}
    assert liaison.client.post("/account/post", data={"post": ""}, headers=header).status_code == 303


def test_a_token_in_the_address_counts_for_nothing(app: Flask, liaison: Signed) -> None:
    assert liaison.client.post(f"/account/post?csrf_token={liaison.csrf}").status_code == 403


def test_a_program_signs_in_as_the_manual_says(app: Flask) -> None:
    client = app.test_client()
    token = client.get("/login", headers=JSON).json["csrf_token"]
    body = {"username": "nobody", "password": "wrong-horse-9", "csrf_token": token}
    assert client.post("/login", data=body, headers=JSON).json["error"].startswith("登录名或口令不正确")


def test_the_login_form_has_a_token_of_the_visitor(app: Flask) -> None:
    client = app.test_client()
    assert client.post("/login", data={"username": "a", "password": "b"}).status_code == 403
    page = client.get("/login").text
    token = page.split('name="csrf_token" value="')[1].split('"')[0]
    assert client.post("/login", data={"username": "a", "password": "b", "csrf_token": token}).status_code == 422
    stranger = app.test_client()
    stranger.get("/login")
    assert stranger.post("/login", data={"username": "a", "csrf_token": token}).status_code == 403
