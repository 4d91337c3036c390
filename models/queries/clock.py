"""Claiming what is due: timers, schedules and jobs alike, in batches, oldest first, under a lease."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    Connection,
    Integer,
    Row,
    and_,
    bindparam,
    case,
    delete,
    func,
    literal,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from models.base import Moment
from models.hot import Hot, whole_row
from models.ids import new_id
from models.running import Incident, Job, Schedule, Timer

Due = type[Timer] | type[Schedule] | type[Job]


_NOW = bindparam("b_now", type_=Moment)


def _claimable(model: Any) -> Any:
    free = or_(model.lease_until.is_(None), model.lease_until < _NOW)
    return and_(model.parked.is_(False), model.due_at <= _NOW, free)


def _claim(model: Any) -> Any:
    # a CTE is run once; as a plain sub-query PostgreSQL may run it again for other rows and lock more than the limit
    wanted = (
        select(model.id)
        .where(_claimable(model))
        .order_by(model.due_at, model.id)
        .limit(bindparam("b_limit", type_=Integer))
        .with_for_update(skip_locked=True)
        .cte("wanted")
    )
    values: dict[str, Any] = {"lease": bindparam("b_lease"), "lease_until": bindparam("b_until", type_=Moment)}
    # a lease that still stands has outlived its holder, and any row under it may be why
    values["deaths"] = case((and_(model.lease.is_not(None), model.deaths == 0), 1), else_=model.deaths)
    if model is Job:
        values["taken"] = True
    return update(model).where(model.id.in_(select(wanted.c.id))).values(values).returning(*model.__table__.c)


_CLAIM = {model: Hot(_claim(model)) for model in (Timer, Schedule, Job)}
_ANYTHING = Hot(
    select(or_(*(select(literal(1)).select_from(m).where(_claimable(m)).exists() for m in (Timer, Schedule, Job))))
)

# written again as it is, the waiting job is locked
_WAITING: dict[str, Any] = {
    "index_elements": ["kind", "key"],
    "index_where": text("NOT taken"),
    "set_": {"due_at": Job.due_at},
}
_ENQUEUE = {
    "sqlite": Hot(sqlite.insert(Job).values(whole_row(Job)).on_conflict_do_update(**_WAITING)),
    "postgresql": Hot(postgresql.insert(Job).values(whole_row(Job)).on_conflict_do_update(**_WAITING)),
}
_RELEASE = {
    model: Hot(delete(model).where(model.id == bindparam("b_id"), model.lease == bindparam("b_lease")))
    for model in (Timer, Schedule, Job)
}


def anything(tx: Connection, now: datetime) -> bool:
    """Whether there is a row to claim: asked first, so that a worker at rest never queues up to write."""
    return bool(_ANYTHING.scalar(tx, {"b_now": now}))


def claim(tx: Connection, model: Any, *, now: datetime, lease: str, seconds: int, limit: int) -> list[Any]:
    """Take up to `limit` due rows for `seconds`; rows that another worker holds are passed over."""
    values = {"b_now": now, "b_lease": lease, "b_until": now + timedelta(seconds=seconds), "b_limit": limit}
    return sorted(_CLAIM[model].rows(tx, values), key=lambda row: (row.due_at, row.id))


def give_back(tx: Connection, model: Any, lease: str) -> None:
    """What was claimed and not begun is free again at once."""
    tx.execute(update(model).where(model.lease == lease).values(lease=None, lease_until=None))


def absolve(tx: Connection, model: Any, lease: str) -> None:
    """The same for what its holder may have begun: it has outlived that."""
    tx.execute(update(model).where(model.lease == lease).values(lease=None, lease_until=None, deaths=0))


def orphan(tx: Connection, model: Any, lease: str) -> bool:
    """The holder is known to be dead: the lease has run out at once; False if it had before."""
    held = update(model).where(model.lease == lease, model.lease_until > model.due_at)
    return bool(tx.execute(held.values(lease_until=model.due_at)).rowcount)


def take_in_hand(tx: Connection, model: Any, row_id: str, lease: str) -> bool:
    """Note before a row is begun that its holder may die of it; False if the lease was lost meanwhile."""
    begun = update(model).where(model.id == row_id, model.lease == lease).values(deaths=model.deaths + 1)
    return bool(tx.execute(begun).rowcount)


def leases(tx: Connection) -> list[str]:
    """Every lease that somebody holds or held when he died."""
    held = (select(model.lease).where(model.lease.is_not(None)).distinct() for model in (Timer, Schedule, Job))
    return sorted({lease for query in held for lease in tx.execute(query).scalars() if lease})


def release(tx: Connection, model: Any, row_id: str, lease: str) -> bool:
    """Remove a row that has been carried out; False if the lease was lost meanwhile (then nothing may be kept)."""
    return bool(_RELEASE[model].run(tx, {"b_id": row_id, "b_lease": lease}))


def holds(tx: Connection, model: Any, row_id: str, lease: str) -> bool:
    """Whether the row is still under this lease, locked until the end of the transaction."""
    query = select(model.id).where(model.id == row_id, model.lease == lease).with_for_update()
    return tx.execute(query).first() is not None


def reschedule(tx: Connection, row_id: str, lease: str, *, due_at: datetime | None, next_index: int) -> bool:
    """Set a schedule to its next period."""
    free = {"lease": None, "lease_until": None, "attempts": 0, "deaths": 0}
    values = {"due_at": due_at, "next_index": next_index, **free}
    done = tx.execute(update(Schedule).where(Schedule.id == row_id, Schedule.lease == lease).values(values))
    return bool(done.rowcount)


def retry_later(tx: Connection, model: Any, row_id: str, lease: str, *, at: datetime, failures: int = 1) -> None:
    """Give the row back, not to be taken again before `at`; its holder has outlived it."""
    values = {"lease": None, "lease_until": at, "attempts": model.attempts + failures, "deaths": 0}
    tx.execute(update(model).where(model.id == row_id, model.lease == lease).values(values))


def park(tx: Connection, model: Any, row_id: str, lease: str) -> bool:
    """Give up on a row: an incident stands for it from now on. False if the lease was lost meanwhile."""
    values = {"parked": True, "lease": None, "lease_until": None, "attempts": model.attempts + 1}
    return bool(tx.execute(update(model).where(model.id == row_id, model.lease == lease).values(values)).rowcount)


def take_up(tx: Connection, model: Any, row_id: str) -> None:
    """A row that was given up is due again, as if it had never been tried."""
    values = {"parked": False, "attempts": 0, "deaths": 0, "lease": None, "lease_until": None}
    tx.execute(update(model).where(model.id == row_id, model.parked.is_(True)).values(values))


def enqueue(tx: Connection, kind: str, key: str, args: dict[str, Any], due_at: datetime) -> None:
    """Write a job unless one of this kind and key is waiting already (one that runs now does not count).

    The waiting one is locked until this transaction ends: taken before that, it would not see what is written here.
    """
    row = {"id": new_id(), "kind": kind, "key": key, "args": args, "due_at": due_at}
    _ENQUEUE[tx.dialect.name].run(tx, row)


def known(tx: Connection, kind: str, key: str) -> bool:
    """Whether a job of this kind and key stands in the table: waiting, in work or given up."""
    return tx.execute(select(Job.id).where(Job.kind == kind, Job.key == key).limit(1)).first() is not None


def next_due(tx: Connection) -> datetime | None:
    """The earliest moment at which any row becomes due."""
    moments = [
        tx.execute(select(func.min(model.due_at)).where(model.parked.is_(False))).scalar()
        for model in (Timer, Schedule, Job)
    ]
    known = [moment for moment in moments if moment is not None]
    return min(known) if known else None


def open_incidents(tx: Connection) -> list[Row[Any]]:
    query = select(Incident.__table__).where(Incident.closed_at.is_(None)).order_by(Incident.opened_at, Incident.id)
    return list(tx.execute(query))
