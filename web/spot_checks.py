"""抽查: draws by department and county, one draw, every draw made again."""

from __future__ import annotations

from flask import Blueprint, Response

from services.oversight import spot_check_pages
from web.excel import sends
from web.http import actor, answers, as_json, now
from web.inputs import given, pages

blueprint = Blueprint("spot_checks", __name__, url_prefix="/spot-checks")


@blueprint.get("")
def index() -> Response:
    """Shares and draws."""
    asked = _asked()
    shown = spot_check_pages.page(actor(), asked, now())
    links = pages("after", shown.next_after if shown else "")
    return answers("spot_checks/index.html", shown=shown, asked=asked, links=links)


@blueprint.get("/export")
def export() -> Response:
    """The draws as an Excel file."""
    return sends("抽查", spot_check_pages.sheet(actor(), _asked(), now()))


@blueprint.get("/verify")
def verify() -> Response:
    """Every draw made again."""
    return answers("spot_checks/verify.html", shown=spot_check_pages.proof_page(actor(), now()))


@blueprint.get("/<spot_check_id>")
def show(spot_check_id: str) -> Response:
    """One draw."""
    return answers("spot_checks/show.html", shown=spot_check_pages.one(actor(), spot_check_id, now()))


@blueprint.get("/<spot_check_id>/paper")
def paper(spot_check_id: str) -> Response:
    """List, seed and seal as JSON, so that anybody can draw again."""
    response = as_json(spot_check_pages.paper(actor(), spot_check_id))
    response.headers["Content-Disposition"] = f'attachment; filename="spot-check-{spot_check_id}.json"'
    return response


def _asked() -> spot_check_pages.Filters:
    return spot_check_pages.Filters(
        department_id=given("department"), county_id=given("county"), after=given("after", 80)
    )
