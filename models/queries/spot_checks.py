"""Draws for spot checks: the sealed secret, who was inspected, what was drawn, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, or_, select, update
from sqlalchemy.orm import aliased

from models.directory import Enterprise, Unit
from models.inspections import DrawSeal, Finding, Inspection, SpotCheck, SpotCheckPick
from models.queries.running import add
from models.queries.scope import inside
from models.records import Ledger

COUNTY_INSPECTION = "county"
Department = aliased(Unit, name="department")
County = aliased(Unit, name="county")


# -- the secret --------------------------------------------------------------------------------------------------------
def seal(tx: Connection, campaign_id: str) -> Row[Any] | None:
    """The campaign's sealed secret."""
    return tx.execute(select(DrawSeal.__table__).where(DrawSeal.campaign_id == campaign_id)).first()


def put_seal(tx: Connection, row: dict[str, Any]) -> None:
    add(tx, DrawSeal, [row])


def open_seal(tx: Connection, campaign_id: str, at: datetime) -> bool:
    """Mark the secret as opened; False where there is none or it was opened before."""
    query = update(DrawSeal).where(DrawSeal.campaign_id == campaign_id, DrawSeal.opened_at.is_(None))
    return tx.execute(query.values(opened_at=at)).rowcount == 1


# -- the list ----------------------------------------------------------------------------------------------------------
def inspected(tx: Connection, campaign_id: str, sectors: Sequence[str], before: datetime) -> list[Row[Any]]:
    """Enterprises of some sectors that their county has inspected: by county and code, with the newest record."""
    query = (
        select(
            Inspection.county_id,
            Unit.code,
            Inspection.enterprise_id,
            func.max(Inspection.sector).label("sector"),
            func.max(Inspection.recorded_at).label("recorded_at"),
            func.min(Inspection.recorded_at).label("first_recorded_at"),
        )
        .join(Unit, Unit.id == Inspection.enterprise_id)
        .where(
            Inspection.campaign_id == campaign_id,
            Inspection.kind == COUNTY_INSPECTION,
            Inspection.sector.in_(sectors),
            Inspection.recorded_at < before,
        )
        .group_by(Inspection.county_id, Unit.code, Inspection.enterprise_id)
        .order_by(Inspection.county_id, Unit.code)
    )
    return list(tx.execute(query))


def inspected_counts(tx: Connection, campaign_id: str) -> list[Row[Any]]:
    """How many enterprises each county has inspected, by sector."""
    query = (
        select(
            Inspection.county_id,
            Inspection.sector,
            func.count(func.distinct(Inspection.enterprise_id)).label("enterprises"),
        )
        .where(Inspection.campaign_id == campaign_id, Inspection.kind == COUNTY_INSPECTION)
        .group_by(Inspection.county_id, Inspection.sector)
    )
    return list(tx.execute(query))


# -- draws -------------------------------------------------------------------------------------------------------------
def put(tx: Connection, draw: dict[str, Any], picks: Sequence[dict[str, Any]]) -> None:
    """Write a draw with what was drawn."""
    add(tx, SpotCheck, [draw])
    add(tx, SpotCheckPick, list(picks))


def earlier(tx: Connection, campaign_id: str, department_id: str) -> list[Row[Any]]:
    """A department's draws of a campaign, the oldest first."""
    query = select(SpotCheck.__table__).where(
        SpotCheck.campaign_id == campaign_id, SpotCheck.department_id == department_id
    )
    return list(tx.execute(query.order_by(SpotCheck.drawn_at, SpotCheck.county_id)))


def _draws() -> Any:
    return (
        select(
            SpotCheck.__table__,
            Department.code.label("department_code"),
            Department.short_name.label("department"),
            Department.path.label("department_path"),
            County.code.label("county_code"),
            County.short_name.label("county"),
            County.path.label("county_path"),
        )
        .join(Department, Department.id == SpotCheck.department_id)
        .join(County, County.id == SpotCheck.county_id)
    )


def draws(
    tx: Connection,
    campaign_id: str,
    paths: Sequence[str] | None = None,
    *,
    department_id: str = "",
    county_id: str = "",
) -> list[Row[Any]]:
    """Draws of a campaign whose department or county lies in one of these trees, the oldest first."""
    seen = or_(inside(paths, Department.path), inside(paths, County.path))
    query = _draws().where(SpotCheck.campaign_id == campaign_id, seen)
    if department_id:
        query = query.where(SpotCheck.department_id == department_id)
    if county_id:
        query = query.where(SpotCheck.county_id == county_id)
    return list(tx.execute(query.order_by(SpotCheck.drawn_at, Department.code, County.code)))


def one(tx: Connection, spot_check_id: str) -> Any:
    """One draw; None if there is none."""
    return tx.execute(_draws().where(SpotCheck.id == spot_check_id)).first()


def events(tx: Connection, campaign_id: str, tag: str) -> list[Row[Any]]:
    """What the ledger has kept of seals and draws."""
    query = select(Ledger.at, Ledger.data).where(Ledger.campaign_id == campaign_id, Ledger.tag == tag)
    return list(tx.execute(query.order_by(Ledger.seq)))


# -- what was drawn ----------------------------------------------------------------------------------------------------
def _answers() -> Any:
    """The newest visit that answers a pick; only what is there counts, whoever wrote the link."""
    return (
        select(Inspection.pick_id, func.max(Inspection.id).label("id"))
        .where(Inspection.pick_id.is_not(None))
        .group_by(Inspection.pick_id)
        .subquery("answers")
    )


def _picks() -> Any:
    answers, enterprise, county = _answers(), aliased(Unit), aliased(Unit)
    return (
        select(
            SpotCheckPick.id,
            SpotCheckPick.spot_check_id,
            SpotCheckPick.position,
            SpotCheckPick.enterprise_id,
            SpotCheckPick.inspection_id.label("linked_id"),
            SpotCheck.campaign_id,
            SpotCheck.department_id,
            SpotCheck.county_id,
            SpotCheck.drawn_at,
            enterprise.code,
            enterprise.name.label("enterprise"),
            county.short_name.label("county"),
            Enterprise.township,
            Enterprise.sector,
            Inspection.id.label("inspection_id"),
            Inspection.inspected_at,
            Inspection.hindrance,
        )
        .join(SpotCheck, SpotCheck.id == SpotCheckPick.spot_check_id)
        .join(enterprise, enterprise.id == SpotCheckPick.enterprise_id)
        .join(Enterprise, Enterprise.unit_id == SpotCheckPick.enterprise_id)
        .join(county, county.id == SpotCheck.county_id)
        .outerjoin(answers, answers.c.pick_id == SpotCheckPick.id)
        .outerjoin(Inspection, Inspection.id == answers.c.id)
        .order_by(SpotCheck.drawn_at, county.code, SpotCheckPick.position)
    )


def picks(tx: Connection, spot_check_ids: Sequence[str]) -> list[Row[Any]]:
    """What was drawn in these draws, with the visit that answers each."""
    found: list[Row[Any]] = []
    for start in range(0, len(spot_check_ids), 500):
        found += tx.execute(_picks().where(SpotCheck.id.in_(spot_check_ids[start : start + 500])))
    return found


def picks_of_instance(tx: Connection, instance_id: str) -> list[Row[Any]]:
    """What a department has to check in one instance."""
    return list(tx.execute(_picks().where(SpotCheck.instance_id == instance_id)))


def picks_of_period(tx: Connection, campaign_id: str, department_id: str, period: str) -> list[Row[Any]]:
    """The same, found by department and period."""
    query = _picks().where(
        SpotCheck.campaign_id == campaign_id, SpotCheck.department_id == department_id, SpotCheck.period == period
    )
    return list(tx.execute(query))


def link(tx: Connection, pick_id: str, inspection_id: str) -> None:
    """Note the visit that answers a pick."""
    tx.execute(update(SpotCheckPick).where(SpotCheckPick.id == pick_id).values(inspection_id=inspection_id))


def findings(tx: Connection, campaign_id: str, enterprise_ids: Sequence[str]) -> list[Row[Any]]:
    """What county inspections and spot checks have found in some enterprises."""
    query = (
        select(
            Finding.enterprise_id,
            Finding.item,
            Finding.kind,
            Finding.grade,
            Finding.detail,
            Finding.found_at,
            Inspection.kind.label("visit"),
            Inspection.pick_id,
        )
        .join(Inspection, Inspection.id == Finding.inspection_id)
        .where(
            Finding.campaign_id == campaign_id,
            Finding.enterprise_id.in_(enterprise_ids),
            or_(Inspection.kind == COUNTY_INSPECTION, Inspection.pick_id.is_not(None)),
        )
        .order_by(Finding.found_at, Finding.id)
    )
    return list(tx.execute(query))


def shares(tx: Connection, campaign_id: str) -> Any:
    """Of all draws: how many enterprises were drawn and how many of those have been visited."""
    answers = _answers()
    query = (
        select(
            func.count(func.distinct(SpotCheckPick.enterprise_id)).label("drawn"),
            func.count(func.distinct(Inspection.enterprise_id)).label("done"),
        )
        .join(SpotCheck, SpotCheck.id == SpotCheckPick.spot_check_id)
        .outerjoin(answers, answers.c.pick_id == SpotCheckPick.id)
        .outerjoin(Inspection, Inspection.id == answers.c.id)
        .where(SpotCheck.campaign_id == campaign_id)
    )
    return tx.execute(query).one()


def waiting(tx: Connection, campaign_id: str) -> list[Row[Any]]:
    """Departments that still have to visit what they have drawn."""
    answers = _answers()
    query = (
        select(SpotCheck.department_id, Department.short_name.label("department"), func.count().label("waiting"))
        .join(SpotCheckPick, SpotCheckPick.spot_check_id == SpotCheck.id)
        .join(Department, Department.id == SpotCheck.department_id)
        .outerjoin(answers, answers.c.pick_id == SpotCheckPick.id)
        .where(SpotCheck.campaign_id == campaign_id, answers.c.id.is_(None))
        .group_by(SpotCheck.department_id, Department.short_name, Department.code)
        .order_by(Department.code)
    )
    return list(tx.execute(query))
