"""The weekly statement of the notice, period by period (六（六）)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from domain.periods import periods
from domain.plan import Report
from domain.workdays import BEIJING, Calendar


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BEIJING)


WEEKLY = Report(
    id="weekly_statement",
    name="上周工作进展情况",
    clause="六（六）",
    kind="weekly",
    owed_by="weekly_reporters",
    receiver="办公室",
    covers="previous_week",
    weekday=1,
    first_due=at("2022-01-03T10:00"),
    last_due=at("2022-04-04T10:00"),
    opens_before_hours=94,
)


def test_fourteen_mondays_from_new_year_to_qingming() -> None:
    found = periods(WEEKLY, Calendar())
    assert len(found) == 14
    assert {period.due_at.astimezone(BEIJING).weekday() for period in found} == {0}
    assert (found[0].due_at, found[-1].due_at) == (WEEKLY.first_due, WEEKLY.last_due)


def test_a_statement_covers_the_week_before() -> None:
    first = periods(WEEKLY, Calendar())[0]
    assert first.label == "2021-12-27~2022-01-02"
    assert (first.starts_at, first.ends_at) == (at("2021-12-27T00:00"), at("2022-01-03T00:00"))
    assert first.opens_at == at("2021-12-30T12:00")


def test_holiday_rule_moves_only_the_due_moment() -> None:
    """2022-01-03 是元旦假期：默认照印发时间，另一设置顺延到下一个工作日同一时刻。"""
    moved = periods(replace(WEEKLY, holiday="next_working_day"), Calendar())[0]
    assert moved.due_at == at("2022-01-04T10:00")
    assert moved.label == "2021-12-27~2022-01-02"


def test_monthly_covers_the_month_that_ends() -> None:
    dues = (at("2022-01-01T00:00"), at("2022-02-01T00:00"))
    monthly = replace(WEEKLY, kind="monthly", covers="month", dues=dues)
    found = periods(monthly, Calendar())
    assert [period.label for period in found] == ["2021-12-01~2021-12-31", "2022-01-01~2022-01-31"]
    assert all(period.due_at - period.opens_at == timedelta(hours=94) for period in found)
