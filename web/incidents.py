"""异常: what a person must look at."""

from __future__ import annotations

from flask import Blueprint, Response

from services.running import repairs
from services.upkeep import incidents
from web.http import actor, answers, goes_to, now
from web.inputs import fresh_key, given, pages

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
    return answers("incidents/show.html", shown=incidents.one(incident_id), command_key=fresh_key())


@blueprint.post("/<incident_id>/retry")
def retry(incident_id: str) -> Response:
    """Try again what it stands for."""
    done = repairs.retry(actor(), incident_id, now())
    return goes_to("incidents.show", incident_id=incident_id, data=done, said="已重试。未能解决的，异常仍会列出。")
