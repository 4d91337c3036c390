"""The entered working calendar, and the open due dates that are counted by it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from models.directory import CalendarDay, CalendarYear, Person
from models.records import Campaign, Stage
from models.running import Instance, Task, Timer

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
    dialect = sqlite if tx.dialect.name == "sqlite" else postgresql
    values = {"working": working, "name": name}
    upsert = dialect.insert(CalendarDay).values(day=day, **values)
    tx.execute(upsert.on_conflict_do_update(index_elements=["day"], set_=values))


def drop_day(tx: Connection, day: date) -> int:
    """Take an entered day back; the official data or the weekday counts again."""
    return tx.execute(delete(CalendarDay).where(CalendarDay.day == day)).rowcount


def mark_year(tx: Connection, year: int, at: datetime, by: str | None) -> None:
    """The year is entered completely."""
    dialect = sqlite if tx.dialect.name == "sqlite" else postgresql
    values = {"entered_at": at, "entered_by": by}
    upsert = dialect.insert(CalendarYear).values(year=year, **values)
    tx.execute(upsert.on_conflict_do_update(index_elements=["year"], set_=values))


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


def due_elements(tx: Connection) -> list[Row[Any]]:
    """Which elements of which process versions have open tasks with a due date."""
    query = (
        select(Instance.process_version_id, Task.element, Task.campaign_id)
        .join_from(Task, Instance, Instance.id == Task.instance_id)
        .where(Task.status == "open", Task.due_at.is_not(None))
        .distinct()
        .order_by(Instance.process_version_id, Task.element, Task.campaign_id)
    )
    return list(tx.execute(query))


def lock_due(tx: Connection) -> None:
    """Lock the instances of all open tasks with a due date, as everybody does who writes tasks and timers."""
    due = select(Task.instance_id).where(Task.status == "open", Task.due_at.is_not(None))
    query = select(Instance.id).where(Instance.id.in_(due)).order_by(Instance.id)
    tx.execute(query.with_for_update(key_share=True)).all()


def open_due(tx: Connection, version_id: str, element: str, campaign_id: str | None) -> list[Row[Any]]:
    """The open tasks of an element, with what their due date is counted from and their next ladder step."""
    query = (
        select(
            Task.id,
            Task.instance_id,
            Task.unit_id,
            Task.post_id,
            Task.due_at,
            Task.due_estimated,
            Task.opened_at,
            Instance.variables,
            Timer.id.label("timer_id"),
            Timer.element.label("rung_index"),
            Timer.due_at.label("rung_at"),
        )
        .join_from(Task, Instance, Instance.id == Task.instance_id)
        .outerjoin(Timer, (Timer.instance_id == Task.instance_id) & (Timer.kind == "ladder") & (Timer.ref == Task.id))
        .where(
            Instance.process_version_id == version_id,
            Task.element == element,
            Task.campaign_id == campaign_id if campaign_id else Task.campaign_id.is_(None),
            Task.status == "open",
            Task.due_at.is_not(None),
        )
        .order_by(Task.id)
    )
    return list(tx.execute(query))


_SET_DUE = (
    update(Task)
    .where(Task.id == bindparam("b_id"), Task.status == "open")
    .values(due_at=bindparam("b_due"), due_estimated=bindparam("b_estimated"))
)
# a worker that holds the row already must not carry it out at the old moment
_SET_RUNG = (
    update(Timer).where(Timer.id == bindparam("b_id")).values(due_at=bindparam("b_due"), lease=None, lease_until=None)
)


def set_dues(tx: Connection, changes: Sequence[dict[str, Any]]) -> None:
    """New due dates of open tasks."""
    if changes:
        tx.execute(_SET_DUE, list(changes))


def set_rungs(tx: Connection, changes: Sequence[dict[str, Any]]) -> None:
    """New moments of ladder steps."""
    if changes:
        tx.execute(_SET_RUNG, list(changes))
