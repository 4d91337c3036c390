"""Before every view: policy, CSRF token, password that must be changed. What is not allowed does not get further."""

from __future__ import annotations

from typing import cast

from flask import Flask, Response, redirect, request, url_for

from config import Settings
from domain.authority import Actor
from domain.errors import Forbidden, NotSignedIn
from web.http import UNSAFE, browser, wants_json
from web.policy import POLICY

# Where somebody may go who must first choose a password of their own.
WITH_OLD_PASSWORD = frozenset({"account.password", "account.logout", "help.index", "static"})


class ExpiredForm(Forbidden):
    """页面已失效，请返回上一页刷新后重新提交。"""


EXPIRED_FORM = ExpiredForm().message


def register(app: Flask, settings: Settings) -> None:
    """Stand before every view."""
    app.before_request(check)


def check() -> Response | None:
    """Refuse first; None lets the request in."""
    if request.endpoint is None:
        return None
    rule = POLICY.get(request.endpoint)
    if rule is None:
        raise Forbidden("该页面尚未开放。")
    if rule.roles is None and request.method not in UNSAFE:
        return None
    if rule.roles is not None and browser().actor is None:
        raise NotSignedIn
    _check_csrf()
    if not rule.allows(browser().actor):
        raise Forbidden
    return _lead_to_password(browser().actor)


def _check_csrf() -> None:
    if request.method not in UNSAFE:
        return
    token = request.headers.get("X-CSRF-Token")
    if token is None and request.mimetype != "application/json":
        token = request.form.get("csrf_token")
    if not browser().brings(token):
        raise ExpiredForm


def _lead_to_password(actor: Actor | None) -> Response | None:
    if actor is None or not actor.must_change_password or request.endpoint in WITH_OLD_PASSWORD:
        return None
    if wants_json():
        raise Forbidden("请先在“修改口令”页设置您自己的口令。")
    return cast(Response, redirect(url_for("account.password"), 303))
