"""清单: the lists as they stand or as they were handed in, who has handed them in, and entries that units write."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, make_response, render_template, request, url_for

from domain.errors import Invalid
from services.statements import list_entries, list_import, six_lists
from web.excel import sends
from web.http import actor, answers, goes_to, now, wants_json
from web.inputs import fresh_key, given, number, pages, typed
from web.policy import POLICY

blueprint = Blueprint("lists", __name__, url_prefix="/lists")


@blueprint.get("")
def index() -> Response:
    """One of the lists."""
    asked = _asked()
    shown = six_lists.page(actor(), asked)
    following = shown.next_after if shown else ""
    addresses = [_address(target) for target in shown.targets] if shown else []
    links = pages("after", following)
    return answers("lists/index.html", shown=shown, asked=asked, links=links, addresses=addresses)


TARGETS = {"lists.entry": "entry_id", "hazards.show": "hazard_id", "findings.show": "finding_id"}


def _address(target: str) -> str:
    """Where the drill-down of a line leads; empty for what has no page, or none for whoever reads it."""
    endpoint, _, row_id = target.partition("|")
    allowed = row_id and POLICY[endpoint].allows(actor())
    values: Any = {TARGETS[endpoint]: row_id} if row_id else {}
    return url_for(endpoint, **values) if allowed else ""


@blueprint.get("/export")
def export() -> Response:
    """The list as an Excel file; all of them where none is named."""
    found = six_lists.sheet(actor(), _asked())
    return sends(found[0].title if len(found) == 1 else "清单", *found)


@blueprint.get("/months")
def months() -> Response:
    """What was handed in, by month."""
    return answers("lists/months.html", shown=six_lists.months(actor()))


# -- entries that units write ------------------------------------------------------------------------------------------
SHOWN_FAULTS = 500
COLUMN = "c"  # a field's name is this and the column's number


@blueprint.get("/kept/<key>/new")
def new(key: str) -> Response:
    """The form of an entry."""
    return _new_page(key)


@blueprint.post("/kept/<key>/new")
def add(key: str) -> Response:
    """Enter it."""
    shown = list_entries.new(actor(), _campaign(), key)
    unit = typed("unit_id", 20) or shown.units[0][0]
    try:
        done = list_entries.add(actor(), shown.campaign_id, key, unit, [_line(shown.kept)], now())
    except Invalid as error:
        if wants_json():
            raise
        return _new_page(key, error)
    return goes_to("lists.index", list=key, data=done, said="已登记。")


@blueprint.get("/kept/<key>/template")
def template(key: str) -> Response:
    """The file to fill in."""
    found = list_import.template(actor(), _campaign(), key, now())
    return sends(found.title, found)


@blueprint.route("/kept/<key>/import", methods=["GET", "POST"])
def take(key: str) -> Response:
    """Look a file over, or take its rows."""
    campaign = _campaign()
    shown = list_entries.new(actor(), campaign, key)
    if request.method == "GET":
        return _import_page(shown)
    try:
        content = _uploaded()
        if typed("mode", 10) == "check":
            return _import_page(shown, read=list_import.read(actor(), campaign, key, content))
        unit = typed("unit_id", 20) or shown.units[0][0]
        read, added = list_import.take(actor(), campaign, key, unit, content, now())
    except Invalid as error:
        if wants_json():
            raise
        return _import_page(shown, error=error)
    if not added:
        return _import_page(shown, read=read, refused=True)
    return goes_to("lists.index", list=key, said=f"已导入 {added} 条。", data={"added": added})


@blueprint.get("/entries/<entry_id>")
def entry(entry_id: str) -> Response:
    """One entry."""
    return _entry_page(entry_id)


@blueprint.post("/entries/<entry_id>")
def change(entry_id: str) -> Response:
    """Change its texts."""
    shown = list_entries.page(actor(), entry_id)
    try:
        version = number(typed("version", 10), "version") or 0
        list_entries.change(actor(), entry_id, _line(shown.kept), version, now())
    except Invalid as error:
        if wants_json():
            raise
        return _entry_page(entry_id, error)
    return goes_to("lists.entry", entry_id=entry_id, said="已更新。")


@blueprint.post("/entries/<entry_id>/settle")
def settle(entry_id: str) -> Response:
    """Close it, or open it again."""
    verb = list_entries.reopen if typed("way", 10) == "reopen" else list_entries.close
    try:
        verb(actor(), entry_id, typed("reason", 600), now())
    except Invalid as error:
        if wants_json():
            raise
        return _entry_page(entry_id, error)
    return goes_to("lists.entry", entry_id=entry_id, said="已记入清单。")


def _campaign() -> str:
    return six_lists.campaign_id(actor())


def _line(kept: Any) -> dict[str, str]:
    return {column: typed(f"{COLUMN}{n}", 2100) for n, column in enumerate(kept.columns)}


def _faults(kept: Any, error: Invalid | None) -> dict[str, str]:
    """The sentences by the names of the form's fields."""
    found = error.fields if error else {}
    names = {column: f"{COLUMN}{n}" for n, column in enumerate(kept.columns)}
    return {names.get(name, name): text for name, text in found.items()}


def _new_page(key: str, error: Invalid | None = None) -> Response:
    shown = list_entries.new(actor(), _campaign(), key)
    context = {
        "shown": shown,
        "faults": _faults(shown.kept, error),
        "sent": request.form if error else {},
        "is_day": list_entries.is_day,
        "command_key": fresh_key(),
    }
    return make_response(render_template("lists/new.html", **context), 422 if error else 200)


def _entry_page(entry_id: str, error: Invalid | None = None) -> Response:
    shown = list_entries.page(actor(), entry_id)
    context = {
        "shown": shown,
        "error": error,
        "faults": _faults(shown.kept, error),
        "sent": request.form if error else {},
        "is_day": list_entries.is_day,
        "command_key": fresh_key(),
    }
    return make_response(render_template("lists/entry.html", **context), 422 if error else 200)


def _uploaded() -> bytes:
    upload = request.files.get("file")
    if upload is None or not upload.filename:
        raise Invalid("请选择要导入的文件。", fields={"file": "请选择文件"})
    return upload.stream.read()


def _import_page(shown: Any, *, read: Any = None, error: Invalid | None = None, refused: bool = False) -> Response:
    context = {
        "shown": shown, "read": read, "error": error, "refused": refused, "most": SHOWN_FAULTS, "key": fresh_key(),
    }  # fmt: skip
    return make_response(render_template("lists/import.html", **context), 422 if error or refused else 200)


def _asked() -> six_lists.Filters:
    return six_lists.Filters(
        key=given("list"),
        text=given("q"),
        unit_id=given("unit"),
        period=given("period"),
        state=given("state", 10) or "open",
        after=given("after", 10),
    )
