"""承诺书: the list, one to print, and what the public sees."""

from __future__ import annotations

from flask import Blueprint, Response

from services.campaigns import commitments
from web.excel import sends
from web.http import actor, answers, now
from web.inputs import given, pages

blueprint = Blueprint("commitments", __name__)


@blueprint.get("/commitments")
def index() -> Response:
    """Who has signed."""
    asked = _asked()
    shown = commitments.page(actor(), asked, now())
    return answers(
        "commitments/index.html", shown=shown, asked=asked, links=pages("after", shown.next_after if shown else "")
    )


@blueprint.get("/commitments/export")
def export() -> Response:
    """The list as an Excel file."""
    return sends("承诺书签署情况", commitments.sheet(actor(), _asked(), now()))


@blueprint.get("/commitments/<task_id>")
def show(task_id: str) -> Response:
    """One commitment."""
    return answers("commitments/show.html", shown=commitments.one(actor(), task_id, now()), public=False)


@blueprint.get("/commitments/<task_id>/print")
def paper(task_id: str) -> Response:
    """One commitment as a page of paper; before it is signed with room for hand and seal."""
    return answers("commitments/print.html", shown=commitments.one(actor(), task_id, now()))


@blueprint.get("/public/commitments/<task_id>")
def public(task_id: str) -> Response:
    """A signed commitment, for everyone."""
    return answers("commitments/public.html", shown=commitments.public(task_id, now()), public=True)


def _asked() -> commitments.Filters:
    return commitments.Filters(kind=given("kind"), text=given("q"), state=given("state"), after=given("after", 80))
