"""交办（移送）书: the list and each as a page to print."""

from __future__ import annotations

from flask import Blueprint, Response

from services import letter_page
from web.http import actor, answers
from web.inputs import given, pages

blueprint = Blueprint("letters", __name__, url_prefix="/letters")


@blueprint.get("")
def index() -> Response:
    """The letters to units one sees."""
    shown = letter_page.page(actor(), given("after"))
    return answers("letters/index.html", shown=shown, links=pages("after", shown.next_after))


@blueprint.get("/<letter_id>")
def show(letter_id: str) -> Response:
    """One letter."""
    return answers("letters/show.html", shown=letter_page.one(actor(), letter_id))
