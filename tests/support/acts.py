"""What people record without a task: visits, what is decided on findings, oversight that the office opens."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import pytest
from sqlalchemy import Connection, Row, func, select

import models
from domain import errors
from domain.authority import Actor
from domain.workdays import BEIJING
from models import Enterprise, Finding, Inspection, Oversight, Unit
from services.inspections import findings, inspections
from services.oversight import oversight
from services.plans.launched import Home, chosen_home
from services.publications import publicity, responsibility
from services.rehearsal.rehearsal_acts import actor_of
from services.running import jobs
from tests.support import visits
from tests.support.world import World

OFFICE = "市“百日攻坚”集中行动领导组办公室"
ANY_OFFICE = "office"  # the campaign's office, whatever its notice calls it


def uninspected(tx: Connection, unit: str, kind: str) -> list[Row[Any]]:
    """Enterprises of a county or county department (for `city`: of a lead department) not yet inspected, by code."""
    mine = select(Unit.id).where(Unit.short_name == unit)
    own, above = mine.scalar_subquery(), mine.with_only_columns(Unit.parent_id).scalar_subquery()
    seen = select(Inspection.enterprise_id).where(Inspection.kind == kind)
    query = (
        select(Enterprise.unit_id, Enterprise.sector, Unit.name)
        .join(Unit, Unit.id == Enterprise.unit_id)
        .where(Enterprise.unit_id.not_in(seen))
    )
    if kind == "city":
        query = query.where(Enterprise.sector_unit_id == own, Enterprise.supervised_by == "city")
    else:
        query = query.where(Enterprise.county_id.in_((own, above)))
    return list(tx.execute(query.order_by(Unit.code)))


def units(tx: Connection, names: list[str]) -> list[str]:
    """Ids of units by their short names, in this order."""
    found = {row.short_name: row.id for row in tx.execute(select(Unit.id, Unit.short_name))}
    return [found[name] for name in names]


def newest_finding(tx: Connection) -> Any:
    """The finding that was recorded last."""
    return tx.execute(select(Finding.__table__).order_by(Finding.id.desc())).first()


def oversights(tx: Connection, mode: str) -> int:
    """How many looks at units there are in a mode."""
    return tx.execute(select(func.count()).where(Oversight.mode == mode)).scalar_one()


def somebody(world: World, unit: str, post: str) -> Actor:
    """Whoever holds a post of a unit at this moment."""
    with models.reading() as tx:
        query = models.Post.__table__.select().join(models.Unit, models.Unit.id == models.Post.unit_id)
        named = models.Unit.kind == ANY_OFFICE if unit == ANY_OFFICE else models.Unit.short_name == unit
        where = query.where(named, models.Post.kind == post)
        return actor_of(tx, tx.execute(where.order_by(models.Unit.code).limit(1)).one().id, world.now)


def campaign(world: World) -> Home:
    """The only campaign."""
    with models.reading() as tx:
        found = chosen_home(tx, None)
    assert found is not None
    return found


def visit(plan: Any, sector: str, found: Sequence[Mapping[str, Any]] = (), **more: Any) -> dict[str, Any]:
    """A visit with a whole checklist: what was found is a problem there."""
    checklist = inspections.blank_checklist(plan, sector)
    checklist |= {line["item"]: "problem" for line in found}
    return {"teams": 1, "checklist": checklist, "findings": [dict(line) for line in found], **more}


def inspect_own(
    world: World,
    unit: str,
    kind: str = "county",
    post: str = "liaison",
    count: int | None = None,
    found: Sequence[Mapping[str, Any]] = (),
    **more: Any,
) -> None:
    """A unit inspects the next `count` of the enterprises it has not inspected yet, or all; `found` in the first."""
    home, actor = campaign(world), somebody(world, unit, post)
    day = world.now.astimezone(BEIJING).date().isoformat()
    for number, one in enumerate(world.ask(uninspected, unit, kind)[:count]):
        data = visit(home.plan, one.sector, found if number == 0 else (), **more)
        data |= {"kind": kind, "enterprise_id": one.unit_id, "inspected_at": day}
        inspections.record(actor, home.row.id, data, world.now)


def decide(world: World, unit: str, post: str, refused: str = "", **data: Any) -> None:
    """Somebody decides on the newest finding, or is refused."""
    finding = world.ask(newest_finding)
    with _expecting(refused):
        findings.decide(somebody(world, unit, post), finding.id, data, world.now)
    jobs.drain(world.now)


def transfer(world: World, unit: str, post: str, to: str, reason: str, refused: str = "") -> None:
    """Somebody hands the newest finding to another unit, or is refused."""
    finding, (receiver,) = world.ask(newest_finding), world.ask(units, [to])
    with _expecting(refused):
        findings.transfer(somebody(world, unit, post), finding.id, receiver, reason, world.now)


def oversee(world: World, targets: Sequence[str], post: str = "director", refused: str = "", **data: Any) -> None:
    """The office opens oversight of units."""
    ids = world.ask(units, list(targets))
    with _expecting(refused):
        oversight.open(somebody(world, ANY_OFFICE, post), campaign(world).row.id, {"targets": ids, **data}, world.now)
    jobs.drain(world.now)


def name_posts(
    world: World, unit: str, post: str, level: int, of: Sequence[str] | str, refused: str = "", **data: Any
) -> None:
    """Somebody enters who answers for units: `of` names them, or `all` townships of the unit."""
    named = world.ask(townships, unit) if of == "all" else world.ask(units, list(of))
    with _expecting(refused):
        for unit_id in named:
            line = {"level": level, "unit_id": unit_id, "post": "副县长（分管工业）", **data}
            responsibility.add(somebody(world, unit, post), campaign(world).row.id, line, world.now)


def townships(tx: Connection, unit: str) -> list[str]:
    """Ids of the townships of a county."""
    above = select(Unit.id).where(Unit.short_name == unit).scalar_subquery()
    return list(tx.execute(select(Unit.id).where(Unit.parent_id == above, Unit.level == "township")).scalars())


def broadcast(world: World, unit: str, refused: str = "", **data: Any) -> None:
    """A county's liaison enters what was shown today."""
    line = {"medium": "县广播电视台", "title": "推进排查整治", **data}
    with _expecting(refused):
        publicity.add(somebody(world, unit, "liaison"), campaign(world).row.id, line, world.now)


def _expecting(refused: str) -> AbstractContextManager[Any]:
    return pytest.raises(getattr(errors, refused)) if refused else nullcontext()


def visit_drawn(world: World, department: str, refused: str = "", **data: Any) -> None:
    """A department's officer visits the first enterprise it has drawn; `refused` for this field."""
    pick, plan = visits.open_pick(department), campaign(world).plan
    with models.reading() as tx:
        query = select(Enterprise.sector).where(Enterprise.unit_id == pick.enterprise_id)
        sector = tx.execute(query).scalar_one()
    given = visit(plan, sector, **data) | {
        "kind": "spot_check",
        "enterprise_id": pick.enterprise_id,
        "pick_id": pick.id,
    }
    given["inspected_at"] = world.now.astimezone(BEIJING).isoformat()
    with _expecting("Invalid" if refused else "") as fault:
        inspections.record(somebody(world, department, "officer"), campaign(world).row.id, given, world.now)
    assert not refused or list(fault.value.fields) == [refused]


def enterprise_closes(world: World, department: str) -> None:
    """The first enterprise that a department has drawn is taken out of the directory."""
    del world
    visits.close_drawn(department)


ACTS: dict[str, Callable[..., None]] = {
    "inspect_own": inspect_own,
    "decide": decide,
    "transfer": transfer,
    "oversee": oversee,
    "visit_drawn": visit_drawn,
    "enterprise_closes": enterprise_closes,
    "name_posts": name_posts,
    "broadcast": broadcast,
}
