"""The tasks of 宣传造势: a county opens its column, and says each month what was shown in it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from domain.errors import Invalid
from domain.ledger import Tag
from domain.plan import Plan
from domain.workdays import BEIJING
from engine.contract import ActionSignature, Scalar
from models import Tx
from models.queries import registers as rows
from services.counting.form_context import context_for
from services.plans.versions import CampaignFacts, edition_of, plan_of
from services.publications import publicity
from services.running import handed_in
from services.running.effects import Effects
from services.running.hosts import host_action

COLUMN_FORM, REPORT_FORM = "publicity_column", "publicity_report"


def _plan(tx: Tx, facts: CampaignFacts) -> Plan:
    return plan_of(edition_of(tx, facts.edition_id), facts)


# -- the column --------------------------------------------------------------------------------------------------------
@context_for(COLUMN_FORM)
def _column(tx: Tx, facts: CampaignFacts, variables: Mapping[str, Any]) -> Mapping[str, Any]:
    row = rows.first_broadcast(tx, facts.id or "", str(variables.get("unit_id") or ""), publicity.COLUMN)
    return {"column_recorded": row is not None, "column": f"{row.medium}《{row.title}》" if row else ""}


@host_action("publicity.open_column", "专栏记入宣传台账", ActionSignature())
def open_column(tx: Tx, *, instance: Mapping[str, Any], facts: CampaignFacts, fx: Effects) -> Mapping[str, Scalar]:
    """The column goes into the register as the form says; one that is there already stays as it is."""
    county_id = instance["unit_id"]
    if rows.first_broadcast(tx, facts.id or "", county_id, publicity.COLUMN) is None:
        form = handed_in.newest(tx, fx, instance["id"], COLUMN_FORM)
        data = {**form.data, "kind": publicity.COLUMN}
        publicity.enter(tx, fx, _plan(tx, facts), facts.id or "", county_id, form.post_id, data)
    return {}


# -- what was shown ----------------------------------------------------------------------------------------------------
def counted(tx: Tx, facts: CampaignFacts, variables: Mapping[str, Any]) -> dict[str, int]:
    """Kind in words -> how many were shown in the days that the period covers; the column itself is none of them."""
    first, following = (_day(variables.get(name)) for name in ("period_start", "period_end"))
    found = rows.shown_between(tx, facts.id or "", str(variables["unit_id"]), first, following)
    kinds = publicity.kinds(_plan(tx, facts))
    return {name: found.get(key, 0) for key, name in kinds.items() if key != publicity.COLUMN}


def _day(moment: Any) -> date:
    """A period begins and ends at a midnight: the first day, and the first day after it."""
    return datetime.fromisoformat(str(moment)).astimezone(BEIJING).date()


@context_for(REPORT_FORM)
def _report(tx: Tx, facts: CampaignFacts, variables: Mapping[str, Any]) -> Mapping[str, Any]:
    found = counted(tx, facts, variables)
    lacking = [name for name, count in found.items() if not count]
    lines = [{"kind": name, "count": count} for name, count in found.items()]
    return {"counted": lines, "missing": "、".join(lacking), "lacking": len(lacking)}


@host_action("publicity.check", "核对宣传报道台账", ActionSignature())
def check(tx: Tx, *, instance: Mapping[str, Any], facts: CampaignFacts, fx: Effects) -> Mapping[str, Scalar]:
    """Every kind was shown in the period, or the county says why not."""
    found = counted(tx, facts, instance["variables"])
    lacking = [name for name, count in found.items() if not count]
    form = handed_in.newest(tx, fx, instance["id"], REPORT_FORM)
    reason = str(form.data.get("reason") or "").strip()
    if lacking and not reason:
        sentence = f"本期没有登记：{'、'.join(lacking)}"
        raise Invalid(f"{sentence}。请先登记，或者写明原因。", fields={"reason": sentence})
    about = {"unit_id": instance["unit_id"], "post_id": form.post_id}
    fx.ledger(Tag.BROADCAST_SETTLE, instance=instance, data={"shown": found, "reason": reason}, **about)
    return {}
