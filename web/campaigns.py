"""行动: the list, launching one, one campaign, one unit inside it."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, Response, request

from domain.errors import Invalid
from services.campaigns import campaign_page, campaigns, launch_page
from services.publications import responsibility
from web.http import actor, answers, goes_to, now
from web.inputs import fresh_key

blueprint = Blueprint("campaigns", __name__, url_prefix="/campaigns")


@blueprint.get("")
def index() -> Response:
    """All campaigns."""
    return answers("campaigns/index.html", cards=campaign_page.cards(now()))


@blueprint.get("/launch")
def plans() -> Response:
    """Choose a plan."""
    return answers("campaigns/plans.html", plans=launch_page.plans(now()))


@blueprint.get("/launch/<path:key>")
def preview(key: str) -> Response:
    """What a launch would bring, before it is done."""
    plan = next((one for one in launch_page.plans(now()) if one.key == key), None)
    past, weeks = _asked(plan.suggested_weeks if plan else 0, key)
    shown = launch_page.page(key, past=past, shift_days=weeks * 7, now=now())
    return answers("campaigns/launch.html", shown=shown, plan=plan, past=past, weeks=weeks, command_key=fresh_key())


@blueprint.post("/launch/<path:key>")
def launch(key: str) -> Response:
    """Launch it."""
    past, weeks = _asked(0, key)
    again = request.values.get("again") == "yes"
    done = campaigns.launch(actor(), key, past=past, shift_days=weeks * 7, again=again, now=now())
    return goes_to("campaigns.show", campaign_id=done["campaign"], data=done, said="行动已启动，任务正在下达到各单位。")


@blueprint.get("/<campaign_id>")
def show(campaign_id: str) -> Response:
    """One campaign."""
    return answers("campaigns/show.html", shown=campaign_page.page(actor(), campaign_id, now()))


@blueprint.get("/<campaign_id>/units/<unit_id>")
def unit(campaign_id: str, unit_id: str) -> Response:
    """One unit in a campaign."""
    shown = campaign_page.unit_page(actor(), campaign_id, unit_id, now())
    return answers("campaigns/unit.html", shown=shown, answerable=responsibility.of_unit(actor(), unit_id))


def _asked(suggested: int, key: str) -> tuple[str, int]:
    """How dates are treated, and by how many weeks they move: a number, or the week the plan is to begin in."""
    past = request.values.get("past", "shift")
    if past != "shift":
        return past, 0
    first = request.values.get("first", "").strip()
    if first:
        try:
            return past, launch_page.weeks(key, date.fromisoformat(first), now())
        except ValueError:
            raise Invalid("开始的日期应写成 2027-03-01 的样子", fields={"first": "请选择日期"}) from None
    text = request.values.get("weeks", "").strip()
    try:
        return past, int(text) if text else suggested
    except ValueError:
        raise Invalid("平移的周数应为整数", fields={"weeks": "请填写整数"}) from None
