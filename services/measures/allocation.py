"""The allocation table of a measure: each unit's quota, what it has reached by now, and the gap that is left.

A table holds the units among whom a target is allocated (`values`), or, in a list with `allocation`, the measures that
share an indicator.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.authority import Actor
from domain.errors import NotFound
from domain.measures import is_number, portion
from domain.plan import Measure, Plan, Target
from domain.signs import Sign
from models import Tx, reading
from models.queries import measures as rows
from services import excel
from services._scope import paths_of
from services.measures.measure_pages import work_lines
from services.plans.launched import Home, home

LIMIT = 600


@dataclass(frozen=True, kw_only=True)
class Line:
    """One unit with its quota; `reached` None: nothing reported and nothing noted yet."""

    measure: Measure
    row: Any
    quota: float
    reached: float | None
    noted: bool  # a figure noted on the way, not the report
    sign: Sign

    @property
    def gap(self) -> float:
        """What is left to do."""
        return max(self.quota - (self.reached or 0), 0)


@dataclass(frozen=True, kw_only=True)
class Table:
    """One indicator, allocated. `whole`: every part of the allocation is in sight."""

    indicator: str
    unit: str
    lines: tuple[Line, ...]
    whole: bool

    @property
    def quota(self) -> float:
        """All quotas in sight together."""
        return sum(line.quota for line in self.lines)

    @property
    def reached(self) -> float:
        """What all in sight have reached."""
        return sum(line.reached or 0 for line in self.lines)

    @property
    def gap(self) -> float:
        """What is left in sight; a surplus of one unit fills no gap of another."""
        return sum(line.gap for line in self.lines)


def figure_of(measure: Measure) -> Target | None:
    """The target of which units note figures on the way: the only one that is allocated or a plain number."""
    numbers = [target for target in measure.targets.values() if is_number(target)]
    return numbers[0] if len(numbers) == 1 and numbers[0].unit not in ("%", "‰") else None


def tables(tx: Tx, actor: Actor, found: Home, measure: Measure, now: datetime) -> tuple[Table, ...]:
    """The tables on the page of a measure; none where nothing is allocated."""
    allocated = {target.indicator: peers for target, peers in _allocated(found.plan, measure)}
    if not allocated:
        return ()
    keys = {key for peers in allocated.values() for key in peers}
    wanted = rows.Wanted(campaign_id=found.row.id, paths=paths_of(actor), measures=tuple(sorted(keys)), now=now)
    seen = rows.page(tx, wanted, None, LIMIT)
    noted = rows.noted_figures(tx, found.row.id, sorted(keys))
    return tuple(_table(found.plan, indicator, peers, seen, noted, now) for indicator, peers in allocated.items())


def _allocated(plan: Plan, measure: Measure) -> Iterator[tuple[Target, Mapping[str, Target]]]:
    """Each allocated target of a measure, with the measures (key -> target) that stand in its table."""
    together = bool(plan.raw.get("measure_lists", {}).get(measure.list, {}).get("allocation"))
    for target in measure.targets.values():
        if target.values:
            yield target, {measure.id: target}
        elif together and is_number(target):
            yield target, dict(_sharing(plan, measure, target.indicator))


def _sharing(plan: Plan, measure: Measure, indicator: str) -> Iterator[tuple[str, Target]]:
    for peer in plan.measures.values():
        if peer.list == measure.list:
            yield from ((peer.id, target) for target in peer.targets.values() if target.indicator == indicator)


def _table(
    plan: Plan,
    indicator: str,
    peers: Mapping[str, Target],
    seen: Sequence[Any],
    noted: Mapping[tuple[str, str], float],
    now: datetime,
) -> Table:
    order = list(plan.measures)
    lines = []
    for work in work_lines(plan, seen, now):
        target = peers.get(work.row.measure)
        if target is None or target.id not in _due(work.measure, work.row.round):
            continue
        reported = (work.row.reported or {}).get(target.id)
        note = noted.get((work.row.measure, work.row.unit_id))
        lines.append(
            Line(
                measure=work.measure,
                row=work.row,
                quota=float(portion(target, work.row.unit).value),  # type: ignore[arg-type]
                reached=float(reported["value"]) if reported else note,
                noted=not reported and note is not None,
                sign=work.sign,
            )
        )
    lines.sort(key=lambda line: (order.index(line.measure.id), _place(peers[line.measure.id], line.row.unit)))
    parts = sum(len(target.values) or 1 for target in peers.values())
    unit = next(iter(peers.values())).unit
    return Table(indicator=indicator, unit=unit, lines=tuple(lines), whole=len(lines) >= parts)


def _due(measure: Measure, number: int) -> tuple[str, ...]:
    rounds = measure.rounds()
    return tuple(target.id for target in rounds[number - 1][1]) if number <= len(rounds) else ()


def _place(target: Target, unit: str) -> int:
    """The order in which the notice allocates."""
    names = list(target.values)
    return names.index(unit) if unit in names else len(names)


def sheets(actor: Actor, campaign_id: str, key: str, now: datetime) -> list[excel.Sheet]:
    """The tables of a measure for Excel; NotFound where nothing is allocated."""
    with reading() as tx:
        found = home(tx, campaign_id)
        measure = found.plan.measures.get(key)
        made = tables(tx, actor, found, measure, now) if measure is not None else ()
    if not made:
        raise NotFound("这项任务没有分配任务数。")
    return [_sheet(table, number) for number, table in enumerate(made, 1)]


def _sheet(table: Table, number: int) -> excel.Sheet:
    head = ("编号", "任务", "承办单位", f"任务数（{table.unit}）", "已完成", "差额", "数据来源", "时限", "状态")
    lines: list[tuple[Any, ...]] = [
        (
            line.measure.number,
            line.measure.name,
            line.row.unit,
            line.quota,
            line.reached,
            line.gap,
            source_of(line),
            excel.limit(line.row.due_at),
            line.sign.word,
        )
        for line in table.lines
    ]
    lines.append(("", "合计", "", table.quota, table.reached, table.gap, "", None, ""))
    return excel.Sheet(title=f"任务分配和完成情况：{table.indicator}", head=head, rows=lines, name=f"任务分配{number}")


def source_of(line: Line) -> str:
    """Where the figure comes from, in words."""
    return "" if line.reached is None else "进展记录" if line.noted else "上报"
