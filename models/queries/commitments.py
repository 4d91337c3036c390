"""Commitments: who owes one, who has signed, how it was made public."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, case, func, or_, select, tuple_

from models.directory import Enterprise, Person, Post, Unit
from models.queries.scope import inside, like
from models.records import Campaign, Signature, Submission
from models.running import Instance, Task

Elements = Sequence[tuple[str, str]]  # (process version id, element id)


def _base(campaign_id: str, elements: Elements, *columns: Any) -> Any:
    return (
        select(*columns)
        .select_from(Task)
        .join(Instance, Instance.id == Task.instance_id)
        .join(Unit, Unit.id == Task.unit_id)
        .outerjoin(Enterprise, Enterprise.unit_id == Unit.id)
        .outerjoin(Signature, Signature.task_id == Task.id)
        .where(
            Task.campaign_id == campaign_id,
            Task.status != "withdrawn",
            tuple_(Instance.process_version_id, Task.element).in_(elements),
        )
    )


def _scope(paths: Sequence[str] | None, leads: Sequence[str]) -> Any:
    return inside(paths) if paths is None else or_(inside(paths), Enterprise.sector_unit_id.in_(leads))


def counts(
    tx: Connection,
    campaign_id: str,
    elements: Elements,
    paths: Sequence[str] | None,
    leads: Sequence[str],
    now: datetime,
) -> list[Row[Any]]:
    """By level: how many owe one, how many have signed, how many are late."""
    late = and_(Signature.id.is_(None), Task.due_at < now)
    query = _base(
        campaign_id,
        elements,
        Unit.level,
        func.count().label("owed"),
        func.count(Signature.id).label("signed"),
        func.sum(case((late, 1), else_=0)).label("late"),
    )
    return list(tx.execute(query.where(_scope(paths, leads)).group_by(Unit.level)))


def page(  # long: one query with its filters
    tx: Connection,
    campaign_id: str,
    elements: Elements,
    *,
    paths: Sequence[str] | None,
    leads: Sequence[str],
    levels: Sequence[str],
    text: str,
    state: str,
    after: str,
    limit: int,
) -> list[Row[Any]]:
    """Commitments of units of these levels, by the unit's code, from after `after` on."""
    query = (
        _base(
            campaign_id,
            elements,
            Task.id.label("task_id"),
            Task.due_at,
            Unit.code,
            Unit.id.label("unit_id"),
            Unit.name.label("unit"),
            Post.name.label("post"),
            Person.name.label("person"),
            Signature.signed_at,
        )
        .join(Post, Post.id == Task.post_id)
        .outerjoin(Person, Person.id == Signature.signed_by)
        .where(_scope(paths, leads), Unit.level.in_(levels), Unit.code > after)
        .order_by(Unit.code, Task.id)
        .limit(limit)
    )
    if text:
        query = query.where(Unit.name.like(like(text), escape="!"))
    if state:
        query = query.where(Signature.id.is_not(None) if state == "signed" else Signature.id.is_(None))
    return list(tx.execute(query))


def by_unit(tx: Connection, campaign_id: str, elements: Elements) -> list[Row[Any]]:
    """Commitments of all units but enterprises."""
    query = _base(campaign_id, elements, Unit.id.label("unit_id"), Task.due_at, Signature.signed_at)
    return list(tx.execute(query.where(Unit.level != "enterprise").order_by(Task.id)))


def commitment(tx: Connection, task_id: str) -> Any:
    """One commitment by the task that signs it; None if there is none."""
    query = (
        select(
            Task.id.label("task_id"),
            Task.element,
            Task.status,
            Task.due_at,
            Task.campaign_id,
            Task.instance_id,
            Instance.process_version_id,
            Campaign.version_id,
            Unit.id.label("unit_id"),
            Unit.name.label("unit"),
            Unit.path,
            Unit.level,
            Enterprise.sector_unit_id,
            Post.name.label("post"),
            Person.name.label("person"),
            Signature.signed_at,
            Signature.content_hash,
            Signature.sign_off,
        )
        .select_from(Task)
        .join(Instance, Instance.id == Task.instance_id)
        .join(Campaign, Campaign.id == Task.campaign_id)
        .join(Unit, Unit.id == Task.unit_id)
        .join(Post, Post.id == Task.post_id)
        .outerjoin(Enterprise, Enterprise.unit_id == Unit.id)
        .outerjoin(Signature, Signature.task_id == Task.id)
        .outerjoin(Person, Person.id == Signature.signed_by)
        .where(Task.id == task_id)
    )
    return tx.execute(query).first()


def publication(tx: Connection, instance_id: str, form_key: str) -> Any:
    """How the commitment was made public; None while it is not recorded."""
    query = (
        select(Submission.data, Submission.submitted_at)
        .where(Submission.instance_id == instance_id, Submission.form_key == form_key)
        .order_by(Submission.submitted_at.desc())
    )
    return tx.execute(query).first()
