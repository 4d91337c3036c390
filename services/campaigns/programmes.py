"""A programme with its child campaigns rolled up: how far each of them is, in the data that somebody sees."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.signs import STATUS, Sign
from models import Tx
from models.queries import campaigns as rows
from models.queries import measures as measure_rows
from services.plans.launched import Home, home_of
from services.plans.stage_bar import StageView, stage_views


@dataclass(frozen=True, kw_only=True)
class Figures:
    """Tasks done, open, and of the open ones overdue."""

    done: int = 0
    open: int = 0
    overdue: int = 0
    arrived_late: int = 0  # open, but the limit had passed when they came: in nobody's count of overdue ones

    @property
    def total(self) -> int:
        return self.done + self.open

    @property
    def percent(self) -> int:
        return round(100 * self.done / self.total) if self.total else 0


def figures_of(counts: Any) -> Figures:
    """The figures of a counting row."""
    if counts is None:
        return Figures()
    return Figures(
        done=int(counts.done), open=int(counts.open), overdue=int(counts.overdue), arrived_late=int(counts.arrived_late)
    )


def added(parts: Sequence[Figures]) -> Figures:
    """Several figures as one."""
    return Figures(
        done=sum(part.done for part in parts),
        open=sum(part.open for part in parts),
        overdue=sum(part.overdue for part in parts),
        arrived_late=sum(part.arrived_late for part in parts),
    )


@dataclass(frozen=True, kw_only=True)
class ChildLine:
    """A campaign in the roll-up: its phase, its tasks, its statements, its gates."""

    id: str
    name: str
    status: Sign
    own: bool  # the programme itself, beside its children
    stages: tuple[StageView, ...]
    figures: Figures
    ordered: int  # gates that the plan asks for
    measures: Figures  # handed out to units: accepted, not yet, of those overdue
    owed: int
    handed_in: int
    missing: int

    @property
    def phases(self) -> tuple[StageView, ...]:
        """The stages that are going on, or whose gate waits for a signature."""
        return tuple(s for s in self.stages if s.sign.key in ("under_way", "gate_open", "gate_late"))

    @property
    def gates(self) -> tuple[StageView, ...]:
        """The gates that wait for a signature."""
        return tuple(s for s in self.stages if s.gate_task_id and not s.gate_signed_at)

    @property
    def signed(self) -> int:
        """How many gates are signed."""
        return sum(s.gate_signed_at is not None for s in self.stages)


@dataclass(frozen=True, kw_only=True)
class Family:
    """Up and down from a campaign: its programme, and the roll-up where it is one itself."""

    parent_id: str | None
    parent: str
    lines: tuple[ChildLine, ...]

    @property
    def figures(self) -> Figures:
        return added([line.figures for line in self.lines])

    @property
    def measured(self) -> bool:
        """Whether measures were handed out in any of them."""
        return any(line.measures.total for line in self.lines)


def family(tx: Tx, found: Home, paths: Sequence[str] | None, now: datetime) -> Family:
    """The roll-up of a programme, in the units whose data somebody sees; no lines for a campaign without children."""
    above = rows.campaign(tx, found.row.parent_id) if found.row.parent_id else None
    children = rows.children(tx, found.row.id)
    return Family(
        parent_id=above.id if above else None,
        parent=home_of(tx, above).short_title if above else "",
        lines=roll_up(tx, [found.row, *children], paths, now) if children else (),
    )


def roll_up(tx: Tx, found: Sequence[Any], paths: Sequence[str] | None, now: datetime) -> tuple[ChildLine, ...]:
    """A line a campaign; what is counted is asked for once for all of them."""
    ids = [row.id for row in found]
    stages = rows.stages(tx, ids)
    tasks = rows.task_counts(tx, ids, now, paths)
    statements = rows.statement_sums(tx, ids, now, paths)
    measures = measure_rows.by_campaign(tx, ids, now, paths)
    return tuple(
        _line(tx, row, stages, tasks.get(row.id), statements.get(row.id), measures.get(row.id), now) for row in found
    )


def _line(
    tx: Tx, row: Any, stages: Sequence[Any], tasks: Any, statements: Any, measures: Any, now: datetime
) -> ChildLine:
    found = home_of(tx, row)
    return ChildLine(
        id=row.id,
        name=found.short_title,
        status=STATUS[row.status],
        own=row.parent_id is None,
        stages=stage_views(found, [stage for stage in stages if stage.campaign_id == row.id], now),
        figures=figures_of(tasks),
        measures=Figures(
            done=int(measures.accepted),
            open=int(measures.total) - int(measures.accepted),
            overdue=int(measures.overdue),
        )
        if measures
        else Figures(),
        ordered=sum(stage.sign_off is not None for stage in found.plan.stages.values()),
        owed=int(statements.owed or 0) if statements else 0,
        handed_in=int(statements.handed_in or 0) if statements else 0,
        missing=int(statements.missing or 0) if statements else 0,
    )
