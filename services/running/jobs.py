"""Work behind the commit: job rows, their handlers, and the turn that carries out whatever is due.

Timers, schedules and jobs are claimed alike: in batches, oldest first, under a lease. Each row is carried out in a
transaction of its own that also removes the row, so an effect and its trigger go together or not at all. The worker
calls `turn` for ever; rehearsals, tests and the demo call `drain(now)`.

A row may kill whoever carries it out. What is found under the lease of somebody dead is noted as in hand before it is
begun, so that the next death tells which row it was; others of its batch are not blamed.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from domain.authority import SYSTEM
from domain.errors import Busy, DomainError, Overrun
from domain.workdays import Calendar
from models import Job, Schedule, Timer, Tx, new_id, reading, transaction
from models.queries import clock, running
from services.running.effects import Effects

LEASE_SECONDS = 30
BATCH = 200
MAX_ATTEMPTS = 5

Handler = Callable[[Tx, Mapping[str, Any], datetime], None]
HANDLERS: dict[str, Handler] = {}
_DUE_KINDS: dict[Any, Callable[[Any, str, datetime], None]] = {}
_NAMES = {Timer: "timer", Schedule: "schedule", Job: "job"}
_unsettled: set[str] = set()  # leases of turns of this process that a fault cut short: the database was away


class Deadly(Exception):
    """Each time a row was carried out its worker died."""


@dataclass(frozen=True)
class Failure:
    """An attempt that failed; `parked` after the last one."""

    kind: str
    row_id: str
    attempt: int
    parked: bool
    fault: Exception


@dataclass
class Turn:
    """What one turn did."""

    taken: int = 0
    failures: list[Failure] = field(default_factory=list)


def handler(kind: str) -> Callable[[Handler], Handler]:
    """Register the handler of a job kind: `handler(tx, args, now)` runs in the transaction that removes the job."""

    def register(function: Handler) -> Handler:
        HANDLERS[kind] = function
        return function

    return register


def due_kind(model: Any) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Register how a due row of this table is carried out: `carry_out(row, lease, now)`, own transaction."""

    def register(function: Callable[..., None]) -> Callable[..., None]:
        _DUE_KINDS[model] = function
        return function

    return register


def enqueue(tx: Tx, kind: str, key: str, args: Mapping[str, Any], due_at: datetime) -> None:
    """Write a job in this transaction; a waiting one of the same kind and key is enough."""
    clock.enqueue(tx, kind, key, dict(args), due_at)


@due_kind(Job)
def _carry_out_job(job: Any, lease: str, now: datetime) -> None:
    with transaction() as tx:
        if clock.release(tx, Job, job.id, lease):
            HANDLERS[job.kind](tx, job.args, now)


def turn(
    now: Callable[[], datetime],
    *,
    lease: str | None = None,
    batch: int = BATCH,
    go_on: Callable[[], bool] = lambda: True,
) -> Turn:
    """Carry out one batch of what is due. `go_on` is asked before each row; the rest is given back if it says no."""
    _settle()
    with reading() as tx:
        if not clock.anything(tx, now()):
            return Turn()
    lease = lease or new_id()
    try:
        return _carry_out(now, lease, batch, go_on)
    except Exception:
        _unsettled.add(lease)
        raise


def _carry_out(now: Callable[[], datetime], lease: str, batch: int, go_on: Callable[[], bool]) -> Turn:
    taken = _claim(now(), lease, batch)
    # whoever is slower than the lease must not begin what somebody else may have taken
    deadline = now() + timedelta(seconds=LEASE_SECONDS * 2 // 3)
    done = Turn(taken=len(taken))
    for model, row in taken:
        if now() > deadline or not go_on():
            _give_back(lease)
            break
        failure = _attempt(model, row, lease, now())
        if failure is not None:
            done.failures.append(failure)
    return done


def _settle() -> None:
    """Give back what a turn before had to leave: this process lives, so none of it is deadly."""
    left = set(_unsettled)
    if not left:
        return
    with transaction() as tx:
        for lease in left:
            for model in _DUE_KINDS:
                clock.absolve(tx, model, lease)
    _unsettled.difference_update(left)


def _give_back(lease: str) -> None:
    with transaction() as tx:
        for model in _DUE_KINDS:
            clock.give_back(tx, model, lease)


def drain(now: datetime) -> int:
    """Carry out everything due at `now`, also what that makes due; returns how many rows were carried out."""
    count = 0
    while taken := turn(lambda: now).taken:
        count += taken
    return count


def _claim(now: datetime, lease: str, batch: int) -> list[tuple[Any, Any]]:
    with transaction() as tx:
        rows = [
            (model, row)
            for model in _DUE_KINDS
            for row in clock.claim(tx, model, now=now, lease=lease, seconds=LEASE_SECONDS, limit=batch)
        ]
    # what may be deadly comes last: nobody else has to wait until it has been given up
    return sorted(rows, key=lambda pair: (pair[1].deaths, pair[1].due_at, pair[1].id))


def _attempt(model: Any, row: Any, lease: str, now: datetime) -> Failure | None:
    if row.deaths >= MAX_ATTEMPTS:
        return _failure(model, row, _give_up(model, row, lease, now, Deadly()), Deadly())
    if row.deaths and not _take_in_hand(model, row, lease):
        return None
    try:
        _DUE_KINDS[model](row, lease, now)
    except Exception as fault:
        return _failure(model, row, _failed(model, row, lease, now, fault), fault)
    return None


def _failure(model: Any, row: Any, parked: bool, fault: Exception) -> Failure:
    kind = getattr(row, "kind", _NAMES[model])
    return Failure(kind=kind, row_id=row.id, attempt=row.attempts + 1, parked=parked, fault=fault)


def _take_in_hand(model: Any, row: Any, lease: str) -> bool:
    with transaction() as tx:
        return clock.take_in_hand(tx, model, row.id, lease)


def _failed(model: Any, row: Any, lease: str, now: datetime, fault: Exception) -> bool:
    """Try again later; after the last attempt an incident stands for the row until a person retries it."""
    with transaction() as tx:
        # a database that is busy says nothing about the work; a process that does not come to rest does
        if isinstance(fault, Busy) and not isinstance(fault, Overrun):
            clock.retry_later(tx, model, row.id, lease, at=now + backoff(0), failures=0)
            return False
        attempt = row.attempts + 1
        if attempt < MAX_ATTEMPTS:
            clock.retry_later(tx, model, row.id, lease, at=now + backoff(attempt))
            return False
    return _give_up(model, row, lease, now, fault)


def _give_up(model: Any, row: Any, lease: str, now: datetime, fault: Exception) -> bool:
    with transaction() as tx:
        if not clock.park(tx, model, row.id, lease):
            return False
        _report(tx, model, row, now, fault)
        return True


def _report(tx: Tx, model: Any, row: Any, now: datetime, fault: Exception) -> None:
    fx = Effects(actor=SYSTEM, now=now, calendar=Calendar())
    name = _NAMES[model]
    # what a library says is for the detail: it may quote what somebody typed
    why = fault.message if isinstance(fault, DomainError) else type(fault).__name__
    outcome = "使办理它的后台进程中途退出" if isinstance(fault, Deadly) else f"未能办成：{why}"
    sentence = f"后台事项（{TITLES.get(getattr(row, 'kind', name), name)}）连续 {MAX_ATTEMPTS} 次{outcome}"
    detail = "".join(traceback.format_exception(fault)[-20:]).replace("\0", "")
    fx.incident(name, sentence, instance=_concerned(tx, row), source_id=row.id, detail=detail)
    fx.flush(tx)


def _concerned(tx: Tx, row: Any) -> dict[str, Any]:
    """The instance and campaign a row is about, so that whoever looks at them sees its incident."""
    args = getattr(row, "args", {})
    instance_id = getattr(row, "instance_id", None) or args.get("parent") or args.get("root")
    found = running.instance_of(tx, instance_id) if instance_id else None
    if found is None:
        return {"id": None, "campaign_id": getattr(row, "campaign_id", None)}
    return {"id": found.id, "campaign_id": found.campaign_id}


def backoff(attempt: int) -> timedelta:
    """Wait before the next attempt: 1 second where the database was busy, after failures 2, 4, 8, 16."""
    return timedelta(seconds=2**attempt)


TITLES = {
    "engine": "流程定时",
    "ladder": "督促升级",
    "schedule": "报表开期",
    "children:start": "下达到各单位",
    "children:done": "各单位办结汇总",
    "child:raise": "下级异常上报",
    "message:deliver": "消息送达",
    "calendar:recount": "按新日历重新计算期限",
}
