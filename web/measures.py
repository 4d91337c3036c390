"""任务清单: measures of the notice, who does them and how far, and notes on their progress."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, render_template

from domain.errors import Invalid
from services.measures import allocation, measure_page, measure_pages, progress
from web.excel import sends
from web.http import actor, answers, goes_to, now, wants_json
from web.inputs import fresh_key, given, pages, typed

blueprint = Blueprint("measures", __name__, url_prefix="/measures")


@blueprint.get("")
def index() -> Response:
    """The list."""
    asked = _asked()
    shown = measure_pages.page(actor(), asked, now())
    links = pages("after", shown.next_after if shown else "")
    views, states = measure_pages.VIEWS, measure_pages.STATE_NAMES
    return answers("measures/index.html", shown=shown, asked=asked, links=links, views=views, states=states)


@blueprint.get("/export")
def export() -> Response:
    """The list as an Excel file."""
    return sends("任务清单", measure_pages.sheet(actor(), _asked(), now()))


@blueprint.get("/<campaign_id>/<key>/allocation")
def export_allocation(campaign_id: str, key: str) -> Response:
    """The allocation of a measure as an Excel file."""
    return sends("任务分配", *allocation.sheets(actor(), campaign_id, key, now()))


@blueprint.get("/<campaign_id>/<key>")
def show(campaign_id: str, key: str) -> Response:
    """One measure."""
    return _one(campaign_id, key)


@blueprint.post("/<campaign_id>/<key>/notes")
def note(campaign_id: str, key: str) -> Response:
    """Write down the progress of one's unit."""
    try:
        done = progress.note(actor(), campaign_id, key, typed("unit"), typed("text", 2000), now(), typed("figure", 20))
    except Invalid as error:
        if wants_json():
            raise
        return _one(campaign_id, key, error)
    return goes_to("measures.show", campaign_id=campaign_id, key=key, data=done, said="进展已记录。")


def _one(campaign_id: str, key: str, error: Invalid | None = None) -> Response:
    shown = measure_page.one(actor(), campaign_id, key, now())
    faults = error.fields if error else {}
    sent = {name: typed(name, 2000) for name in ("text", "figure")} if error else {}
    status = 422 if error else 200
    return answers("measures/show.html", shown=shown, faults=faults, sent=sent, command_key=fresh_key(), status=status)


def _asked() -> measure_pages.Filters:
    view = given("view")
    return measure_pages.Filters(
        view=view if view in measure_pages.VIEWS else "measures",
        heading=given("heading"),
        unit_id=given("unit"),
        state=given("state"),
        target=given("target") == "yes",
        text=given("q"),
        after=given("after", 80),
    )


def beside(campaign_id: str | None, values: Any) -> str:
    """The measure of a task, as a part of the task's page."""
    shown = measure_page.beside(campaign_id, values, now())
    return render_template("measures/beside.html", shown=shown) if shown else ""
