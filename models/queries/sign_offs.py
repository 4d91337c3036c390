"""Tasks that are signatures: those that wait, those that were signed, and who else signs the same thing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, or_, select, tuple_

from models.directory import Person, Post, Unit
from models.records import Campaign, Signature
from models.running import Instance, Task

Elements = Sequence[tuple[str, str]]  # (process version id, element id)

_COLUMNS = (
    Task.id,
    Task.name,
    Task.title,
    Task.element,
    Task.status,
    Task.light,
    Task.opened_at,
    Task.due_at,
    Task.completed_at,
    Task.instance_id,
    Task.campaign_id,
    Task.post_id,
    Instance.process_version_id,
    Campaign.version_id,
    Post.name.label("post"),
    Unit.short_name.label("unit"),
)


def _tasks() -> Any:
    return (
        select(*_COLUMNS)
        .join_from(Task, Instance, Instance.id == Task.instance_id)
        .join(Post, Post.id == Task.post_id)
        .join(Unit, Unit.id == Task.unit_id)
        .outerjoin(Campaign, Campaign.id == Task.campaign_id)
    )


def versions_of(tx: Connection, post_ids: Sequence[str]) -> list[str]:
    """The process versions that open tasks of these posts belong to."""
    query = (
        select(Instance.process_version_id)
        .join_from(Task, Instance, Instance.id == Task.instance_id)
        .where(Task.post_id.in_(post_ids), Task.status == "open")
        .distinct()
    )
    return list(tx.execute(query).scalars())


def waiting(tx: Connection, post_ids: Sequence[str], elements: Elements, limit: int) -> list[Row[Any]]:
    """Open tasks of these posts that sign something, the first due first, those without a date last."""
    query = _tasks().where(
        Task.post_id.in_(post_ids),
        Task.status == "open",
        tuple_(Instance.process_version_id, Task.element).in_(elements),
    )
    return list(tx.execute(query.order_by(Task.due_at.is_(None), Task.due_at, Task.id).limit(limit)))


def signed(tx: Connection, person_id: str, *, before: tuple[datetime, str] | None = None, limit: int) -> list[Row[Any]]:
    """What a person signed or sent back, the latest first."""
    query = (
        _tasks()
        .add_columns(
            Signature.outcome, Signature.opinion, Signature.signed_at, Signature.sign_off, Signature.content_hash
        )
        .join(Signature, Signature.task_id == Task.id)
        .where(Signature.signed_by == person_id)
    )
    if before is not None:
        at, task_id = before
        query = query.where(or_(Signature.signed_at < at, and_(Signature.signed_at == at, Task.id < task_id)))
    return list(tx.execute(query.order_by(Signature.signed_at.desc(), Task.id.desc()).limit(limit)))


def of_instance(tx: Connection, instance_id: str) -> list[Row[Any]]:
    """The tasks of an instance in the order they were opened, with the signature that completed each, if one did."""
    query = (
        select(
            Task.id,
            Task.name,
            Task.element,
            Task.status,
            Task.opened_at,
            Task.due_at,
            Task.completed_at,
            Post.name.label("post"),
            Unit.short_name.label("unit"),
            Person.name.label("person"),
            Signature.outcome,
            Signature.opinion,
            Signature.signed_at,
        )
        .join_from(Task, Post, Post.id == Task.post_id)
        .join(Unit, Unit.id == Task.unit_id)
        .outerjoin(Signature, Signature.task_id == Task.id)
        .outerjoin(Person, Person.id == Signature.signed_by)
        .where(Task.instance_id == instance_id)
        .order_by(Task.opened_at, Task.id)
    )
    return list(tx.execute(query))
