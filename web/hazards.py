"""隐患: the register, one hazard, entering one, opening a closed one again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, make_response, render_template, request

from domain.errors import Invalid
from domain.hazards import GRADES, SOURCES
from domain.workdays import BEIJING
from services.inspections import hazard_pages, hazards
from web.excel import sends
from web.http import actor, answers, goes_to, now, wants_json
from web.inputs import day, fresh_key, given, pages, typed

blueprint = Blueprint("hazards", __name__, url_prefix="/hazards")


@blueprint.get("")
def index() -> Response:
    """The register."""
    asked = _asked()
    shown = hazard_pages.page(actor(), asked, now())
    return answers(
        "hazards/index.html",
        shown=shown,
        asked=asked,
        links=pages("before", shown.next_before if shown else ""),
        grades=GRADES,
        sources=SOURCES,
        states=hazard_pages.STATES,
    )


@blueprint.get("/export")
def export() -> Response:
    """The register as an Excel file."""
    return sends("隐患台账", hazard_pages.sheet(actor(), _asked(), now()))


@blueprint.route("/new", methods=["GET", "POST"])
def new() -> Response:
    """Enter a hazard."""
    if request.method == "GET":
        return _new_page()
    try:
        made = hazards.register_direct(actor(), typed("campaign", 20), _entered(), now())
    except Invalid as error:
        if wants_json():
            raise
        return _new_page(error)
    return goes_to("hazards.show", said="隐患已登记，整改流程随即启动。", hazard_id=made, data={"id": made})


@blueprint.get("/<hazard_id>")
def show(hazard_id: str) -> Response:
    """One hazard."""
    return answers("hazards/show.html", shown=hazard_pages.one(actor(), hazard_id, now()), error=None, key=fresh_key())


@blueprint.post("/<hazard_id>/reopen")
def reopen(hazard_id: str) -> Response:
    """A closed hazard has come back."""
    try:
        hazards.reopen(actor(), hazard_id, typed("reason", 1000), now())
    except Invalid as error:
        if wants_json():
            raise
        shown = hazard_pages.one(actor(), hazard_id, now())
        return answers("hazards/show.html", shown=shown, error=error, key=fresh_key(), status=422)
    return goes_to("hazards.show", said="已重新启动整改。", hazard_id=hazard_id, data={"id": hazard_id})


def _asked() -> hazard_pages.Filters:
    return hazard_pages.Filters(
        text=given("q"),
        grade=given("grade"),
        state=given("state"),
        county_id=given("county"),
        sector=given("sector"),
        source=given("source"),
        before=given("before", 80),
    )


def _entered() -> dict[str, Any]:
    """What was typed; a day without an hour counts from its beginning, today from now."""
    data: dict[str, Any] = {
        name: typed(name, 5000)
        for name in ("enterprise_id", "enterprise_name", "county_id", "sector", "township", "grade", "text")
    }
    found_on = day(typed("found_on"), "found_on")
    if found_on is not None and found_on != now().astimezone(BEIJING).date():
        data["found_at"] = datetime.combine(found_on, datetime.min.time(), BEIJING)
    return data


def _new_page(error: Invalid | None = None) -> Response:
    text, enterprise = (typed("find"), typed("enterprise_id")) if error else (given("find"), given("enterprise"))
    context: dict[str, Any] = {
        "shown": hazard_pages.new(actor(), text, enterprise),
        "error": error,
        "find": text,
        "enterprise": enterprise,
        "typed": {name: typed(name, 5000) for name in request.form},
        "today": now().astimezone(BEIJING).date().isoformat(),
        "key": fresh_key(),
    }
    return make_response(render_template("hazards/new.html", **context), 422 if error else 200)
