"""Schedules and the periods that units owe."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, select, update

from models.running import Period, Schedule

WORK = "work"  # status of a period that is no statement: nothing is handed in for it


def of_instance(tx: Connection, instance_id: str) -> Row[Any] | None:
    """The owed statement an instance works on."""
    return tx.execute(select(Period.__table__).where(Period.instance_id == instance_id)).first()


def update_period(tx: Connection, period_id: str, **values: Any) -> None:
    tx.execute(update(Period).where(Period.id == period_id).values(**values))


def accept(tx: Connection, instance_id: str) -> Any | None:
    """The statement an instance works on is accepted: its report and period, None where there is none to accept."""
    query = update(Period).where(Period.instance_id == instance_id, Period.status.not_in(("accepted", WORK)))
    return tx.execute(query.values(status="accepted").returning(Period.report, Period.period)).first()


def schedule(tx: Connection, schedule_id: str) -> Row[Any] | None:
    return tx.execute(select(Schedule.__table__).where(Schedule.id == schedule_id).with_for_update()).first()


def owed_already(tx: Connection, schedule_id: str, label: str) -> set[str]:
    """Units for which this period has been opened before."""
    query = select(Period.unit_id).where(Period.schedule_id == schedule_id, Period.period == label)
    return set(tx.execute(query).scalars())


def end_schedules(tx: Connection, campaign_id: str) -> None:
    """No further periods of a campaign that is over."""
    tx.execute(update(Schedule).where(Schedule.campaign_id == campaign_id).values(due_at=None, lease=None))
