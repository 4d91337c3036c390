"""督导: who was overseen, opening oversight, one look at a unit."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, render_template, request

from domain.errors import Invalid
from domain.oversight import ALL_MODES
from domain.workdays import BEIJING
from services.oversight import oversight, oversight_pages
from web.excel import sends
from web.http import actor, answers, goes_to, now, wants_json
from web.inputs import fresh_key, given, pages, typed

blueprint = Blueprint("oversight", __name__, url_prefix="/oversight")

FIELDS = ("mode", "team", "media", "reason", "begins_on")


@blueprint.get("")
def index() -> Response:
    """The list."""
    asked = _asked()
    shown = oversight_pages.page(actor(), asked)
    links = pages("after", shown.next_after if shown else "")
    modes = shown.modes if shown else ALL_MODES
    return answers("oversight/index.html", shown=shown, asked=asked, links=links, modes=modes)


@blueprint.get("/export")
def export() -> Response:
    """The list as an Excel file."""
    return sends("督导台账", oversight_pages.sheet(actor(), _asked()))


@blueprint.get("/new")
def new() -> Response:
    """Whom to oversee."""
    return _form()


@blueprint.post("/new")
def open_() -> Response:
    """Open oversight of the chosen units."""
    shown = oversight_pages.form(actor())
    data = {"targets": request.form.getlist("targets"), **{name: typed(name, 2000) for name in FIELDS}}
    try:
        done = oversight.open(actor(), shown.campaign_id, data, now())
    except Invalid as error:
        if wants_json():
            raise
        return _form(error)
    said = f"已启动对 {len(done['oversights'])} 个单位的督导，任务随即下达。"
    return goes_to("oversight.index", data=done, said=said)


@blueprint.get("/<oversight_id>")
def show(oversight_id: str) -> Response:
    """One look at a unit."""
    return answers("oversight/show.html", shown=oversight_pages.one(actor(), oversight_id))


def _asked() -> oversight_pages.Filters:
    return oversight_pages.Filters(mode=given("mode"), state=given("state"), text=given("q"), after=given("after", 80))


def _form(error: Invalid | None = None) -> Response:
    context = {
        "shown": oversight_pages.form(actor()),
        "error": error,
        "faults": error.fields if error else {},
        "sent": request.form if error else {},
        "chosen": request.form.getlist("targets"),
        "today": now().astimezone(BEIJING).date().isoformat(),
        "command_key": fresh_key(),
    }
    return make_response(render_template("oversight/new.html", **context), 422 if error else 200)
