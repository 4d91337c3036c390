"""Units by the groups a plan names."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, bindparam, or_, select

from models.directory import Unit
from models.hot import Hot

_UNIT = (Unit.id, Unit.parent_id, Unit.path, Unit.code, Unit.name, Unit.short_name, Unit.level, Unit.kind)


_BY_ID = Hot(select(*_UNIT).where(Unit.id == bindparam("id")))


def by_names(tx: Connection, names: tuple[str, ...]) -> list[Row[Any]]:
    """Active units with one of these names or short names; enterprises are never named in a plan."""
    named = or_(Unit.name.in_(names), Unit.short_name.in_(names))
    query = select(*_UNIT).where(named, Unit.active.is_(True), Unit.level != "enterprise")
    return list(tx.execute(query.order_by(Unit.code)))


def by_level(tx: Connection, level: str, kind: str | None = None) -> list[Row[Any]]:
    query = select(*_UNIT).where(Unit.level == level, Unit.active.is_(True))
    if kind is not None:
        query = query.where(Unit.kind == kind)
    return list(tx.execute(query.order_by(Unit.code)))


def by_ids(tx: Connection, ids: list[str]) -> dict[str, Any]:
    return {row.id: row for row in tx.execute(select(*_UNIT).where(Unit.id.in_(ids)))}


def unit(tx: Connection, unit_id: str) -> Row[Any] | None:
    return _BY_ID.first(tx, {"id": unit_id})
