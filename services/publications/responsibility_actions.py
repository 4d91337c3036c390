"""The tasks by which 四级包保 is put in place: what a unit has to name, what is missing, the check at the end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from domain.errors import Invalid
from domain.ledger import Tag
from domain.plan import Plan
from engine.contract import ActionSignature, Scalar
from models import Tx
from models.queries import registers as rows
from models.queries import units as unit_rows
from services.counting.form_context import context_for
from services.plans.units import group_units
from services.plans.versions import CampaignFacts, edition_of, plan_of
from services.publications import responsibility
from services.running import handed_in
from services.running.effects import Effects
from services.running.hosts import host_action

FORM = "responsibility_report"
SHOWN = 30  # names of what is missing


@dataclass(frozen=True, kw_only=True)
class Duty:
    """What a unit has to name posts for: how much, and what is missing, by name."""

    owed: int
    missing: tuple[str, ...]

    @property
    def figures(self) -> dict[str, int]:
        return {"owed": self.owed, "recorded": self.owed - len(self.missing), "remaining": len(self.missing)}


def duty(tx: Tx, plan: Plan, campaign_id: str, unit_id: str) -> Duty:
    """A city names leaders for its counties, a county for its townships, a township for villages and households."""
    unit = unit_rows.unit(tx, unit_id)
    if unit is None:
        return Duty(owed=0, missing=())
    if unit.level == "township":
        below = [level for level in responsibility.levels(plan) if level.n > responsibility.TOWNSHIP]
        named = rows.levels_named(tx, campaign_id, unit_id)
        return Duty(owed=len(below), missing=tuple(level.name for level in below if level.n not in named))
    county = unit.level == "county"
    units = rows.townships(tx, unit_id) if county else group_units(tx, plan, "inspecting_units")
    level = responsibility.TOWNSHIP if county else responsibility.COUNTY
    named_units = rows.units_named(tx, campaign_id, level)
    return Duty(owed=len(units), missing=tuple(one.short_name for one in units if one.id not in named_units))


def _duty(tx: Tx, facts: CampaignFacts, unit_id: str) -> Duty:
    return duty(tx, plan_of(edition_of(tx, facts.edition_id), facts), facts.id or "", unit_id)


@context_for(FORM)
def _shown(tx: Tx, facts: CampaignFacts, variables: Mapping[str, Any]) -> Mapping[str, Any]:
    found = _duty(tx, facts, str(variables.get("unit_id") or ""))
    more = "等" if len(found.missing) > SHOWN else ""
    return {**found.figures, "missing": "、".join(found.missing[:SHOWN]) + more}


@host_action("responsibility.check", "核对包保责任台账", ActionSignature())
def check(tx: Tx, *, instance: Mapping[str, Any], facts: CampaignFacts, fx: Effects) -> Mapping[str, Scalar]:
    """A unit is done when nothing is missing, or it says why something is."""
    found = _duty(tx, facts, instance["unit_id"])
    form = handed_in.newest(tx, fx, instance["id"], FORM)
    reason = str(form.data.get("reason") or "").strip()
    if found.missing and not reason:
        sentence = f"还有 {len(found.missing)} 处没有登记包保责任岗位"
        raise Invalid(f"{sentence}，请先登记，或者写明原因。", fields={"reason": sentence})
    about = {"unit_id": instance["unit_id"], "post_id": form.post_id}
    fx.ledger(Tag.RESPONSIBILITY_SETTLE, instance=instance, data=found.figures | {"reason": reason}, **about)
    return {}
