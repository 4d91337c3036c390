"""Everything open that was counted by a calendar that has changed is counted again, in batches of instances.

Nothing has to be remembered of what was counted by which calendar: whoever counts holds the calendar until the commit
(`calendar.counting`), so this job, queued with the change, finds all of it. What it counts twice comes to the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import engine
from domain import deadlines
from domain.authority import Actor
from domain.errors import Invalid
from domain.ledger import Tag
from domain.periods import periods
from domain.plan import Deadline, Ladder, Plan
from domain.workdays import Calendar, day_of
from engine.contract import Context
from models import Tx
from models.queries import calendar as rows
from models.queries import clock, running
from services.plans.versions import Version, plan_of
from services.running import instances
from services.running.effects import Effects, ladder_of
from services.running.jobs import handler

BATCH = 500
PERIOD_DUE = "period_due"  # the variable in which a scheduled instance has its period's due moment


_ALSO: list[Callable[[Batch], None]] = []


def also(function: Callable[[Batch], None]) -> Callable[[Batch], None]:
    """Register what else is counted again with a batch: moments on rows of a subject, beside its process."""
    _ALSO.append(function)
    return function


@handler("calendar:recount")
def recount(tx: Tx, args: Mapping[str, Any], now: datetime) -> None:
    """Count the next batch again and queue the one after; a calendar that was changed since has a job of its own."""
    if rows.hold(tx) != args["version"]:
        return
    ids = rows.counting_after(tx, args.get("after", ""), BATCH)
    if not ids:
        return
    fx = instances.effects(tx, Actor(person_id=args["by"], name=""), now)
    batch = Batch(tx, fx, rows.lock(tx, ids))
    batch.statements()
    batch.tasks()
    batch.timers()
    for count in _ALSO:
        count(batch)
    fx.flush(tx)
    clock.enqueue(tx, "calendar:recount", args["version"], {**args, "after": ids[-1]}, now)


class Batch:
    """Some instances, locked."""

    def __init__(self, tx: Tx, fx: Effects, found: dict[str, dict[str, Any]]) -> None:
        self.tx, self.fx, self.found = tx, fx, found
        self.ids = list(found)

    def _home(self, instance: Mapping[str, Any]) -> tuple[Version, Plan]:
        version, facts = instances.home(self.tx, instance)
        return version, plan_of(version.edition, facts)

    def plan_of(self, instance: Mapping[str, Any]) -> Plan:
        """The plan of an instance, as it was launched."""
        return self._home(instance)[1]

    def note(self, instance_id: str, old: datetime, new: datetime, **about: Any) -> None:
        """That a moment was counted again, in the ledger."""
        data = {"from": old.isoformat(), "to": new.isoformat(), **about.pop("data", {})}
        self.fx.ledger(Tag.DUE_RECOMPUTE, instance=self.found[instance_id], data=data, **about)

    # -- statements ----------------------------------------------------------------------------------------------------
    def statements(self) -> None:
        """The due moments of owed statements; the tasks behind them are counted from them."""
        dues: list[dict[str, Any]] = []
        variables: list[dict[str, Any]] = []
        for row in rows.owed(self.tx, self.ids):
            instance = self.found[row.instance_id]
            due_at = self._period_due(instance, row)
            if due_at == row.due_at:
                continue
            dues.append({"b_id": row.id, "b_due": due_at})
            self.note(instance["id"], row.due_at, due_at, data={"report": row.report, "period": row.period})
            if PERIOD_DUE in instance["variables"]:
                instance["variables"] = {**instance["variables"], PERIOD_DUE: due_at.isoformat()}
                variables.append({"b_id": instance["id"], "b_variables": instance["variables"]})
        rows.set_owed(self.tx, dues)
        rows.set_variables(self.tx, variables)

    def _period_due(self, instance: Mapping[str, Any], row: Any) -> datetime:
        _, plan = self._home(instance)
        report = plan.reports[row.report]
        if report.holiday != "next_working_day":
            return row.due_at  # type: ignore[no-any-return]
        found = {period.label: period.due_at for period in periods(report, self.fx.calendar)}
        return found.get(row.period) or row.due_at

    # -- tasks ---------------------------------------------------------------------------------------------------------
    def tasks(self) -> None:
        """The due dates of open tasks, and the next steps of their ladders."""
        dues: list[dict[str, Any]] = []
        rungs: list[dict[str, Any]] = []
        known = self.fx.calendar
        open_ = rows.open_due(self.tx, self.ids)
        before = running.more_than(self.tx, 1, [(task.instance_id, task.element) for task in open_])
        for task in open_:
            instance = self.found[task.instance_id]
            rule = self._rule(instance, task.element, again=(task.instance_id, task.element) in before)
            due_at = rule.due_at(known, task, instance["variables"] or {})
            estimated = not known.is_known(day_of(due_at))
            if due_at != task.due_at or estimated != task.due_estimated:
                dues.append({"b_id": task.id, "b_due": due_at, "b_estimated": estimated})
            if due_at != task.due_at:
                self.note(instance["id"], task.due_at, due_at, task_id=task.id, unit_id=task.unit_id)
            step = rule.next_step(task, due_at, self.fx)
            if step is not None and step != task.rung_at:
                rungs.append({"b_id": task.timer_id, "b_due": step})
        rows.set_dues(self.tx, dues)
        rows.set_timers(self.tx, rungs)

    def _rule(self, instance: Mapping[str, Any], name: str, *, again: bool) -> Rule:
        version, plan = self._home(instance)
        element = version.elements.get(name)
        if element is None or element.deadline is None:
            return Rule(plan, (), ladder_of(plan, element) if element is not None else None)
        names = (element.deadline, element.again) if again and element.again else (element.deadline,)
        return Rule(plan, names, ladder_of(plan, element))

    # -- timers --------------------------------------------------------------------------------------------------------
    def timers(self) -> None:
        """The timers of the processes; one that the new count puts into the past fires at once."""
        by_instance: dict[str, list[Any]] = defaultdict(list)
        for timer in rows.engine_timers(self.tx, self.ids):
            version, _ = self._home(self.found[timer.instance_id])
            if engine.may_count(version.process, timer.element):
                by_instance[timer.instance_id].append(timer)
        moved = [change for name, timers in by_instance.items() for change in self._moved(self.found[name], timers)]
        rows.set_timers(self.tx, moved)

    def _moved(self, instance: Mapping[str, Any], timers: Sequence[Any]) -> list[dict[str, Any]]:
        version, plan = self._home(instance)
        context = Context(now=self.fx.now, plan=plan, calendar=self.fx.calendar, variables=instance["variables"] or {})
        set_at = {timer.ref: timer.set_at for timer in timers}
        found = engine.due_again(version.process, instance["state"], set_at, context)
        moved = [timer for timer in timers if found.get(timer.ref, timer.due_at) != timer.due_at]
        for timer in moved:
            self.note(instance["id"], timer.due_at, found[timer.ref], data={"element": timer.element})
        return [{"b_id": timer.id, "b_due": found[timer.ref]} for timer in moved]


@dataclass(frozen=True)
class Rule:
    """How the due date of an element's tasks is counted."""

    plan: Plan
    deadlines: tuple[str, ...]  # its own, and where it is done once more the one for that
    ladder: Ladder | None

    @property
    def counted(self) -> bool:
        """Whether the due date depends on the calendar, or on a period that does; a fixed one does not."""
        return any(self._counted(self.plan.deadlines[name]) for name in self.deadlines if name in self.plan.deadlines)

    def _counted(self, entry: Deadline) -> bool:
        return entry.unit == "working_day" or entry.holiday == "next_working_day" or entry.variable == PERIOD_DUE

    def due_at(self, calendar: Calendar, task: Any, variables: Mapping[str, Any]) -> datetime:
        """When the task is due by this calendar."""
        if not self.counted:
            return task.due_at  # type: ignore[no-any-return]
        try:
            return deadlines.latest(self.plan, calendar, self.deadlines, variables, task.opened_at)
        except (Invalid, ValueError):
            # what it was counted from has changed since: it stays as it was, and does not stand in a whole year's way
            return task.due_at  # type: ignore[no-any-return]

    def next_step(self, task: Any, due_at: datetime, effects: Effects) -> datetime | None:
        """The moment of the task's next ladder step; a step that the new count puts into the past is taken now."""
        if task.timer_id is None or self.ladder is None:
            return None
        index = int(task.rung_index) if str(task.rung_index).isdigit() else -1
        if not 0 <= index < len(self.ladder.rungs):
            return None
        return max(deadlines.rung_at(self.ladder.rungs[index], due_at, effects.calendar), effects.now)
