"""报表: units by weeks, one statement, the roll-up of a week, who is late."""

from __future__ import annotations

from flask import Blueprint, Response

from services import pressed, statement_exports, statements
from web.excel import sends
from web.http import actor, answers, now
from web.inputs import given

blueprint = Blueprint("statements", __name__, url_prefix="/statements")


@blueprint.get("")
def index() -> Response:
    """Units by periods."""
    choice = _choice()
    return answers("statements/index.html", shown=statements.overview(actor(), choice, now()), choice=choice)


@blueprint.get("/export")
def export() -> Response:
    """Units by periods as an Excel file."""
    return sends("报送情况", statement_exports.overview(actor(), _choice(), now()))


@blueprint.get("/roll-up")
def roll_up() -> Response:
    """A period over all units."""
    return answers("statements/roll_up.html", shown=statements.roll_up(actor(), _choice(), given("period"), now()))


@blueprint.get("/late")
def late() -> Response:
    """Who is late, and how they are pressed."""
    return answers("statements/late.html", shown=pressed.page(actor(), given("campaign") or None, now()))


@blueprint.get("/<period_id>")
def show(period_id: str) -> Response:
    """One statement."""
    return answers("statements/show.html", shown=statements.one(actor(), period_id, now()))


def _choice() -> statements.Choice:
    return statements.Choice(
        campaign_id=given("campaign") or None,
        report=given("report") or None,
        state=given("state"),
        level=given("level"),
    )
