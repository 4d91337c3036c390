"""The working calendar: official holidays and make-up workdays, with the installation's own entries on top."""

from __future__ import annotations

import calendar as stdlib_calendar
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import chinese_calendar

BEIJING = ZoneInfo("Asia/Shanghai")
_YEARS = range(1900, 2200)


@lru_cache(maxsize=1 << 14)
def _official(day: date) -> bool | None:
    """The official data, None outside its years; the library walks through its whole table at every question."""
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return None


@dataclass(frozen=True, kw_only=True)
class Calendar:
    """Answers "is this a working day"; `overrides` (date -> working?) win over the official data."""

    overrides: Mapping[date, bool] = field(default_factory=dict)
    entered_years: AbstractSet[int] = frozenset()  # years an administrator has entered completely

    def is_workday(self, day: date) -> bool:
        """Whether `day` is a working day; outside the known years Monday to Friday."""
        if day in self.overrides:
            return self.overrides[day]
        official = _official(day)
        return day.weekday() < 5 if official is None else official

    def is_known(self, day: date) -> bool:
        """Whether the official arrangement of that year is known (otherwise due dates are marked)."""
        return day.year in self.entered_years or _official(day) is not None

    def add_workdays(self, start: date, n: int) -> date:
        """The n-th working day after `start` (before it when n is negative); the start day does not count."""
        step = timedelta(days=1 if n >= 0 else -1)
        day, left = start, abs(n)
        while left:
            day += step
            left -= self.is_workday(day)
        return day

    def workdays_between(self, start: date, end: date) -> tuple[date, ...]:
        """The working days after `start` up to and including `end`, as shown beside a due date."""
        days = (start + timedelta(days=i) for i in range(1, (end - start).days + 1))
        return tuple(day for day in days if self.is_workday(day))

    def next_workday(self, day: date) -> date:
        """`day` itself if it is a working day, else the first one after it."""
        while not self.is_workday(day):
            day += timedelta(days=1)
        return day


def typed_day(text: str) -> date:
    """A day that somebody typed; ValueError also where nothing here can happen: year 1 has no day before, 9999 none
    after."""
    day = date.fromisoformat(text)
    if day.year not in _YEARS:
        raise ValueError(text)
    return day


def end_of(day: date) -> datetime:
    """24:00 of `day`, Beijing time (民法典 第二百零三条: the last day ends at twenty-four hours)."""
    return datetime.combine(day + timedelta(days=1), time.min, BEIJING)


def day_of(due_at: datetime) -> date:
    """The day a due moment belongs to: 24:00 is the end of the day before."""
    return (due_at.astimezone(BEIJING) - timedelta(microseconds=1)).date()


def limit(due_at: datetime, day: str = "%m月%d日") -> str:
    """A due moment as a sentence names it: midnight is 24:00 of the day that ends."""
    local = due_at.astimezone(BEIJING)
    return f"{day_of(due_at):{day}} {local:%H:%M}" if local.time() != time.min else f"{day_of(due_at):{day}} 24:00"


def after(calendar: Calendar, start: datetime, n: int, unit: str) -> datetime:
    """n units after `start`: hours exactly; days end at 24:00, the start day does not count (民法典 第二百零一条)."""
    if unit == "hour":
        return start + timedelta(hours=n)
    day = start.astimezone(BEIJING).date()
    if unit == "working_day":
        return end_of(calendar.add_workdays(day, n))
    if unit == "calendar_day":
        return end_of(day + timedelta(days=n))
    if unit == "month":
        return end_of(_months_later(day, n))
    raise ValueError(unit)


def _months_later(day: date, n: int) -> date:
    """The same day n months on, or the month's last day where it has none (民法典 第二百零二条)."""
    years, month = divmod(day.month - 1 + n, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, stdlib_calendar.monthrange(year, month)[1]))
