"""The launch page: plans that can be launched; what a launch would bring to whom, by group and by week."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from domain.holidays import name_on
from domain.plan import Plan
from domain.workdays import BEIJING, day_of
from models import reading
from models.queries import calendar as calendar_rows
from models.queries import campaigns as campaign_rows
from models.queries import definitions as rows
from services.campaigns import launching
from services.campaigns.campaigns import DOERS, LaunchPreview, PlannedTask, preview, suggested_shift
from services.campaigns.launching import OFFICE_GROUP
from services.campaigns.outlook import Outlook, outlook, weeks_to
from services.plans.versions import edition_of

LONGEST_IN_WEEKS = timedelta(days=300)
Begins = Callable[[datetime], date]


@dataclass(frozen=True, kw_only=True)
class PlanChoice:
    """A published plan that can be launched."""

    key: str
    title: str
    document_number: str
    number: int
    starts_at: datetime
    ends_at: datetime
    open_ended: bool  # the notice sets no end
    suggested_weeks: int
    running: int  # campaigns of this plan that run already
    children: tuple[str, ...]  # child campaigns, launched with it


@dataclass(frozen=True, kw_only=True)
class Column:
    """A week of the preview; a month where there would be too many weeks."""

    start: date
    printed: date
    total: int
    is_month: bool


@dataclass(frozen=True, kw_only=True)
class GroupLine:
    """A unit group: how many units (None: whoever the work falls to), how many tasks are due in each week."""

    group: str
    units: int | None
    total: int
    dues: tuple[int, ...]  # how many are due in each column
    later: int  # due dates that only the process will know


@dataclass(frozen=True, kw_only=True)
class Task:
    """A kind of task with the holiday its due date falls on."""

    row: PlannedTask
    holiday: str


@dataclass(frozen=True, kw_only=True)
class Choice:
    """A way of treating dates, in words with its numbers."""

    past: str
    title: str
    sentences: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class LaunchPage:
    """What would happen."""

    preview: LaunchPreview
    choices: tuple[Choice, ...]
    columns: tuple[Column, ...]
    groups: tuple[GroupLine, ...]
    tasks: tuple[tuple[str, tuple[Task, ...]], ...]  # by stage
    children: tuple[tuple[str, tuple[Task, ...]], ...]  # of each child campaign
    receivers: frozenset[str]  # groups whose tasks follow from others' work: counted by pieces, not by units
    certain: int  # tasks with a date of their own
    conditional: int  # tasks that follow from others: receiving, supplementing after a return


def weeks(key: str, day: date, now: datetime) -> int:
    """By how many whole weeks a plan moves to begin in the week of this day."""
    with reading() as tx:
        return weeks_to(launching.newest(tx, key).plan, day)


def plans(now: datetime) -> list[PlanChoice]:
    """The newest edition of every published campaign."""
    with reading() as tx:
        running = campaign_rows.campaigns(tx)
        found = [(row, edition_of(tx, row.id).plan) for row in rows.published(tx)]
        titles = {row.campaign_key: plan.short_title for row, plan in found}
        return [_choice(row, plan, running, titles, now) for row, plan in found if not plan.parent]


def _choice(row: Any, plan: Plan, launched: Sequence[Any], titles: Mapping[str, str], now: datetime) -> PlanChoice:
    return PlanChoice(
        key=row.campaign_key,
        title=row.title,
        document_number=plan.document_number,
        number=row.number,
        starts_at=plan.starts_at,
        ends_at=plan.ends_at,
        open_ended=plan.open_ended,
        suggested_weeks=suggested_shift(plan, now) // 7,
        running=sum(one.key == row.campaign_key and one.status == "running" for one in launched),
        children=tuple(titles.get(key, f"{key}（尚未发布）") for key in plan.child_keys),
    )


def page(key: str, *, past: str, shift_days: int, now: datetime) -> LaunchPage:
    """The preview, sorted for reading."""
    found = preview(key, past=past, shift_days=shift_days, now=now)
    with reading() as tx:
        names = {row.day: row.name for row in calendar_rows.days(tx)}
        office = edition_of(tx, found.edition_id).plan.units[OFFICE_GROUP].name
    receivers = frozenset({office, *DOERS.values()})
    begins = _month if found.ends_at - found.starts_at > LONGEST_IN_WEEKS else _monday
    columns = _columns(found.tasks, begins, timedelta(days=shift_days))
    starts = [column.start for column in columns]
    return LaunchPage(
        preview=found,
        choices=choices(key, shift_days if past == "shift" else found.suggested_shift_days, now),
        columns=columns,
        groups=_groups(found.tasks, starts, begins, receivers),
        tasks=_by_stage([task for task in found.tasks if not task.campaign], names),
        children=_by_child(found.tasks, names),
        receivers=receivers,
        certain=sum(task.units * len(task.dues) for task in found.tasks),
        conditional=sum(task.units * task.times for task in found.tasks if task.due_at is None),
    )


def choices(key: str, shift_days: int, now: datetime) -> tuple[Choice, ...]:
    """The three ways, the default first, each with what it would bring if the launch were now."""
    moved, printed = outlook(key, shift_days=shift_days, now=now), outlook(key, shift_days=0, now=now)
    weeks = shift_days // 7
    way = f"往后移 {weeks} 周" if weeks > 0 else f"往前移 {-weeks} 周" if weeks else "不移动"
    shifted = f"全部日期{way}，星期不变，第一天是 {_day(moved.starts_at)}。"
    return (
        Choice(past="shift", title="整周平移（默认）", sentences=(shifted, *_brings(moved, opened=False))),
        Choice(past="keep", title="保留通知日期", sentences=_brings(printed, opened=False)),
        Choice(past="late", title="保留通知日期，已过的也立即下达", sentences=_brings(printed, opened=True)),
    )


def _brings(found: Outlook, *, opened: bool) -> tuple[str, ...]:
    """What a launch with these dates means today; `opened`: periods that have passed are opened at once."""
    if not found.arrive_late and not found.missed and not found.stages_over:
        begun = f"{'、'.join(found.stages_begun)}已经开始。" if found.stages_begun else ""
        return (f"{begun}没有任务送达时就已逾期，没有错过的定期报告。",)
    said = []
    if found.arrive_late:
        said.append(
            f"{found.arrive_late} 项任务送达时原定期限已过，保留原定期限，标注“送达时已逾期”，不计入各单位超期。"
        )
    if found.stages_over:
        names = "、".join(f"“{name}”" for name in found.stages_over)
        said.append(f"已经结束的阶段：{names}。其任务照常下达，阶段关口可以签字，未达到要求的须写明理由。")
    if found.missed and opened:
        said.append(
            f"已过的定期工作 {found.missed} 期（逐单位计 {found.owed} 项）立即下达，每期一次，同样标注、不计超期。"
        )
    elif found.missed:
        said.append(f"已过的定期工作 {found.missed} 期（逐单位计 {found.owed} 项）不再下达，从下一期开始。")
    return tuple(said)


def _day(at: datetime) -> str:
    day = at.astimezone(BEIJING)  # a day begins at 0:00, it is no limit
    return f"{day.year}年{day.month}月{day.day}日"


def _columns(tasks: Sequence[PlannedTask], begins: Begins, shift: timedelta) -> tuple[Column, ...]:
    totals: Counter[date] = Counter()
    for task in tasks:
        for due in task.dues:
            totals[begins(due)] += task.units
    return tuple(
        Column(start=start, printed=start - shift, total=totals[start], is_month=begins is _month)
        for start in sorted(totals)
    )


def _monday(at: datetime) -> date:
    day = day_of(at)
    return day - timedelta(days=day.weekday())


def _month(at: datetime) -> date:
    return day_of(at).replace(day=1)


def _groups(
    tasks: Sequence[PlannedTask], starts: Sequence[date], begins: Begins, receivers: Collection[str]
) -> tuple[GroupLine, ...]:
    by_group: dict[str, list[PlannedTask]] = defaultdict(list)
    for task in tasks:
        by_group[task.group].append(task)
    return tuple(_group(name, own, starts, begins, name not in receivers) for name, own in by_group.items())


def _group(name: str, own: Sequence[PlannedTask], starts: Sequence[date], begins: Begins, named: bool) -> GroupLine:
    dues: Counter[date] = Counter()
    for task in own:
        for due in task.dues:
            dues[begins(due)] += task.units
    total = sum(task.units * task.times for task in own)
    return GroupLine(
        group=name,
        units=max(task.units for task in own) if named and not any(task.items for task in own) else None,
        total=total,
        dues=tuple(dues[start] for start in starts),
        later=total - sum(dues.values()),
    )


def _by_child(tasks: Sequence[PlannedTask], names: Mapping[date, str]) -> tuple[tuple[str, tuple[Task, ...]], ...]:
    children: dict[str, list[Task]] = defaultdict(list)
    for task in tasks:
        if task.campaign:
            children[task.campaign].append(Task(row=task, holiday=_holiday(task, names)))
    return tuple((child, tuple(found)) for child, found in children.items())


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
