"""Registers kept by hand: responsibility of posts for areas, and what the media showed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, func, or_, select, tuple_, update
from sqlalchemy.orm import aliased

from models.directory import Person, Unit
from models.queries.running import add
from models.queries.scope import inside, like
from models.registers import Broadcast, Responsibility

_Above = aliased(Unit)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What a register is to hold. `paths` None: everything; else what concerns these trees and what lies above them."""

    campaign_id: str
    paths: tuple[str, ...] | None
    text: str = ""
    level: int = 0
    kind: str = ""
    county_id: str = ""


# -- responsibility ----------------------------------------------------------------------------------------------------
def write_responsibility(tx: Connection, row: Mapping[str, Any]) -> None:
    add(tx, Responsibility, [row])


def responsibility(tx: Connection, responsibility_id: str) -> Row[Any] | None:
    """A line, locked."""
    return tx.execute(
        select(Responsibility.__table__).where(Responsibility.id == responsibility_id).with_for_update()
    ).first()


def end_responsibility(tx: Connection, responsibility_id: str, at: datetime) -> None:
    tx.execute(update(Responsibility).where(Responsibility.id == responsibility_id).values(ended_at=at))


def _of_wanted(wanted: Wanted) -> list[Any]:
    found: list[Any] = [Responsibility.campaign_id == wanted.campaign_id, Responsibility.ended_at.is_(None)]
    if wanted.paths is not None:
        above = [Unit.path == path[:end] for path in wanted.paths for end in _ends(path)]
        found.append(or_(inside(wanted.paths), *above))
    if wanted.text:
        pattern = like(wanted.text)
        columns = (Responsibility.post, Responsibility.area, Unit.short_name)
        found.append(or_(*(column.like(pattern, escape="!") for column in columns)))
    if wanted.level:
        found.append(Responsibility.level == wanted.level)
    if wanted.county_id:
        found.append(or_(Unit.id == wanted.county_id, Unit.parent_id == wanted.county_id))
    return found


def _ends(path: str) -> list[int]:
    """Where the paths of the units above one end, its own left out."""
    return [at + 1 for at, letter in enumerate(path[:-1]) if letter == "/" and at]


def responsibilities(tx: Connection, wanted: Wanted, after: tuple[str, str] | None, limit: int) -> list[Row[Any]]:
    """By unit and level, from behind `after` (the last line's sorting key and id) on."""
    key = (Unit.code + "-" + Responsibility.level.cast(Unit.code.type)).label("key")
    query = (
        select(
            Responsibility.__table__,
            Unit.short_name.label("unit"),
            Unit.level.label("unit_level"),
            Unit.path.label("unit_path"),
            _Above.short_name.label("above"),
            key,
        )
        .join(Unit, Unit.id == Responsibility.unit_id)
        .outerjoin(_Above, _Above.id == Unit.parent_id)
        .where(*_of_wanted(wanted))
    )
    if after is not None:
        query = query.where(tuple_(key, Responsibility.id) > after)
    return list(tx.execute(query.order_by(key, Responsibility.id).limit(limit)))


def covered(tx: Connection, campaign_id: str, paths: tuple[str, ...] | None, level: int) -> int:
    """How many units of a level have somebody who answers for them."""
    query = (
        select(func.count(Responsibility.unit_id.distinct()))
        .join(Unit, Unit.id == Responsibility.unit_id)
        .where(Responsibility.campaign_id == campaign_id, Responsibility.level == level)
        .where(Responsibility.ended_at.is_(None), inside(paths))
    )
    return int(tx.execute(query).scalar_one())


def units_named(tx: Connection, campaign_id: str, level: int) -> set[str]:
    """The units for which a post of this level answers."""
    query = select(Responsibility.unit_id).where(Responsibility.campaign_id == campaign_id)
    return set(tx.execute(query.where(Responsibility.level == level, Responsibility.ended_at.is_(None))).scalars())


def levels_named(tx: Connection, campaign_id: str, unit_id: str) -> set[int]:
    """The levels at which somebody answers for a unit, or for something inside it."""
    query = select(Responsibility.level).where(Responsibility.campaign_id == campaign_id)
    return set(tx.execute(query.where(Responsibility.unit_id == unit_id, Responsibility.ended_at.is_(None))).scalars())


def for_units(tx: Connection, campaign_id: str, unit_ids: list[str]) -> list[Row[Any]]:
    """Who answers for these units, the highest level first."""
    query = (
        select(Responsibility.level, Responsibility.post, Responsibility.area, Unit.short_name.label("unit"))
        .join(Unit, Unit.id == Responsibility.unit_id)
        .where(Responsibility.campaign_id == campaign_id, Responsibility.unit_id.in_(unit_ids))
        .where(Responsibility.ended_at.is_(None))
        .order_by(Responsibility.level, Unit.code, Responsibility.id)
    )
    return list(tx.execute(query))


def townships(tx: Connection, county_id: str | None, paths: tuple[str, ...] | None = None) -> list[Row[Any]]:
    """Townships, of one county or of everything that is seen."""
    query = select(Unit.id, Unit.short_name, Unit.parent_id).where(Unit.level == "township", Unit.active.is_(True))
    if county_id:
        query = query.where(Unit.parent_id == county_id)
    return list(tx.execute(query.where(inside(paths)).order_by(Unit.code)))


# -- what the media showed ---------------------------------------------------------------------------------------------
def write_broadcast(tx: Connection, row: Mapping[str, Any]) -> None:
    add(tx, Broadcast, [row])


def _shown(wanted: Wanted) -> list[Any]:
    found: list[Any] = [Broadcast.campaign_id == wanted.campaign_id, inside(wanted.paths)]
    if wanted.text:
        pattern = like(wanted.text)
        found.append(or_(Broadcast.title.like(pattern, escape="!"), Broadcast.medium.like(pattern, escape="!")))
    columns = {Broadcast.kind: wanted.kind, Broadcast.county_id: wanted.county_id}
    return found + [column == value for column, value in columns.items() if value]


def broadcasts(tx: Connection, wanted: Wanted, after: tuple[datetime, str] | None, limit: int) -> list[Row[Any]]:
    """What was recorded last first, from behind `after` on."""
    query = (
        select(Broadcast.__table__, Unit.short_name.label("county"), Person.name.label("person"))
        .join(Unit, Unit.id == Broadcast.county_id)
        .outerjoin(Person, Person.id == Broadcast.recorded_by)
        .where(*_shown(wanted))
    )
    if after is not None:
        query = query.where(tuple_(Broadcast.recorded_at, Broadcast.id) < after)
    return list(tx.execute(query.order_by(Broadcast.recorded_at.desc(), Broadcast.id.desc()).limit(limit)))


def broadcast_counts(tx: Connection, wanted: Wanted) -> dict[str, int]:
    """How many of each kind."""
    query = (
        select(Broadcast.kind, func.count().label("many"))
        .join(Unit, Unit.id == Broadcast.county_id)
        .where(*_shown(wanted))
        .group_by(Broadcast.kind)
    )
    return {row.kind: int(row.many) for row in tx.execute(query)}


def first_broadcast(tx: Connection, campaign_id: str, county_id: str, kind: str) -> Row[Any] | None:
    """What a county recorded first of a kind."""
    query: Any = select(Broadcast.medium, Broadcast.title, Broadcast.aired_on).where(
        Broadcast.campaign_id == campaign_id, Broadcast.county_id == county_id, Broadcast.kind == kind
    )
    return tx.execute(query.order_by(Broadcast.recorded_at, Broadcast.id).limit(1)).first()


def shown_between(tx: Connection, campaign_id: str, county_id: str, first: date, before: date) -> dict[str, int]:
    """Kind -> how much of it a county showed from a day on and before another."""
    query = (
        select(Broadcast.kind, func.count().label("many"))
        .where(Broadcast.campaign_id == campaign_id, Broadcast.county_id == county_id)
        .where(Broadcast.aired_on >= first, Broadcast.aired_on < before)
        .group_by(Broadcast.kind)
    )
    return {row.kind: int(row.many) for row in tx.execute(query)}


def counties_with(tx: Connection, campaign_id: str, kind: str) -> set[str]:
    """Counties that recorded something of a kind."""
    query = select(Broadcast.county_id).distinct().where(Broadcast.campaign_id == campaign_id, Broadcast.kind == kind)
    return set(tx.execute(query).scalars())
