"""The ledger of clues (近三年线索, or what the plan calls it): the list, an import, disposing of each."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, make_response, render_template, request

from domain.errors import Invalid
from domain.old_clues import SIGNS
from services.clues import old_clue_import, old_clue_pages, old_clues
from services.inspections import hazard_pages
from web.excel import sends
from web.http import actor, answers, goes_to, now, wants_json
from web.inputs import fresh_key, given, pages, typed

blueprint = Blueprint("old_clues", __name__, url_prefix="/old-clues")


@blueprint.get("")
def index() -> Response:
    """The ledger."""
    asked = _asked()
    shown = old_clue_pages.page(actor(), asked)
    links = pages("after", shown.next_after if shown else "")
    terms = old_clue_pages.terms(actor())
    return answers("old_clues/index.html", shown=shown, asked=asked, links=links, signs=SIGNS, terms=terms)


@blueprint.get("/export")
def export() -> Response:
    """The ledger as an Excel file."""
    return sends(old_clue_pages.terms(actor()).ledger, old_clue_pages.sheet(actor(), _asked()))


@blueprint.get("/template")
def template() -> Response:
    """The file to fill in."""
    name = f"{old_clue_pages.terms(actor()).name}导入模板"
    return sends(name, old_clue_import.template(actor(), old_clue_pages.campaign_id(actor()), now()))


@blueprint.route("/import", methods=["GET", "POST"])
def take() -> Response:
    """Look a file over, or take its rows: all, or the good ones."""
    campaign = old_clue_pages.campaign_id(actor())
    if request.method == "GET":
        return _import_page()
    try:
        content = _uploaded()
        mode = typed("mode", 10)
        if mode == "check":
            return _import_page(read=old_clue_import.read(actor(), campaign, content, now()))
        read, added = old_clue_import.take(actor(), campaign, content, now(), good_only=mode == "good")
    except Invalid as error:
        if wants_json():
            raise
        return _import_page(error=error)
    if not added:
        return _import_page(read=read, refused=True)
    return goes_to("old_clues.index", said=f"已导入 {added} 条线索。", data={"added": added})


@blueprint.get("/<clue_id>")
def show(clue_id: str) -> Response:
    """One clue."""
    return _clue_page(clue_id)


@blueprint.post("/<clue_id>/dispose")
def dispose(clue_id: str) -> Response:
    """Close it, refer it, or hand it to the register of hazards."""
    found = {name: typed(name) for name in ("enterprise_id", "enterprise_name", "county_id", "grade")}
    way = typed("way", 20)
    try:
        hazard = found if way == "hazard" else None
        points = [typed(f"point_{n}", 2000) for n in range(1, len(old_clue_pages.terms(actor()).points) + 1)]
        old_clues.dispose(actor(), clue_id, way, typed("said", 4000), now(), hazard, points=points)
    except Invalid as error:
        if wants_json():
            raise
        return _clue_page(clue_id, error)
    return goes_to("old_clues.show", said="处置情况已记入台账。", clue_id=clue_id, data={"id": clue_id})


def _asked() -> old_clue_pages.Filters:
    return old_clue_pages.Filters(
        text=given("q"), status=given("status"), unit_id=given("unit"), after=given("after", 80)
    )


def _uploaded() -> bytes:
    upload = request.files.get("file")
    if upload is None or not upload.filename:
        raise Invalid("请选择要导入的文件。", fields={"file": "请选择文件"})
    return upload.stream.read()


def _import_page(*, read: Any = None, error: Invalid | None = None, refused: bool = False) -> Response:
    shown = {"read": read, "error": error, "refused": refused, "most": old_clue_import.SHOWN_FAULTS}
    shown["terms"] = old_clue_pages.terms(actor())
    status = 422 if error or refused else 200
    page = render_template("old_clues/import.html", key=fresh_key(), head=old_clue_import.HEAD, **shown)
    return make_response(page, status)


def _clue_page(clue_id: str, error: Invalid | None = None) -> Response:
    shown = old_clue_pages.one(actor(), clue_id)
    find = typed("find") if error else given("find")
    places = hazard_pages.new(actor(), find, "") if shown.may_dispose else None
    context = {"shown": shown, "places": places, "find": find, "error": error, "ways": shown.ways, "key": fresh_key()}
    return make_response(render_template("old_clues/show.html", **context), 422 if error else 200)
