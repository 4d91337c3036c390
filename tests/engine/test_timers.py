"""Timers: when they are due, that only a Tick fires one, and that no clock is read."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.workdays import BEIJING, end_of
from engine.codec import dump, restore
from engine.contract import Advance, Tick
from engine.expressions import BadExpression
from engine.timers import read_cycle, read_duration, read_moment
from tests.engine.diagrams import Diagram, Scope, ref, timer
from tests.engine.host import CALENDAR, NOW, Host, compiled

LONG_AGO = datetime(2001, 1, 1, 9, tzinfo=BEIJING)


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("PT4H", datetime(2022, 1, 4, 13, tzinfo=BEIJING)),
        ("P3D", datetime(2022, 1, 7, 9, tzinfo=BEIJING)),
        ("'P2W'", datetime(2022, 1, 18, 9, tzinfo=BEIJING)),
        ("PT30M15S", datetime(2022, 1, 4, 9, 30, 15, tzinfo=BEIJING)),
        ("P1M", datetime(2022, 2, 5, tzinfo=BEIJING)),
        ("P1Y", datetime(2023, 1, 5, tzinfo=BEIJING)),
        ("P1M1D", datetime(2022, 2, 6, tzinfo=BEIJING)),
    ],
)
def test_durations(text: str, end: datetime) -> None:
    assert read_duration(text).after(NOW, CALENDAR) == end


@pytest.mark.parametrize("text", ["P", "PT", "1D", "P1.5D", "P0D", "P99999Y", "P-1D", "P1H", "PT1D", "P1D ", "p1d"])
def test_bad_durations(text: str) -> None:
    if text == "P1D ":
        assert read_duration(text).exact == timedelta(days=1)
        return
    with pytest.raises(BadExpression):
        read_duration(text)


@pytest.mark.parametrize("text", ["R", "R3", "R0/P1D", "R3/2022-01-01/P1D", "R3/P", "3/P1D", "R-1/P1D", "R3/P1D/P1D"])
def test_bad_cycles(text: str) -> None:
    with pytest.raises(BadExpression):
        read_cycle(text)


def test_a_moment_needs_its_zone() -> None:
    assert read_moment("2022-01-10T00:00:00+08:00") == datetime(2022, 1, 10, tzinfo=BEIJING)
    assert read_moment("stage_start('s1')") is None
    for text in ("2022-01-10", "2022-01-10T08:00"):
        with pytest.raises(BadExpression, match="时区"):
            read_moment(text)


@given(st.integers(0, 36_000), st.integers(1, 40))
def test_months_follow_the_civil_code(day_number: int, months: int) -> None:
    """民法典 第二百零二条: the same day of the month, or its last day; the end of that day."""
    start = datetime(2000, 1, 1, 9, tzinfo=BEIJING) + timedelta(days=day_number)
    due = read_duration(f"P{months}M").after(start, CALENDAR)
    year, month = divmod(start.month - 1 + months, 12)
    day = due - timedelta(days=1)
    assert (day.year, day.month) == (start.year + year, month + 1)
    assert day.day == start.day or (day.day < start.day and due.day == 1)
    assert due == end_of(day.date())


def test_monthly_rounds_do_not_drift() -> None:
    diagram = Diagram().start().user("a").boundary("on", "a", timer("Cycle", "R/P1M"), cancel=False).service("note")
    host = Host(diagram.end().flow("start", "a", "end").flow("on", "note", "end").xml())
    host.now = datetime(2022, 1, 31, 9, tzinfo=BEIJING)
    host.start()
    dues = []
    for _ in range(4):
        (waiting,) = host.timers.values()
        host.now = waiting.due_at
        dues.append(waiting.due_at - timedelta(days=1))
        host.tick("on")
    assert [(due.month, due.day) for due in dues] == [(2, 28), (3, 31), (4, 30), (5, 31)]


# -- only a tick -------------------------------------------------------------------------------------------------------
def _everything() -> bytes:
    """Timers of every kind, an event gateway, a sub-process and a call with boundaries."""
    inside = Scope().start("s").catch("wait", timer("Duration", "PT1H")).end("e").flow("s", "wait", "e")
    diagram = Diagram().names("message", "m")
    diagram.start().both("fork").user("a", deadline="soon").boundary("late", "a", timer("Date", "stage_end('s1')"))
    diagram.boundary("remind", "a", timer("Cycle", "R5/P1D"), cancel=False).end()
    diagram.sub("stage", inside).boundary("stop", "stage", timer("Duration", "P1M"))
    diagram.node("eventBasedGateway", "first").catch("due", timer("Date", "after(3, 'working_day')"))
    diagram.catch("came", ref("message", "m")).call("ask", over="counties")
    diagram.boundary("chase", "ask", timer("Duration", "setting('reminder')"), cancel=False)
    diagram.flow("start", "fork", "a", "end").flow("fork", "stage", "end").flow("fork", "first", "due", "end")
    diagram.flow("first", "came", "end").flow("fork", "ask", "end")
    for ident in ("late", "remind", "stop", "chase"):
        diagram.flow(ident, "end")
    return diagram.xml()


PROCESS = compiled(_everything())


def test_loading_and_the_library_fire_nothing() -> None:
    """Every timer is long overdue for any clock there is; neither load, steps nor refresh touches it."""
    host = Host(PROCESS, now=LONG_AGO).start()
    assert len(host.timers) == 6
    state = str(host.state)
    for _ in range(2):
        instance = restore(PROCESS, state)
        instance.refresh_timers()
        instance.do_engine_steps()
        assert dump(instance) == state
    host.deliver("nothing").do(Tick(ref="999"))
    assert host.state == state
    assert host.last == replace(host.last, timers_gone=(), timers=(), opened=(), passed=())


def _shape(result: Advance) -> Any:
    """An Advance without its moments."""
    bare = replace(result, state="", timers=(), opened=tuple(replace(item, due_at=None) for item in result.opened))
    return bare, [(item.ref, item.element) for item in result.timers]


def _story(now: datetime) -> list[Any]:
    host = Host(PROCESS, now=now).start()
    host.later(hours=2).tick("wait")
    host.later(days=1).tick("remind").later(days=1).tick("remind").tick("chase").tick("due")
    host.children_done("ask", total=2, done=2).complete("a")
    assert host.ended
    return [_shape(result) for result in host.advances]


def test_the_year_makes_no_difference() -> None:
    """No clock is read: the same story in 2022 and 2040 gives the same advances, apart from moments."""
    then, later = (_story(datetime(year, 1, 4, 9, tzinfo=BEIJING)) for year in (2022, 2040))
    assert then == later


def test_the_same_moment_gives_the_same_bytes() -> None:
    first, second = (Host(PROCESS, now=LONG_AGO).start().tick("due") for _ in range(2))
    assert first.advances == second.advances


def test_a_tick_fires_its_own_timer_once() -> None:
    host = Host(PROCESS).start()
    first = next(ref for ref, item in host.timers.items() if item.element == "remind")
    host.do(Tick(ref=first))
    assert "remind" in host.passed
    assert host.last.timers_gone == (first,)
    host.do(Tick(ref=first))
    assert host.last.passed == ()
    assert host.last.timers == ()


def test_a_deadline_that_cannot_be_computed_is_an_incident() -> None:
    diagram = Diagram().variables("assigned_at:date").start().user("a", deadline="report_back").end()
    host = Host(diagram.flow("start", "a", "end").xml(), assigned_at="soon").start()
    assert host.last.error is not None
    assert host.todo == []
