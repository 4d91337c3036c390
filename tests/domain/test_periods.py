"""The weekly statement of the notice, period by period (六（六）)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

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


def test_a_report_on_a_day_of_the_month_covers_what_came_since_the_day_before_it() -> None:
    dues = (at("2023-12-28T00:00"), at("2024-01-28T00:00"))
    monthly = replace(WEEKLY, kind="monthly", covers="since_last_due", dues=dues, begins_at=at("2023-11-17T00:00"))
    labels = [period.label for period in periods(monthly, Calendar())]
    assert labels == ["2023-11-17~2023-12-27", "2023-12-28~2024-01-27"]
    assert [p.label for p in periods(replace(monthly, begins_at=None), Calendar())][0] == "2023-12-01~2023-12-27"


def test_holiday_rule_knows_that_24_hours_belong_to_the_day_that_ends() -> None:
    """Friday 24:00 is no Saturday; Sunday 24:00 becomes Monday 24:00."""
    for due, moved in (("2022-01-08T00:00", "2022-01-08T00:00"), ("2022-01-10T00:00", "2022-01-11T00:00")):
        report = replace(WEEKLY, kind="fixed", dues=(at(due),), holiday="next_working_day")
        assert periods(report, Calendar())[0].due_at == at(moved)


def test_a_daily_report_has_a_period_a_day() -> None:
    daily = replace(WEEKLY, kind="daily", covers="", first_due=at("2022-01-05T00:00"), last_due=at("2022-01-08T00:00"))
    assert [p.label for p in periods(daily, Calendar())] == ["2022-01-04", "2022-01-05", "2022-01-06", "2022-01-07"]
    eve = periods(replace(daily, covers="previous_day"), Calendar())[0]
    assert (eve.label, eve.ends_at) == ("2022-01-03", at("2022-01-04T00:00"))


def test_longer_spans() -> None:
    due = (at("2022-05-11T00:00"),)
    labels = {
        covers: periods(replace(WEEKLY, kind="fixed", dues=due, covers=covers), Calendar())[0].label
        for covers in ("week", "previous_month", "quarter", "year", "")
    }
    assert labels == {
        "week": "2022-05-09~2022-05-10",
        "previous_month": "2022-04-01~2022-04-30",
        "quarter": "2022-04-01~2022-05-10",
        "year": "2022-01-01~2022-05-10",
        "": "2022-05-10",
    }


def test_a_closing_period_covers_what_the_last_regular_one_left() -> None:
    found = periods(replace(WEEKLY, last_due=at("2022-03-28T10:00"), closing=at("2022-04-01T00:00")), Calendar())
    assert [period.label for period in found[-2:]] == ["2022-03-21~2022-03-27", "2022-03-28~2022-03-31"]
    last = found[-1]
    assert (last.starts_at, last.ends_at, last.due_at) == (
        at("2022-03-28T00:00"),
        at("2022-04-01T00:00"),
        at("2022-04-01T00:00"),
    )


def dues(kind: str, first: str, last: str, **more: Any) -> list[str]:
    report = replace(WEEKLY, kind=kind, covers="", first_due=at(first), last_due=at(last), **more)
    return [f"{period.due_at:%Y-%m-%d %H:%M}" for period in periods(report, Calendar())]


def test_a_monthly_report_keeps_its_day_and_the_last_day_of_a_month_stays_one() -> None:
    assert dues("monthly", "2022-01-27T10:00", "2022-03-31T10:00") == [
        "2022-01-27 10:00",
        "2022-02-27 10:00",
        "2022-03-27 10:00",
    ]
    # 24:00 of the last day
    assert dues("monthly", "2022-02-01T00:00", "2022-05-01T00:00") == [
        "2022-02-01 00:00",
        "2022-03-01 00:00",
        "2022-04-01 00:00",
        "2022-05-01 00:00",
    ]
    # the 30th is no last day of January, and February has none
    assert dues("monthly", "2022-01-30T10:00", "2022-03-31T10:00") == [
        "2022-01-30 10:00",
        "2022-02-28 10:00",
        "2022-03-30 10:00",
    ]
    assert dues("monthly", "2022-01-31T10:00", "2022-08-01T10:00", every=3) == [
        "2022-01-31 10:00",
        "2022-04-30 10:00",
        "2022-07-31 10:00",
    ]


def test_a_yearly_report_comes_on_its_day_and_covers_the_year_or_the_one_before() -> None:
    assert dues("yearly", "2020-02-29T10:00", "2022-12-31T10:00") == [
        "2020-02-29 10:00",
        "2021-02-28 10:00",
        "2022-02-28 10:00",
    ]
    yearly = replace(
        WEEKLY, kind="yearly", covers="", first_due=at("2022-01-31T10:00"), last_due=at("2022-12-31T00:00")
    )
    assert [period.label for period in periods(yearly, Calendar())] == ["2022-01-01~2022-01-31"]
    before = periods(replace(yearly, covers="previous_year"), Calendar())
    assert [period.label for period in before] == ["2021-01-01~2021-12-31"]
