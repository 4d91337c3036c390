"""Signing in and out, one's password, one's posts and for which of them one acts."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, render_template, request, url_for

from domain.errors import Invalid
from services.access import sessions
from web.errors import status_of
from web.formats import ROLE_NAMES
from web.http import (
    actor,
    answers,
    as_json,
    browser,
    goes_to,
    now,
    rules,
    safe_address,
    sends_to,
    settings,
    signed,
    wants_json,
)
from web.session import sign_in_defaults

blueprint = Blueprint("account", __name__)

LONGEST = 200
HOME = "inbox.home"


@blueprint.route("/login", methods=["GET", "POST"])
def login() -> Response:
    """The login page; a program gets the token that its login must bring."""
    if request.method == "GET" and wants_json():
        return as_json({"csrf_token": browser().csrf})
    if request.method == "GET":
        return _login_page() if browser().actor is None else sends_to(_next())
    try:
        token = sessions.sign_in(
            _field("username").strip(),
            _field("password"),
            defaults=sign_in_defaults(settings()),
            demo=settings().demo,
            address=request.remote_addr or "",
            now=now(),
        )
    except Invalid as error:
        return as_json({"error": error.message}, 422) if wants_json() else _login_page(error)
    before = browser().signed
    if before:
        sessions.sign_out(before, now())
    browser().begin(token)
    return as_json({"csrf_token": browser().csrf}) if wants_json() else sends_to(_next())


@blueprint.post("/logout")
def logout() -> Response:
    """Sign out: the token is worth nothing from now on."""
    sessions.sign_out(signed(), now())
    browser().end()
    response = goes_to("account.login", said="您已退出登录。")
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


@blueprint.route("/account/password", methods=["GET", "POST"])
def password() -> Response:
    """Choose a new password."""
    if request.method == "GET":
        return _password_page()
    try:
        if _field("new") != _field("again"):
            raise Invalid(fields={"again": "两次输入的新口令不一致。"})
        token = sessions.change_password(
            signed(), _field("old"), _field("new"), defaults=sign_in_defaults(settings()), now=now()
        )
    except Invalid as error:
        return _password_page(error)
    browser().begin(token)
    return goes_to("account.profile", said="口令已修改，其他地方的登录已全部退出。")


@blueprint.get("/account")
def profile() -> Response:
    """Who I am: my name, my posts, for which of them I act."""
    me = actor()
    posts = [{"id": p.id, "name": p.name, "unit": p.unit_name, "role": ROLE_NAMES.get(p.role)} for p in me.posts]
    shown = {
        "id": me.person_id,
        "name": me.name,
        "posts": posts,
        "acting": me.acting.id if me.acting else None,
        "csrf": browser().csrf,
    }
    return answers("account/profile.html", data=shown, me=me)


@blueprint.post("/account/post")
def act_for() -> Response:
    """Act for one post, or for all."""
    sessions.act_for(signed(), _field("post") or None)
    return sends_to(safe_address(request.form.get("next"), url_for("account.profile")), "已切换岗位。")


@blueprint.post("/account/campaign")
def look_at() -> Response:
    """Look at another campaign."""
    sessions.look_at(signed(), _field("campaign"))
    return sends_to(safe_address(request.form.get("next"), url_for(HOME)), "已切换行动。")


def _field(name: str) -> str:
    return request.form.get(name, "")[:LONGEST]


def _next() -> str:
    return safe_address(request.values.get("next"), url_for(HOME))


def _login_page(error: Invalid | None = None) -> Response:
    context = {"username": _field("username"), "next": request.values.get("next", "")}
    html = render_template("account/login.html", error=error, **context)
    return make_response(html, status_of(error) if error else 200)


def _password_page(error: Invalid | None = None) -> Response:
    fields = error.fields if error else {}
    html = render_template(
        "account/password.html", fields=fields, error=error, me=actor(), min_length=rules().password_min_length
    )
    return make_response(html, status_of(error) if error else 200)
