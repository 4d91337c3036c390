"""Call activities: children started in batches by a job, counted as they end, reported to their own parent only."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from domain.authority import SYSTEM
from domain.errors import Invalid
from domain.ledger import Tag
from domain.plan import Plan
from engine.completion import is_complete
from engine.contract import ChildDone, ChildRaised
from models import Tx
from models.queries import clock, running
from models.queries import units as unit_rows
from services.plans.units import first_of_group, group_units
from services.plans.versions import CampaignFacts, Version, plan_of, process_of
from services.running import instances, measure_children
from services.running.effects import Effects
from services.running.jobs import handler

BATCH = 500
OPEN = ("running", "failed")

_BEGIN: list[Callable[[Tx, Effects, Mapping[str, Any], str, str], None]] = []


def begins_campaigns(
    function: Callable[[Tx, Effects, Mapping[str, Any], str, str], None],
) -> Callable[[Tx, Effects, Mapping[str, Any], str, str], None]:
    """Register what launches a child campaign: of this parent instance, for this call, by this key."""
    _BEGIN.append(function)
    return function


@handler("children:start")
def start_children(tx: Tx, args: Mapping[str, Any], now: datetime) -> None:
    """Start the next batch of a call's children; the first batch resolves the units and so the total."""
    parent = instances.lock(tx, args["parent"])
    group = running.group(tx, args["parent"], args["ref"])
    if parent is None or group is None or group.status != "open" or parent["status"] not in OPEN:
        return
    version, facts = instances.home(tx, parent)
    plan = plan_of(version.edition, facts)
    if group.plan.get("measures"):
        _start_measures(tx, parent, group, (version, facts, plan), now)
        return
    waiting = args.get("units")
    if waiting is None:
        waiting = _units_of(tx, parent, group, plan, facts)
        running.update_group(tx, group.id, total=len(waiting))
        if not waiting:
            clock.enqueue(tx, "children:done", f"{group.parent_id}:{group.ref}", _address(group), now)
            return
    size = 1 if group.plan["sequential"] or group.plan.get("campaigns") else BATCH
    batch, rest = waiting[:size], waiting[size:]
    fx = instances.effects(tx, SYSTEM, now)
    _start_batch(tx, fx, parent, group, batch)
    fx.flush(tx)
    running.update_group(tx, group.id, started=group.started + len(batch))
    if rest and not group.plan["sequential"]:
        clock.enqueue(tx, "children:start", group.id, {**_address(group), "units": rest}, now)
    elif rest:
        running.update_group(tx, group.id, plan={**group.plan, "rest": rest})


def _start_measures(
    tx: Tx, parent: dict[str, Any], group: Any, home: tuple[Version, CampaignFacts, Plan], now: datetime
) -> None:
    """The same for measures: the first batch notes everything that is owed, each takes the next of it."""
    if group.total is None:
        total = measure_children.lay_out(tx, group, parent["campaign_id"], home[2])
        running.update_group(tx, group.id, total=total)
        if not total:
            clock.enqueue(tx, "children:done", f"{group.parent_id}:{group.ref}", _address(group), now)
            return
    fx = instances.effects(tx, SYSTEM, now)
    started = measure_children.start_batch(tx, fx, parent, group, home, BATCH)
    running.update_group(tx, group.id, started=group.started + started)
    if started == BATCH:
        clock.enqueue(tx, "children:start", group.id, _address(group), now)


def _address(group: Any) -> dict[str, str]:
    return {"parent": group.parent_id, "ref": group.ref}


def _units_of(tx: Tx, parent: Mapping[str, Any], group: Any, plan: Any, facts: Any) -> list[str | None]:
    """Unit ids of the children: those of the plan's group, or the one of a single child; or keys of child campaigns."""
    call = group.plan
    if call.get("campaigns"):
        return list(plan.child_keys)
    if call["over"]:
        return [row.id for row in group_units(tx, plan, call["over"])]
    if call["unit"] == "own":
        return [parent["unit_id"]]
    if call["unit"] == "office":
        return [facts.office_unit_id or parent["unit_id"]]
    if str(call["unit"]).startswith("group:"):
        return [first_of_group(tx, plan, call["unit"].removeprefix("group:"))]
    if call["unit"] == "parent":
        own = unit_rows.unit(tx, parent["unit_id"])
        wanted = own.parent_id if own else None
    else:
        wanted = call["unit_value"]
    if wanted is None or unit_rows.unit(tx, str(wanted)) is None:
        raise Invalid(f"“{group.element}”找不到下级流程的办理单位")
    return [str(wanted)]


def _start_batch(tx: Tx, fx: Effects, parent: dict[str, Any], group: Any, unit_ids: list[str | None]) -> None:
    if group.plan.get("campaigns"):
        _begin_campaigns(tx, fx, parent, group, unit_ids)
        return
    version, facts = instances.home(tx, parent)
    called = process_of(tx, version.edition, group.called)
    units = unit_rows.by_ids(tx, [unit_id for unit_id in unit_ids if unit_id])
    for unit_id in unit_ids:
        unit = units.get(unit_id) if unit_id else None
        title = f"{called.name} · {unit.short_name}" if unit is not None else called.name
        instances.start(
            tx,
            fx,
            called,
            facts,
            unit=unit,
            inputs=group.plan["inputs"],
            title=title,
            parent=parent,
            parent_ref=group.ref,
        )
    data = {"element": group.element, "started": len(unit_ids)}
    fx.ledger(Tag.CHILDREN_START, instance=parent, data=data)


def _begin_campaigns(tx: Tx, fx: Effects, parent: dict[str, Any], group: Any, keys: Sequence[str | None]) -> None:
    if group.started == 0:
        # each child's own launch stands in the ledger of that campaign
        version, _ = instances.home(tx, parent)
        data = {"element": group.element, "started": len(version.plan.child_keys)}
        fx.ledger(Tag.CHILDREN_START, instance=parent, data=data)
    for key in keys:
        _BEGIN[0](tx, fx, parent, group.ref, str(key))


@handler("campaign:cancelled")
def end_trees(tx: Tx, args: Mapping[str, Any], now: datetime) -> None:
    """What else was going on in a cancelled campaign ends too: its reports, what it started for a subject."""
    # one tree a transaction: two would be locked in another order than others lock them
    found = running.open_trees(tx, args["campaign"], 2)
    if not found:
        return
    fx = instances.effects(tx, SYSTEM, now)
    instance = instances.lock(tx, found[0])
    if instance is not None and instance["status"] in OPEN:
        instances.cancel(tx, fx, instance)
    fx.flush(tx)
    if len(found) > 1:
        clock.enqueue(tx, "campaign:cancelled", args["campaign"], dict(args), now)


@handler("children:done")
def children_done(tx: Tx, args: Mapping[str, Any], now: datetime) -> None:
    """Recount the children of a call and, if it is over, take the parent further. The rows are the truth."""
    parent = instances.lock(tx, args["parent"])
    group = running.group(tx, args["parent"], args["ref"])
    if parent is None or group is None or group.status != "open" or group.total is None:
        return
    counts = running.recount(tx, group.parent_id, group.ref)
    figures = {
        "total": group.total,
        "done": counts.get("ended", 0),
        "failed": counts.get("failed", 0),
        "cancelled": counts.get("cancelled", 0),
    }
    if _is_over(group, figures):
        _resume(tx, parent, group, figures, now)
    elif group.plan.get("rest"):
        rest = group.plan["rest"]
        running.update_group(tx, group.id, plan={**group.plan, "rest": []})
        clock.enqueue(tx, "children:start", group.id, {**_address(group), "units": rest}, now)


def _is_over(group: Any, figures: Mapping[str, int]) -> bool:
    if figures["done"] + figures["cancelled"] >= figures["total"]:
        return True
    condition = group.plan.get("completion")
    return bool(condition) and is_complete(condition, figures)


def _resume(tx: Tx, parent: dict[str, Any], group: Any, figures: dict[str, int], now: datetime) -> None:
    outputs: dict[str, Any] = dict(figures)
    if group.plan["returns"]:
        child = running.only_child(tx, group.parent_id, group.ref)
        outputs |= {name: (child or {}).get(source) for name, source in group.plan["returns"].items()}
    fx = instances.effects(tx, SYSTEM, now)
    data = {"element": group.element, **figures}
    instances.step(tx, fx, parent, ChildDone(ref=group.ref, outputs=outputs), tag=Tag.CHILDREN_DONE, data=data)
    # after the children that are cancelled: one that ends by itself meanwhile locks itself first, its counter then
    running.close_groups(tx, group.parent_id, [group.ref], "done")
    fx.flush(tx)


@handler("child:raise")
def child_raised(tx: Tx, args: Mapping[str, Any], now: datetime) -> None:
    """An error or escalation that a child did not catch: its own call's boundary sees it, nobody else's."""
    parent = instances.lock(tx, args["parent"])
    if parent is None or parent["status"] not in OPEN:
        return
    fx = instances.effects(tx, SYSTEM, now)
    command = ChildRaised(ref=args["ref"], kind=args["kind"], code=args["code"])
    data = {"kind": args["kind"], "code": args["code"]}
    instances.step(tx, fx, parent, command, tag=Tag.MESSAGE_DELIVER, data=data)
    fx.flush(tx)
