"""宣传报道: columns that county television opened, and what it showed."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, render_template, request

from domain.errors import Invalid, NotFound
from services.publications import publicity
from web.excel import sends
from web.http import actor, answers, goes_to, now, wants_json
from web.inputs import fresh_key, given, pages, typed

blueprint = Blueprint("publicity", __name__, url_prefix="/publicity")

FIELDS = ("kind", "county_id", "aired_on", "medium", "title")


@blueprint.get("")
def index() -> Response:
    """The register."""
    asked = _asked()
    shown = publicity.page(actor(), asked)
    links = pages("after", shown.next_after if shown else "")
    return answers("publicity/index.html", shown=shown, asked=asked, links=links)


@blueprint.get("/export")
def export() -> Response:
    """The register as an Excel file."""
    return sends("宣传报道", publicity.sheet(actor(), _asked()))


@blueprint.get("/new")
def new() -> Response:
    """The form of an entry."""
    return _form()


@blueprint.post("/new")
def add() -> Response:
    """Enter it."""
    shown = publicity.page(actor(), publicity.Filters())
    if shown is None:
        raise NotFound("还没有启动行动。")
    try:
        done = publicity.add(actor(), shown.campaign_id, {name: typed(name) for name in FIELDS}, now())
    except Invalid as error:
        if wants_json():
            raise
        return _form(error)
    return goes_to("publicity.index", data=done, said="已登记。")


def _asked() -> publicity.Filters:
    return publicity.Filters(text=given("q"), kind=given("kind"), county_id=given("county"), after=given("after", 80))


def _form(error: Invalid | None = None) -> Response:
    context = {
        "shown": publicity.page(actor(), publicity.Filters()),
        "error": error,
        "faults": error.fields if error else {},
        "sent": request.form if error else {},
        "command_key": fresh_key(),
    }
    return make_response(render_template("publicity/new.html", **context), 422 if error else 200)
