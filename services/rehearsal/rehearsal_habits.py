"""How people behave in a rehearsal: when a task is done, what is decided, what is written. Drawn, never looked up.

Every task has a source of its own, seeded by what the task is and not by when it comes up: the same seed gives the same
behaviour in any order, on any database.
"""

from __future__ import annotations

import random
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property

from domain.workdays import BEIJING, Calendar, end_of
from engine.contract import Element, Outcome

OFFICE_HOURS = ((time(8, 30), time(12, 0)), (time(14, 30), time(18, 0)))
OVERTIME = ((time(8, 0), time(22, 0)),)  # on any day, where there are no office hours left
NEVER_SHARE = 0.02  # of the late ones
RETURN_SHARE = 0.06
RETURN_SHARES = {"shortage_review": 0.5}  # what is looked at only because something is lacking
# steps after which the same paper is owed anew by the moment it was owed before: sent back only while there is time
RETURNED_IN_TIME = frozenset({"approve_briefing", "approve_ranking", "approve_appraisal"})
TIME_TO_REDO = timedelta(hours=4)
LATE_WORKDAYS = 5
IDLE_WORKDAYS = 2  # within which a task without a due date is done
TOO_FEW_SHARE = 0.15  # of the statements of counties
_SLACK = timedelta(minutes=1)

Span = tuple[datetime, datetime]
Hours = Sequence[tuple[time, time]]

_RETURN_REASONS = (
    "内容不够具体，责任单位和完成时限没有写明，请补充后重报。",
    "数据与台账对不上，请核实后重新报送。",
    "缺少佐证材料，请补齐后重报。",
    "措施针对性不强，请结合本地实际修改完善。",
)
_ACCEPT_REMARKS = ("", "", "", "已核对，材料齐全。", "同意。", "符合要求，予以接收。")
_SHORTAGE_RETURNS = ("典型案例不足2个，请补报。", "本周通报的案件未列入典型案例，请补报后重新报送。")
_SHORTAGE_REASONS = ("本周未发现新的典型问题，已电话核实，予以认可。", "案件尚在办理，下期一并报送，予以认可。")


@dataclass(frozen=True, kw_only=True)
class Habits:
    """The behaviour of a whole city: `on_time` is the share of tasks done before they are due."""

    seed: int
    on_time: float
    calendar: Calendar

    def source(self, *key: object) -> random.Random:
        """The draws of one task."""
        text = ":".join(str(part) for part in (self.seed, *key))
        return random.Random(text)  # noqa: S311 - reproducible on purpose

    def when(self, draw: random.Random, opened_at: datetime, due_at: datetime | None) -> datetime | None:
        """When a task is done that can be done from `opened_at` on; None = never."""
        on_time, never = draw.random() < self.on_time, draw.random() < NEVER_SHARE
        part, late_by = 0.02 + 0.96 * draw.random(), 1 + int(draw.random() * LATE_WORKDAYS)
        if due_at is None:
            return self._between(opened_at, self._workdays_after(opened_at, IDLE_WORKDAYS), part)
        if on_time and due_at > opened_at:
            return self._between(opened_at, due_at, part)
        if on_time:
            # it came too late to be on time: at least soon
            return self._between(opened_at, self._workdays_after(opened_at, 1), part)
        return None if never else self._late(max(opened_at, due_at), late_by, part)

    def during(self, draw: random.Random, day: date) -> datetime:
        """A moment in the office hours of a day."""
        return self._between(end_of(day - timedelta(days=1)), end_of(day), 0.02 + 0.96 * draw.random())

    def _late(self, due_at: datetime, days: int, part: float) -> datetime:
        # 24:00 belongs to the day it ends
        last = (due_at.astimezone(BEIJING) - timedelta(microseconds=1)).date()
        day = self.calendar.add_workdays(last, days)
        return self._between(end_of(day - timedelta(days=1)), end_of(day), part)

    def _workdays_after(self, at: datetime, n: int) -> datetime:
        return end_of(self.calendar.add_workdays(at.astimezone(BEIJING).date(), n))

    def _between(self, start: datetime, end: datetime, part: float) -> datetime:
        """The moment at that part of the office hours between start and end; with none, of overtime, then all hours."""
        first, last = (at.astimezone(BEIJING).date() for at in (start, end))
        office = _Hours(OFFICE_HOURS, self._workdays(first, last), start, end)
        if office.total >= _SLACK:
            return office.at(part)
        everyday = [first + timedelta(days=n) for n in range((last - first).days + 1)]
        overtime = _Hours(OVERTIME, everyday, start, end)
        return overtime.at(part) if overtime.total >= _SLACK else start + (end - start) * part

    def _workdays(self, first: date, last: date) -> list[date]:
        """The working days from one day to another."""
        found: list[date] = []
        for year in range(first.year, last.year + 1):
            found += self._years[year]
        return found[bisect_left(found, first) : bisect_right(found, last)]

    @cached_property
    def _years(self) -> Mapping[int, list[date]]:
        """The working days of each year: a task may be open for three, and thousands of them are asked about."""
        return _Years(self.calendar)


class _Years(dict[int, list[date]]):
    """A year's working days, looked up when they are first asked for."""

    def __init__(self, calendar: Calendar) -> None:
        super().__init__()
        self._calendar = calendar

    def __missing__(self, year: int) -> list[date]:
        days = (date(year, 1, 1) + timedelta(days=n) for n in range(366))
        self[year] = [day for day in days if day.year == year and self._calendar.is_workday(day)]
        return self[year]


class _Hours:
    """The hours of some days that lie between two moments; only the first and the last day can be cut."""

    def __init__(self, hours: Hours, days: Sequence[date], start: datetime, end: datetime) -> None:
        self._hours, self._start, self._end = hours, start, end
        self._head = self._spans(days[0]) if days else []
        self._tail = self._spans(days[-1]) if len(days) > 1 else []
        self._whole = days[1:-1]
        self._day = _total(self._spans(self._whole[0])) if self._whole else timedelta(0)
        self.total = _total(self._head) + len(self._whole) * self._day + _total(self._tail)

    def at(self, part: float) -> datetime:
        """The moment at this part of them."""
        left = self.total * part
        head = _total(self._head)
        if left < head:
            return _within(self._head, left)
        left -= head
        passed = min(left // self._day, len(self._whole)) if self._day else 0
        left -= passed * self._day
        if passed < len(self._whole):
            return _within(self._spans(self._whole[passed]), left)
        return _within(self._tail or (self._spans(self._whole[-1]) if self._whole else self._head), left)

    def _spans(self, day: date) -> list[Span]:
        found = []
        for opens, closes in self._hours:
            since = max(self._start, datetime.combine(day, opens, BEIJING))
            until = min(self._end, datetime.combine(day, closes, BEIJING))
            if since < until:
                found.append((since, until))
        return found


def _within(spans: Sequence[Span], left: timedelta) -> datetime:
    """The moment when so much of them is over."""
    for since, until in spans:
        if left < until - since:
            return since + timedelta(seconds=int(left.total_seconds()))
        left -= until - since
    return spans[-1][1]


def _total(spans: Sequence[Span]) -> timedelta:
    return sum((until - since for since, until in spans), timedelta(0))


def made_from(covered_until: datetime, due_at: datetime | None) -> datetime:
    """A statement is made when what it covers is over; one that is due before that, on its last day."""
    return covered_until if due_at is None or covered_until < due_at else covered_until - timedelta(days=1)


def decide(draw: random.Random, element: Element, time_in_instance: int) -> str | None:
    """The button: mostly the first; something else in a small share, and only the first time an instance asks."""
    if not element.outcomes:
        return None
    share = RETURN_SHARES.get(element.form or "", RETURN_SHARE)
    others: tuple[Outcome, ...] = element.outcomes[1:]
    otherwise, which = draw.random() < share, draw.random()
    if not others or not otherwise or time_in_instance > 1:
        return element.outcomes[0].value
    return others[int(which * len(others))].value


def may_return(element: Element, variables: Mapping[str, object] | None, now: datetime) -> bool:
    """Whether something other than the first button is thought of at all."""
    due = (variables or {}).get("period_due")
    if element.id not in RETURNED_IN_TIME or not due:
        return True
    return now + TIME_TO_REDO <= datetime.fromisoformat(str(due))


def opinion(draw: random.Random, element: Element, outcome: str | None, unmet: tuple[str, ...]) -> str:
    """What is written beside the button; `unmet` are the criteria of a gate that do not hold."""
    if not element.outcomes:
        return ""
    shortage = element.form == "shortage_review"
    if outcome != element.outcomes[0].value:
        return draw.choice(_SHORTAGE_RETURNS if shortage else _RETURN_REASONS)
    if unmet:
        return f"{'；'.join(unmet)}——尚未达到，已责成有关单位限期补齐并由办公室跟踪督办，同意转入下一步。"
    if shortage:
        return draw.choice(_SHORTAGE_REASONS)
    return draw.choice(_ACCEPT_REMARKS)


def number_of_cases(draw: random.Random, minimum: int, *, again: bool = False) -> int:
    """How many cases a statement brings that owes at least `minimum`: a small share brings too few, but not `again`."""
    too_few, more = draw.random() < TOO_FEW_SHARE, draw.random()
    if minimum and too_few and not again:
        return int(more * minimum)
    return minimum + int(more * 2)
