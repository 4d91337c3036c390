"""What the spot check's diagram asks the system for: draw, and see that everything drawn has been visited."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from domain.deadlines import deadline
from domain.errors import Invalid
from domain.ledger import Tag
from domain.workdays import BEIJING, end_of
from engine.contract import ActionSignature, Scalar
from models import Tx
from models.queries import spot_checks as rows
from services.counting.form_context import context_for
from services.oversight import spot_checks
from services.plans.versions import CampaignFacts, edition_of, plan_of
from services.running import jobs
from services.running.effects import Effects
from services.running.handed_in import newest
from services.running.hosts import host_action

FORM = "spot_check"
NAMED = 5  # enterprises that a refusal names


@host_action(
    "spot_check.draw",
    "抽取抽查对象",
    ActionSignature(arguments={"within": "str", "latest": "str"}, results={"drawn": "int", "due": "date"}),
)
def draw(
    tx: Tx, *, within: str, latest: str, instance: Mapping[str, Any], facts: CampaignFacts, fx: Effects
) -> Mapping[str, Scalar]:
    """Draw for the instance's department and period; `due` is the deadline `within`, at the latest `latest`.

    What is drawn on the very day of `latest` has the whole of `within`.
    """
    plan = plan_of(edition_of(tx, facts.edition_id), facts)
    variables = instance["variables"]
    drawn = spot_checks.draw(tx, fx, facts, plan, instance["unit_id"], variables["period"], instance["id"])
    due, last = (deadline(plan, fx.calendar, name, variables, fx.now) for name in (within, latest))
    if last > end_of(fx.now.astimezone(BEIJING).date()):
        due = min(due, last)
    return {"drawn": sum(len(one.picked) for one in drawn), "due": due.isoformat()}


@host_action("spot_check.conclude", "核对抽查完成情况", ActionSignature())
def conclude(tx: Tx, *, instance: Mapping[str, Any], facts: CampaignFacts, fx: Effects) -> Mapping[str, Scalar]:
    """Refused until every drawn enterprise has its visit; the visits are then noted with what was drawn."""
    picks = rows.picks_of_instance(tx, instance["id"])
    missing = [pick for pick in picks if pick.inspection_id is None]
    if missing:
        names = "、".join(f"{pick.enterprise}（{pick.county}）" for pick in missing[:NAMED])
        more = f"等 {len(missing)} 家" if len(missing) > NAMED else ""
        raise Invalid(f"还有抽中的企业没有检查记录，不能办结：{names}{more}。")
    for pick in picks:
        if pick.linked_id is None:
            rows.link(tx, pick.id, pick.inspection_id)
    found = spot_checks.compared(tx, facts.id or "", picks)
    form = newest(tx, fx, instance["id"], FORM)
    data = {
        "checked": len(picks),
        "found": sum(one.found for one in found),
        "missed": sum(len(one.missed) for one in found),
        "undiscovered": form.data.get("undiscovered") or 0,
        "unpunished": form.data.get("unpunished") or 0,
    }
    fx.ledger(Tag.SPOT_CHECK_CONCLUDE, instance=instance, data=data)
    return {}


@context_for(FORM)
def form_context(tx: Tx, facts: CampaignFacts, variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """What was drawn for the department in the period, each beside what its county had found."""
    picks = rows.picks_of_period(tx, facts.id or "", str(variables.get("unit_id")), str(variables.get("period")))
    found = spot_checks.compared(tx, facts.id or "", picks)
    return {
        "picks": [
            {
                "pick_id": one.pick.id,
                "enterprise": one.pick.enterprise,
                "enterprise_id": one.pick.enterprise_id,
                "county": one.pick.county,
                "done": one.state,
                "inspection_id": one.pick.inspection_id,
                "county_found": one.county_found,
                "found": one.found if one.done else "—",
                "missed": len(one.missed) if one.done else "—",
            }
            for one in found
        ],
        "missed": sum(len(one.missed) for one in found),
    }


@jobs.handler("campaign:ended")
def open_seal(tx: Tx, args: Mapping[str, Any], now: datetime) -> None:
    """The campaign is over: no draw follows, and its secret is opened."""
    spot_checks.open_seal(tx, args["campaign"], now)
