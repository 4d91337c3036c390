"""One measure: the notice's words, who does it and how far, evidence, notes, history, contradictions; beside a task."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.authority import Actor
from domain.errors import NotFound
from domain.ledger import Tag
from domain.measures import wanted
from domain.plan import Measure, Plan, Target
from models import Tx, reading
from models.queries import measures as rows
from services._scope import paths_of
from services.measures import allocation
from services.measures.measure_pages import WorkLine, work_line, work_lines
from services.measures.progress import WRITERS
from services.plans.launched import home

SHOWN_WORKS = 600
SHOWN_NOTES = 100
SHOWN_EVENTS = 100
NOTES_BESIDE = 5
TAGS = tuple(tag.value for tag in Tag if tag.value.startswith("measure:"))


@dataclass(frozen=True, kw_only=True)
class TargetLine:
    """A target, and in how many of the units in sight it was met."""

    target: Any
    wanted: str
    met: int
    reported: int


HEADINGS = {"contradiction": "通知的说法不一致", "slip": "通知文字有误", "gap": "通知没有写明"}
UNCLEAR = "通知需要说明"


@dataclass(frozen=True, kw_only=True)
class Conflict:
    """What is unclear in the notice about the measure (`heading` says how), and the choice made."""

    heading: str
    clause: str
    note: str
    choice: str


@dataclass(frozen=True, kw_only=True)
class MeasurePage:
    """One measure of a launched campaign."""

    campaign_id: str
    campaign: str
    measure: Measure
    raw: Mapping[str, Any]
    due_at: datetime
    printed_due_at: datetime
    elsewhere: str  # the campaign that carries it out
    targets: tuple[TargetLine, ...]
    works: tuple[WorkLine, ...]
    open_tasks: Mapping[str, Any]
    evidence: Mapping[str, tuple[Any, ...]]  # by instance
    notes: tuple[Any, ...]
    events: tuple[Any, ...]
    conflicts: tuple[Conflict, ...]
    tables: tuple[allocation.Table, ...]  # quotas, what is reached, gaps
    figure: Target | None  # of which a note may give the number
    own_units: tuple[tuple[str, str], ...]  # for which the actor may note progress


def one(actor: Actor, campaign_id: str, key: str, now: datetime) -> MeasurePage:
    """The words of a measure are everybody's; its work is shown as far as the actor sees its units or checks them."""
    with reading() as tx:
        found = home(tx, campaign_id)
        measure = found.plan.measures.get(key)
        if measure is None:
            raise NotFound("没有找到这项任务。")
        seen = rows.of_measure(tx, campaign_id, key, paths_of(actor), SHOWN_WORKS)
        works = work_lines(found.plan, seen, now)
        instances = list(dict.fromkeys(row.instance_id for row in seen if row.instance_id))
        units = {row.unit_id: row.unit for row in seen}
        own = [(unit, name) for unit, name in units.items() if _writes(actor, unit)]
        return MeasurePage(
            campaign_id=campaign_id,
            campaign=found.short_title,
            measure=measure,
            raw=found.plan.raw["measures"][key],
            due_at=measure.due_at,
            printed_due_at=measure.due_at - found.facts.shift,
            elsewhere=measure.detailed_in or "",
            targets=_targets(measure, works),
            works=works,
            open_tasks=rows.open_tasks(tx, instances),
            evidence=_by_instance(rows.evidence(tx, instances)),
            notes=tuple(rows.notes(tx, campaign_id, key, list(units), SHOWN_NOTES)),
            events=tuple(rows.history(tx, instances, TAGS, SHOWN_EVENTS)),
            conflicts=_conflicts(found.plan, key),
            tables=allocation.tables(tx, actor, found, measure, now),
            figure=allocation.figure_of(measure),
            own_units=tuple(own) if found.row.status == "running" else (),
        )


def _writes(actor: Actor, unit_id: str) -> bool:
    return any(post.unit_id == unit_id and post.role in WRITERS for post in actor.in_use)


def _targets(measure: Measure, works: Sequence[WorkLine]) -> tuple[TargetLine, ...]:
    found = []
    for target in measure.targets.values():
        results = [line.row.reported[target.id] for line in works if target.id in (line.row.reported or {})]
        met = sum(bool(result["met"]) for result in results)
        found.append(TargetLine(target=target, wanted=wanted(target), met=met, reported=len(results)))
    return tuple(found)


def _by_instance(files: Sequence[Any]) -> dict[str, tuple[Any, ...]]:
    found: dict[str, tuple[Any, ...]] = {}
    for file in files:
        found[file.instance_id] = (*found.get(file.instance_id, ()), file)
    return found


def _conflicts(plan: Plan, key: str) -> tuple[Conflict, ...]:
    return tuple(
        Conflict(
            heading=HEADINGS.get(entry["kind"], UNCLEAR),
            clause=str(entry.get("clause") or ""),
            note=entry["note"],
            choice=entry["choice"],
        )
        for entry in (plan.raw.get("conflicts") or {}).values()
        if key in entry.get("measures", ())
    )


# -- beside the form of a task -----------------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class Beside:
    """What somebody who reports, checks or signs has to have in view."""

    campaign_id: str
    measure: Measure
    raw: Mapping[str, Any]
    work: WorkLine | None
    notes: tuple[Any, ...]
    conflicts: tuple[Conflict, ...]


def beside(campaign_id: str | None, values: Mapping[str, Any], now: datetime) -> Beside | None:
    """The measure of a task by the variables of its instance; None where it has none."""
    key, unit_id = str(values.get("measure") or ""), str(values.get("unit_id") or "")
    if not campaign_id or not key:
        return None
    with reading() as tx:
        plan = home(tx, campaign_id).plan
        if key not in plan.measures:
            return None
        return Beside(
            campaign_id=campaign_id,
            measure=plan.measures[key],
            raw=plan.raw["measures"][key],
            work=_work(tx, plan, campaign_id, values, now),
            notes=tuple(rows.notes(tx, campaign_id, key, [unit_id], NOTES_BESIDE)),
            conflicts=_conflicts(plan, key),
        )


def _work(tx: Tx, plan: Plan, campaign_id: str, values: Mapping[str, Any], now: datetime) -> WorkLine | None:
    number = int(values.get("measure_round") or 1)
    row = rows.work(tx, campaign_id, str(values["measure"]), str(values.get("unit_id") or ""), number)
    if row is None:
        return None
    return work_line(plan.measures[row.measure], row, str(values.get("unit_name") or ""), now)
