"""The stages of a launched campaign as a bar: printed dates, shifted dates, gates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.plan import Plan
from domain.signs import Sign, stage_sign
from services.plans.launched import Home


@dataclass(frozen=True, kw_only=True)
class StageView:
    """A stage on the bar; `left` and `width` are percent of the whole campaign."""

    key: str
    name: str
    clause: str
    dates_text: str
    printed_from: datetime
    printed_to: datetime
    starts_at: datetime
    ends_at: datetime
    sign: Sign
    gate_task_id: str | None
    gate_due_at: datetime | None
    gate_signed_at: datetime | None
    left: float
    width: float


def stage_views(home: Home, found: Sequence[Any], now: datetime) -> tuple[StageView, ...]:
    """The bar of a campaign from its stage rows."""
    if not found:
        return ()
    first = min(stage.starts_at for stage in found)
    span = max((max(stage.ends_at for stage in found) - first).total_seconds(), 1.0)
    return tuple(_stage(home, stage, first, span, now) for stage in found)


def _stage(home: Home, row: Any, first: datetime, span: float, now: datetime) -> StageView:
    entry = home.edition.plan.stages.get(row.key)
    raw = (home.plan.raw.get("stages") or {}).get(row.key) or {}
    shift = home.facts.shift
    return StageView(
        key=row.key,
        name=row.name,
        clause=entry.clause if entry else "",
        dates_text=str(raw.get("dates_text") or ""),
        printed_from=entry.starts_at if entry and entry.starts_at else row.starts_at - shift,
        printed_to=entry.ends_at if entry else row.ends_at - shift,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        sign=stage_sign(
            row.starts_at,
            row.ends_at,
            now,
            gate_open=row.gate_status == "open",
            gate_due_at=row.gate_due_at,
            gate_signed_at=row.gate_signed_at,
            gate_opened_at=row.gate_opened_at,
        ),
        gate_task_id=row.gate_task_id,
        gate_due_at=row.gate_due_at,
        gate_signed_at=row.gate_signed_at,
        left=100 * (row.starts_at - first).total_seconds() / span,
        width=max(100 * (row.ends_at - row.starts_at).total_seconds() / span, 1.0),
    )


def rung_names(plan: Plan) -> dict[str, str]:
    """rung id -> its name, over all ladders of the plan."""
    return {rung.id: rung.name for ladder in plan.escalation.values() for rung in ladder.rungs}
