"""企业: the list and one enterprise."""

from __future__ import annotations

from flask import Blueprint, Response

from services.directory import enterprises
from services.inspections import hazard_pages
from services.publications import responsibility
from web.excel import sends
from web.http import actor, answers, now
from web.inputs import given, pages

blueprint = Blueprint("enterprises", __name__, url_prefix="/enterprises")


@blueprint.get("")
def index() -> Response:
    """The list."""
    asked = _asked()
    shown = enterprises.page(actor(), asked, now())
    return answers("enterprises/index.html", shown=shown, asked=asked, links=pages("after", shown.next_after))


@blueprint.get("/export")
def export() -> Response:
    """The list as an Excel file."""
    return sends("企业名单", enterprises.sheet(actor(), _asked(), now()))


@blueprint.get("/<unit_id>")
def show(unit_id: str) -> Response:
    """One enterprise."""
    shown = enterprises.one(actor(), unit_id, now())
    where = responsibility.of_unit(actor(), shown.row.county_id, shown.row.township or "-")
    found = hazard_pages.of_enterprise(actor(), unit_id, now())
    return answers("enterprises/show.html", shown=shown, hazards=found, answerable=where)


def _asked() -> enterprises.Filters:
    return enterprises.Filters(
        text=given("q"),
        county_id=given("county"),
        sector=given("sector"),
        supervised_by=given("by"),
        inspection=given("inspection"),
        commitment=given("commitment"),
        after=given("after", 80),
    )
