"""问题查处: findings that wait for a decision, and deciding, handing on, referring."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, make_response, render_template, request

from domain import inspections as rules
from domain.errors import Invalid
from services.inspections import finding_pages, findings, referrals
from web.excel import sends
from web.http import actor, answers, goes_to, now, wants_json
from web.inputs import fresh_key, given, pages, typed

blueprint = Blueprint("findings", __name__, url_prefix="/findings")

LINES = 3  # lines for disposals on the form
DISPOSAL_FIELDS = ("kind", "measure", "amount", "persons", "basis", "subject", "until")


@blueprint.get("")
def index() -> Response:
    """The list."""
    asked = _asked()
    shown = finding_pages.page(actor(), asked, now())
    links = pages("after", shown.next_after if shown else "")
    return answers("findings/index.html", shown=shown, asked=asked, links=links, tabs=finding_pages.TABS, rules=rules)


@blueprint.get("/export")
def export() -> Response:
    """The list as an Excel file."""
    return sends("检查发现的问题", finding_pages.sheet(actor(), _asked(), now()))


@blueprint.get("/<finding_id>")
def show(finding_id: str) -> Response:
    """One finding."""
    return _page(finding_id)


@blueprint.post("/<finding_id>/decide")
def decide(finding_id: str) -> Response:
    """Decide on it."""
    try:
        done = findings.decide(actor(), finding_id, _decision(), now())
    except Invalid as error:
        if wants_json():
            raise
        return _page(finding_id, error)
    return goes_to("findings.show", data=done, said="处置已记入台账。", finding_id=finding_id)


@blueprint.post("/<finding_id>/transfer")
def transfer(finding_id: str) -> Response:
    """Hand it to the department in charge."""
    try:
        done = findings.transfer(actor(), finding_id, typed("to"), typed("reason", 2000), now())
    except Invalid as error:
        if wants_json():
            raise
        return _page(finding_id, error)
    return goes_to("findings.show", data=done, said="已移交，双方都可以查看办理情况。", finding_id=finding_id)


@blueprint.post("/<finding_id>/referrals/<referral_id>")
def answer(finding_id: str, referral_id: str) -> Response:
    """Note what the police or discipline inspection answered."""
    try:
        done = referrals.answer(actor(), referral_id, typed("answer", 2000), now())
    except Invalid as error:
        if wants_json():
            raise
        return _page(finding_id, error)
    return goes_to("findings.show", data=done, said="回告已登记。", finding_id=finding_id)


def _asked() -> finding_pages.Filters:
    return finding_pages.Filters(
        tab=given("tab"),
        text=given("q"),
        kind=given("kind"),
        grade=given("grade"),
        county_id=given("county"),
        sector=given("sector"),
        late=given("late"),
        after=given("after", 80),
    )


def _decision() -> dict[str, Any]:
    """What was typed; a line without a kind is none."""
    lines = [{name: typed(f"disposals.{i}.{name}") for name in DISPOSAL_FIELDS} for i in range(LINES)]
    referred = {"to": typed("referrals.0.to"), "reason": typed("referrals.0.reason", 2000)}
    return {
        "illegality": typed("illegality"),
        "escalated": typed("escalated") == "yes",
        "disposals": [line for line in lines if line["kind"]],
        "referrals": [referred] if referred["to"] else [],
    }


def _page(finding_id: str, error: Invalid | None = None) -> Response:
    context = {
        "shown": finding_pages.one(actor(), finding_id, now()),
        "error": error,
        "faults": error.fields if error else {},
        "sent": request.form if error else {},
        "lines": LINES,
        "rules": rules,
        "command_key": fresh_key(),
    }
    return make_response(render_template("findings/show.html", **context), 422 if error else 200)
