"""Enterprises with their county, sector and how far they are in a campaign."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, case, distinct, func, or_, select
from sqlalchemy.orm import aliased

from models.directory import Enterprise, Holding, Person, Post, Unit
from models.queries.criteria import instances_of
from models.queries.scope import inside, like, overdue
from models.records import Signature
from models.running import Task

_County = aliased(Unit)
_Sector = aliased(Unit)


@dataclass(frozen=True, kw_only=True)
class Steps:
    """Which tasks stand for self-inspection: all of `own` must be done, none of `own` and `again` may be open."""

    campaign_id: str
    versions: tuple[str, ...]
    own: tuple[str, ...]
    again: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What the list is to hold. `paths` None: everything; else these trees, and enterprises of the led sectors."""

    paths: tuple[str, ...] | None
    leads: tuple[str, ...] = ()
    text: str = ""
    county_id: str = ""
    sector: str = ""
    supervised_by: str = ""
    inspection: str = ""  # done open overdue none
    commitment: str = ""  # signed unsigned


_LINE = (
    Unit.id,
    Unit.code,
    Unit.name,
    Unit.short_name,
    Unit.path,
    Enterprise.township,
    Enterprise.sector,
    Enterprise.sector_unit_id,
    Enterprise.supervised_by,
    Enterprise.enterprise_type,
    Enterprise.county_id,
    _County.short_name.label("county"),
    _Sector.short_name.label("sector_unit"),
)


def _base(*columns: Any) -> Any:
    return (
        select(*columns)
        .select_from(Enterprise)
        .join(Unit, Unit.id == Enterprise.unit_id)
        .join(_County, _County.id == Enterprise.county_id)
        .outerjoin(_Sector, _Sector.id == Enterprise.sector_unit_id)
    )


def _conditions(wanted: Wanted) -> list[Any]:
    scope = inside(wanted.paths)
    if wanted.paths is not None:
        scope = or_(scope, Enterprise.sector_unit_id.in_(wanted.leads))
    found: list[Any] = [Unit.active.is_(True), scope]
    if wanted.text:
        found.append(Unit.name.like(like(wanted.text), escape="!"))
    if wanted.county_id:
        found.append(Enterprise.county_id == wanted.county_id)
    if wanted.sector:
        found.append(Enterprise.sector == wanted.sector)
    if wanted.supervised_by:
        found.append(Enterprise.supervised_by == wanted.supervised_by)
    return found


def _standing(steps: Steps, now: datetime) -> Any:
    """unit -> own steps done, open ones, overdue ones."""
    is_own, is_either = Task.element.in_(steps.own), Task.element.in_([*steps.own, *steps.again])
    waits = and_(Task.status == "open", is_either)
    return (
        select(
            Task.unit_id,
            func.count(distinct(case((and_(Task.status == "done", is_own), Task.element)))).label("done"),
            func.sum(case((waits, 1), else_=0)).label("open"),
            func.sum(case((and_(waits, overdue(Task, now)), 1), else_=0)).label("overdue"),
            func.min(case((waits, Task.due_at))).label("due_at"),
        )
        .where(Task.instance_id.in_(instances_of(steps.campaign_id, steps.versions)), is_either)
        .group_by(Task.unit_id)
    )


def _stands(standing: Any, state: str, wanted_steps: int) -> Any:
    complete = and_(standing.c.done >= wanted_steps, standing.c.open == 0)
    return {
        "done": complete,
        "overdue": and_(standing.c.overdue > 0),
        "open": and_(standing.c.unit_id.is_not(None), ~complete, standing.c.overdue == 0),
        "none": standing.c.unit_id.is_(None),
    }[state]


def _signed(steps: Steps, sign_off: str) -> Any:
    return select(Signature.unit_id).where(Signature.campaign_id == steps.campaign_id, Signature.sign_off == sign_off)


def page(
    tx: Connection, wanted: Wanted, steps: Steps | None, sign_off: str, *, now: datetime, after: str, limit: int
) -> list[Row[Any]]:
    """Enterprises by code, from after `after` on."""
    query = _filtered(_base(*_LINE), wanted, steps, sign_off, now)
    return list(tx.execute(query.where(Unit.code > after).order_by(Unit.code).limit(limit)))


def count(tx: Connection, wanted: Wanted, steps: Steps | None, sign_off: str, now: datetime) -> int:
    """How many there are in all."""
    query = _filtered(_base(func.count()), wanted, steps, sign_off, now)
    return int(tx.execute(query).scalar_one())


def _filtered(query: Any, wanted: Wanted, steps: Steps | None, sign_off: str, now: datetime) -> Any:
    query = query.where(*_conditions(wanted))
    if steps and wanted.inspection:
        standing = _standing(steps, now).subquery()
        query = query.outerjoin(standing, standing.c.unit_id == Unit.id)
        query = query.where(_stands(standing, wanted.inspection, len(steps.own)))
    if steps and wanted.commitment:
        signed = Unit.id.in_(_signed(steps, sign_off))
        query = query.where(signed if wanted.commitment == "signed" else ~signed)
    return query


def standings(tx: Connection, steps: Steps, unit_ids: Sequence[str], now: datetime) -> dict[str, Row[Any]]:
    """The same for some units only."""
    query = _standing(steps, now).where(Task.unit_id.in_(unit_ids))
    return {row.unit_id: row for row in tx.execute(query)}


def signed(tx: Connection, steps: Steps, sign_off: str, unit_ids: Sequence[str]) -> dict[str, Any]:
    """unit id -> its signed commitment."""
    query = select(Signature.unit_id, Signature.signed_at, Signature.task_id).where(
        Signature.campaign_id == steps.campaign_id,
        Signature.sign_off == sign_off,
        Signature.unit_id.in_(unit_ids),
    )
    return {row.unit_id: row for row in tx.execute(query)}


def counties(tx: Connection, wanted: Wanted) -> list[Row[Any]]:
    """The counties of the enterprises one sees."""
    query = _base(_County.id, _County.short_name, func.count().label("n")).where(*_conditions(wanted))
    return list(tx.execute(query.group_by(_County.id, _County.short_name, _County.code).order_by(_County.code)))


def enterprise(tx: Connection, unit_id: str) -> Any:
    """One enterprise; None if there is none."""
    return tx.execute(_base(*_LINE, Unit.active).where(Unit.id == unit_id)).first()


def holders(tx: Connection, unit_id: str, now: datetime) -> list[Row[Any]]:
    """The posts of a unit with who holds them now."""
    held = and_(Holding.post_id == Post.id, Holding.since <= now, or_(Holding.until.is_(None), Holding.until > now))
    query = (
        select(Post.name.label("post"), Person.name.label("person"), Holding.kind, Holding.since)
        .outerjoin_from(Post, Holding, held)
        .outerjoin(Person, Person.id == Holding.person_id)
        .where(Post.unit_id == unit_id)
        .order_by(Post.kind, Holding.since)
    )
    return list(tx.execute(query))
