"""报表: units by weeks, one statement, the roll-up of a week, who is late."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request, url_for

from services.statements import pressed, roll_up, statement_exports, statement_figures, statement_papers, statements
from web.excel import sends, sends_file
from web.http import actor, answers, now, sends_to
from web.inputs import given, number

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


@blueprint.get("/roll-up", endpoint="roll_up")
def rolled() -> Response:
    """A period over all units."""
    return answers("statements/roll_up.html", shown=roll_up_of(), townships=given("townships") == "1")


@blueprint.get("/roll-up/export")
def roll_up_export() -> Response:
    """The same as an Excel file in the annex's layout."""
    return sends_file(*statement_exports.roll_up_book(roll_up_of(), now()))


@blueprint.get("/roll-up/details")
def roll_up_details() -> Response:
    """Annex 6 of a period over all units, to print."""
    shown = statement_papers.all_details(actor(), _choice(), given("period"), now())
    kept: dict[str, Any] = request.args.to_dict()
    back = url_for("statements.roll_up", **kept)
    return answers("statements/details_print.html", shown=shown, back=back)


@blueprint.get("/late")
def late() -> Response:
    """Who is late, and how they are pressed."""
    return answers("statements/late.html", shown=pressed.page(actor(), given("campaign") or None, now()))


@blueprint.get("/<period_id>")
def show(period_id: str) -> Response:
    """One statement."""
    return answers("statements/show.html", shown=statements.one(actor(), period_id, now()))


@blueprint.get("/<period_id>/export")
def workbook(period_id: str) -> Response:
    """One statement as an Excel file: annexes 4, 6 and 5."""
    return sends_file(*statement_exports.statement_book(statements.one(actor(), period_id, now()), now()))


@blueprint.get("/<period_id>/cases", endpoint="cases")
def case_papers(period_id: str) -> Response:
    """The typical cases of one statement, to print; `n` names one of them."""
    only = number(given("n"), "n")
    return answers("statements/cases_print.html", shown=statement_papers.cases(actor(), period_id, only))


@blueprint.get("/<period_id>/details")
def details(period_id: str) -> Response:
    """Annex 6 of one statement, to print."""
    shown = statement_papers.details(actor(), period_id, now())
    back = url_for("statements.show", period_id=period_id)
    return answers("statements/details_print.html", shown=shown, back=back)


@blueprint.get("/<period_id>/behind/<column>")
def behind(period_id: str, column: str) -> Response:
    """The rows behind a figure."""
    return answers("statements/behind.html", shown=statement_figures.behind(actor(), period_id, column))


@blueprint.get("/of/<instance_id>")
def of_instance(instance_id: str) -> Response:
    """The statement that a process works on."""
    return sends_to(url_for("statements.show", period_id=statements.of_instance(actor(), instance_id)))


def roll_up_of() -> roll_up.RollUp:
    """The roll-up that the address asks for."""
    return roll_up.roll_up(actor(), _choice(), given("period"), now())


def _choice() -> statements.Choice:
    return statements.Choice(
        campaign_id=given("campaign") or None,
        report=given("report") or None,
        state=given("state"),
        level=given("level"),
    )
