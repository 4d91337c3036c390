"""The periods of a recurring report: when each is due, when it opens, what it covers."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import count

from domain.plan import Report
from domain.workdays import BEIJING, Calendar, day_of

_STEP = {"daily": 1, "weekly": 7}
_MONTHS = {"monthly": 1, "yearly": 12}
# what a statement covers where the plan does not say; everything else is about the day it is due
_COVERS = {"weekly": "previous_week", "monthly": "month", "yearly": "year"}


@dataclass(frozen=True, kw_only=True)
class ReportPeriod:
    """One period: `label` is unique within the report, `starts_at` and `ends_at` enclose what it covers."""

    index: int
    label: str
    starts_at: datetime
    ends_at: datetime
    opens_at: datetime
    due_at: datetime


def periods(report: Report, calendar: Calendar) -> tuple[ReportPeriod, ...]:
    """All periods of a report, in order; empty for one that is owed once or by event."""
    dues = _dues(report)
    return tuple(_period(report, index, dues, calendar) for index in range(len(dues)))


def _dues(report: Report) -> tuple[datetime, ...]:
    if report.dues:
        return report.dues
    if report.first_due is None or report.last_due is None or report.kind not in (*_STEP, *_MONTHS):
        return ()
    dues = []
    for due in _regular(report, report.first_due):
        if due > report.last_due:
            break
        dues.append(due)
    return (*dues, report.closing) if report.closing else tuple(dues)


def _regular(report: Report, first: datetime) -> Iterator[datetime]:
    """The dues from the first on: every so many days, or the same day of every so many months."""
    step = _STEP.get(report.kind)
    for n in count():
        yield (
            first + timedelta(days=n * step * report.every)
            if step
            else _months_on(first, n * _MONTHS[report.kind] * report.every)
        )


def _months_on(first: datetime, months: int) -> datetime:
    """The same day and hour so many months later; the last day of a month stays one, 24:00 belongs to its day."""
    day = day_of(first)
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    longest = monthrange(year, month + 1)[1]
    last = day.day == monthrange(day.year, day.month)[1]
    moved = date(year, month + 1, longest if last else min(day.day, longest))
    return first.astimezone(BEIJING) + (moved - day)


def _period(report: Report, index: int, dues: tuple[datetime, ...], calendar: Calendar) -> ReportPeriod:
    due = dues[index]
    first, last = _covered(report, due, dues[index - 1] if index else None)
    return ReportPeriod(
        index=index,
        label=first.isoformat() if first == last else f"{first.isoformat()}~{last.isoformat()}",
        starts_at=datetime.combine(first, time.min, BEIJING),
        ends_at=datetime.combine(last + timedelta(days=1), time.min, BEIJING),
        opens_at=due - timedelta(hours=report.opens_before_hours or 24),
        due_at=_moved(report, due, calendar),
    )


def _covered(report: Report, due: datetime, last_due: datetime | None) -> tuple[date, date]:
    """First and last day a statement covers, seen from its due moment and that of the one before."""
    day = day_of(due)
    covers = report.covers or _COVERS.get(report.kind, "")
    before = timedelta(days=1)
    if due == report.closing and report.last_due is not None:
        return day_of(report.last_due), day
    if covers == "previous_day":
        return day - before, day - before
    if covers == "previous_week":
        monday = _monday(day)
        return monday - timedelta(days=7), monday - before
    if covers == "since_last_due":
        return day_of(last_due) + before if last_due else _beginning(report, day), day
    if covers == "previous_year":
        return date(day.year - 1, 1, 1), date(day.year - 1, 12, 31)
    if covers == "previous_month":
        last = day.replace(day=1) - before
        return last.replace(day=1), last
    first = _FIRST.get(covers)
    return (first(day) if first else day), day


def _beginning(report: Report, day: date) -> date:
    """The day a report begins to count: the campaign's first, the month's where a plan has none."""
    return report.begins_at.astimezone(BEIJING).date() if report.begins_at else day.replace(day=1)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


_FIRST: dict[str, Callable[[date], date]] = {
    "week": _monday,
    "seven_days": lambda day: day - timedelta(days=6),
    "month": lambda day: day.replace(day=1),
    "quarter": lambda day: day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1),
    "year": lambda day: day.replace(month=1, day=1),
}


def _moved(report: Report, due: datetime, calendar: Calendar) -> datetime:
    """The due moment under the plan's holiday rule: as printed, or the same hour of the next working day."""
    if report.holiday != "next_working_day":
        return due
    day = day_of(due)
    return due.astimezone(BEIJING) + (calendar.next_workday(day) - day)
