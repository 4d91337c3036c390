"""信息公开: what everybody may read without an account, and the office's list of it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, make_response, render_template

from domain.errors import Invalid
from services.publications import publications
from web.http import actor, answers, goes_to, now, wants_json
from web.inputs import day, fresh_key, given, pages, typed

blueprint = Blueprint("publications", __name__)


@blueprint.get("/public")
def public() -> Response:
    """Everything that stands published."""
    shown = publications.public_page(_asked())
    return answers("publications/public.html", shown=shown, **_lists(shown) | {"kinds": publications.PUBLIC_KINDS})


@blueprint.get("/public/items/<publication_id>")
def public_item(publication_id: str) -> Response:
    """One of them."""
    return answers("publications/public_item.html", row=publications.public_one(publication_id))


@blueprint.get("/publications")
def index() -> Response:
    """Publications of the units one sees, whatever their state."""
    shown = publications.page(actor(), _asked())
    return answers("publications/index.html", shown=shown, **_lists(shown))


@blueprint.get("/publications/<publication_id>")
def show(publication_id: str) -> Response:
    """One publication."""
    return _page(publication_id)


@blueprint.post("/publications/<publication_id>/withdraw")
def withdraw(publication_id: str) -> Response:
    """Take it back, with a reason."""
    reason = typed("reason", publications.LONGEST_REASON + 1)
    try:
        publications.withdraw(actor(), publication_id, reason, now())
    except Invalid as error:
        if wants_json():
            raise
        return _page(publication_id, error, reason)
    return goes_to("publications.show", said="已撤回，公众不再看到这项内容。", publication_id=publication_id)


def _page(publication_id: str, error: Invalid | None = None, reason: str = "") -> Response:
    row = publications.one(actor(), publication_id)
    wrong = error.fields.get("reason", error.message) if error else ""
    may_withdraw = row.status == "published" and "office" in actor().roles
    context = {"row": row, "wrong": wrong, "reason": reason, "may_withdraw": may_withdraw, "command_key": fresh_key()}
    html = render_template("publications/show.html", states=publications.STATES, **context)
    return make_response(html, 422 if error else 200)


def _asked() -> publications.Filters:
    return publications.Filters(
        kind=given("kind"),
        unit_id=given("unit"),
        since=day(given("since"), "since"),
        until=day(given("until"), "until"),
        after=given("after"),
    )


def _lists(shown: publications.ListPage) -> dict[str, Any]:
    return {
        "kinds": publications.KINDS,
        "states": publications.STATES,
        "links": pages("after", shown.next_after),
        "asked": {name: given(name) for name in ("kind", "unit", "since", "until")},
    }
