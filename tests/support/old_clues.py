"""Clues of the last three years as tests enter them and dispose of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from models import OldClue, reading
from services.clues import old_clues
from services.running import jobs
from tests.support.hazards import campaign_id, holder, unit_id
from tests.support.world import World


def enter(world: World, unit: str, subjects: Sequence[str]) -> None:
    """A unit's liaison enters clues."""
    entries = [{"unit_id": unit_id(unit), "subject": subject, "text": "多次举报，反映强烈"} for subject in subjects]
    old_clues.add(holder(unit, "liaison", world.now), campaign_id(), entries, world.now)


def dispose(world: World, unit: str, subject: str, way: str, said: str) -> None:
    """A unit's liaison disposes of one; what becomes a hazard lies in the same county."""
    with reading() as tx:
        clue_id = tx.execute(select(OldClue.id).where(OldClue.subject == subject)).scalar_one()
    found: dict[str, Any] = {"enterprise_name": subject, "county_id": unit_id(unit), "grade": "general"}
    actor = holder(unit, "liaison", world.now)
    old_clues.dispose(actor, clue_id, way, said, world.now, found if way == "hazard" else None)
    jobs.drain(world.now)


def states() -> dict[str, str]:
    """Every clue's state."""
    with reading() as tx:
        return {row.subject: row.status for row in tx.execute(select(OldClue.subject, OldClue.status))}
