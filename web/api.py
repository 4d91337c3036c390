"""The plain JSON interface: the inbox and the completion of a task."""

from __future__ import annotations

from flask import Blueprint, Response, request

from domain.errors import Invalid
from services.tasks import inbox, task_page
from web.http import actor, as_json, now
from web.inbox import asked
from web.task import completed

blueprint = Blueprint("api", __name__, url_prefix="/api")

LARGEST_PAGE = 100


@blueprint.get("/tasks")
def tasks() -> Response:
    """The inbox; `after` takes `next` of the page before."""
    return as_json(inbox.todo(actor(), asked(), now(), size=_size()))


@blueprint.get("/tasks/<task_id>")
def task(task_id: str) -> Response:
    """One task with its form and what was typed."""
    page = task_page.page(actor(), task_id, now())
    names = ("id", "name", "title", "status", "version", "opened_at", "due_at", "completed_at")
    found = {name: getattr(page.row, name) for name in names}
    outcomes = [{"value": outcome.value, "name": outcome.name} for outcome in page.outcomes]
    more = {"form": page.form, "data": page.data, "outcomes": outcomes, "may_complete": page.may_complete}
    return as_json({**found, **more, "light": page.light})


@blueprint.post("/tasks/<task_id>/complete")
def complete(task_id: str) -> Response:
    """Complete a task: {answers, outcome, opinion, version}."""
    return as_json(completed(task_id))


def _size() -> int:
    text = request.args.get("size", str(inbox.PAGE_SIZE))
    if not text.isascii() or not text.isdecimal() or not 1 <= int(text) <= LARGEST_PAGE:
        raise Invalid(f"size 应为 1 到 {LARGEST_PAGE} 的整数。")
    return int(text)
