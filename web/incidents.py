"""异常: what a person must look at."""

from __future__ import annotations

from flask import Blueprint, Response

from services import incidents
from web.http import answers
from web.inputs import given, pages

blueprint = Blueprint("incidents", __name__, url_prefix="/incidents")


@blueprint.get("")
def index() -> Response:
    """Open ones, or with ?closed=1 those that were repaired."""
    closed, kind = given("closed") == "1", given("kind")
    shown = incidents.page(closed, kind, given("after"))
    return answers(
        "incidents/index.html", shown=shown, closed=closed, kind=kind, links=pages("after", shown.next_after)
    )


@blueprint.get("/<incident_id>")
def show(incident_id: str) -> Response:
    """One incident."""
    return answers("incidents/show.html", shown=incidents.one(incident_id))
