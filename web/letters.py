"""函件: the hand-over letters as a list and a file, one letter, and letters to print."""

from __future__ import annotations

from flask import Blueprint, Response, url_for

from services.clues import letter_list, letter_page
from web.excel import sends
from web.http import actor, answers, now
from web.inputs import day, given, pages

blueprint = Blueprint("letters", __name__, url_prefix="/letters")


@blueprint.get("")
def index() -> Response:
    """The list."""
    asked = _asked()
    shown = letter_list.page(actor(), asked, now())
    links = pages("after", shown.next_after if shown else "")
    return answers("letters/index.html", shown=shown, asked=asked, links=links)


@blueprint.get("/export")
def export() -> Response:
    """The list as an Excel file."""
    return sends("交办移送函件登记表", letter_list.sheet(actor(), _asked(), now()))


@blueprint.get("/print")
def papers() -> Response:
    """The letters of a page of the list, one behind the other."""
    shown = letter_list.papers(actor(), _asked(), now())
    return answers("letters/print.html", papers=shown, back=url_for("letters.index"))


@blueprint.get("/<letter_id>")
def show(letter_id: str) -> Response:
    """One letter."""
    return answers("letters/show.html", shown=letter_page.one(actor(), letter_id))


@blueprint.get("/<letter_id>/print")
def paper(letter_id: str) -> Response:
    """One letter as a page of paper."""
    shown = letter_page.one(actor(), letter_id)
    return answers("letters/print.html", papers=(shown,), back=url_for("letters.show", letter_id=letter_id))


def _asked() -> letter_list.Filters:
    return letter_list.Filters(
        text=given("q"),
        state=given("state"),
        unit_id=given("unit"),
        since=day(given("since"), "since"),
        until=day(given("until"), "until"),
        after=given("after", 80),
    )
