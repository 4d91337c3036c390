"""States of stages, tasks, statements and commitments in the words and colours that pages show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from domain.lights import arrived_late


@dataclass(frozen=True)
class Sign:
    """A state: its key, its word, its colour and its icon. Colour never stands alone."""

    key: str
    word: str
    color: str  # green yellow orange red blue grey
    icon: str


REPORTED = Sign("reported", "已报", "green", "ok")
LATE = Sign("late", "迟报", "orange", "clock")
MISSING = Sign("missing", "未报", "red", "alert")
PENDING = Sign("pending", "待认定", "blue", "eye")
AHEAD = Sign("ahead", "未到期", "grey", "dash")
STATEMENT_SIGNS = (REPORTED, LATE, MISSING, PENDING, AHEAD)

DONE = Sign("done", "已办结", "green", "ok")
DONE_LATE = Sign("done_late", "超期办结", "orange", "clock")
OVERDUE = Sign("overdue", "已超期", "red", "alert")
# the limit had passed when it came: not the unit's fault, in nobody's count of late ones
ARRIVED_LATE = Sign("arrived_late", "送达时已逾期", "yellow", "clock")
OPEN = Sign("open", "办理中", "blue", "clock")
WITHDRAWN = Sign("withdrawn", "已收回", "grey", "dash")
NOT_STARTED = Sign("none", "未下达", "grey", "dash")

SIGNED = Sign("signed", "已签署", "green", "ok")
UNSIGNED = Sign("unsigned", "未签署", "blue", "clock")
UNSIGNED_LATE = Sign("unsigned_late", "超期未签", "red", "alert")

UPCOMING = Sign("upcoming", "未开始", "grey", "dash")
UNDER_WAY = Sign("under_way", "进行中", "blue", "clock")
GATE_OPEN = Sign("gate_open", "关口待签", "yellow", "pen")
GATE_LATE = Sign("gate_late", "关口超期未签", "red", "alert")
STAGE_OVER = Sign("over", "已到期", "grey", "clock")
GATE_PASSED = Sign("passed", "关口已签", "green", "ok")

STATUS = {
    "running": Sign("running", "进行中", "blue", "clock"),
    "ended": Sign("ended", "已结束", "green", "ok"),
    "cancelled": Sign("cancelled", "已取消", "grey", "dash"),
    "failed": Sign("failed", "异常", "red", "alert"),
}


def statement_sign(
    status: str, due_at: datetime, submitted_at: datetime | None, now: datetime, *, opened_late: bool = False
) -> Sign:
    """How a statement stands: handed in, handed in late, missing, waiting for a decision, or not yet due."""
    if status == "submitted":
        return PENDING
    if submitted_at is not None:
        return LATE if submitted_at > due_at and not opened_late else REPORTED
    if opened_late:
        return ARRIVED_LATE
    return MISSING if due_at < now else AHEAD


def task_sign(
    status: str,
    due_at: datetime | None,
    completed_at: datetime | None,
    now: datetime,
    *,
    opened_at: datetime | None = None,
) -> Sign:
    """How a task stands."""
    if status == "withdrawn":
        return WITHDRAWN
    if opened_at is not None and arrived_late(due_at, opened_at):
        return DONE if status == "done" else ARRIVED_LATE
    if status == "done":
        return DONE_LATE if due_at and completed_at and completed_at > due_at else DONE
    return OVERDUE if due_at and due_at < now else OPEN


def commitment_sign(signed_at: datetime | None, due_at: datetime | None, now: datetime) -> Sign:
    """Whether a commitment is signed."""
    if signed_at is not None:
        return SIGNED
    return UNSIGNED_LATE if due_at and due_at < now else UNSIGNED


def stage_sign(
    starts_at: datetime,
    ends_at: datetime,
    now: datetime,
    *,
    gate_open: bool,
    gate_due_at: datetime | None,
    gate_signed_at: datetime | None,
    gate_opened_at: datetime | None = None,
) -> Sign:
    """How a stage stands; its gate, once open, says more than its dates."""
    if gate_signed_at is not None:
        return GATE_PASSED
    if gate_open:
        if gate_opened_at is not None and arrived_late(gate_due_at, gate_opened_at):
            return GATE_OPEN
        return GATE_LATE if gate_due_at and gate_due_at < now else GATE_OPEN
    if starts_at > now:
        return UPCOMING
    return UNDER_WAY if ends_at > now else STAGE_OVER


FINDING_WAITING = Sign("waiting", "待处置", "blue", "clock")
FINDING_MOVED = Sign("moved", "已移交，待处置", "yellow", "clock")
FINDING_LATE = Sign("late", "超期未处置", "red", "alert")
FINDING_DECIDED = Sign("decided", "已处置", "green", "ok")


def finding_sign(status: str, due_at: datetime, now: datetime) -> Sign:
    """How a finding stands."""
    if status == "decided":
        return FINDING_DECIDED
    if due_at < now:
        return FINDING_LATE
    return FINDING_MOVED if status == "transferred" else FINDING_WAITING


OVERSIGHT_OPEN = Sign("open", "督导中", "blue", "eye")
OVERSIGHT_ANSWERING = Sign("answering", "整改答复中", "yellow", "clock")
OVERSIGHT_FINISHED = Sign("finished", "已销号", "green", "ok")


def oversight_sign(conclusion: str, finished_at: datetime | None) -> Sign:
    """How one look at a unit stands."""
    if finished_at is not None:
        return OVERSIGHT_FINISHED
    return OVERSIGHT_ANSWERING if conclusion else OVERSIGHT_OPEN


MEASURES = {
    "waiting": Sign("waiting", "未开始", "grey", "dash"),
    "open": Sign("open", "落实中", "blue", "clock"),
    "reported": Sign("reported", "待核验", "yellow", "eye"),
    "checked": Sign("checked", "待签字验收", "yellow", "pen"),
    "returned": Sign("returned", "退回重报", "orange", "clock"),
    "accepted": Sign("accepted", "已验收", "green", "ok"),
}
MEASURE_OVERDUE = Sign("overdue", "已超期", "red", "alert")
# the limit had passed when it came: not the unit's fault, in nobody's count of late ones
ARRIVED_LATE = Sign("arrived_late", "送达时已逾期", "yellow", "clock")
MEASURE_BELOW = Sign("below", "未达标验收", "orange", "ok")


def measure_sign(status: str, due_at: datetime, met: bool | None, now: datetime, *, arrived: bool = False) -> Sign:
    """How a measure of a unit stands; what is late is late in whatever state it waits."""
    if status == "accepted":
        return MEASURE_BELOW if met is False else MEASURES[status]
    if arrived:
        return MEASURES[status] if status in ("reported", "checked", "returned") else ARRIVED_LATE
    return MEASURE_OVERDUE if due_at < now else MEASURES[status]
