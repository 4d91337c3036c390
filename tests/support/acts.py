"""What people record without a task: visits, what is decided on findings, oversight that the office opens."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import pytest

import models
from domain import errors
from domain.authority import Actor
from domain.workdays import BEIJING
from services import findings, inspections, jobs, oversight
from services.rehearsal_acts import actor_of
from services.stage_bar import Home, chosen_home
from tests.support import rows
from tests.support.world import World


def somebody(world: World, unit: str, post: str) -> Actor:
    """Whoever holds a post of a unit at this moment."""
    with models.reading() as tx:
        query = models.Post.__table__.select().join(models.Unit, models.Unit.id == models.Post.unit_id)
        where = query.where(models.Unit.short_name == unit, models.Post.kind == post)
        return actor_of(tx, tx.execute(where).one().id, world.now)


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
    for number, one in enumerate(world.ask(rows.uninspected, unit, kind)[:count]):
        data = visit(home.plan, one.sector, found if number == 0 else (), **more)
        data |= {"kind": kind, "enterprise_id": one.unit_id, "inspected_at": day}
        inspections.record(actor, home.row.id, data, world.now)


def decide(world: World, unit: str, post: str, refused: str = "", **data: Any) -> None:
    """Somebody decides on the newest finding, or is refused."""
    finding = world.ask(rows.newest_finding)
    with _expecting(refused):
        findings.decide(somebody(world, unit, post), finding.id, data, world.now)
    jobs.drain(world.now)


def transfer(world: World, unit: str, post: str, to: str, reason: str, refused: str = "") -> None:
    """Somebody hands the newest finding to another unit, or is refused."""
    finding, (receiver,) = world.ask(rows.newest_finding), world.ask(rows.units, [to])
    with _expecting(refused):
        findings.transfer(somebody(world, unit, post), finding.id, receiver, reason, world.now)


def oversee(world: World, targets: Sequence[str], post: str = "director", refused: str = "", **data: Any) -> None:
    """The office opens oversight of units."""
    office = "市“百日攻坚”集中行动领导组办公室"
    ids = world.ask(rows.units, list(targets))
    with _expecting(refused):
        oversight.open(somebody(world, office, post), campaign(world).row.id, {"targets": ids, **data}, world.now)
    jobs.drain(world.now)


def _expecting(refused: str) -> AbstractContextManager[Any]:
    return pytest.raises(getattr(errors, refused)) if refused else nullcontext()


ACTS: dict[str, Callable[..., None]] = {
    "inspect_own": inspect_own,
    "decide": decide,
    "transfer": transfer,
    "oversee": oversee,
}
