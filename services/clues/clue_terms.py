"""The terms of a clue (附件1 一（三）): until when to object and to report, and what makes the term longer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from domain import clues as words
from domain.deadlines import deadline
from domain.plan import Plan
from domain.workdays import BEIJING, Calendar
from models.queries import clues as rows
from services.running import recount

AGAIN = "redo_due"


def result_due(plan: Plan, calendar: Calendar, assigned_at: datetime, paused_days: int = 0) -> datetime:
    """Until when the result is owed; the days on which the clock stood still do not count."""
    return deadline(
        plan, calendar, "report_back", {"assigned_at": assigned_at, "paused_days": paused_days}, assigned_at
    )


def objection_due(plan: Plan, calendar: Calendar, received_at: datetime) -> datetime:
    """Until when a unit may object, counted from its receipt of the list."""
    return deadline(plan, calendar, "objection", {"assigned_at": received_at}, received_at)


def paused(plan: Plan, calendar: Calendar, objected_at: datetime, ruled_at: datetime) -> int:
    """The working days after the day of the objection up to the day of the ruling."""
    if not plan.settings.get("objection_stops_clock"):
        return 0
    return _working_days(calendar, objected_at, ruled_at)


def paused_by_return(plan: Plan, calendar: Calendar, clue: Any, paused_days: int, now: datetime) -> int:
    """All days that do not count, once the office has returned a result.

    Those during which the result lay with the office are not the unit's, and it has at least the time for doing
    anything once more.
    """
    paused_days += _working_days(calendar, clue.reported_at, now)
    at_least = deadline(plan, calendar, AGAIN, {}, now)
    while result_due(plan, calendar, clue.assigned_at, paused_days) < at_least:
        paused_days += 1
    return paused_days


def _working_days(calendar: Calendar, since: datetime, until: datetime) -> int:
    first, last = (at.astimezone(BEIJING).date() for at in (since, until))
    return len(calendar.workdays_between(first, last))


@recount.also
def recount_clues(batch: recount.Batch) -> None:
    """The terms on the clues' rows, as lists show them: they are counted like the timers of their loops."""
    for clue in rows.of_instances(batch.tx, batch.ids):
        instance = batch.found[clue.instance_id]
        values = _terms(batch.plan_of(instance), batch.fx.calendar, clue, instance["variables"] or {})
        changed = {name: at for name, at in values.items() if at != getattr(clue, name)}
        if changed:
            rows.change(batch.tx, clue.id, **changed)
        for name, at in changed.items():
            batch.note(instance["id"], getattr(clue, name), at, data={"clue": clue.id, "term": name})


def _terms(plan: Plan, calendar: Calendar, clue: Any, variables: Mapping[str, Any]) -> dict[str, datetime]:
    """Those that still run: a result that is owed, an objection that may still be made."""
    found = {}
    if clue.status in words.IN_HAND and clue.reported_at is None and clue.result_due is not None:
        paused_days = int(variables.get("paused_days") or 0)
        found["result_due"] = result_due(plan, calendar, clue.assigned_at, paused_days)
    if clue.verified_at is None and clue.objection_due is not None:
        found["objection_due"] = objection_due(plan, calendar, clue.received_at)
    return found
