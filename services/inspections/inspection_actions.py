"""What the process of a full inspection asks of the host: its figures in the form, and the entry at its end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from domain.errors import Invalid
from domain.ledger import Tag
from engine.contract import ActionSignature, Scalar
from models import Tx
from services.counting.form_context import context_for
from services.counting.inspection_progress import of_unit
from services.plans.versions import CampaignFacts, edition_of, plan_of
from services.running import handed_in
from services.running.effects import Effects
from services.running.hosts import host_action

FORM = "full_inspection"


def _figures(tx: Tx, facts: CampaignFacts, unit_id: str) -> dict[str, int]:
    """What the unit owes and has done, counted now."""
    plan = plan_of(edition_of(tx, facts.edition_id), facts)
    found = of_unit(tx, plan, facts.id or "", unit_id)
    if found is None:
        return {"owed": 0, "inspected": 0, "remaining": 0, "problems": 0}
    figures = {"owed": found.owed, "inspected": found.inspected, "remaining": found.remaining}
    return figures | {"problems": found.problems}


@context_for(FORM)
def _shown(tx: Tx, facts: CampaignFacts, variables: Mapping[str, Any]) -> Mapping[str, Any]:
    return _figures(tx, facts, str(variables.get("unit_id") or ""))


@host_action("inspection.settle", "全面检查记入台账", ActionSignature())
def _settle(tx: Tx, *, instance: Mapping[str, Any], facts: CampaignFacts, fx: Effects) -> Mapping[str, Scalar]:
    """Note with what figures the unit closed its inspection, and why where enterprises are left."""
    figures = _figures(tx, facts, instance["unit_id"])
    form = handed_in.newest(tx, fx, instance["id"], FORM)
    reason = str(form.data.get("unfinished_reason") or "")
    if figures["remaining"] and not reason:
        left = f"还有 {figures['remaining']} 户没有检查，请写明原因。"
        raise Invalid(left, fields={"unfinished_reason": "请写明没有查完的原因"})
    about = {"unit_id": instance["unit_id"], "post_id": form.post_id}
    fx.ledger(Tag.INSPECTION_SETTLE, instance=instance, data=figures | {"reason": reason}, **about)
    return {}
