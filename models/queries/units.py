"""Units by the groups a plan names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, bindparam, or_, select

from models.batches import batches
from models.directory import Enterprise, Unit
from models.hot import Hot
from models.queries.scope import inside

_UNIT = (
    Unit.id, Unit.parent_id, Unit.path, Unit.code, Unit.name, Unit.short_name, Unit.level, Unit.kind,
    Unit.aliases, Unit.named,
)  # fmt: skip


_BY_ID = Hot(select(*_UNIT).where(Unit.id == bindparam("id")))
_BY_NAME = Hot(
    select(*_UNIT)
    .where(Unit.name == bindparam("name"), Unit.active.is_(True), Unit.level != "enterprise")
    .order_by(Unit.code)
)


def by_names(tx: Connection, names: tuple[str, ...], within: str = "/") -> list[Row[Any]]:
    """Active units below a path with one of these names or short names; enterprises are never named in a plan."""
    found: dict[str, Any] = {}
    for some in batches(names):
        named = or_(Unit.name.in_(some), Unit.short_name.in_(some))
        query = select(*_UNIT).where(named, Unit.active.is_(True), Unit.level != "enterprise", inside((within,)))
        found |= {row.id: row for row in tx.execute(query)}
    return sorted(found.values(), key=lambda row: row.code)


def with_other_names(tx: Connection, within: str = "/") -> list[Row[Any]]:
    """Active units below a path that notices also call something else; a city has some dozens."""
    query = select(*_UNIT).where(Unit.other_names != "", Unit.active.is_(True), inside((within,)))
    return list(tx.execute(query.order_by(Unit.code)))


def by_name(tx: Connection, name: str) -> Row[Any] | None:
    """The active unit with this full name."""
    return _BY_NAME.first(tx, {"name": name})


def by_level(
    tx: Connection, level: str, kind: str | None = None, sectors: Sequence[str] = (), within: str = "/"
) -> list[Row[Any]]:
    """Active units of a level (and kind; enterprises of some sectors) below a path."""
    query = select(*_UNIT).where(Unit.level == level, Unit.active.is_(True), inside((within,)))
    if kind is not None:
        query = query.where(Unit.kind == kind)
    if sectors:
        query = query.join(Enterprise, Enterprise.unit_id == Unit.id).where(Enterprise.sector.in_(sectors))
    return list(tx.execute(query.order_by(Unit.code)))


def by_ids(tx: Connection, ids: list[str]) -> dict[str, Any]:
    pieces = (tx.execute(select(*_UNIT).where(Unit.id.in_(some))) for some in batches(ids))
    return {row.id: row for piece in pieces for row in piece}


def unit(tx: Connection, unit_id: str) -> Row[Any] | None:
    return _BY_ID.first(tx, {"id": unit_id})
