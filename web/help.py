"""The help page."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, render_template

from web.http import settings

blueprint = Blueprint("help", __name__)

SHOWN = ("session_idle_minutes", "session_hours", "login_attempts", "lockout_minutes")


@blueprint.get("/help")
def index() -> Response:
    """How things are done, in a page; the figures are this installation's."""
    figures = {name: getattr(settings(), name) for name in SHOWN}
    return make_response(render_template("help.html", **figures))
