"""States of a statement, a task and a commitment in the words and colours that pages show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Sign:
    """A state: its key, its word, its colour (a Tabler colour name) and its icon. Colour never stands alone."""

    key: str
    text: str
    colour: str
    icon: str


REPORTED = Sign("reported", "已报", "green", "check")
LATE = Sign("late", "迟报", "orange", "clock")
MISSING = Sign("missing", "未报", "red", "alert")
PENDING = Sign("pending", "待认定", "blue", "eye")
AHEAD = Sign("ahead", "未到期", "secondary", "clock")
STATEMENT_SIGNS = (REPORTED, LATE, MISSING, PENDING, AHEAD)

DONE = Sign("done", "已办结", "green", "check")
DONE_LATE = Sign("done_late", "逾期办结", "orange", "clock")
OVERDUE = Sign("overdue", "已超期", "red", "alert")
RUNNING = Sign("open", "办理中", "blue", "clock")
WITHDRAWN = Sign("withdrawn", "已收回", "secondary", "minus")
NOT_STARTED = Sign("none", "未下达", "secondary", "minus")
SIGNED = Sign("signed", "已签署", "green", "check")
UNSIGNED = Sign("unsigned", "未签署", "blue", "clock")
UNSIGNED_LATE = Sign("unsigned_late", "逾期未签", "red", "alert")


def statement_sign(status: str, due_at: datetime, submitted_at: datetime | None, now: datetime) -> Sign:
    """How a statement stands: handed in, handed in late, missing, waiting for a decision, or not yet due."""
    if status == "submitted":
        return PENDING
    if submitted_at is not None:
        return LATE if submitted_at > due_at else REPORTED
    return MISSING if due_at < now else AHEAD


def task_sign(status: str, due_at: datetime | None, completed_at: datetime | None, now: datetime) -> Sign:
    """How a task stands."""
    if status == "withdrawn":
        return WITHDRAWN
    if status == "done":
        return DONE_LATE if due_at and completed_at and completed_at > due_at else DONE
    return OVERDUE if due_at and due_at < now else RUNNING


def commitment_sign(signed_at: datetime | None, due_at: datetime | None, now: datetime) -> Sign:
    """Whether a commitment is signed."""
    if signed_at is not None:
        return SIGNED
    return UNSIGNED_LATE if due_at and due_at < now else UNSIGNED
