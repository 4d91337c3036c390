"""联络人: the table of a campaign's liaisons to print, and as a file."""

from __future__ import annotations

from flask import Blueprint, Response

from services.campaigns import liaisons
from web.excel import sends
from web.http import actor, answers
from web.inputs import given

blueprint = Blueprint("liaisons", __name__, url_prefix="/campaigns/<campaign_id>/liaisons")


@blueprint.get("")
def paper(campaign_id: str) -> Response:
    """The table; `unit` asks for one unit alone."""
    unit_id = given("unit")
    return answers("campaigns/liaisons.html", shown=liaisons.table(actor(), campaign_id, unit_id), unit_id=unit_id)


@blueprint.get("/export")
def export(campaign_id: str) -> Response:
    """The same as an Excel file."""
    shown = liaisons.sheet(actor(), campaign_id, given("unit"))
    return sends("联络人", shown)
