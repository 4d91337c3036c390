"""处置台账: the register of disposals, and entering what happened outside."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, render_template, request

from domain.errors import Invalid, NotFound
from services.inspections import disposals
from web.excel import sends
from web.http import actor, answers, goes_to, now, wants_json
from web.inputs import fresh_key, given, pages, typed

blueprint = Blueprint("disposals", __name__, url_prefix="/disposals")

FIELDS = ("kind", "measure", "subject", "facts", "basis", "persons", "until", "follow_up", "decided_on", "county_id")


@blueprint.get("")
def index() -> Response:
    """The register."""
    asked = _asked()
    shown = disposals.page(actor(), asked)
    links = pages("after", shown.next_after if shown else "")
    return answers("disposals/index.html", shown=shown, asked=asked, links=links)


@blueprint.get("/export")
def export() -> Response:
    """The register as an Excel file."""
    return sends("处置台账", disposals.sheet(actor(), _asked()))


@blueprint.get("/new")
def new() -> Response:
    """The form of an entry."""
    return _form()


@blueprint.post("/new")
def add() -> Response:
    """Enter it."""
    shown = disposals.page(actor(), disposals.Filters())
    if shown is None:
        raise NotFound("还没有启动行动。")
    try:
        done = disposals.add(actor(), shown.campaign_id, {name: typed(name, 2000) for name in FIELDS}, now())
    except Invalid as error:
        if wants_json():
            raise
        return _form(error)
    return goes_to("disposals.index", data=done, said="已登记。")


def _asked() -> disposals.Filters:
    return disposals.Filters(
        text=given("q"),
        kind=given("kind"),
        measure=given("measure"),
        county_id=given("county"),
        after=given("after", 80),
    )


def _form(error: Invalid | None = None) -> Response:
    context = {
        "shown": disposals.page(actor(), disposals.Filters()),
        "error": error,
        "faults": error.fields if error else {},
        "sent": request.form if error else {},
        "command_key": fresh_key(),
    }
    return make_response(render_template("disposals/new.html", **context), 422 if error else 200)
