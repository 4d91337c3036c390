"""Posts without a holder, and the searching that the administration's pages need beyond the directory's own."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, func, or_, select

from models.directory import Holding, Person, Post, Unit
from models.queries.inbox import OPEN
from models.queries.scope import called, like
from models.running import Task


def _held(now: datetime) -> Any:
    return (
        select(Holding.id)
        .join(Person, Person.id == Holding.person_id)
        .where(
            Holding.post_id == Post.id,
            Holding.since <= now,
            or_(Holding.until.is_(None), Holding.until > now),
            Person.active.is_(True),
        )
        .exists()
    )


def posts(
    tx: Connection, *, text: str, level: str, vacant: bool, after: str, limit: int, now: datetime
) -> list[Row[Any]]:
    """Posts by unit and kind, from after `after` (code/kind) on; all of them or only those nobody holds."""
    place = Unit.code + "/" + Post.kind
    query = (
        select(
            Post.id,
            Post.name,
            Post.kind,
            Post.role,
            Unit.id.label("unit_id"),
            Unit.name.label("unit_name"),
            Unit.level,
            place.label("place"),
            _held(now).label("held"),
        )
        .join_from(Post, Unit, Unit.id == Post.unit_id)
        .where(Unit.active.is_(True), place > after)
        .order_by(place)
        .limit(limit)
    )
    if text:
        pattern = like(text)
        query = query.where(or_(called(text), Post.name.like(pattern, escape="!")))
    if level:
        query = query.where(Unit.level == level)
    if vacant:
        query = query.where(~_held(now))
    return list(tx.execute(query))


def vacancies(tx: Connection, now: datetime) -> list[Row[Any]]:
    """How many posts nobody holds, by the level of their unit."""
    query = (
        select(Unit.level, func.count().label("n"))
        .join_from(Post, Unit, Unit.id == Post.unit_id)
        .where(and_(Unit.active.is_(True), ~_held(now)))
        .group_by(Unit.level)
    )
    return list(tx.execute(query))


def stranded(tx: Connection, now: datetime) -> list[Row[Any]]:
    """Posts that nobody holds although open tasks lie with them, and how many."""
    lies = select(func.count()).where(Task.post_id == Post.id, Task.status == OPEN).scalar_subquery()
    query = (
        select(Post.unit_id, Post.kind, Post.name, Unit.short_name.label("unit"), lies.label("tasks"))
        .join_from(Post, Unit, Unit.id == Post.unit_id)
        .where(~_held(now), lies > 0)
        .order_by(Post.id)
    )
    return list(tx.execute(query))


def person_count(tx: Connection) -> int:
    return tx.execute(select(func.count()).select_from(Person)).scalar_one()
