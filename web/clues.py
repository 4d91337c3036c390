"""线索: the register, one clue, registering, classifying, referrals, the next hand-over, the keeper's page."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, make_response, render_template, request

from domain.errors import Invalid, NotFound
from services.clues import clue_page, clue_show, clues
from services.clues.vault import FIELDS, KEY_FILE, Vault
from web.excel import sends
from web.http import actor, answers, as_json, goes_to, now, settings, wants_json
from web.inputs import fresh_key, given, pages, typed

blueprint = Blueprint("clues", __name__, url_prefix="/clues")
LONGEST = 5000
INTAKE = ("channel", "kind", "subject", "text", "place", "county_id", "sector")


def vault() -> Vault:
    """The installation's vault; its keys lie in the data folder and are backed up with it."""
    return Vault(settings().var_dir / KEY_FILE)


@blueprint.get("")
def index() -> Response:
    """The list."""
    asked = _asked()
    shown = clue_page.page(actor(), asked, now())
    links = pages("after", shown.next_after if shown else "")
    return answers("clues/index.html", shown=shown, asked=asked, links=links)


@blueprint.get("/export")
def export() -> Response:
    """The list as an Excel file."""
    return sends("问题线索台账", clue_page.sheet(actor(), _asked(), now()))


@blueprint.get("/hand-over")
def hand_over() -> Response:
    """What waits for the next hand-over."""
    return answers("clues/hand_over.html", shown=clue_page.hand_over(actor(), now()))


@blueprint.route("/new", methods=["GET", "POST"])
def new() -> Response:
    """Register a clue; the reporter's code is on the answer and nowhere else."""
    if request.method == "GET":
        return _new_page()
    try:
        intake = clues.Intake(**{name: typed(name, LONGEST) for name in INTAKE})
        made = clues.register(actor(), intake, {name: typed(name) for name in FIELDS}, vault(), now())
    except Invalid as error:
        if wants_json():
            raise
        return _new_page(error)
    if wants_json():
        return as_json({"clue": made.id, "number": made.number, "code": made.code}, 201)
    return answers("clues/made.html", made=made, status=201)


def _new_page(error: Invalid | None = None) -> Response:
    choices = clue_page.choices(actor())
    if choices is None:
        raise NotFound("目前没有正在进行的行动，不能登记线索。")
    given_now: dict[str, Any] = {name: typed(name, LONGEST) for name in (*INTAKE, *FIELDS)}
    key = typed("command_key", 80) or fresh_key()
    page = render_template(
        "clues/new.html", choices=choices, values=given_now, error=error, key=key, office="office" in actor().roles
    )
    return make_response(page, 422 if error else 200)


@blueprint.get("/<clue_id>")
def show(clue_id: str) -> Response:
    """One clue."""
    return answers("clues/show.html", shown=clue_show.one(actor(), clue_id, now()))


@blueprint.post("/<clue_id>/classification")
def classify(clue_id: str) -> Response:
    """Which unit is responsible, and where it is."""
    where = {"county_id": typed("county_id"), "sector": typed("sector"), "place": typed("place")}
    clues.classify(actor(), clue_id, unit_id=typed("unit_id"), **where, now=now())
    return goes_to("clues.show", clue_id=clue_id, said="线索已分类，列入下一次交办。")


@blueprint.post("/<clue_id>/rejection")
def reject(clue_id: str) -> Response:
    """Not taken up."""
    clues.reject(actor(), clue_id, typed("reason", LONGEST), now())
    return goes_to("clues.show", clue_id=clue_id, said="线索已作不予受理处理。")


@blueprint.post("/<clue_id>/referrals")
def refer(clue_id: str) -> Response:
    """To the police or to discipline inspection."""
    clues.refer(actor(), clue_id, typed("to"), typed("reason", LONGEST), now())
    return goes_to("clues.show", clue_id=clue_id, said="移送已登记。")


@blueprint.post("/referrals/<referral_id>/answer")
def answer(referral_id: str) -> Response:
    """What they answered."""
    clue_id = clues.answer_referral(actor(), referral_id, typed("answer", LONGEST), now())
    return goes_to("clues.show", clue_id=clue_id, said="回告已登记。")


@blueprint.post("/<clue_id>/reporter")
def reveal(clue_id: str) -> Response:
    """Who reported it: for the keeper, on this answer alone."""
    reporter = clues.reveal(actor(), clue_id, typed("reason", LONGEST), vault(), now())
    response = answers("clues/reporter.html", reporter=reporter, clue_id=clue_id)
    response.headers["Cache-Control"] = "no-store"
    return response


def _asked() -> clue_page.Filters:
    return clue_page.Filters(
        text=given("q"),
        status=given("state"),
        unit_id=given("unit"),
        sector=given("sector"),
        channel=given("channel"),
        overdue=given("overdue") == "1",
        after=given("after", 80),
    )
