"""待办 and 已办."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request, url_for

from services.tasks import inbox
from web.http import actor, answers, goes_to, now

blueprint = Blueprint("inbox", __name__)

LONGEST_TEXT = 60


@blueprint.get("/")
def home() -> Response:
    """Where everybody begins."""
    return goes_to("inbox.todo")


@blueprint.get("/inbox")
def todo() -> Response:
    """待办."""
    query = asked()
    page = inbox.todo(actor(), query, now())
    return answers("inbox/todo.html", part="inbox/list.html", data=page, query=query, addresses=_addresses(query, page))


@blueprint.get("/inbox/done")
def done() -> Response:
    """已办."""
    query = asked()
    page = inbox.done(actor(), query, now())
    return answers("inbox/done.html", data=page, query=query, addresses=_addresses(query, page))


def asked() -> inbox.Query:
    """The filters of the address."""
    given = request.args
    return inbox.Query(
        campaign=given.get("campaign") or None,
        late=given.get("late") == "1",
        text=given.get("q", "").strip()[:LONGEST_TEXT],
        after=given.get("after", ""),
    )


def _addresses(query: inbox.Query, page: inbox.Page) -> dict[str, str]:
    """Links that keep the filters: first and next page, late or not, no filter at all."""
    kept: dict[str, Any] = {"campaign": query.campaign, "q": query.text or None}
    late = "1" if query.late else None
    endpoint = str(request.endpoint)
    return {
        "first": url_for(endpoint, late=late, **kept) if query.after else "",
        "next": url_for(endpoint, late=late, after=page.next, **kept) if page.next else "",
        "all": url_for(endpoint, **kept),
        "late": url_for(endpoint, late="1", **kept),
        "bare": url_for(endpoint),
    }
