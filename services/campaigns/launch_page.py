"""The launch page: plans that can be launched; what a launch would bring to whom, by group and by week."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from domain.holidays import name_on
from domain.workdays import day_of
from models import Tx, reading
from models.queries import calendar as calendar_rows
from models.queries import campaigns as campaign_rows
from models.queries import definitions as rows
from services.campaigns.campaigns import DOERS, LaunchPreview, PlannedTask, preview, suggested_shift
from services.campaigns.launching import OFFICE_GROUP
from services.plans.versions import edition_of


@dataclass(frozen=True, kw_only=True)
class PlanChoice:
    """A published plan that can be launched."""

    key: str
    title: str
    document_number: str
    number: int
    starts_at: datetime
    ends_at: datetime
    suggested_weeks: int
    running: int  # campaigns of this plan that run already


@dataclass(frozen=True, kw_only=True)
class Week:
    """A column of the preview."""

    monday: date
    printed_monday: date
    total: int


@dataclass(frozen=True, kw_only=True)
class GroupLine:
    """A unit group: how many units (None: whoever the work falls to), how many tasks are due in each week."""

    group: str
    units: int | None
    total: int
    weeks: tuple[int, ...]
    later: int  # due dates that only the process will know


@dataclass(frozen=True, kw_only=True)
class Task:
    """A kind of task with the holiday its due date falls on."""

    row: PlannedTask
    holiday: str


@dataclass(frozen=True, kw_only=True)
class LaunchPage:
    """What would happen."""

    preview: LaunchPreview
    weeks: tuple[Week, ...]
    groups: tuple[GroupLine, ...]
    tasks: tuple[tuple[str, tuple[Task, ...]], ...]  # by stage
    receivers: frozenset[str]  # groups whose tasks follow from others' work: counted by pieces, not by units
    certain: int  # tasks with a date of their own
    conditional: int  # tasks that follow from others: receiving, supplementing after a return


def plans(now: datetime) -> list[PlanChoice]:
    """The newest edition of every published campaign."""
    with reading() as tx:
        running = campaign_rows.campaigns(tx)
        return [_choice(tx, row, running, now) for row in rows.published(tx)]


def _choice(tx: Tx, row: Any, launched: Sequence[Any], now: datetime) -> PlanChoice:
    plan = edition_of(tx, row.id).plan
    return PlanChoice(
        key=row.campaign_key,
        title=row.title,
        document_number=plan.document_number,
        number=row.number,
        starts_at=plan.starts_at,
        ends_at=plan.ends_at,
        suggested_weeks=suggested_shift(plan, now) // 7,
        running=sum(one.key == row.campaign_key and one.status == "running" for one in launched),
    )


def page(key: str, *, past: str, shift_days: int, now: datetime) -> LaunchPage:
    """The preview, sorted for reading."""
    found = preview(key, past=past, shift_days=shift_days, now=now)
    with reading() as tx:
        names = {row.day: row.name for row in calendar_rows.days(tx)}
        office = edition_of(tx, found.edition_id).plan.units[OFFICE_GROUP].name
    receivers = frozenset({office, *DOERS.values()})
    shift = timedelta(days=shift_days)
    mondays = sorted({_monday(due) for task in found.tasks for due in dues_of(task)})
    weeks = tuple(
        Week(
            monday=monday,
            printed_monday=monday - shift,
            total=sum(task.units for task in found.tasks for due in dues_of(task) if _monday(due) == monday),
        )
        for monday in mondays
    )
    return LaunchPage(
        preview=found,
        weeks=weeks,
        groups=_groups(found.tasks, mondays, receivers),
        tasks=_by_stage(found.tasks, names),
        receivers=receivers,
        certain=sum(task.units * len(dues_of(task)) for task in found.tasks),
        conditional=sum(task.units * task.times for task in found.tasks if task.due_at is None),
    )


def dues_of(task: PlannedTask) -> tuple[datetime, ...]:
    """Every due moment of a kind of task that is known before the launch; a recurring one comes every week."""
    if task.due_at is None:
        return ()
    return tuple(task.due_at + timedelta(days=7 * n) for n in range(task.times))


def _monday(at: datetime) -> date:
    day = day_of(at)
    return day - timedelta(days=day.weekday())


def _groups(tasks: Sequence[PlannedTask], mondays: Sequence[date], receivers: Collection[str]) -> tuple[GroupLine, ...]:
    by_group: dict[str, list[PlannedTask]] = defaultdict(list)
    for task in tasks:
        by_group[task.group].append(task)
    return tuple(_group(name, own, mondays, name not in receivers) for name, own in by_group.items())


def _group(name: str, own: Sequence[PlannedTask], mondays: Sequence[date], named: bool) -> GroupLine:
    weeks: dict[date, int] = defaultdict(int)
    for task in own:
        for due in dues_of(task):
            weeks[_monday(due)] += task.units
    total = sum(task.units * task.times for task in own)
    return GroupLine(
        group=name,
        units=max(task.units for task in own) if named and not any(task.items for task in own) else None,
        total=total,
        weeks=tuple(weeks[monday] for monday in mondays),
        later=total - sum(weeks.values()),
    )


def _by_stage(tasks: Sequence[PlannedTask], names: Mapping[date, str]) -> tuple[tuple[str, tuple[Task, ...]], ...]:
    stages: dict[str, list[Task]] = defaultdict(list)
    for task in tasks:
        stages[task.stage or "贯穿全程"].append(Task(row=task, holiday=_holiday(task, names)))
    return tuple((stage, tuple(found)) for stage, found in stages.items())


def _holiday(task: PlannedTask, names: Mapping[date, str]) -> str:
    """The name of the holiday on which a task is due; 周末 where it has none."""
    if not task.holiday or task.due_at is None:
        return ""
    return name_on(day_of(task.due_at), names) or "周末"
