"""What a launch writes: the campaign with its stages, quotas, schedules and seal, and the instance that runs it.

A child campaign is launched the same way, by the call of its programme's instance, and its dates move as those do.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from domain.errors import Invalid, NotFound
from domain.ledger import Tag
from domain.plan import Plan
from models import Campaign, Quota, Schedule, Stage, Tx, new_id
from models.queries import definitions as definition_rows
from models.queries import running
from models.queries import spot_checks as seal_rows
from services.oversight import spot_checks
from services.plans.calendar import calendar
from services.plans.measures import refuse_unresolved
from services.plans.units import group_units
from services.plans.versions import CampaignFacts, Edition, Version, edition_of, process_of
from services.running import instances
from services.running.children import begins_campaigns
from services.running.effects import Effects
from services.running.schedules import first_opening

OFFICE_GROUP = "campaign_office"


@dataclass(frozen=True, kw_only=True)
class Launch:
    """A campaign about to be launched: its edition, its plan as shifted, how past dates are treated, who launches."""

    edition: Edition
    plan: Plan
    facts: CampaignFacts
    past: str
    by: str | None
    parent_id: str | None = None  # the programme's campaign


def prepare(
    tx: Tx, key: str, *, campaign_id: str, past: str, shift_days: int, by: str | None, parent_id: str | None = None
) -> Launch:
    """The newest edition of a campaign, ready to be launched; NotFound and Invalid where it cannot be."""
    edition = newest(tx, key)
    shift = timedelta(days=shift_days)
    plan = shifted(edition, shift)
    refuse_unresolved(tx, plan)
    facts = CampaignFacts(campaign_id, key, edition.title, office_of(tx, plan).id, shift, edition.id)
    return Launch(edition=edition, plan=plan, facts=facts, past=past, by=by, parent_id=parent_id)


def children(tx: Tx, launch: Launch) -> list[Launch]:
    """The child campaigns, each ready: a programme is launched with all of them or not at all."""
    how: dict[str, Any] = {"past": launch.past, "shift_days": launch.facts.shift.days, "by": launch.by}
    return [prepare(tx, key, campaign_id="", **how) for key in launch.plan.child_keys]


def newest(tx: Tx, key: str) -> Edition:
    """The edition published last."""
    row = definition_rows.newest(tx, key)
    if row is None:
        raise NotFound(f"没有找到行动方案“{key}”，可能尚未发布。")
    return edition_of(tx, row.id)


def shifted(edition: Edition, shift: timedelta) -> Plan:
    """The plan with every date that much later."""
    return edition.plan.shifted(shift) if shift else edition.plan


def office_of(tx: Tx, plan: Plan) -> Any:
    """The unit that runs the campaign."""
    if OFFICE_GROUP not in plan.units:
        raise Invalid("方案没有写明行动领导组办公室（campaign_office）")
    return group_units(tx, plan, OFFICE_GROUP)[0]


def processes(tx: Tx, edition: Edition) -> list[Version]:
    """Every process of an edition, by key."""
    return [process_of(tx, edition, key) for key in sorted(edition.processes)]


def begin(
    tx: Tx, fx: Effects, launch: Launch, *, parent: Mapping[str, Any] | None = None, ref: str | None = None
) -> None:
    """Write the campaign and start its root, a child of `parent` where there is one; its rows wait in `fx`."""
    facts, edition = launch.facts, launch.edition
    campaign_id = str(facts.id)
    _write(tx, launch, fx.now)
    data = {"past": launch.past, "shift_days": facts.shift.days, "edition": edition.number}
    fx.ledger(Tag.CAMPAIGN_LAUNCH, campaign_id=campaign_id, data=data)
    root = process_of(tx, edition, edition.plan.root)
    office = office_of(tx, launch.plan)
    started = instances.start(
        tx, fx, root, facts, unit=office, title=edition.title, parent=parent, parent_ref=ref, own_tree=True
    )
    running.set_campaign_instance(tx, campaign_id, started["id"])
    _schedule(tx, launch, fx.now)


def seal(tx: Tx, launch: Launch, secret: str | None, now: datetime) -> None:
    """Seal the secret of the draws; that of a programme is what its children's are made of."""
    if any(spot_checks.PROCESS in newest(tx, key).processes for key in launch.plan.child_keys):
        spot_checks.seal(tx, str(launch.facts.id), now, secret)
    else:
        spot_checks.seal_at_launch(tx, str(launch.facts.id), launch.edition, now, secret)


@begins_campaigns
def begin_child(tx: Tx, fx: Effects, parent: Mapping[str, Any], ref: str, key: str) -> None:
    """Launch a child campaign as its programme was launched."""
    programme = definition_rows.campaign(tx, parent["campaign_id"])
    if programme is None:
        raise NotFound("下级行动只能由已启动的行动启动")
    launch = prepare(
        tx,
        key,
        campaign_id=new_id(),
        past=programme.past,
        shift_days=programme.shift_days,
        by=programme.launched_by,
        parent_id=programme.id,
    )
    begin(tx, fx, launch, parent=parent, ref=ref)
    known = seal_rows.seal(tx, programme.id)
    secret = hashlib.sha256(f"{known.secret}|{key}".encode()).hexdigest() if known else None
    seal(tx, launch, secret, fx.now)


def _write(tx: Tx, launch: Launch, now: datetime) -> None:
    facts, plan = launch.facts, launch.plan
    stages = [
        {
            "id": new_id(),
            "campaign_id": facts.id,
            "key": stage.id,
            "name": stage.name,
            "position": position,
            "starts_at": stage.starts_at or _begun(plan, stage.ends_at, now),
            "ends_at": stage.ends_at,
        }
        for position, stage in enumerate(plan.stages.values())
    ]
    quotas = [
        {
            "id": new_id(),
            "campaign_id": facts.id,
            "key": q.id,
            "unit_id": None,
            "operator": q.operator,
            "target": q.value,
        }
        for q in plan.quotas.values()
    ]
    running.add(tx, Campaign, [_campaign(launch, now)])
    running.add(tx, Stage, stages)
    running.add(tx, Quota, quotas)


def _begun(plan: Plan, ends_at: datetime, now: datetime) -> datetime:
    """When a stage without a first day begins: with the launch, or with the plan where it is over by then."""
    return plan.starts_at if ends_at <= now else max(plan.starts_at, now)


def _campaign(launch: Launch, now: datetime) -> dict[str, Any]:
    facts = launch.facts
    return {
        "id": facts.id,
        "key": facts.key,
        "name": facts.name,
        "version_id": facts.edition_id,
        "owner_unit_id": facts.office_unit_id,
        "parent_id": launch.parent_id,
        "shift_days": facts.shift.days,
        "past": launch.past,
        "status": "running",
        "launched_at": now,
        "launched_by": launch.by,
    }


def _schedule(tx: Tx, launch: Launch, now: datetime) -> None:
    """A schedule row for every process that a report of the plan starts."""
    cal = calendar(tx)
    found = []
    for version in processes(tx, launch.edition):
        name = version.process.schedule
        if name is None:
            continue
        index, due_at = first_opening(launch.plan.reports[name], cal, now, launch.past)
        found.append(
            {
                "id": new_id(),
                "campaign_id": launch.facts.id,
                "report": name,
                "process": version.key,
                "due_at": due_at,
                "next_index": index,
            }
        )
    running.add(tx, Schedule, found)


__all__ = ["Launch", "begin", "newest", "office_of", "prepare", "processes", "seal", "shifted"]
