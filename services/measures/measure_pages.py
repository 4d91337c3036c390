"""The list of measures 任务清单: by unit and date, or by measure, under filters, as a page and as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.authority import Actor
from domain.measures import ROLES, STATES, portion, shown, wanted
from domain.plan import Measure, Plan, Target
from domain.signs import MEASURES, Sign, measure_sign
from models import reading
from models.queries import measures as rows
from services import excel
from services._pages import PAGE, following, position
from services._scope import paths_of
from services.plans.launched import Home, chosen_home

VIEWS = {"measures": "按任务", "units": "按单位"}
OVERDUE = "overdue"
STATE_NAMES = {OVERDUE: "已超期", **{key: MEASURES[key].word for key in STATES}}


@dataclass(frozen=True, kw_only=True)
class Filters:
    """What somebody asked to see; `heading` is the number of a heading."""

    view: str = "measures"
    heading: str = ""
    unit_id: str = ""
    state: str = ""
    target: bool = False
    text: str = ""
    after: str = ""

    @property
    def narrow(self) -> bool:
        """Whether some work is left out."""
        return bool(self.unit_id or self.state or self.target)


@dataclass(frozen=True, kw_only=True)
class Result:
    """A target with what a unit reported of it."""

    indicator: str
    wanted: str
    ours: bool
    reported: str
    met: bool | None  # None: nothing reported


@dataclass(frozen=True, kw_only=True)
class WorkLine:
    """A measure in a unit, at one of its dates."""

    row: Any
    measure: Measure
    sign: Sign
    role: str
    results: tuple[Result, ...]


@dataclass(frozen=True, kw_only=True)
class MeasureLine:
    """A measure with how far its units are; without counts it is carried out elsewhere."""

    measure: Measure
    counts: Any | None
    sign: Sign | None


@dataclass(frozen=True, kw_only=True)
class ListPage:
    """A page of the list."""

    campaign_id: str
    campaign: str
    measures: tuple[MeasureLine, ...]
    works: tuple[WorkLine, ...]
    counts: Any
    headings: tuple[tuple[str, str], ...]
    units: tuple[tuple[str, str], ...]
    next_after: str


def page(actor: Actor, filters: Filters, now: datetime) -> ListPage | None:
    """Measures that the actor's units do or check, or that lie in their scope; None while nothing is launched."""
    with reading() as tx:
        found = chosen_home(tx, actor)
        if found is None:
            return None
        wanted_ = _wanted(actor, filters, found, now)
        units = rows.units(tx, found.row.id, wanted_.paths)
        counts = rows.counts(tx, wanted_)
        works: Sequence[Any] = ()
        lines: tuple[MeasureLine, ...] = ()
        following_ = ""
        if filters.view == "units":
            works = rows.page(tx, wanted_, position(filters.after), PAGE + 1)
            following_ = following(works, "due_at")
        else:
            lines, following_ = _cut(_lines(rows.by_measure(tx, wanted_), filters, found.plan, now), filters.after)
        return ListPage(
            campaign_id=found.row.id,
            campaign=found.short_title,
            measures=lines,
            works=work_lines(found.plan, works[:PAGE], now),
            counts=counts,
            headings=tuple((str(n), heading) for n, heading in enumerate(headings(found.plan), 1)),
            units=tuple((row.id, row.short_name) for row in units),
            next_after=following_,
        )


def headings(plan: Plan) -> list[str]:
    """The notice's headings above its measures, in order."""
    return list(dict.fromkeys(m.group for m in _shown(plan) if m.group))


def _shown(plan: Plan) -> list[Measure]:
    """Measures that are carried out, here or elsewhere."""
    return [m for m in plan.measures.values() if m.list is not None or m.detailed_in is not None]


def _cut(lines: Sequence[MeasureLine], after: str) -> tuple[tuple[MeasureLine, ...], str]:
    """A page of the measures behind the one named `after`."""
    keys = [line.measure.id for line in lines]
    start = keys.index(after) + 1 if after in keys else 0
    part = tuple(lines[start : start + PAGE])
    return part, part[-1].measure.id if start + PAGE < len(lines) else ""


def _lines(counted: Mapping[str, Any], filters: Filters, plan: Plan, now: datetime) -> list[MeasureLine]:
    """In the plan's order; a measure without any work in sight is shown while nothing narrows the list."""
    matching = set(_matching(plan, filters))
    found = []
    for measure in _shown(plan):
        counts = counted.get(measure.id)
        elsewhere = measure.detailed_in is not None and not filters.narrow and measure.id in matching
        if counts is not None or elsewhere:
            found.append(MeasureLine(measure=measure, counts=counts, sign=_sign(counts, now)))
    return found


def _sign(counts: Any, now: datetime) -> Sign | None:
    if counts is None:
        return None
    if counts.overdue:
        return measure_sign("open", counts.due_at, None, now)
    if counts.accepted == counts.total:
        return MEASURES["accepted"]
    return MEASURES["open" if counts.open else "reported" if counts.reported else "waiting"]


def _matching(plan: Plan, filters: Filters) -> list[str]:
    """Measures under the heading and with the text in their own words."""
    known = headings(plan)
    number = int(filters.heading) if filters.heading.isdecimal() else 0
    heading = known[number - 1] if 0 < number <= len(known) else ""
    return [
        m.id
        for m in _shown(plan)
        if (not heading or m.group == heading) and (not filters.text or filters.text in f"{m.number} {m.name} {m.text}")
    ]


def _wanted(actor: Actor, filters: Filters, found: Home, now: datetime) -> rows.Wanted:
    under = _matching(found.plan, Filters(heading=filters.heading))
    return rows.Wanted(
        campaign_id=found.row.id,
        paths=paths_of(actor),
        measures=tuple(under) if filters.heading else None,
        unit_id=filters.unit_id,
        state=filters.state if filters.state in STATE_NAMES else "",
        target=filters.target,
        text=filters.text,
        named=tuple(_matching(found.plan, filters)) if filters.text else (),
        now=now,
    )


# -- lines -------------------------------------------------------------------------------------------------------------
def work_lines(plan: Plan, found: Sequence[Any], now: datetime) -> tuple[WorkLine, ...]:
    """Rows with what the plan says of them."""
    return tuple(
        work_line(plan.measures[row.measure], row, row.unit, now) for row in found if row.measure in plan.measures
    )


def work_line(measure: Measure, row: Any, unit: str, now: datetime) -> WorkLine:
    """A row of a unit with what the plan says of it."""
    return WorkLine(
        row=row,
        measure=measure,
        sign=measure_sign(row.status, row.due_at, row.met if row.target else None, now, arrived=row.arrived_late),
        role=ROLES[row.role],
        results=tuple(_result(target, (row.reported or {}).get(target.id)) for target in _targets(measure, row, unit)),
    )


def _targets(measure: Measure, row: Any, unit: str) -> tuple[Target, ...]:
    rounds = measure.rounds()
    return tuple(portion(one, unit) for one in rounds[row.round - 1][1]) if row.round <= len(rounds) else ()


def _result(target: Target, reported: Mapping[str, Any] | None) -> Result:
    return Result(
        indicator=target.indicator,
        wanted=wanted(target),
        ours=target.ours,
        reported=shown(target, reported["value"]) if reported else "",
        met=bool(reported["met"]) if reported else None,
    )


def sheet(actor: Actor, filters: Filters, now: datetime) -> excel.Sheet:
    """Every measure in every unit under the filters, as a table."""
    who = ("编号", "任务", "分类", "承办单位", "职责", "牵头单位")
    how = ("时限", "状态", "目标", "完成值", "上报时间", "验收时间", "退回次数", "退回或未达标验收的理由")
    with reading() as tx:
        found = chosen_home(tx, actor)
        seen = rows.page(tx, _wanted(actor, filters, found, now), None, excel.LIMIT + 1) if found else []
    lines = work_lines(found.plan, seen, now) if found else ()
    return excel.Sheet(title="任务清单", head=(*who, *how), rows=[_cells(line) for line in lines])


def _cells(line: WorkLine) -> tuple[Any, ...]:
    row, measure = line.row, line.measure
    targets = "；".join(f"{one.indicator} {one.wanted}" for one in line.results)
    reported = "；".join(one.reported for one in line.results if one.reported)
    who = (measure.number, measure.name, measure.group, row.unit, line.role, row.lead or "")
    state = (excel.limit(row.due_at), line.sign.word, targets, reported, row.reported_at, row.accepted_at)
    return (*who, *state, row.returns, row.reason)
