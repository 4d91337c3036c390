"""Late statements and how their units are pressed: the ladder step taken, the next one and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.authority import Actor
from domain.plan import Plan
from domain.signs import Sign, statement_sign
from models import reading
from models.queries import statements as rows
from services._scope import paths_of
from services.plans.launched import choices, chosen_home
from services.plans.stage_bar import rung_names


@dataclass(frozen=True, kw_only=True)
class Pressed:
    """A late statement."""

    row: Any
    sign: Sign
    report_name: str
    step: str  # the ladder step taken last
    next_step: str
    next_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class PressedPage:
    """Who is late, those first who still owe."""

    campaigns: tuple[tuple[str, str], ...]
    campaign_id: str
    campaign: str
    late: tuple[Pressed, ...]

    @property
    def owing(self) -> int:
        return sum(entry.row.submitted_at is None for entry in self.late)


def page(actor: Actor, campaign_id: str | None, now: datetime) -> PressedPage | None:
    """Late statements of the units the actor sees; None while no campaign is launched."""
    with reading() as tx:
        found = chosen_home(tx, actor, campaign_id)
        if found is None:
            return None
        late = rows.pressed(tx, found.row.id, now, paths_of(actor))
        return PressedPage(
            campaigns=choices(tx, actor),
            campaign_id=found.row.id,
            campaign=found.short_title,
            late=tuple(_pressed(found.plan, row, now) for row in late),
        )


def _pressed(plan: Plan, row: Any, now: datetime) -> Pressed:
    names = rung_names(plan)
    return Pressed(
        row=row,
        sign=statement_sign(row.status, row.due_at, row.submitted_at, now, opened_late=row.opened_late),
        report_name=plan.reports[row.report].name,
        step=names.get(row.rung or "", "未督促"),
        next_step=plan.step_name(row.step),
        next_at=row.step_at,
    )
