"""考评排队: all rankings, one ranking, a county's figures."""

from __future__ import annotations

from flask import Blueprint, Response

from services.publications import ranking_pages
from web.excel import sends
from web.http import actor, answers, now

blueprint = Blueprint("rankings", __name__, url_prefix="/rankings")


@blueprint.get("")
def index() -> Response:
    """Counties by rankings."""
    return answers("rankings/index.html", shown=ranking_pages.overview(actor(), now()))


@blueprint.get("/<publication_id>")
def show(publication_id: str) -> Response:
    """One ranking."""
    return answers("rankings/show.html", shown=ranking_pages.one(actor(), publication_id))


@blueprint.get("/<publication_id>/export")
def export(publication_id: str) -> Response:
    """One ranking as an Excel file."""
    return sends("考评排队", ranking_pages.sheet(actor(), publication_id))


@blueprint.get("/<publication_id>/<unit_id>")
def unit(publication_id: str, unit_id: str) -> Response:
    """A county's figures."""
    return answers("rankings/unit.html", shown=ranking_pages.unit(actor(), publication_id, unit_id))
