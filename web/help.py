"""The help page."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, render_template

from web.http import rules

blueprint = Blueprint("help", __name__)


@blueprint.get("/help")
def index() -> Response:
    """How things are done, in a page; the figures are this installation's."""
    return make_response(render_template("help.html", rules=rules()))
