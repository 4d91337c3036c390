"""Inspections: one with its findings, the list, and how far units are with what they have to inspect."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, bindparam, func, or_, select, tuple_, update
from sqlalchemy.orm import aliased

from models.directory import Enterprise, Person, Unit
from models.hot import Hot
from models.inspections import Finding, Inspection, SpotCheck, SpotCheckPick
from models.queries.running import add
from models.queries.scope import inside, like

_Target = aliased(Unit)
_County = aliased(Unit)
_Own = aliased(Unit)

# -- recording ---------------------------------------------------------------------------------------------------------
_ENTERPRISE = Hot(
    select(
        Unit.id,
        Unit.name,
        Unit.short_name,
        Unit.path,
        Unit.active,
        Enterprise.county_id,
        Enterprise.township,
        Enterprise.sector,
        Enterprise.sector_unit_id,
        Enterprise.supervised_by,
        Enterprise.enterprise_type,
        _County.short_name.label("county"),
    )
    .join_from(Unit, Enterprise, Enterprise.unit_id == Unit.id)
    .join(_County, _County.id == Enterprise.county_id)
    .where(Unit.id == bindparam("id"))
)
_PICK = Hot(
    select(
        SpotCheckPick.id,
        SpotCheckPick.enterprise_id,
        SpotCheckPick.inspection_id,
        SpotCheck.campaign_id,
        SpotCheck.department_id,
    )
    .join(SpotCheck, SpotCheck.id == SpotCheckPick.spot_check_id)
    .where(SpotCheckPick.id == bindparam("id"))
)


def enterprise(tx: Connection, unit_id: str) -> Any:
    """An enterprise as an inspection needs it; None if there is none."""
    return _ENTERPRISE.first(tx, {"id": unit_id})


def pick(tx: Connection, pick_id: str) -> Any:
    """A drawn enterprise with its draw; None if there is none."""
    return _PICK.first(tx, {"id": pick_id})


def write(tx: Connection, inspection: Mapping[str, Any], findings: Sequence[Mapping[str, Any]]) -> None:
    """An inspection with its findings."""
    add(tx, Inspection, [inspection])
    add(tx, Finding, findings)


def answer_pick(tx: Connection, pick_id: str, inspection_id: str) -> bool:
    """Note the visit that answers a pick; False where another one has."""
    open_pick = and_(SpotCheckPick.id == pick_id, SpotCheckPick.inspection_id.is_(None))
    return tx.execute(update(SpotCheckPick).where(open_pick).values(inspection_id=inspection_id)).rowcount == 1


# -- the list ----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What the list is to hold. `paths` None: everything; else what lies in these trees or concerns these units."""

    campaign_id: str
    paths: tuple[str, ...] | None
    units: tuple[str, ...] = ()
    text: str = ""
    kind: str = ""
    unit_id: str = ""
    county_id: str = ""
    sector: str = ""
    problems: str = ""  # yes | no
    enterprise_id: str = ""


_HAS_FINDING = select(Finding.id).where(Finding.inspection_id == Inspection.id).exists()
_FINDINGS = (
    select(func.count())
    .select_from(Finding)
    .where(Finding.inspection_id == Inspection.id)
    .correlate(Inspection)
    .scalar_subquery()
)


def _base(*columns: Any) -> Any:
    return (
        select(*columns)
        .select_from(Inspection)
        .join(_Target, _Target.id == Inspection.enterprise_id)
        .join(Enterprise, Enterprise.unit_id == Inspection.enterprise_id)
        .join(_County, _County.id == Inspection.county_id)
        .join(_Own, _Own.id == Inspection.unit_id)
    )


_LINE = (
    Inspection.__table__,
    _Target.name.label("enterprise"),
    _Target.path.label("enterprise_path"),
    Enterprise.sector_unit_id,
    _County.short_name.label("county"),
    _Own.short_name.label("unit"),
    _Own.path.label("unit_path"),
)


def _conditions(wanted: Wanted) -> list[Any]:
    found: list[Any] = [Inspection.campaign_id == wanted.campaign_id]
    if wanted.paths is not None:
        concerned = or_(Enterprise.sector_unit_id.in_(wanted.units), Inspection.unit_id.in_(wanted.units))
        found.append(or_(inside(wanted.paths, _Target.path), inside(wanted.paths, _Own.path), concerned))
    if wanted.text:
        found.append(_Target.name.like(like(wanted.text), escape="!"))
    columns = {
        Inspection.kind: wanted.kind,
        Inspection.unit_id: wanted.unit_id,
        Inspection.county_id: wanted.county_id,
        Inspection.sector: wanted.sector,
        Inspection.enterprise_id: wanted.enterprise_id,
    }
    found += [column == value for column, value in columns.items() if value]
    if wanted.problems:
        found.append(_HAS_FINDING if wanted.problems == "yes" else ~_HAS_FINDING)
    return found


def page(tx: Connection, wanted: Wanted, after: tuple[datetime, str] | None, limit: int) -> list[Row[Any]]:
    """Inspections, the newest visit first, from behind `after` on."""
    query = _base(*_LINE, _FINDINGS.label("findings")).where(*_conditions(wanted))
    if after is not None:
        query = query.where(tuple_(Inspection.inspected_at, Inspection.id) < after)
    return list(tx.execute(query.order_by(Inspection.inspected_at.desc(), Inspection.id.desc()).limit(limit)))


def totals(tx: Connection, wanted: Wanted) -> Row[Any]:
    """Visits, and enterprises visited."""
    enterprises = func.count(func.distinct(Inspection.enterprise_id)).label("enterprises")
    return tx.execute(_base(func.count().label("visits"), enterprises).where(*_conditions(wanted))).one()


def one(tx: Connection, inspection_id: str) -> Any:
    """One inspection; None if there is none."""
    query = _base(*_LINE, Person.name.label("person")).outerjoin(Person, Person.id == Inspection.recorded_by)
    return tx.execute(query.where(Inspection.id == inspection_id)).first()


def units(tx: Connection, campaign_id: str) -> list[Row[Any]]:
    """The units that have inspected anything."""
    query = select(Unit.id, Unit.short_name).where(
        Unit.id.in_(select(Inspection.unit_id).where(Inspection.campaign_id == campaign_id))
    )
    return list(tx.execute(query.order_by(Unit.code)))


# -- progress ----------------------------------------------------------------------------------------------------------
def owed_by_county(tx: Connection, *, supervised_only: bool) -> dict[str, int]:
    """county id -> enterprises it has to inspect."""
    query = _active(Enterprise.county_id).group_by(Enterprise.county_id)
    if supervised_only:
        query = query.where(Enterprise.supervised_by == "county")
    return {row[0]: row.n for row in tx.execute(query)}


def owed_by_department(tx: Connection) -> dict[str, int]:
    """lead department id -> enterprises that the city supervises in its sectors."""
    query = _active(Enterprise.sector_unit_id).where(Enterprise.supervised_by == "city")
    return {row[0]: row.n for row in tx.execute(query.group_by(Enterprise.sector_unit_id))}


def _active(column: Any) -> Any:
    counted = select(column, func.count().label("n")).join_from(Enterprise, Unit, Unit.id == Enterprise.unit_id)
    return counted.where(Unit.active.is_(True))


def done_by_county(tx: Connection, campaign_id: str, *, supervised_only: bool) -> dict[str, Row[Any]]:
    """county id -> enterprises inspected by their county, how many of those with findings, how many visits."""
    query = _done(Enterprise.county_id, campaign_id, "county")
    if supervised_only:
        query = query.where(Enterprise.supervised_by == "county")
    return {row[0]: row for row in tx.execute(query.group_by(Enterprise.county_id))}


def done_by_department(tx: Connection, campaign_id: str) -> dict[str, Row[Any]]:
    """lead department id -> the same of its own full inspection."""
    query = _done(Enterprise.sector_unit_id, campaign_id, "city").where(Enterprise.supervised_by == "city")
    return {row[0]: row for row in tx.execute(query.group_by(Enterprise.sector_unit_id))}


def _done(column: Any, campaign_id: str, kind: str) -> Any:
    """What is counted are enterprises of today's directory: one that was closed is owed no more and counts no more."""
    return (
        select(
            column,
            func.count(func.distinct(Inspection.enterprise_id)).label("enterprises"),
            func.count(func.distinct(Finding.enterprise_id)).label("problems"),
            func.count(func.distinct(Inspection.id)).label("visits"),
        )
        .select_from(Inspection)
        .join(Enterprise, Enterprise.unit_id == Inspection.enterprise_id)
        .join(Unit, Unit.id == Enterprise.unit_id)
        .outerjoin(Finding, Finding.inspection_id == Inspection.id)
        .where(Inspection.campaign_id == campaign_id, Inspection.kind == kind, Unit.active.is_(True))
    )


def teams(tx: Connection, campaign_id: str, kind: str) -> dict[str, int]:
    """unit id -> inspection teams it has sent."""
    query = select(Inspection.unit_id, func.sum(Inspection.teams).label("n")).where(
        Inspection.campaign_id == campaign_id, Inspection.kind == kind
    )
    return {row.unit_id: int(row.n) for row in tx.execute(query.group_by(Inspection.unit_id))}


@dataclass(frozen=True, kw_only=True)
class Owed:
    """Enterprises that somebody has to inspect: a county's, or those of a department's sectors."""

    campaign_id: str
    kind: str  # county | city
    county_ids: tuple[str, ...] = ()
    department_ids: tuple[str, ...] = ()
    supervised_by: str = ""
    text: str = ""
    sector: str = ""


def _owed(owed: Owed, *columns: Any) -> Any:
    found: list[Any] = [Unit.active.is_(True)]
    mine = [Enterprise.county_id.in_(owed.county_ids), Enterprise.sector_unit_id.in_(owed.department_ids)]
    found.append(or_(*mine))
    if owed.supervised_by:
        found.append(Enterprise.supervised_by == owed.supervised_by)
    if owed.text:
        found.append(Unit.name.like(like(owed.text), escape="!"))
    if owed.sector:
        found.append(Enterprise.sector == owed.sector)
    base = select(*columns).select_from(Enterprise).join(Unit, Unit.id == Enterprise.unit_id)
    return base.join(_County, _County.id == Enterprise.county_id).where(*found)


def _visits(owed: Owed) -> Any:
    return (
        select(Inspection.enterprise_id, func.max(Inspection.inspected_at).label("at"), func.count().label("visits"))
        .where(Inspection.campaign_id == owed.campaign_id, Inspection.kind == owed.kind)
        .group_by(Inspection.enterprise_id)
        .subquery()
    )


def to_inspect(tx: Connection, owed: Owed, *, state: str, after: str, limit: int) -> list[Row[Any]]:
    """Those enterprises with their last visit, by code; `state`: open, done, or all where it is empty."""
    visits = _visits(owed)
    query = _owed(
        owed,
        Unit.id,
        Unit.code,
        Unit.name,
        Enterprise.township,
        Enterprise.sector,
        Enterprise.supervised_by,
        Enterprise.enterprise_type,
        _County.short_name.label("county"),
        visits.c.at,
        visits.c.visits,
    ).outerjoin(visits, visits.c.enterprise_id == Unit.id)
    if state:
        query = query.where(visits.c.at.is_(None) if state == "open" else visits.c.at.is_not(None))
    return list(tx.execute(query.where(Unit.code > after).order_by(Unit.code).limit(limit)))
