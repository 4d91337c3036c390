"""Statements: what units owe for each period, what they handed in, how late ones are pressed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, func, or_, select

from models.directory import Person, Post, Unit
from models.queries.periods import WORK
from models.queries.scope import inside
from models.records import Submission
from models.running import Period, Task, Timer

_UNIT = (Unit.name.label("unit_name"), Unit.short_name.label("unit"), Unit.level, Unit.path, Unit.code)


def grid(tx: Connection, campaign_id: str, report: str, paths: Sequence[str] | None) -> list[Row[Any]]:
    """Every owed statement of a report, by unit and period."""
    query = (
        select(Period.__table__, *_UNIT)
        .join_from(Period, Unit, Unit.id == Period.unit_id)
        .where(Period.campaign_id == campaign_id, Period.report == report, inside(paths))
        .order_by(Unit.code, Period.starts_at)
    )
    return list(tx.execute(query))


def statement(tx: Connection, period_id: str) -> Any:
    """One owed statement with its unit, its latest submission and who handed that in; None if there is none."""
    query = (
        select(
            Period.__table__,
            *_UNIT,
            Submission.data,
            Submission.form_key,
            Submission.submitted_at.label("last_submitted_at"),
            Submission.task_id,
            Person.name.label("filler"),
            Post.name.label("filler_post"),
        )
        .join_from(Period, Unit, Unit.id == Period.unit_id)
        .outerjoin(Submission, Submission.id == Period.submission_id)
        .outerjoin(Person, Person.id == Submission.submitted_by)
        .outerjoin(Post, Post.id == Submission.post_id)
        .where(Period.id == period_id)
    )
    return tx.execute(query).first()


def handed_in(tx: Connection, campaign_id: str, unit_id: str, period: str, form: str) -> Any:
    """The answers that fulfil a unit's statement of a period; None while there are none."""
    query = (
        select(Submission.data)
        .join(Period, Period.submission_id == Submission.id)
        .where(
            Period.campaign_id == campaign_id,
            Period.unit_id == unit_id,
            Period.period == period,
            Submission.form_key == form,
        )
    )
    return tx.execute(query).scalar()


def fulfilled(tx: Connection, campaign_id: str, unit_id: str, form: str) -> list[Row[Any]]:
    """A unit's statements that were handed in with this form, with the answers that fulfil them."""
    query = (
        select(Period.starts_at, Period.ends_at, Submission.data)
        .join(Submission, Submission.id == Period.submission_id)
        .where(Period.campaign_id == campaign_id, Period.unit_id == unit_id, Submission.form_key == form)
        .order_by(Period.starts_at)
    )
    return list(tx.execute(query))


def lock_of_unit(tx: Connection, campaign_id: str, unit_id: str) -> None:
    """Nobody else hands in a statement of this unit before the commit."""
    query = select(Period.id).where(Period.campaign_id == campaign_id, Period.unit_id == unit_id)
    tx.execute(query.order_by(Period.id).with_for_update(key_share=True)).all()


def of_period(
    tx: Connection, campaign_id: str, report: str, period: str, paths: Sequence[str] | None
) -> list[Row[Any]]:
    """One period over all units, with what each handed in."""
    query = (
        select(Period.__table__, *_UNIT, Submission.data, Submission.form_key)
        .join_from(Period, Unit, Unit.id == Period.unit_id)
        .outerjoin(Submission, Submission.id == Period.submission_id)
        .where(Period.campaign_id == campaign_id, Period.report == report, Period.period == period, inside(paths))
        .order_by(Unit.code)
    )
    return list(tx.execute(query))


def submissions_of(tx: Connection, instance_id: str) -> list[Row[Any]]:
    """Every form handed in for a statement, also those of the office, in order."""
    query = (
        select(
            Submission.id,
            Submission.form_key,
            Submission.outcome,
            Submission.opinion,
            Submission.submitted_at,
            Person.name.label("person"),
            Post.name.label("post"),
            Unit.short_name.label("unit"),
            Task.name.label("task"),
            Task.id.label("task_id"),
        )
        .join_from(Submission, Task, Task.id == Submission.task_id)
        .join(Post, Post.id == Submission.post_id)
        .join(Unit, Unit.id == Post.unit_id)
        .outerjoin(Person, Person.id == Submission.submitted_by)
        .where(Submission.instance_id == instance_id)
        .order_by(Submission.submitted_at, Submission.id)
    )
    return list(tx.execute(query))


def pressed(tx: Connection, campaign_id: str, now: datetime, paths: Sequence[str] | None) -> list[Row[Any]]:
    """Statements that are missing or came late, with the open task and its next ladder step where one is open."""
    late = or_(and_(Period.submitted_at.is_(None), Period.due_at < now), Period.submitted_at > Period.due_at)
    query = (
        select(
            Period.__table__,
            *_UNIT,
            Task.id.label("task_id"),
            Task.light,
            Task.rung,
            Post.name.label("post"),
            Timer.due_at.label("step_at"),
            Timer.element.label("step"),
        )
        .join_from(Period, Unit, Unit.id == Period.unit_id)
        .outerjoin(Task, and_(Task.instance_id == Period.instance_id, Task.status == "open"))
        .outerjoin(Post, Post.id == Task.post_id)
        .outerjoin(Timer, and_(Timer.instance_id == Task.instance_id, Timer.kind == "ladder", Timer.ref == Task.id))
        .where(Period.campaign_id == campaign_id, Period.status != WORK, ~Period.opened_late, late, inside(paths))
        .order_by(Period.submitted_at.is_not(None), Period.due_at, Unit.code)
        .limit(500)
    )
    return list(tx.execute(query))


def latest_due(tx: Connection, campaign_id: str, report: str, now: datetime) -> str | None:
    """The newest period of a report that is due, else the newest opened one."""
    base = select(Period.period).where(Period.campaign_id == campaign_id, Period.report == report)
    due = tx.execute(base.where(Period.due_at <= now).order_by(Period.due_at.desc()).limit(1)).scalar()
    return due or tx.execute(base.order_by(Period.due_at.desc()).limit(1)).scalar()


def summary(tx: Connection, campaign_id: str, paths: Sequence[str] | None, limit: int) -> list[Row[Any]]:
    """Of the last periods: owed, handed in, late, the newest first."""
    query = (
        select(
            Period.report,
            Period.period,
            func.min(Period.starts_at).label("starts_at"),
            func.min(Period.ends_at).label("ends_at"),
            func.min(Period.due_at).label("due_at"),
            func.count().label("owed"),
            func.count(Period.submitted_at).label("handed_in"),
            func.count().filter(Period.submitted_at > Period.due_at, ~Period.opened_late).label("late"),
        )
        .join(Unit, Unit.id == Period.unit_id)
        .where(Period.campaign_id == campaign_id, Period.status != WORK, inside(paths))
        .group_by(Period.report, Period.period)
        .order_by(func.min(Period.due_at).desc(), Period.report)
        .limit(limit)
    )
    return list(tx.execute(query))
