"""Running process instances: start one, take one a step further. The one place that calls the engine at run time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import engine
from domain.authority import Actor
from domain.errors import Invalid
from domain.ledger import Tag
from engine.contract import Action, ActionDone, Advance, ChildStart, Command, Context, EngineFault, Start
from models import ChildGroup, Tx, Wait, new_id
from models.queries import clock, periods, running
from services.plans import calendar
from services.plans.units import start_variables
from services.plans.versions import CampaignFacts, Version, campaign_facts, plan_of, process_of, version_of
from services.running import hosts, statements_due
from services.running._assignment import Opening
from services.running._raised import raise_out
from services.running.effects import Effects

# one branch in error does not hold the others
LIVE = ("running", "failed")
ACTION_LIMIT = 200  # host actions in one command: more is a loop


def effects(tx: Tx, actor: Actor, now: datetime) -> Effects:
    """An empty collection of what this command will write."""
    return Effects(actor=actor, now=now, calendar=calendar.counting(tx))


def lock(tx: Tx, instance_id: str) -> dict[str, Any] | None:
    """The instance, locked until the end of the transaction; None if there is none."""
    row = running.lock_instance(tx, instance_id)
    return row._asdict() if row else None


def home(tx: Tx, instance: Mapping[str, Any]) -> tuple[Version, CampaignFacts]:
    """The version an instance is pinned to, and its campaign."""
    version = version_of(tx, instance["process_version_id"])
    return version, campaign_facts(tx, instance["campaign_id"], version.edition)


def start(
    tx: Tx,
    fx: Effects,
    version: Version,
    facts: CampaignFacts,
    *,
    unit: Any = None,
    inputs: Mapping[str, Any] | None = None,
    title: str = "",
    parent: Mapping[str, Any] | None = None,
    parent_ref: str | None = None,
    instance_id: str | None = None,
    own_tree: bool = False,
) -> dict[str, Any]:
    """Start a process for a unit and run it to rest; its rows wait in `fx`.

    `own_tree`: signals of the parent's tree are not for it, nor its own for the parent's.
    """
    instance_id = instance_id or new_id()
    instance: dict[str, Any] = {
        "id": instance_id,
        "process_version_id": version.id,
        "campaign_id": facts.id,
        "parent_id": parent["id"] if parent else None,
        "parent_ref": parent_ref,
        "root_id": parent["root_id"] if parent and not own_tree else instance_id,
        "unit_id": unit.id if unit is not None else None,
        "title": title or version.name,
        "status": "running",
        "state": None,
        "variables": {**start_variables(version.plan, unit), **(inputs or {})},
        "version": 1,
        "started_at": fx.now,
        "ended_at": None,
    }
    _run(tx, fx, instance, version, facts, Start(), tag=Tag.INSTANCE_START, data={"process": version.key})
    fx.instances.append(instance)
    return instance


def step(
    tx: Tx,
    fx: Effects,
    instance: dict[str, Any],
    command: Command,
    *,
    tag: Tag,
    **event: Any,
) -> None:
    """Take a locked instance one command further and write its new state."""
    version, facts = home(tx, instance)
    read_version, read_status = instance["version"], instance["status"]
    _run(tx, fx, instance, version, facts, command, tag=tag, **event)
    fx.must_hit.append(lambda tx: running.save_instance(tx, instance, read_version, read_status))


def _run(
    tx: Tx,
    fx: Effects,
    instance: dict[str, Any],
    version: Version,
    facts: CampaignFacts,
    command: Command,
    *,
    tag: Tag,
    data: Mapping[str, Any] | None = None,
    **event: Any,
) -> None:
    """Run to rest, carrying out the host actions on the way, and collect what changed."""
    plan = plan_of(version.edition, facts)
    passed: list[str] = []
    # the event comes before what it causes
    position = len(fx.rows_of_ledger)
    pending: list[Command] = [command]
    for _ in range(ACTION_LIMIT):
        if not pending:
            break
        context = Context(now=fx.now, plan=plan, calendar=fx.calendar, variables=instance["variables"])
        advance = engine.advance(version.process, instance["state"], pending.pop(0), context)
        passed += [step.element for step in advance.passed]
        _collect(tx, fx, instance, version, facts, advance)
        pending += [_act(tx, fx, instance, facts, action) for action in advance.actions]
    if pending:
        raise Invalid(f"流程“{version.name}”一次推进要执行的系统操作超过 {ACTION_LIMIT} 个，可能有没有出口的环路。")
    fx.ledger(tag, instance=instance, data={**(data or {}), "passed": passed}, **event)
    fx.rows_of_ledger.insert(position, fx.rows_of_ledger.pop())


def _act(tx: Tx, fx: Effects, instance: Mapping[str, Any], facts: CampaignFacts, action: Action) -> ActionDone:
    results = hosts.carry_out(tx, action.name, action.arguments, instance=instance, facts=facts, fx=fx)
    return ActionDone(ref=action.ref, results=results)


def _collect(
    tx: Tx, fx: Effects, instance: dict[str, Any], version: Version, facts: CampaignFacts, advance: Advance
) -> None:
    """An Advance as rows: the only translation there is."""
    instance["state"] = advance.state
    instance["variables"] = dict(advance.variables)
    _close(tx, fx, instance, advance)
    plan = plan_of(version.edition, facts)
    for opened in advance.opened:
        element = version.elements[opened.element]
        fx.openings.append(Opening(instance, opened, element, plan, facts.office_unit_id))
    for timer in advance.timers:
        fx.timer("engine", instance, ref=timer.ref, element=timer.element, due_at=timer.due_at)
    for wait in advance.waits:
        fx.add(
            Wait,
            id=new_id(),
            instance_id=instance["id"],
            ref=wait.ref,
            element=wait.element,
            kind=wait.kind,
            name=wait.name,
        )
    for call in advance.children:
        _call(fx, instance, call)
    for raised in advance.raised:
        raise_out(tx, fx, instance, raised)
    _judge(tx, fx, instance, advance.faults)
    if advance.ended:
        _end(fx, instance, runs_campaign=version.key == plan.root)


def _close(tx: Tx, fx: Effects, instance: Mapping[str, Any], advance: Advance) -> None:
    """Take away what the engine no longer waits for, also what this very command had just opened."""
    gone = set(advance.closed)
    if gone:
        fx.openings[:] = [o for o in fx.openings if o.instance is not instance or o.opened.ref not in gone]
        withdrawn = [ref for ref in advance.closed if (instance["id"], ref) not in fx.finished]
        for task_id in running.withdraw_tasks(tx, instance["id"], withdrawn, fx.now) if withdrawn else ():
            fx.ledger(Tag.TASK_WITHDRAW, instance=instance, task_id=task_id)
    if advance.timers_gone:
        fx.forget_timers(instance["id"], advance.timers_gone)
        running.drop_timers(tx, instance["id"], advance.timers_gone)
    if advance.waits_gone:
        fx.forget_waits(instance["id"], advance.waits_gone)
        running.drop_waits(tx, instance["id"], advance.waits_gone)
    if advance.children_gone:
        cancel_below(tx, fx, instance, advance.children_gone)


def cancel_below(tx: Tx, fx: Effects, instance: Mapping[str, Any], refs: tuple[str, ...] | None = None) -> None:
    """Cancel the children of these calls, and theirs, down to the leaves.

    All are locked before any row of theirs is written: whoever ends meanwhile locks itself first, its counter then.
    """
    below: list[str] = []
    level = running.children_of(tx, [instance["id"]], refs)
    while level:
        below += level
        level = running.children_of(tx, level)
    running.cancel_instances(tx, below, fx.now)
    _cancel_campaigns(tx, fx, below)
    for child_id in below:
        fx.ledger(Tag.INSTANCE_CANCEL, instance=instance, instance_id=child_id)
    _settle(tx, fx, instance, running.open_incidents(tx, below))
    if refs is not None:
        running.close_groups(tx, instance["id"], refs, "done")


def cancel(tx: Tx, fx: Effects, instance: Mapping[str, Any]) -> None:
    """End a locked instance whose cause has vanished, and everything below it; nobody's task stays open."""
    cancel_below(tx, fx, instance)
    running.cancel_instances(tx, [instance["id"]], fx.now)
    _cancel_campaigns(tx, fx, [instance["id"]])
    fx.ledger(Tag.INSTANCE_CANCEL, instance=instance)
    _settle(tx, fx, instance, running.open_incidents(tx, [instance["id"]]))


def _cancel_campaigns(tx: Tx, fx: Effects, instance_ids: Sequence[str]) -> None:
    """The campaigns that these instances ran are cancelled; what else goes on in them ends behind the commit."""
    for campaign_id in running.cancel_campaigns(tx, instance_ids, fx.now):
        periods.end_schedules(tx, campaign_id)
        fx.ledger(Tag.CAMPAIGN_CANCEL, campaign_id=campaign_id)
        clock.enqueue(tx, "campaign:cancelled", campaign_id, {"campaign": campaign_id}, fx.now)
        clock.enqueue(tx, "campaign:ended", campaign_id, {"campaign": campaign_id}, fx.now)


def _call(fx: Effects, instance: Mapping[str, Any], call: ChildStart) -> None:
    """Note a call and let a job start its children: a fan-out never happens inside somebody's click."""
    group_id = new_id()
    plan = {**asdict(call.plan), "inputs": dict(call.inputs), "unit_value": call.unit_value}
    fx.add(
        ChildGroup,
        id=group_id,
        parent_id=instance["id"],
        ref=call.ref,
        element=call.element,
        called=call.plan.called,
        plan=plan,
    )
    args = {"parent": instance["id"], "ref": call.ref}
    fx.after.append(lambda tx: clock.enqueue(tx, "children:start", group_id, args, fx.now))


def _judge(tx: Tx, fx: Effects, instance: dict[str, Any], faults: Sequence[EngineFault]) -> None:
    """Branches that stand in error have an incident each, closed when they stand no more; the other branches go on."""
    standing = {fault.ref for fault in faults}
    # only an instance that failed before has any
    told = running.open_incidents(tx, [instance["id"]], ("engine",)) if instance["status"] == "failed" else []
    _settle(tx, fx, instance, [incident for incident in told if incident.ref not in standing])
    known = {incident.ref for incident in told} | fx.faults(instance)
    for fault in faults:
        if fault.ref not in known:
            _report(fx, instance, fault)
    instance["status"] = "failed" if faults else "running"


def _report(fx: Effects, instance: Mapping[str, Any], fault: EngineFault) -> None:
    fx.incident("engine", fault.sentence, instance=instance, element=fault.element, ref=fault.ref, detail=fault.detail)
    fx.ledger(Tag.INSTANCE_FAIL, instance=instance, data={"element": fault.element, "sentence": fault.sentence})


def _settle(tx: Tx, fx: Effects, instance: Mapping[str, Any], incidents: Sequence[Any]) -> None:
    """Close incidents that nobody has to look at any more."""
    running.close_incidents(tx, [incident.id for incident in incidents], fx.now, by=fx.actor.person_id)
    for incident in incidents:
        data = {"incident": incident.id}
        fx.ledger(Tag.INCIDENT_CLOSE, instance=instance, instance_id=incident.instance_id, data=data)


def _end(fx: Effects, instance: dict[str, Any], *, runs_campaign: bool) -> None:
    instance["status"] = "ended"
    instance["ended_at"] = fx.now
    fx.ledger(Tag.INSTANCE_END, instance=instance)
    statements_due.accept(fx, instance)
    if runs_campaign and instance["campaign_id"] is not None:
        campaign_id = instance["campaign_id"]
        fx.after.append(lambda tx: _end_campaign(tx, fx, campaign_id, instance))
    if instance["parent_id"] is not None:
        parent, ref = instance["parent_id"], instance["parent_ref"]
        fx.after.append(lambda tx: count_end(tx, parent, ref, fx.now))


def _end_campaign(tx: Tx, fx: Effects, campaign_id: str, instance: Mapping[str, Any]) -> None:
    """Where it is the campaign's own instance that has ended, the campaign has: no further period opens."""
    if running.end_campaign(tx, campaign_id, instance["id"], fx.now):
        periods.end_schedules(tx, campaign_id)
        last = Effects(actor=fx.actor, now=fx.now, calendar=fx.calendar)
        last.ledger(Tag.CAMPAIGN_END, instance=instance)
        last.flush(tx)
        clock.enqueue(tx, "campaign:ended", campaign_id, {"campaign": campaign_id}, fx.now)


def count_end(tx: Tx, parent_id: str, ref: str, now: datetime) -> None:
    """One child more has ended; the last one (or one that may fulfil the completion condition) wakes the parent."""
    counter = running.count_child(tx, parent_id, ref)
    if counter is None or counter.status != "open":
        return
    full = counter.total is not None and counter.done >= counter.total
    if full or counter.plan.get("completion") or counter.plan.get("sequential"):
        clock.enqueue(tx, "children:done", f"{parent_id}:{ref}", {"parent": parent_id, "ref": ref}, now)


__all__ = ["cancel_below", "effects", "home", "lock", "process_of", "start", "step"]
