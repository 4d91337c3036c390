"""The entered working calendar, its version, and the open due dates that are counted by it."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, bindparam, delete, exists, func, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from models.directory import CalendarDay, CalendarVersion, CalendarYear, Person
from models.hot import Hot
from models.records import Campaign, Stage
from models.running import Instance, Job, Period, Task, Timer

_DAYS = select(CalendarDay.day, CalendarDay.working, CalendarDay.name)


def days(tx: Connection) -> list[Row[Any]]:
    """All entered days."""
    return list(tx.execute(_DAYS))


def days_of(tx: Connection, year: int) -> list[Row[Any]]:
    """The entered days of a year, in order."""
    inside = CalendarDay.day.between(date(year, 1, 1), date(year, 12, 31))
    return list(tx.execute(_DAYS.where(inside).order_by(CalendarDay.day)))


def years(tx: Connection) -> list[Row[Any]]:
    """The years marked as entered, with who did it and when."""
    query = (
        select(CalendarYear.year, CalendarYear.entered_at, Person.name)
        .outerjoin(Person, Person.id == CalendarYear.entered_by)
        .order_by(CalendarYear.year)
    )
    return list(tx.execute(query))


def replace_days(tx: Connection, year: int, rows: Sequence[dict[str, Any]]) -> None:
    """The entered days of a year are these and no others."""
    tx.execute(delete(CalendarDay).where(CalendarDay.day.between(date(year, 1, 1), date(year, 12, 31))))
    if rows:
        tx.execute(insert(CalendarDay), list(rows))


def put_day(tx: Connection, day: date, *, working: bool, name: str) -> None:
    """Enter one day, or change it."""
    values = {"working": working, "name": name}
    dialect = sqlite if tx.dialect.name == "sqlite" else postgresql
    upsert = dialect.insert(CalendarDay).values(day=day, **values)
    tx.execute(upsert.on_conflict_do_update(index_elements=["day"], set_=values))


def drop_day(tx: Connection, day: date) -> int:
    """Take an entered day back; the official data or the weekday counts again."""
    return tx.execute(delete(CalendarDay).where(CalendarDay.day == day)).rowcount


def mark_year(tx: Connection, year: int, at: datetime, by: str | None) -> None:
    """The year is entered completely."""
    values = {"entered_at": at, "entered_by": by}
    dialect = sqlite if tx.dialect.name == "sqlite" else postgresql
    upsert = dialect.insert(CalendarYear).values(year=year, **values)
    tx.execute(upsert.on_conflict_do_update(index_elements=["year"], set_=values))


# -- the version -------------------------------------------------------------------------------------------------------
_VERSION = Hot(select(CalendarVersion.version))
_HOLD = Hot(select(CalendarVersion.version).with_for_update(read=True))


def version(tx: Connection) -> str:
    """Which calendar is in force."""
    return str(_VERSION.scalar(tx, {}))


def hold(tx: Connection) -> str:
    """The same, and it stays in force until the end of this transaction: whoever changes it waits so long.

    Whoever waits to change it does not keep others from holding it.
    """
    return str(_HOLD.scalar(tx, {}))


def renew(tx: Connection) -> str:
    """A new calendar begins: wait until nobody counts by the old one any more. The first thing its transaction does."""
    # never a version that another database has too: what was read is kept by it
    version = secrets.token_hex(10)
    tx.execute(update(CalendarVersion).values(version=version))
    return version


def recounting(tx: Connection) -> bool:
    """Whether due dates are still being counted again."""
    waiting = select(Job.id).where(Job.kind == "calendar:recount", Job.parked.is_(False)).limit(1)
    return tx.execute(waiting).first() is not None


# -- due dates ---------------------------------------------------------------------------------------------------------
def last_due(tx: Connection, campaign_id: str | None = None) -> datetime | None:
    """The latest moment that is still open: a task's due date, or the end of a running campaign's stage."""
    tasks = select(func.max(Task.due_at)).where(Task.status == "open")
    stages = select(func.max(Stage.ends_at)).join(Campaign).where(Campaign.status == "running")
    if campaign_id is not None:
        tasks = tasks.where(Task.campaign_id == campaign_id)
        stages = stages.where(Stage.campaign_id == campaign_id)
    found = [tx.execute(query).scalar() for query in (tasks, stages)]
    return max((at for at in found if at is not None), default=None)


def count_due(tx: Connection) -> int:
    """How many open tasks have a due date."""
    query = select(func.count()).select_from(Task).where(Task.status == "open", Task.due_at.is_not(None))
    return tx.execute(query).scalar_one()


_TASK = and_(Task.status == "open", Task.due_at.is_not(None))
_OWED = Period.status == "owed"


def counting_after(tx: Connection, instance_id: str, limit: int) -> list[str]:
    """The next instances, by id, in which something is due: a task, a timer or a statement."""
    open_ = Instance.status.in_(("running", "failed"))
    due = or_(
        exists().where(Task.instance_id == Instance.id, _TASK),
        exists().where(Timer.instance_id == Instance.id, Timer.kind == "engine"),
        exists().where(Period.instance_id == Instance.id, _OWED),
    )
    query = select(Instance.id).where(open_, Instance.id > instance_id, due).order_by(Instance.id).limit(limit)
    return list(tx.execute(query).scalars())


def lock(tx: Connection, instance_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """These instances, locked in the order of their ids."""
    columns = (
        Instance.id,
        Instance.process_version_id,
        Instance.campaign_id,
        Instance.unit_id,
        Instance.variables,
        Instance.state,
        Instance.status,
    )
    query = select(*columns).where(Instance.id.in_(instance_ids)).order_by(Instance.id)
    return {row.id: row._asdict() for row in tx.execute(query.with_for_update(key_share=True))}


def owed(tx: Connection, instance_ids: Sequence[str]) -> list[Row[Any]]:
    """The statements that instances work on and that are not handed in."""
    columns = (Period.id, Period.instance_id, Period.report, Period.period, Period.due_at)
    query = select(*columns).where(Period.instance_id.in_(instance_ids), _OWED).order_by(Period.id)
    return list(tx.execute(query))


def open_due(tx: Connection, instance_ids: Sequence[str]) -> list[Row[Any]]:
    """The open tasks of instances that have a due date, with their next ladder step."""
    query = (
        select(
            Task.id,
            Task.instance_id,
            Task.element,
            Task.unit_id,
            Task.due_at,
            Task.due_estimated,
            Task.opened_at,
            Timer.id.label("timer_id"),
            Timer.element.label("rung_index"),
            Timer.due_at.label("rung_at"),
        )
        .outerjoin(Timer, (Timer.instance_id == Task.instance_id) & (Timer.kind == "ladder") & (Timer.ref == Task.id))
        .where(Task.instance_id.in_(instance_ids), _TASK)
        .order_by(Task.id)
    )
    return list(tx.execute(query))


def engine_timers(tx: Connection, instance_ids: Sequence[str]) -> list[Row[Any]]:
    """The timers that the processes of instances wait for; of those from before it was kept nobody knows when set."""
    columns = (Timer.id, Timer.instance_id, Timer.ref, Timer.element, Timer.set_at, Timer.due_at)
    known = (Timer.instance_id.in_(instance_ids), Timer.kind == "engine", Timer.set_at.is_not(None))
    return list(tx.execute(select(*columns).where(*known).order_by(Timer.id)))


_SET_DUE = (
    update(Task)
    .where(Task.id == bindparam("b_id"), Task.status == "open")
    .values(due_at=bindparam("b_due"), due_estimated=bindparam("b_estimated"))
)
# a worker that holds the row already must not carry it out at the old moment
_SET_TIMER = (
    update(Timer).where(Timer.id == bindparam("b_id")).values(due_at=bindparam("b_due"), lease=None, lease_until=None)
)
_SET_OWED = update(Period).where(Period.id == bindparam("b_id")).values(due_at=bindparam("b_due"))
_SET_VARIABLES = (
    update(Instance)
    .where(Instance.id == bindparam("b_id"))
    .values(variables=bindparam("b_variables"), version=Instance.version + 1)
)


def set_dues(tx: Connection, changes: Sequence[dict[str, Any]]) -> None:
    """New due dates of open tasks."""
    if changes:
        tx.execute(_SET_DUE, list(changes))


def set_timers(tx: Connection, changes: Sequence[dict[str, Any]]) -> None:
    """New moments of timers and ladder steps."""
    if changes:
        tx.execute(_SET_TIMER, list(changes))


def set_owed(tx: Connection, changes: Sequence[dict[str, Any]]) -> None:
    """New due moments of statements."""
    if changes:
        tx.execute(_SET_OWED, list(changes))


def set_variables(tx: Connection, changes: Sequence[dict[str, Any]]) -> None:
    """New variables of instances."""
    if changes:
        tx.execute(_SET_VARIABLES, list(changes))
