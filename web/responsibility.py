"""包保责任: who answers for which county, township, villages and households."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, render_template, request

from domain.errors import Invalid, NotFound
from services.publications import responsibility
from web.excel import sends
from web.http import actor, answers, goes_to, now, wants_json
from web.inputs import fresh_key, given, pages, typed

blueprint = Blueprint("responsibility", __name__, url_prefix="/responsibility")

FIELDS = ("level", "unit_id", "post", "area")


@blueprint.get("")
def index() -> Response:
    """The register."""
    asked = _asked()
    shown = responsibility.page(actor(), asked)
    links = pages("after", shown.next_after if shown else "")
    return answers("responsibility/index.html", shown=shown, asked=asked, links=links)


@blueprint.get("/export")
def export() -> Response:
    """The register as an Excel file."""
    return sends("包保责任", responsibility.sheet(actor(), _asked()))


@blueprint.get("/new")
def new() -> Response:
    """The form of an entry."""
    return _form()


@blueprint.post("/new")
def add() -> Response:
    """Enter it."""
    shown = responsibility.page(actor(), responsibility.Filters())
    if shown is None:
        raise NotFound("还没有启动行动。")
    data = {name: typed(name, 400) for name in FIELDS}
    data["unit_id"] = typed("county_id") if data["level"] == "1" and not data["unit_id"] else data["unit_id"]
    try:
        done = responsibility.add(actor(), shown.campaign_id, data, now())
    except Invalid as error:
        if wants_json():
            raise
        return _form(error)
    return goes_to("responsibility.index", data=done, said="已登记。")


@blueprint.post("/<responsibility_id>/end")
def end(responsibility_id: str) -> Response:
    """Take it off the register."""
    responsibility.end(actor(), responsibility_id, now())
    return goes_to("responsibility.index", said="已撤销。")


def _asked() -> responsibility.Filters:
    return responsibility.Filters(
        text=given("q"), level=given("level"), county_id=given("county"), after=given("after", 120)
    )


def _form(error: Invalid | None = None) -> Response:
    context = {
        "shown": responsibility.page(actor(), responsibility.Filters()),
        "error": error,
        "faults": error.fields if error else {},
        "sent": request.form if error else {},
        "command_key": fresh_key(),
    }
    return make_response(render_template("responsibility/new.html", **context), 422 if error else 200)
