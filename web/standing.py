"""发起事项: what one may start, the items that run, one item."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, render_template, request

from domain.errors import Invalid
from services.standing import item_pages, items
from web.excel import sends
from web.http import actor, answers, goes_to, now, wants_json
from web.inputs import fresh_key, given, pages, typed

blueprint = Blueprint("standing", __name__, url_prefix="/start")


@blueprint.get("")
def index() -> Response:
    """What one may start, campaign by campaign."""
    return answers("standing/index.html", shown=item_pages.offers(actor()), key=fresh_key())


@blueprint.get("/items", endpoint="items")
def index_items() -> Response:
    """The items that concern one."""
    asked = _asked()
    shown = item_pages.page(actor(), asked)
    links = pages("after", shown.next_after)
    chosen = f"{asked.campaign_id}/{asked.kind}" if asked.kind else ""
    states = [(key, sign.word) for key, sign in item_pages.STATES.items() if key != "failed"]
    return answers("standing/items.html", shown=shown, asked=asked, links=links, states=states, chosen=chosen)


@blueprint.get("/items/export")
def export() -> Response:
    """The same as an Excel file."""
    return sends("事项清单", item_pages.sheet(actor(), _asked()))


@blueprint.get("/items/<item_id>")
def show(item_id: str) -> Response:
    """One item."""
    return _item(item_id)


@blueprint.post("/items/<item_id>/withdraw")
def withdraw(item_id: str) -> Response:
    """Take it back."""
    try:
        done = items.withdraw(actor(), item_id, typed("why", items.LONGEST_REASON + 1), now())
    except Invalid as error:
        if wants_json():
            raise
        return _item(item_id, error)
    return goes_to("standing.show", item_id=item_id, data=done, said="已撤回，各环节的待办同时收回。")


@blueprint.get("/<campaign_id>/<kind>")
def new(campaign_id: str, kind: str) -> Response:
    """The form that starts an item."""
    return _new(campaign_id, kind)


@blueprint.post("/<campaign_id>/<kind>")
def start(campaign_id: str, kind: str) -> Response:
    """Start it; its starter goes on with the first task where it is theirs."""
    data = {"title": typed("title"), "post_id": typed("post_id", 40)}
    try:
        done = items.start(actor(), campaign_id, kind, data, now())
    except Invalid as error:
        if wants_json():
            raise
        return _new(campaign_id, kind, error)
    task_id = item_pages.first_task(actor(), done["item"])
    if task_id:
        return goes_to("task.show", task_id=task_id, data=done, said="已发起。请接着填写第一步，填写的内容会自动保存。")
    return goes_to("standing.show", item_id=done["item"], data=done, said="已发起。")


@blueprint.post("/repeal/<campaign_id>")
def repeal(campaign_id: str) -> Response:
    """No further items."""
    done = items.repeal(actor(), campaign_id, now())
    return goes_to("standing.index", data=done, said="已终止受理：不再发起新的事项，已发起的办完为止。")


def _asked() -> item_pages.Filters:
    campaign_id, _, kind = given("kind", 120).partition("/")
    return item_pages.Filters(
        text=given("q"),
        state=given("state"),
        campaign_id=campaign_id,
        kind=kind,
        unit_id=given("unit"),
        mine=given("mine") == "1",
        after=given("after", 80),
    )


def _new(campaign_id: str, kind: str, error: Invalid | None = None) -> Response:
    context = {
        "shown": item_pages.new(actor(), campaign_id, kind),
        "error": error,
        "faults": error.fields if error else {},
        "sent": request.form if error else {},
        "key": fresh_key(),
    }
    return make_response(render_template("standing/new.html", **context), 422 if error else 200)


def _item(item_id: str, error: Invalid | None = None) -> Response:
    shown = item_pages.one(actor(), item_id)
    context = {"shown": shown, "error": error, "sent": request.form if error else {}, "key": fresh_key()}
    return make_response(render_template("standing/show.html", **context), 422 if error else 200)
