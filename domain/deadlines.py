"""Due moments from the plan: one function for user tasks, timers and ladders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from domain.errors import Invalid
from domain.plan import Deadline, Plan, Rung
from domain.workdays import BEIJING, Calendar, after, day_of, end_of


def deadline(plan: Plan, calendar: Calendar, name: str, variables: Mapping[str, Any], now: datetime) -> datetime:
    """The moment named by plan deadline `name`; raises Invalid where it or its start variable is missing."""
    entry = plan.deadlines.get(name)
    if entry is None:
        raise Invalid(f"方案中没有名为“{name}”的时限")
    return _on_workday(entry, calendar, _moment(entry, plan, calendar, variables, now))


def latest(
    plan: Plan, calendar: Calendar, names: Sequence[str], variables: Mapping[str, Any], now: datetime
) -> datetime:
    """The latest of some deadlines: work that came back is due by its own or by that for doing it once more."""
    return max(deadline(plan, calendar, name, variables, now) for name in names)


def _moment(entry: Deadline, plan: Plan, calendar: Calendar, variables: Mapping[str, Any], now: datetime) -> datetime:
    if entry.at is not None:
        return entry.at
    if entry.stage is not None:
        return _after_stage(entry, calendar, plan.stages[entry.stage].ends_at)
    if entry.variable is not None:
        return moment_of(variables, entry.variable)
    if entry.n is None or entry.unit is None:
        raise Invalid(f"时限“{entry.name}”缺少天数或单位")
    start = moment_of(variables, entry.start) if entry.start else now
    paused = int(variables.get(entry.pause) or 0) if entry.pause else 0
    return after(calendar, start, entry.n + paused, entry.unit)


def _after_stage(entry: Deadline, calendar: Calendar, ends_at: datetime) -> datetime:
    """The stage's end, or n units after it: 24:00 belongs to the day it ends, which does not count."""
    if entry.n is None or entry.unit is None:
        return ends_at
    if entry.unit == "hour":
        return after(calendar, ends_at, entry.n, entry.unit)
    return after(calendar, ends_at - timedelta(microseconds=1), entry.n, entry.unit)


def _on_workday(entry: Deadline, calendar: Calendar, at: datetime) -> datetime:
    if entry.holiday != "next_working_day":
        return at
    day = day_of(at)
    return at.astimezone(BEIJING) + (calendar.next_workday(day) - day)


def moment_of(variables: Mapping[str, Any], name: str) -> datetime:
    """An instance variable as an aware moment; a bare date counts from that day."""
    value = variables.get(name)
    if isinstance(value, datetime):
        return value
    if not isinstance(value, str):
        raise Invalid(f"时限的起算时间“{name}”尚未填写")
    moment = datetime.fromisoformat(value)
    return moment if moment.tzinfo else moment.replace(tzinfo=BEIJING)


def rung_at(rung: Rung, due_at: datetime, calendar: Calendar) -> datetime:
    """When a ladder step is taken: hours exactly, days at the same hour of the (working) day, 24:00 being one too."""
    if rung.unit == "hour":
        return due_at + timedelta(hours=rung.n)
    local = due_at.astimezone(BEIJING)
    if rung.unit == "calendar_day":
        return local + timedelta(days=rung.n)
    day = day_of(due_at)
    return local + (calendar.add_workdays(day, rung.n) - day)


def counted_days(calendar: Calendar, start: datetime, due_at: datetime) -> tuple[date, ...]:
    """The working days that lie between start and due, for display beside the due date."""
    return calendar.workdays_between(start.astimezone(BEIJING).date(), day_of(due_at))


__all__ = ["counted_days", "deadline", "end_of", "latest", "moment_of", "rung_at"]
