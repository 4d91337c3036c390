"""交办（移送）书: a hand-over letter to read and to print."""

from __future__ import annotations

from flask import Blueprint, Response

from services.clues import letter_page
from web.http import actor, answers

blueprint = Blueprint("letters", __name__)


@blueprint.get("/letters/<letter_id>")
def show(letter_id: str) -> Response:
    """One letter."""
    return answers("letters/show.html", shown=letter_page.one(actor(), letter_id))
