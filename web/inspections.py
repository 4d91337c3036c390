"""检查: the list, progress, what is left to inspect, recording a visit, one visit."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, make_response, render_template, request

from domain import inspections as rules
from domain.errors import Invalid
from domain.workdays import BEIJING
from services.inspections import inspection_pages, inspections
from web.excel import sends
from web.http import actor, answers, goes_to, now, wants_json
from web.inputs import fresh_key, given, pages, typed

blueprint = Blueprint("inspections", __name__, url_prefix="/inspections")

FINDINGS = 2  # empty lines of a fresh form
MOST = 30
FINDING_FIELDS = ("kind", "grade", "item", "found_by", "illegality", "detail")


@blueprint.get("")
def index() -> Response:
    """The list."""
    asked = _asked()
    shown = inspection_pages.page(actor(), asked)
    links = pages("after", shown.next_after if shown else "")
    return answers("inspections/index.html", shown=shown, asked=asked, links=links, kinds=rules.KINDS)


@blueprint.get("/export")
def export() -> Response:
    """The list as an Excel file."""
    return sends("检查记录", inspection_pages.sheet(actor(), _asked()))


@blueprint.get("/progress")
def progress() -> Response:
    """How far counties and departments are."""
    return answers("inspections/progress.html", shown=inspection_pages.progress(actor()))


@blueprint.get("/to-do")
def to_do() -> Response:
    """What one's own unit has to inspect."""
    asked = inspection_pages.ToDoFilters(
        kind=given("kind"),
        state=given("state") or "open",
        text=given("q"),
        sector=given("sector"),
        after=given("after", 80),
    )
    shown = inspection_pages.to_do(actor(), asked)
    links = pages("after", shown.next_after if shown else "")
    return answers("inspections/to_do.html", shown=shown, asked=asked, links=links)


@blueprint.get("/new/<enterprise_id>")
def new(enterprise_id: str) -> Response:
    """The form of a visit."""
    return _form(enterprise_id)


@blueprint.post("/new/<enterprise_id>")
def record(enterprise_id: str) -> Response:
    """Record it; the button for another finding only shows the form again with one line more."""
    if request.form.get("more"):
        return _form(enterprise_id, more=1)
    shown = inspection_pages.form(actor(), enterprise_id, typed("pick_id"))
    try:
        done = inspections.record(actor(), shown.campaign_id, _typed(shown), now())
    except Invalid as error:
        if wants_json():
            raise
        return _form(enterprise_id, error)
    said = f"检查已录入，发现问题 {len(done['findings'])} 个。"
    return goes_to("inspections.show", data=done, said=said, inspection_id=done["inspection"])


@blueprint.get("/<inspection_id>")
def show(inspection_id: str) -> Response:
    """One visit."""
    shown = inspection_pages.one(actor(), inspection_id, now())
    return answers("inspections/show.html", shown=shown, results=rules.RESULTS, grades=rules.GRADES)


def _asked() -> inspection_pages.Filters:
    return inspection_pages.Filters(
        text=given("q"),
        kind=given("kind"),
        unit_id=given("unit"),
        county_id=given("county"),
        sector=given("sector"),
        problems=given("problems"),
        after=given("after", 80),
    )


def _lines() -> int:
    """How many lines for findings the sent form had."""
    return min(request.form.get("lines", FINDINGS, type=int) or FINDINGS, MOST)


def _typed(shown: inspection_pages.RecordPage) -> dict[str, Any]:
    """What was typed; a line for a finding without words is none."""
    lines = [{name: typed(f"findings.{i}.{name}", 2000) for name in FINDING_FIELDS} for i in range(_lines())]
    items = (*shown.items, *shown.common)
    return {
        "kind": typed("kind"),
        "enterprise_id": shown.enterprise.id,
        "pick_id": shown.pick_id,
        "inspected_at": typed("inspected_at"),
        "teams": typed("teams"),
        "unannounced": typed("unannounced") == "yes",
        "experts": typed("experts"),
        "note": typed("note", 4000),
        "hindrance": typed("hindrance"),
        "checklist": {item.key: typed(f"checklist.{item.key}") for item in items},
        "findings": [line for line in lines if line["detail"]],
    }


def _form(enterprise_id: str, error: Invalid | None = None, more: int = 0) -> Response:
    pick_id = given("pick") or typed("pick_id")
    context = {
        "shown": inspection_pages.form(actor(), enterprise_id, pick_id),
        "error": error,
        "faults": error.fields if error else {},
        "sent": request.form,
        "lines": min(_lines() + more, MOST),
        "today": now().astimezone(BEIJING).date().isoformat(),
        "command_key": fresh_key(),
        "rules": rules,
    }
    return make_response(render_template("inspections/new.html", **context), 422 if error else 200)
