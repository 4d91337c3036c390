"""清单: the six lists as they stand or as they were handed in, and who has handed them in."""

from __future__ import annotations

from flask import Blueprint, Response

from services.statements import six_lists
from web.excel import sends
from web.http import actor, answers
from web.inputs import given, pages

blueprint = Blueprint("lists", __name__, url_prefix="/lists")


@blueprint.get("")
def index() -> Response:
    """One of the lists."""
    asked = _asked()
    shown = six_lists.page(actor(), asked)
    following = shown.next_after if shown else ""
    return answers("lists/index.html", shown=shown, asked=asked, links=pages("after", following))


@blueprint.get("/export")
def export() -> Response:
    """The list as an Excel file; all six where none is named."""
    found = six_lists.sheet(actor(), _asked())
    return sends(found[0].title if len(found) == 1 else six_lists.SET, *found)


@blueprint.get("/months")
def months() -> Response:
    """What was handed in, by month."""
    return answers("lists/months.html", shown=six_lists.months(actor()))


def _asked() -> six_lists.Filters:
    return six_lists.Filters(
        key=given("list"), text=given("q"), unit_id=given("unit"), period=given("period"), after=given("after", 10)
    )
