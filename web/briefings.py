"""汇总与简报: what the office reports to the leaders and gives back to the principals."""

from __future__ import annotations

from flask import Blueprint, Response

from services.statements import briefings
from web.http import actor, answers
from web.inputs import given, pages

blueprint = Blueprint("briefings", __name__, url_prefix="/briefings")


@blueprint.get("")
def index() -> Response:
    """The list."""
    kind, text = given("kind"), given("q")
    shown = briefings.page(actor(), kind, text, given("after", 10))
    following = shown.next_after if shown else ""
    return answers("briefings/index.html", shown=shown, kind=kind, text=text, links=pages("after", following))


@blueprint.get("/<publication_id>")
def show(publication_id: str) -> Response:
    """One of them, as a page to print."""
    return answers("briefings/show.html", shown=briefings.one(publication_id))
