"""Tasks of a rehearsal that want more than a form: when they can be done at all, what is done before, what is decided.

By the step's name or its form: a step that is not named here is done as any other.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from domain.workdays import end_of
from engine.contract import Element
from models import Tx, reading
from models.queries import rehearsal_acts as act_rows
from models.queries import spot_checks as spot_rows
from services.rehearsal import rehearsal_clues, rehearsal_inspections, rehearsal_old_clues, rehearsal_registers
from services.rehearsal.rehearsal_agenda import Scene

Preparation = Callable[[Scene, str, random.Random, datetime], None]


def leaning(
    tx: Tx, scene: Scene, element: Element, variables: Mapping[str, Any] | None, now: datetime
) -> tuple[str, dict[str, str]] | None:
    """The button and what is written at a step about a clue; None where the usual habits decide."""
    clue_id = (variables or {}).get("clue_id")
    return rehearsal_clues.outcome(tx, scene, element, str(clue_id), now) if clue_id else None


def ready_at(scene: Scene, element: str, opened_at: datetime) -> datetime:
    """From when on a step can be done: a full inspection is closed when everybody has been visited, the ledger of
    old clues when those had their days."""
    if element in CLOSING:
        days = rehearsal_inspections.visiting_days(scene)
        return max(opened_at, end_of(days[-1])) if days else opened_at
    if element in WORKED_OFF:
        return max(opened_at, rehearsal_old_clues.worked_off(scene))
    return opened_at


def prepare(scene: Scene, element: str, instance_id: str, draw: random.Random, now: datetime) -> None:
    """Do what a person does before pressing the button."""
    if element in PREPARATIONS:
        PREPARATIONS[element](scene, instance_id, draw, now)


def known_answers(scene: Scene, form: str, now: datetime) -> dict[str, Any]:
    """Answers that the form's own samples cannot know."""
    if form == RECTIFICATION and now + LONGEST_RECTIFICATION > scene.ends_at:
        return {"due_reason": "设备采购和安装周期较长，已落实临时管控措施。"}
    return {}


def _visit_picks(scene: Scene, instance_id: str, draw: random.Random, now: datetime) -> None:
    """Every enterprise that was drawn is visited by the department."""
    with reading() as tx:
        picks = [pick for pick in spot_rows.picks_of_instance(tx, instance_id) if pick.inspection_id is None]
        known = {row.id: row for row in act_rows.enterprises(tx)} if picks else {}
    for pick in picks:
        enterprise = known[pick.enterprise_id]
        rehearsal_inspections.visit(scene, draw, enterprise, "spot_check", pick.department_id, now, pick_id=pick.id)


RECTIFICATION, LONGEST_RECTIFICATION = "rectification_plan", timedelta(days=14)
CLOSING = frozenset({"complete_inspection"})
WORKED_OFF = frozenset({"work_off_old_clues"})
PREPARATIONS: Mapping[str, Preparation] = {
    "check_picks": _visit_picks,
    "build_old_clue_ledger": rehearsal_old_clues.build_ledger,
    "work_off_old_clues": rehearsal_old_clues.work_off,
    "record_county_posts": rehearsal_registers.record_responsibilities,
    "record_township_posts": rehearsal_registers.record_responsibilities,
    "record_village_posts": rehearsal_registers.record_responsibilities,
}
