"""Who gets a task: posts of units, and whether anybody holds them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, bindparam, or_, select, tuple_

from models.base import Moment
from models.batches import batches
from models.directory import Enterprise, Holding, Person, Post, Unit
from models.hot import Hot

_HELD = (
    select(Holding.id)
    .join(Person, Person.id == Holding.person_id)
    .where(
        Holding.post_id == Post.id,
        Holding.since <= bindparam("now", type_=Moment),
        or_(Holding.until.is_(None), Holding.until > bindparam("now", type_=Moment)),
        Person.active.is_(True),
    )
    .exists()
)
_POST = select(Post.id, Post.unit_id, Post.kind, _HELD.label("held"))
_POSTS = _POST.where(tuple_(Post.unit_id, Post.kind).in_(bindparam("wanted", expanding=True)))
# a task or two is what a command opens; a fan-out asks for hundreds
FEW = 4


def _few(count: int) -> Hot:
    pairs = (and_(Post.unit_id == bindparam(f"unit{n}"), Post.kind == bindparam(f"kind{n}")) for n in range(count))
    return Hot(_POST.where(or_(*pairs)))


_FEW_POSTS = {count: _few(count) for count in range(1, FEW + 1)}
_PLACES = (
    select(Unit.id, Unit.parent_id, Enterprise.sector_unit_id, Enterprise.county_id)
    .outerjoin(Enterprise, Enterprise.unit_id == Unit.id)
    .where(Unit.id.in_(bindparam("ids", expanding=True)))
)


def posts(tx: Connection, wanted: Iterable[tuple[str, str]], now: datetime) -> dict[tuple[str, str], Any]:
    """(unit id, post kind) -> post with whether somebody holds it at `now`."""
    pairs = list(wanted)
    if not pairs:
        return {}
    found: list[Any] = []
    if len(pairs) <= FEW:
        values = {f"unit{n}": unit for n, (unit, _) in enumerate(pairs)}
        values |= {f"kind{n}": kind for n, (_, kind) in enumerate(pairs)}
        found = _FEW_POSTS[len(pairs)].rows(tx, {**values, "now": now})
    else:
        for some in batches(pairs):
            found += tx.execute(_POSTS, {"wanted": some, "now": now})
    return {(row.unit_id, row.kind): row for row in found}


def places(tx: Connection, unit_ids: Iterable[str]) -> dict[str, Any]:
    """unit id -> its parent and, for an enterprise, its county and the department in charge of its sector."""
    pieces = (tx.execute(_PLACES, {"ids": some}) for some in batches(unit_ids))
    return {row.id: row for piece in pieces for row in piece}


def unit_of(tx: Connection, post_id: str) -> str | None:
    """The unit a post belongs to."""
    return tx.execute(select(Post.unit_id).where(Post.id == post_id)).scalar_one_or_none()
