"""The year as the calendar page shows it: each day with its holiday's name and where that is known from."""

from __future__ import annotations

import calendar as stdlib_calendar
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import chinese_calendar

from domain.workdays import Calendar

# the seven statutory holidays (全国年节及纪念日放假办法 第二条), in the order in which the yearly notice lists them
STATUTORY = ("元旦", "春节", "清明节", "劳动节", "端午节", "中秋节", "国庆节")
_NAMES = {
    "New Year's Day": "元旦",
    "Spring Festival": "春节",
    "Tomb-sweeping Day": "清明节",
    "Labour Day": "劳动节",
    "Dragon Boat Festival": "端午节",
    "Mid-autumn Festival": "中秋节",
    "National Day": "国庆节",
}


@dataclass(frozen=True, kw_only=True)
class Day:
    """A day of the year view; `source` official | entered | guess."""

    date: date
    working: bool
    name: str
    source: str

    @property
    def weekend(self) -> bool:
        return self.date.weekday() >= 5

    @property
    def special(self) -> bool:
        """Not what its weekday says: a holiday on a weekday, or a make-up working day."""
        return self.working == self.weekend

    @property
    def mark(self) -> str:
        """The one character printed beside the number: 休, 班 or nothing."""
        if self.working:
            return "班" if self.weekend else ""
        return "休" if self.name or not self.weekend else ""


@dataclass(frozen=True, kw_only=True)
class Month:
    """A month as weeks from Monday; None stands for a day of a neighbouring month."""

    number: int
    weeks: tuple[tuple[Day | None, ...], ...]


def official_name(day: date) -> str:
    """The holiday that `day` belongs to in the official data, also for a make-up day; empty if none or unknown."""
    try:
        english = chinese_calendar.get_holiday_detail(day)[1]
    except NotImplementedError:
        return ""
    return _NAMES.get(english or "", english or "")


def is_official(year: int) -> bool:
    """Whether the official arrangement of the year came with the software."""
    return Calendar().is_known(date(year, 1, 1))


def year_view(calendar: Calendar, year: int, names: Mapping[date, str]) -> tuple[Month, ...]:
    """The twelve months; `names` are those of the days entered here."""
    known = is_official(year)
    return tuple(_month(calendar, year, number, names, known) for number in range(1, 13))


def _month(calendar: Calendar, year: int, number: int, names: Mapping[date, str], known: bool) -> Month:
    weeks = stdlib_calendar.Calendar().monthdatescalendar(year, number)
    days = tuple(
        tuple(_day(calendar, day, names, known) if day.month == number else None for day in week) for week in weeks
    )
    return Month(number=number, weeks=days)


def _day(calendar: Calendar, day: date, names: Mapping[date, str], known: bool) -> Day:
    if day in names:
        return Day(date=day, working=calendar.is_workday(day), name=names[day], source="entered")
    source = "official" if known else "entered" if day.year in calendar.entered_years else "guess"
    return Day(date=day, working=calendar.is_workday(day), name=official_name(day), source=source)


def name_on(day: date, names: Mapping[date, str]) -> str:
    """The holiday on `day`, as entered here or as official; for hints beside a due date."""
    return names.get(day) or official_name(day)


def spread(start: date, end: date) -> tuple[date, ...]:
    """Every day from `start` to `end`, both included."""
    return tuple(start + timedelta(days=i) for i in range((end - start).days + 1))
