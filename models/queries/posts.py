"""Who gets a task: posts of units, and whether anybody holds them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, or_, select, tuple_

from models.directory import Enterprise, Holding, Person, Post, Unit

_HELD = (
    select(Holding.id)
    .join(Person, Person.id == Holding.person_id)
    .where(
        Holding.post_id == Post.id,
        Holding.since <= bindparam("now"),
        or_(Holding.until.is_(None), Holding.until > bindparam("now")),
        Person.active.is_(True),
    )
    .exists()
)
_POSTS = select(Post.id, Post.unit_id, Post.kind, _HELD.label("held")).where(
    tuple_(Post.unit_id, Post.kind).in_(bindparam("wanted", expanding=True))
)
_PLACES = (
    select(Unit.id, Unit.parent_id, Enterprise.sector_unit_id)
    .outerjoin(Enterprise, Enterprise.unit_id == Unit.id)
    .where(Unit.id.in_(bindparam("ids", expanding=True)))
)


def posts(tx: Connection, wanted: Iterable[tuple[str, str]], now: datetime) -> dict[tuple[str, str], Row[Any]]:
    """(unit id, post kind) -> post with whether somebody holds it at `now`."""
    pairs = list(wanted)
    if not pairs:
        return {}
    found = tx.execute(_POSTS, {"wanted": pairs, "now": now})
    return {(row.unit_id, row.kind): row for row in found}


def places(tx: Connection, unit_ids: Iterable[str]) -> dict[str, Row[Any]]:
    """unit id -> its parent and, for an enterprise, the department in charge of its sector."""
    ids = list(unit_ids)
    return {row.id: row for row in tx.execute(_PLACES, {"ids": ids})} if ids else {}
