"""Claiming what is due: timers, schedules and jobs alike, in batches, oldest first, under a lease."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, and_, delete, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from models.ids import new_id
from models.running import Incident, Job, Schedule, Timer

Due = type[Timer] | type[Schedule] | type[Job]


def _claimable(model: Any, now: datetime) -> Any:
    free = or_(model.lease_until.is_(None), model.lease_until < now)
    return and_(model.parked.is_(False), model.due_at <= now, free)


def claim(tx: Connection, model: Any, *, now: datetime, lease: str, seconds: int, limit: int) -> list[Row[Any]]:
    """Take up to `limit` due rows for `seconds`; rows that another worker holds are passed over."""
    wanted = (
        select(model.id)
        .where(_claimable(model, now))
        .order_by(model.due_at, model.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    values: dict[str, Any] = {
        "lease": lease,
        "lease_until": now + timedelta(seconds=seconds),
        "attempts": model.attempts + 1,
    }
    if model is Job:
        values["taken"] = True
    taken = update(model).where(model.id.in_(wanted.scalar_subquery())).values(values).returning(*model.__table__.c)
    return sorted(tx.execute(taken), key=lambda row: (row.due_at, row.id))


def release(tx: Connection, model: Any, row_id: str, lease: str) -> bool:
    """Remove a row that has been carried out; False if the lease was lost meanwhile (then nothing may be kept)."""
    return bool(tx.execute(delete(model).where(model.id == row_id, model.lease == lease)).rowcount)


def holds(tx: Connection, model: Any, row_id: str, lease: str) -> bool:
    """Whether the row is still under this lease, locked until the end of the transaction."""
    query = select(model.id).where(model.id == row_id, model.lease == lease).with_for_update()
    return tx.execute(query).first() is not None


def reschedule(tx: Connection, row_id: str, lease: str, *, due_at: datetime | None, next_index: int) -> bool:
    """Set a schedule to its next period."""
    values = {"due_at": due_at, "next_index": next_index, "lease": None, "lease_until": None, "attempts": 0}
    done = tx.execute(update(Schedule).where(Schedule.id == row_id, Schedule.lease == lease).values(values))
    return bool(done.rowcount)


def retry_later(tx: Connection, model: Any, row_id: str, lease: str, *, at: datetime) -> None:
    """Give the row back, not to be taken again before `at`."""
    tx.execute(update(model).where(model.id == row_id, model.lease == lease).values(lease=None, lease_until=at))


def park(tx: Connection, model: Any, row_id: str) -> None:
    """Give up on a row: an incident stands for it from now on."""
    tx.execute(update(model).where(model.id == row_id).values(parked=True, lease=None, lease_until=None))


def enqueue(tx: Connection, kind: str, key: str, args: dict[str, Any], due_at: datetime) -> None:
    """Write a job unless one of this kind and key is waiting already (one that runs now does not count)."""
    dialect = sqlite if tx.dialect.name == "sqlite" else postgresql
    row = {"id": new_id(), "kind": kind, "key": key, "args": args, "due_at": due_at}
    tx.execute(dialect.insert(Job).values(row).on_conflict_do_nothing())


def next_due(tx: Connection) -> datetime | None:
    """The earliest moment at which any row becomes due."""
    moments = [
        tx.execute(select(func.min(model.due_at)).where(model.parked.is_(False))).scalar()
        for model in (Timer, Schedule, Job)
    ]
    known = [moment for moment in moments if moment is not None]
    return min(known) if known else None


def overdue(tx: Connection, now: datetime) -> dict[str, int]:
    """How many rows of each kind are due and not carried out."""
    counts = {}
    for model in (Timer, Schedule, Job):
        query = select(func.count()).select_from(model).where(model.due_at <= now)
        counts[model.__tablename__] = tx.execute(query).scalar_one()
    return counts


def open_incidents(tx: Connection) -> list[Row[Any]]:
    query = select(Incident.__table__).where(Incident.closed_at.is_(None)).order_by(Incident.opened_at, Incident.id)
    return list(tx.execute(query))
