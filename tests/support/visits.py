"""Inspections as rows: a county's visits of enterprises, and visits that answer what was drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update

import models
from models import Campaign, Enterprise, Finding, Inspection, SpotCheck, SpotCheckPick, Unit, new_id
from services.oversight import spot_check_proof
from services.plans.launched import chosen_home
from tests.support import rows
from tests.support.world import World


def unit_id(name: str) -> str:
    """The id of a unit by its short name."""
    with models.reading() as tx:
        return tx.execute(select(Unit.id).where(Unit.short_name == name)).scalar_one()


def by_county(department: str, county: str, count: int, now: datetime, *, items: Sequence[str] = ()) -> list[str]:
    """The county inspects `count` enterprises of the department's sectors that it has not inspected yet; their ids."""
    done = select(Inspection.enterprise_id).where(Inspection.kind == "county")
    query = (
        select(Unit.id, Enterprise.sector, Enterprise.township)
        .join(Enterprise, Enterprise.unit_id == Unit.id)
        .where(Enterprise.county_id == unit_id(county), Enterprise.sector_unit_id == unit_id(department))
        .where(Unit.id.not_in(done))
        .order_by(Unit.code)
        .limit(count)
    )
    with models.reading() as tx:
        chosen = tx.execute(query).all()
    assert len(chosen) == count, f"{county} has only {len(chosen)} enterprises of {department} left"
    return [_visit(one, county, county, "county", now, items=items) for one in chosen]


def answer(department: str, now: datetime, *, count: int | None = None, items: Sequence[str] = ()) -> int:
    """The department visits what was drawn and not visited yet, or the first `count` of it; how many it visited."""
    answered = select(Inspection.pick_id).where(Inspection.pick_id.is_not(None))
    query = (
        select(
            SpotCheckPick.id.label("pick_id"),
            Unit.short_name.label("county"),
            SpotCheckPick.enterprise_id.label("id"),
            Enterprise.sector,
            Enterprise.township,
        )
        .join(SpotCheck, SpotCheck.id == SpotCheckPick.spot_check_id)
        .join(Unit, Unit.id == SpotCheck.county_id)
        .join(Enterprise, Enterprise.unit_id == SpotCheckPick.enterprise_id)
        .where(SpotCheck.department_id == unit_id(department), SpotCheckPick.id.not_in(answered))
        .order_by(SpotCheck.drawn_at, Unit.code, SpotCheckPick.position)
    )
    with models.reading() as tx:
        open_picks = tx.execute(query).all()[:count]
    for one in open_picks:
        _visit(one, department, one.county, "spot_check", now, items=items, pick_id=one.pick_id)
    return len(open_picks)


def open_pick(department: str) -> Any:
    """The first enterprise that a department has drawn and not visited yet: the pick and the enterprise."""
    query = (
        select(SpotCheckPick.id, SpotCheckPick.enterprise_id)
        .join(SpotCheck, SpotCheck.id == SpotCheckPick.spot_check_id)
        .where(SpotCheck.department_id == unit_id(department), SpotCheckPick.inspection_id.is_(None))
        .order_by(SpotCheck.drawn_at, SpotCheckPick.position)
    )
    with models.reading() as tx:
        return tx.execute(query).first()


def close_drawn(department: str) -> None:
    """That enterprise is taken out of the directory."""
    with models.transaction() as tx:
        tx.execute(update(Unit).where(Unit.id == open_pick(department).enterprise_id).values(active=False))


def _visit(
    enterprise: Any,
    by: str,
    county: str,
    kind: str,
    now: datetime,
    *,
    items: Sequence[str],
    pick_id: str | None = None,
) -> str:
    with models.transaction() as tx:
        campaign_id = tx.execute(select(Campaign.id)).scalar_one()
        visit = {
            "id": new_id(),
            "campaign_id": campaign_id,
            "kind": kind,
            "enterprise_id": enterprise.id,
            "county_id": unit_id(county),
            "township": enterprise.township,
            "sector": enterprise.sector,
            "unit_id": unit_id(by),
            "inspected_at": now,
            "recorded_at": now,
            "checklist": {},
            "pick_id": pick_id,
        }
        tx.execute(insert(Inspection), visit)
        for item in items:
            tx.execute(insert(Finding), _finding(visit, item))
    return str(enterprise.id)


def _finding(visit: dict[str, Any], item: str) -> dict[str, Any]:
    """An unlawful act on an item of the checklist."""
    same = {name: visit[name] for name in ("campaign_id", "enterprise_id", "county_id", "sector", "unit_id")}
    return same | {
        "id": new_id(),
        "inspection_id": visit["id"],
        "enterprise_name": "某企业",
        "kind": "illegal_act",
        "item": item,
        "detail": f"发现问题：{item}",
        "found_at": visit["inspected_at"],
        "holder_unit_id": visit["unit_id"],
    }


def draws(world: World, where: str, expected: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    """A department's draws: of each county's list, how many were drawn."""
    for department, wanted in expected.items():
        seen = [
            {"county": row.county, "population": len(row.population), "drawn": row.size}
            for row in world.ask(rows.draws, department)
        ]
        assert seen == list(wanted), f"{where}: {department}"


def proofs(world: World, where: str, expected: int) -> None:
    """Every draw made again agrees with what was kept; how many there are."""
    found = world.ask(_proofs_of)
    assert [one.differences for one in found] == [()] * expected, where


def _proofs_of(tx: Any) -> list[spot_check_proof.Proof]:
    found = chosen_home(tx, None)
    return spot_check_proof.proofs(tx, found.row.id, found.plan)
