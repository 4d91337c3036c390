"""Due moments against the notice, the calendar of 2021/22 and the Civil Code (民法典 第二百零一至二百零三条)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.plans import parse_plan
from config import ROOT
from domain.deadlines import counted_days, deadline, moment_of, rung_at
from domain.errors import Invalid
from domain.plan import Rung
from domain.workdays import BEIJING, Calendar, after, end_of, limit

CALENDAR = Calendar()
NOW = datetime(2022, 1, 30, tzinfo=BEIJING)


def beijing(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BEIJING)


def test_clue_assigned_before_spring_festival() -> None:
    """交办 2022-01-26：异议 2 个工作日到 1 月 28 日，结果 7 个工作日到 2 月 9 日（1 月 29、30 日补班，春节放假）。"""
    assigned = beijing("2022-01-26T15:30")
    assert after(CALENDAR, assigned, 2, "working_day") == end_of(date(2022, 1, 28))
    assert after(CALENDAR, assigned, 7, "working_day") == end_of(date(2022, 2, 9))


def test_an_objection_stops_the_clock() -> None:
    """异议 1 月 27 日提出、1 月 29 日裁定：停 2 个工作日，7 个工作日的期限由 2 月 9 日顺延到 2 月 11 日。"""
    variables = {"assigned_at": "2022-01-26T15:30:00+08:00", "paused_days": 2}
    plan = parse_plan((ROOT / "processes" / "jinzhong-hundred-day" / "plan.yaml").read_text(encoding="utf-8"))
    assert deadline(plan, CALENDAR, "report_back", variables, NOW) == end_of(date(2022, 2, 11))
    del variables["paused_days"]
    assert deadline(plan, CALENDAR, "report_back", variables, NOW) == end_of(date(2022, 2, 9))


def test_counted_days_are_shown_one_by_one() -> None:
    assigned = beijing("2022-01-26T15:30")
    days = counted_days(CALENDAR, assigned, end_of(date(2022, 2, 9)))
    assert [day.isoformat() for day in days] == [
        "2022-01-27",
        "2022-01-28",
        "2022-01-29",
        "2022-01-30",
        "2022-02-07",
        "2022-02-08",
        "2022-02-09",
    ]


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        ("2022-01-31T10:00", 1, date(2022, 2, 28)),
        ("2024-01-31T10:00", 1, date(2024, 2, 29)),
        ("2022-02-28T10:00", 1, date(2022, 3, 28)),
        ("2021-12-31T23:59", 2, date(2022, 2, 28)),
        ("2022-03-31T00:00", -1, date(2022, 2, 28)),
    ],
)
def test_months_end_on_the_same_day_or_the_last(start: str, months: int, end: date) -> None:
    assert after(CALENDAR, beijing(start), months, "month") == end_of(end)


def test_start_in_another_zone_is_a_beijing_day() -> None:
    """17:00 UTC is already the next day in Beijing."""
    assert after(CALENDAR, datetime(2022, 3, 1, 17, tzinfo=UTC), 1, "calendar_day") == end_of(date(2022, 3, 3))


@given(
    st.dates(date(2005, 1, 1), date(2026, 11, 1)),
    st.integers(1, 40),
)
def test_nth_working_day_counts_exactly_n(start: date, n: int) -> None:
    end = CALENDAR.add_workdays(start, n)
    days = CALENDAR.workdays_between(start, end)
    assert len(days) == n
    assert days[-1] == end
    assert start not in days


def test_year_without_data_is_monday_to_friday_and_said_so() -> None:
    assert not CALENDAR.is_known(date(2027, 1, 4))
    assert CALENDAR.is_workday(date(2027, 1, 4))
    assert not CALENDAR.is_workday(date(2027, 1, 3))
    entered = Calendar(overrides={date(2027, 1, 4): False}, entered_years=frozenset({2027}))
    assert entered.is_known(date(2027, 1, 4))
    assert not entered.is_workday(date(2027, 1, 4))


def test_ladder_steps_keep_the_hour() -> None:
    due = beijing("2022-01-10T10:00")
    assert rung_at(_rung(-1, "working_day"), due, CALENDAR) == beijing("2022-01-07T10:00")
    assert rung_at(_rung(2, "hour"), due, CALENDAR) == due + timedelta(hours=2)
    assert rung_at(_rung(1, "calendar_day"), due, CALENDAR) == beijing("2022-01-11T10:00")


@pytest.mark.parametrize(
    ("due", "n", "taken"),
    [
        (date(2022, 1, 7), 1, date(2022, 1, 10)),  # a Friday: the Monday after is over
        (date(2022, 1, 6), 1, date(2022, 1, 7)),  # a Thursday: not on Monday only
        (date(2022, 1, 10), -1, date(2022, 1, 7)),
        (date(2022, 1, 28), 2, date(2022, 1, 30)),  # make-up working days before the Spring Festival
        (date(2022, 1, 30), 1, date(2022, 2, 7)),
    ],
)
def test_a_ladder_step_after_24_hours_counts_whole_working_days(due: date, n: int, taken: date) -> None:
    """24:00 belongs to the day it ends: a working day later is 24:00 of the next working day."""
    assert rung_at(_rung(n, "working_day"), end_of(due), CALENDAR) == end_of(taken)


def _rung(n: int, unit: str) -> Rung:
    return Rung(id="r", name="提醒", n=n, unit=unit, light="yellow")


def test_midnight_is_named_as_the_end_of_a_day() -> None:
    assert limit(end_of(date(2022, 1, 10))) == "01月10日 24:00"
    assert limit(beijing("2022-01-10T10:00"), "%Y-%m-%d") == "2022-01-10 10:00"


def test_missing_start_is_a_sentence() -> None:
    with pytest.raises(Invalid, match="起算时间"):
        moment_of({}, "assigned_at")
