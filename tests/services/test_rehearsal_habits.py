"""How people of a rehearsal behave: drawn by the task, inside office hours, as often on time as was asked."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta

import pytest

from domain.workdays import BEIJING, Calendar
from engine.contract import Element, Outcome
from services.rehearsal import rehearsal_habits
from services.rehearsal.rehearsal_habits import Habits, decide, made_from, may_return, number_of_cases, opinion

MONDAY = datetime(2021, 12, 27, 9, 0, tzinfo=BEIJING)
FRIDAY_MIDNIGHT = datetime(2022, 1, 1, 0, 0, tzinfo=BEIJING)
RECEIPT = Element(
    id="receive_plan",
    name="接收实施方案",
    kind="userTask",
    form="receipt",
    outcomes=(Outcome(value="accept", name="接收"), Outcome(value="return", name="退回补报")),
)


def habits(on_time: float, seed: int = 1) -> Habits:
    return Habits(seed=seed, on_time=on_time, calendar=Calendar())


def moments(on_time: float, due_at: datetime | None, n: int = 400) -> list[datetime | None]:
    some = habits(on_time)
    return [some.when(some.source("p", "u", "t", i), MONDAY, due_at) for i in range(n)]


def in_office_hours(at: datetime) -> bool:
    return any(opens <= at.time() <= closes for opens, closes in rehearsal_habits.OFFICE_HOURS)


def test_on_time_means_before_the_due_moment_in_office_hours() -> None:
    for at in moments(1.0, FRIDAY_MIDNIGHT):
        assert at is not None
        assert MONDAY <= at < FRIDAY_MIDNIGHT
        assert in_office_hours(at)


def test_late_means_one_to_five_working_days_later_or_never() -> None:
    found = moments(0.0, FRIDAY_MIDNIGHT, 3000)
    late = [at for at in found if at is not None]
    calendar = Calendar()
    last = date(2021, 12, 31)  # what is due at 24:00 was due on that day
    assert {at.date() for at in late} == set(calendar.workdays_between(last, calendar.add_workdays(last, 5)))
    assert all(in_office_hours(at) for at in late)
    assert 0.01 < (len(found) - len(late)) / len(found) < 0.03


def test_half_of_the_tasks_are_late_when_asked_for() -> None:
    on_time = [at for at in moments(0.5, FRIDAY_MIDNIGHT, 2000) if at is not None and at < FRIDAY_MIDNIGHT]
    assert 0.45 < len(on_time) / 2000 < 0.55


def test_without_a_due_date_it_is_done_within_two_working_days() -> None:
    for at in moments(0.0, None):
        assert at is not None
        assert MONDAY <= at < datetime(2021, 12, 30, tzinfo=BEIJING)


def test_a_window_without_office_hours_is_used_all_the_same() -> None:
    evening = datetime(2021, 12, 31, 23, 30, tzinfo=BEIJING)
    at = habits(1.0).when(random.Random(3), evening, FRIDAY_MIDNIGHT)
    assert at is not None
    assert evening < at < FRIDAY_MIDNIGHT


def test_on_a_holiday_one_works_by_day() -> None:
    new_year = datetime(2022, 1, 3, tzinfo=BEIJING)
    found = [habits(1.0).when(random.Random(i), new_year, new_year + timedelta(hours=10)) for i in range(200)]
    assert all(at is not None and timedelta(hours=8) <= at - new_year < timedelta(hours=10) for at in found)


def test_a_statement_is_made_when_its_week_is_over() -> None:
    monday = datetime(2022, 1, 10, tzinfo=BEIJING)
    assert made_from(monday, monday + timedelta(hours=10)) == monday
    assert made_from(monday, None) == monday


@pytest.mark.parametrize("hours", [0, -6])
def test_one_that_is_due_before_that_is_made_on_the_last_day(hours: int) -> None:
    ends = datetime(2022, 1, 1, tzinfo=BEIJING)
    due = ends + timedelta(hours=hours)
    ready = made_from(ends, due)
    assert ready == datetime(2021, 12, 31, tzinfo=BEIJING)
    for i in range(200):
        at = habits(1.0).when(random.Random(i), ready, due)
        assert at is not None
        assert ready <= at < due


def test_what_comes_too_late_is_done_on_the_next_working_day() -> None:
    opened = FRIDAY_MIDNIGHT + timedelta(hours=10)
    at = habits(1.0).when(random.Random(3), opened, FRIDAY_MIDNIGHT)
    assert at is not None
    assert opened < at < datetime(2022, 1, 5, tzinfo=BEIJING)


def test_a_task_draws_from_its_own_source() -> None:
    one, other = habits(0.9), habits(0.5)
    # the same draw decides at every share, so lowering the share only makes more tasks late
    for i in range(200):
        early = other.when(other.source("p", i), MONDAY, FRIDAY_MIDNIGHT)
        if early is not None and early < FRIDAY_MIDNIGHT:
            assert one.when(one.source("p", i), MONDAY, FRIDAY_MIDNIGHT) == early
    assert habits(0.9, seed=2).source("p", 1).random() != one.source("p", 1).random()


def test_returns_are_rare_and_never_endless() -> None:
    first = [decide(random.Random(i), RECEIPT, 1) for i in range(1000)]
    assert 0.03 < first.count("return") / 1000 < 0.1
    assert {decide(random.Random(i), RECEIPT, 2) for i in range(1000)} == {"accept"}


@pytest.mark.parametrize("outcome", ["accept", "return"])
def test_whoever_returns_says_why(outcome: str) -> None:
    written = {opinion(random.Random(i), RECEIPT, outcome, ()) for i in range(100)}
    assert ("" in written) == (outcome == "accept")


def test_a_gate_with_unmet_criteria_is_signed_with_the_reason() -> None:
    assert "企业自查自纠情况上报率" in opinion(random.Random(1), RECEIPT, "accept", ("企业自查自纠情况上报率",))


def test_a_small_share_of_statements_brings_too_few_cases() -> None:
    numbers = [number_of_cases(random.Random(i), 2) for i in range(1000)]
    assert set(numbers) == {0, 1, 2, 3}
    assert 0.1 < sum(n < 2 for n in numbers) / 1000 < 0.2
    assert {number_of_cases(random.Random(i), 0) for i in range(100)} == {0, 1}


@pytest.mark.parametrize(
    ("step", "hour", "sent_back"), [("approve_briefing", 13, True), ("approve_briefing", 15, False)]
)
def test_what_would_be_late_at_once_is_not_sent_back(step: str, hour: int, sent_back: bool) -> None:
    """The paper would be owed anew by the moment it was owed before."""
    element = Element(id=step, name="审定简报", kind="userTask", outcomes=RECEIPT.outcomes)
    due = {"period_due": "2022-01-10T18:00:00+08:00"}
    at = datetime(2022, 1, 10, hour, 30, tzinfo=BEIJING)
    assert may_return(element, due, at) is sent_back
    assert may_return(RECEIPT, due, at)
