"""States in words: a moment before and a moment after each limit."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from domain import signs

DUE = datetime(2022, 1, 3, 2, tzinfo=UTC)
SOON, LATER = timedelta(microseconds=1), timedelta(days=1)


@pytest.mark.parametrize(
    ("status", "submitted_at", "now", "expected"),
    [
        ("owed", None, DUE, signs.AHEAD),
        ("owed", None, DUE + SOON, signs.MISSING),
        ("submitted", DUE, DUE, signs.PENDING),
        ("accepted", DUE, DUE + LATER, signs.REPORTED),
        ("accepted", DUE + SOON, DUE + LATER, signs.LATE),
    ],
)
def test_statement(status: str, submitted_at: datetime | None, now: datetime, expected: signs.Sign) -> None:
    assert signs.statement_sign(status, DUE, submitted_at, now) is expected


@pytest.mark.parametrize(
    ("status", "due_at", "completed_at", "now", "expected"),
    [
        ("open", DUE, None, DUE, signs.OPEN),
        ("open", DUE, None, DUE + SOON, signs.OVERDUE),
        ("open", None, None, DUE, signs.OPEN),
        ("done", DUE, DUE, DUE, signs.DONE),
        ("done", DUE, DUE + SOON, DUE, signs.DONE_LATE),
        ("withdrawn", DUE, DUE, DUE, signs.WITHDRAWN),
    ],
)
def test_task(
    status: str, due_at: datetime | None, completed_at: datetime | None, now: datetime, expected: signs.Sign
) -> None:
    assert signs.task_sign(status, due_at, completed_at, now) is expected


@pytest.mark.parametrize(
    ("gate_open", "gate_due_at", "signed_at", "now", "expected"),
    [
        (False, None, None, DUE - LATER - SOON, signs.UPCOMING),
        (False, None, None, DUE - SOON, signs.UNDER_WAY),
        (False, None, None, DUE, signs.STAGE_OVER),
        (True, DUE + LATER, None, DUE, signs.GATE_OPEN),
        (True, DUE, None, DUE + SOON, signs.GATE_LATE),
        (True, DUE, DUE + SOON, DUE + LATER, signs.GATE_PASSED),
    ],
)
def test_stage(
    gate_open: bool, gate_due_at: datetime | None, signed_at: datetime | None, now: datetime, expected: signs.Sign
) -> None:
    found = signs.stage_sign(
        DUE - LATER, DUE, now, gate_open=gate_open, gate_due_at=gate_due_at, gate_signed_at=signed_at
    )
    assert found is expected


def test_no_two_states_of_a_statement_look_alike_without_colour() -> None:
    assert len({sign.word for sign in signs.STATEMENT_SIGNS}) == len(signs.STATEMENT_SIGNS)


def test_what_came_after_its_limit_is_marked_and_not_late() -> None:
    opened, now = DUE + timedelta(days=20), DUE + timedelta(days=30)
    assert signs.task_sign("open", DUE, None, now, opened_at=opened) is signs.ARRIVED_LATE
    assert signs.task_sign("done", DUE, now, now, opened_at=opened) is signs.DONE
    assert signs.statement_sign("owed", DUE, None, now, opened_late=True) is signs.ARRIVED_LATE
    assert signs.statement_sign("received", DUE, now, now, opened_late=True) is signs.REPORTED
    assert signs.measure_sign("open", DUE, None, now, arrived=True) is signs.ARRIVED_LATE
    assert signs.measure_sign("returned", DUE, None, now, arrived=True) is signs.MEASURES["returned"]
    assert signs.measure_sign("open", DUE, None, now) is signs.MEASURE_OVERDUE
