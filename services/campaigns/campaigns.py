"""Launching a campaign: what would happen, and making it happen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from domain.authority import Actor
from domain.deadlines import deadline
from domain.errors import DomainError, Invalid
from domain.periods import periods
from domain.plan import Plan
from domain.workdays import Calendar, day_of, limit
from engine.contract import Element
from models import Tx, new_id, reading
from models.queries import definitions as definition_rows
from models.queries import posts as post_rows
from services._command import command
from services.campaigns import _clashes, launching
from services.campaigns._measure_preview import MeasureLine, measure_lines
from services.campaigns.launching import OFFICE_GROUP
from services.plans.calendar import calendar
from services.plans.measures import hand_out
from services.plans.reach import Reach
from services.plans.units import group_units
from services.plans.versions import Edition, Version, process_of
from services.running import instances

PAST = ("keep", "shift", "late")
AHEAD = timedelta(days=366)  # how much of a plan without an end the preview tells
DOERS = {"parent": "所在地的县级部门", "sector_lead": "行业主管部门"}


@dataclass(frozen=True, kw_only=True)
class PlannedTask:
    """One line of the preview: how many tasks of which kind reach whom, when they are due."""

    stage: str
    task: str
    group: str
    units: int
    times: int  # recurrences
    opens_at: datetime | None  # None: when the step before is done
    due_at: datetime | None
    printed_due_at: datetime | None  # as the notice has it, before shifting
    past: bool
    holiday: bool
    clause: str
    dues: tuple[datetime, ...] = ()  # every due moment that is known before the launch, of all recurrences
    campaign: str = ""  # the child campaign it belongs to
    items: bool = False  # `units` counts tasks of which a unit may have several
    recurring: bool = False


@dataclass(frozen=True, kw_only=True)
class LaunchPreview:
    """What a launch would do, and what stands in its way."""

    edition_id: str
    title: str
    shift_days: int
    suggested_shift_days: int
    starts_at: datetime
    ends_at: datetime
    open_ended: bool  # the notice sets no end
    tasks: tuple[PlannedTask, ...]
    problems: tuple[str, ...]  # the launch would be refused
    hints: tuple[str, ...]
    clashes: tuple[str, ...]  # campaigns of the same folder that run in these days already


def suggested_shift(plan: Plan, now: datetime) -> int:
    """Whole weeks that bring the plan's first day to this week or later, in days; 0 if it is still ahead."""
    behind = (now - plan.starts_at) / timedelta(days=7)
    return 0 if behind <= 0 else -int(-behind // 1) * 7


def launch(
    actor: Actor,
    key: str,
    *,
    past: str = "shift",
    shift_days: int = 0,
    again: bool = False,
    alone: bool = False,
    draw_secret: str | None = None,
    now: datetime,
) -> dict[str, Any]:
    """Launch the newest edition of a campaign.

    `past`: keep (dates as printed, missed periods left out), shift (every date `shift_days` later, whole weeks), late
    (as printed, missed periods opened at once). What opens after its limit has arrived late: it is marked so and is in
    nobody's count of late work. `again`: it is meant that a campaign of this folder runs in these days
    already, else that is a Conflict. `alone`: it is meant that a child campaign is launched without its programme.
    `draw_secret` is for rehearsals, which draw the same again. Raises Invalid with a sentence for a launch that cannot
    run.
    """
    _refuse(past, shift_days)
    campaign_id = new_id()
    asked = ("campaign:launch", key, past, shift_days, again)
    with command(actor, asked, {"campaign": campaign_id}, now) as run:
        if run.replay is not None:
            return run.replay  # type: ignore[no-any-return]
        tx = run.tx
        found = launching.prepare(
            tx, key, campaign_id=campaign_id, past=past, shift_days=shift_days, by=actor.person_id
        )
        _refuse_alone(tx, found.plan, alone)
        for child in (found, *launching.children(tx, found)):
            if not again:
                _clashes.refuse(tx, child.facts.key, child.plan)
        fx = instances.effects(tx, actor, now)
        launching.begin(tx, fx, found)
        fx.flush(tx)
        launching.seal(tx, found, draw_secret, now)
        return {"campaign": campaign_id}


def _refuse_alone(tx: Tx, plan: Plan, alone: bool) -> None:
    if plan.parent and not alone:
        above = definition_rows.newest(tx, plan.parent)
        name = f"“{above.title}”" if above else "上级行动"
        raise Invalid(f"“{plan.title}”是{name}的下级行动，随上级行动一并启动，不能单独启动。")


def _refuse(past: str, shift_days: int) -> None:
    if past not in PAST:
        raise Invalid("请选择日期的处理方式", fields={"past": "请选择"})
    if shift_days % 7 or abs(shift_days) > 36500:
        raise Invalid("日期只能按整周平移", fields={"shift_days": "请填写 7 的倍数"})
    if shift_days and past != "shift":
        raise Invalid("保留原定日期时不能再平移", fields={"shift_days": "应为 0"})


# -- preview -----------------------------------------------------------------------------------------------------------
def preview(key: str, *, past: str = "shift", shift_days: int = 0, now: datetime) -> LaunchPreview:
    """Who would get how many tasks when, and what a launch would be refused for. Writes nothing."""
    _refuse(past, shift_days)
    with reading() as tx:
        edition = launching.newest(tx, key)
        plan = launching.shifted(edition, timedelta(days=shift_days))
        look = Look(tx, edition, plan, calendar(tx), now, past)
        tasks = tuple(look.walk())
        return LaunchPreview(
            edition_id=edition.id,
            title=edition.title,
            shift_days=shift_days,
            suggested_shift_days=suggested_shift(edition.plan, now),
            starts_at=plan.starts_at,
            ends_at=plan.ends_at,
            open_ended=plan.open_ended,
            tasks=tasks,
            problems=tuple(dict.fromkeys(look.problems)),
            hints=tuple(look.hints(tasks)),
            clashes=(*_clashes.clashes(tx, key, plan), *look.clashes),
        )


class Look:
    """A walk over the diagrams as a launch would meet them."""

    def __init__(self, tx: Tx, edition: Edition, plan: Plan, cal: Calendar, now: datetime, past: str) -> None:
        self.tx, self.edition, self.plan, self.cal, self.now, self.past = tx, edition, plan, cal, now, past
        self.problems: list[str] = []
        self.clashes: list[str] = []
        self.vacant: Counter[str] = Counter()
        self.missed = self.owed = 0  # periods of recurring work that have passed, and for how many units in all

    def walk(self) -> list[PlannedTask]:
        """The tasks of the campaign, those of its child campaigns behind them."""
        tasks = self._process(self.plan.root, OFFICE_GROUP, "", 1, None)
        for version in launching.processes(self.tx, self.edition):
            if version.process.schedule:
                tasks += self._scheduled(version)
        for key in self.plan.child_keys:
            tasks += self._child(key)
        return tasks

    def _child(self, key: str) -> list[PlannedTask]:
        """What the launch of a child campaign would bring, and what stands in its way."""
        try:
            edition = launching.newest(self.tx, key)
        except DomainError as fault:
            self.problems.append(fault.message)
            return []
        plan = launching.shifted(edition, self.plan.shift)
        look = Look(self.tx, edition, plan, self.cal, self.now, self.past)
        tasks = look.walk()
        self.problems += [f"{plan.short_title}：{problem}" for problem in look.problems]
        self.clashes += _clashes.clashes(self.tx, key, plan)
        self.missed, self.owed = self.missed + look.missed, self.owed + look.owed
        for name, units in look.vacant.items():
            self.vacant[name] = max(self.vacant[name], units)
        return [replace(task, campaign=plan.short_title) for task in tasks]

    def _units(self, group: str) -> list[Any]:
        try:
            return group_units(self.tx, self.plan, group)
        except DomainError as fault:
            self.problems.append(fault.message)
            return []

    def _process(
        self, key: str, group: str, stage: str, times: int, period: Mapping[str, Any] | None
    ) -> list[PlannedTask]:
        version = process_of(self.tx, self.edition, key)
        units = self._units(group)
        reach = Reach(version.process, self.plan, self.cal, self.now)
        tasks: list[PlannedTask] = []
        for element in version.elements.values():
            inside = version.process.stages.get(element.id) or stage
            own = [unit for unit in units if element.id in reach.of(unit)]
            if element.kind == "userTask" and (own or not units):
                tasks.append(self._task(element, group, own, inside, times, period))
            elif element.child is not None and element.child.measures:
                tasks += self._measures(element.child.called, element.child.measures, inside)
            elif element.child is not None and element.child.called:
                over = element.child.over or group
                tasks += self._process(element.child.called, over, inside, times, period)
        return tasks

    def _measures(self, key: str, name: str, stage: str) -> list[PlannedTask]:
        """The tasks of a measure list: what units report on its dates, what others have to look at."""
        found = hand_out(self.tx, self.plan, name)
        self.problems += found.problems
        elements = process_of(self.tx, self.edition, key).elements.values()
        units = list({doer.unit.id: doer.unit for doer in found.doers}.values())
        for element in elements:
            self._check_posts(element, units)
        lines = measure_lines(self.plan, name, elements, found.doers)
        return [self._measure_task(line, stage, name) for line in lines]

    def _measure_task(self, line: MeasureLine, stage: str, name: str) -> PlannedTask:
        entry, due_at = self.plan.measure_lists[name], line.due_at
        return PlannedTask(
            stage=self.plan.stages[stage].name if stage in self.plan.stages else "",
            task=f"{line.element.name}（{entry.name}）",
            group=line.group or self._doer(line.element, OFFICE_GROUP),
            units=line.count,
            items=True,
            times=1,
            opens_at=None,
            due_at=due_at,
            printed_due_at=due_at - self.plan.shift if due_at else None,
            past=bool(due_at and due_at <= self.now),
            holiday=bool(due_at and not self.cal.is_workday(day_of(due_at))),
            clause=entry.clause if line.element.assignment and line.element.assignment.unit == "own" else "product",
        )

    def _scheduled(self, version: Version) -> list[PlannedTask]:
        report = self.plan.reports[version.process.schedule]
        every = periods(report, self.cal)
        missed = sum(period.due_at <= self.now for period in every)
        self.missed += missed
        self.owed += missed * len(self._units(report.owed_by)) if missed else 0
        coming = [p for p in every if p.due_at > self.now or self.past == "late"]
        if self.plan.open_ended:
            # without an end there is no end of periods either: the first year is told
            coming = [period for period in coming if period.due_at <= max(self.now, self.plan.starts_at) + AHEAD]
        if not coming:
            return []
        later = tuple(period.due_at - coming[0].due_at for period in coming)
        first = {"period_due": coming[0].due_at.isoformat(), "opens_at": coming[0].opens_at, "later": later}
        return self._process(version.key, report.owed_by, "", len(coming), first)

    def _task(
        self, element: Element, group: str, units: list[Any], stage: str, times: int, period: Mapping[str, Any] | None
    ) -> PlannedTask:
        due_at = self._due(element, period)
        self._check_posts(element, units)
        return PlannedTask(
            stage=self.plan.stages[stage].name if stage in self.plan.stages else "",
            task=element.name,
            group=self._doer(element, group),
            units=len(units),
            times=times,
            opens_at=period["opens_at"] if period else None,
            due_at=due_at,
            printed_due_at=due_at - self.plan.shift if due_at else None,
            past=bool(due_at and due_at <= self.now),
            holiday=bool(due_at and not self.cal.is_workday(day_of(due_at))),
            clause=element.clause or "",
            dues=_dues(due_at, period),
            recurring=period is not None,
        )

    def _doer(self, element: Element, group: str) -> str:
        """Who does it, in words: the units themselves, or those the diagram names beside them."""
        rule = element.assignment.unit if element.assignment else "own"
        if rule in DOERS:
            return DOERS[rule]
        name = OFFICE_GROUP if rule == "office" else rule.removeprefix("group:") if ":" in rule else group
        return self.plan.units[name].name if name in self.plan.units else name

    def _due(self, element: Element, period: Mapping[str, Any] | None) -> datetime | None:
        """The due moment where it is known before the launch: fixed dates and the first period's."""
        if element.deadline is None:
            return None
        entry = self.plan.deadlines.get(element.deadline)
        if entry is None or (entry.n is not None and entry.stage is None):
            return None
        try:
            return deadline(self.plan, self.cal, element.deadline, dict(period or {}), self.now)
        except DomainError:
            return None

    def _check_posts(self, element: Element, units: list[Any]) -> None:
        if element.assignment is None or element.assignment.unit != "own" or not units:
            return
        kind = element.assignment.post
        if kind.startswith("var:"):
            return
        found = post_rows.posts(self.tx, [(unit.id, kind) for unit in units], self.now)
        title = self.plan.posts[kind].name if kind in self.plan.posts else kind
        self.vacant[title] = max(self.vacant[title], sum(1 for u in units if not _held(found.get((u.id, kind)))))

    def hints(self, tasks: tuple[PlannedTask, ...]) -> list[str]:
        """Holidays, past dates and vacant posts, in words."""
        hints = [
            f"“{task.task}”的截止日 {limit(task.due_at, '%Y-%m-%d')} 是非工作日，按原定时间执行"
            for task in tasks
            if task.holiday and task.due_at
        ]
        late = [task.task for task in tasks if task.past]
        if late:
            names = "、".join(dict.fromkeys(late))
            hints.append(f"以下任务的期限已过，送达时即已逾期（标注“送达时已逾期”，不计入各单位超期）：{names}")
        hints += [
            f"岗位“{name}”有 {n} 个单位无人任职，任务将转给单位主要负责人" for name, n in self.vacant.items() if n
        ]
        return list(dict.fromkeys(hints))


def _dues(first: datetime | None, period: Mapping[str, Any] | None) -> tuple[datetime, ...]:
    if first is None:
        return ()
    return tuple(first + later for later in period["later"]) if period else (first,)


def _held(post: Any) -> bool:
    return post is not None and bool(post.held)


__all__ = ["LaunchPreview", "PlannedTask", "launch", "preview", "suggested_shift"]
