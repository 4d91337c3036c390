"""The year as the calendar page shows it."""

from __future__ import annotations

from datetime import date

import pytest

from domain import holidays
from domain.workdays import Calendar


def days(calendar: Calendar, year: int, names: dict[date, str] | None = None) -> dict[date, holidays.Day]:
    months = holidays.year_view(calendar, year, names or {})
    return {day.date: day for month in months for week in month.weeks for day in week if day}


@pytest.mark.parametrize(
    ("day", "mark", "name"),
    [
        (date(2022, 1, 31), "休", "春节"),  # 除夕
        (date(2022, 1, 29), "班", "春节"),  # a Saturday made up
        (date(2022, 1, 8), "", ""),  # an ordinary Saturday
        (date(2022, 1, 10), "", ""),
        (date(2022, 4, 4), "休", "清明节"),
    ],
)
def test_official_days_carry_their_holiday(day: date, mark: str, name: str) -> None:
    shown = days(Calendar(), 2022)[day]
    assert (shown.mark, shown.name, shown.source) == (mark, name, "official")


def test_every_day_of_a_year_stands_once_and_weeks_begin_on_monday() -> None:
    months = holidays.year_view(Calendar(), 2024, {})
    assert len(days(Calendar(), 2024)) == 366
    assert all(len(week) == 7 for month in months for week in month.weeks)
    assert all(day is None or day.date.weekday() == i for m in months for week in m.weeks for i, day in enumerate(week))


def test_an_unknown_year_is_a_guess_until_it_is_entered() -> None:
    day = date(2027, 3, 1)
    assert days(Calendar(), 2027)[day].source == "guess"
    assert days(Calendar(entered_years={2027}), 2027)[day].source == "entered"
    assert not holidays.is_official(2027)


def test_an_entered_day_wins_over_the_official_one() -> None:
    day = date(2022, 1, 10)
    shown = days(Calendar(overrides={day: False}), 2022, {day: "市庆"})[day]
    assert (shown.working, shown.mark, shown.name, shown.source) == (False, "休", "市庆", "entered")
