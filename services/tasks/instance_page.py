"""One process instance as pages show it: the diagram with what happened on it, and everything that hangs on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.authority import Actor
from domain.errors import Forbidden, NotFound
from domain.plan import Plan
from domain.signs import STATUS, Sign, task_sign
from models import Tx, reading
from models.queries import campaigns as campaign_rows
from models.queries import instances as rows
from services._scope import paths_of
from services.plans.stage_bar import home, rung_names
from services.plans.versions import Version, version_of
from services.tasks.diagrams import Drawn, drawn

SHOWN_CHILDREN = 200
SHOWN_EVENTS = 200
LEVELS = {"city": "市级", "county": "县级", "township": "乡级", "village": "村级", "enterprise": "企业"}
# how the variables every instance has are called; a diagram's own are shown by their names
VARIABLES = {
    "unit_id": "单位编号",
    "unit_name": "单位",
    "unit_level": "单位层级",
    "unit_groups": "所属单位组",
    "period": "报告期",
    "period_due": "报送截止",
    "period_start": "报告期起",
    "period_end": "报告期止",
}


@dataclass(frozen=True, kw_only=True)
class InstancePage:
    """One instance."""

    row: Any
    status: Sign
    campaign: str
    parent: Any
    variables: tuple[tuple[str, str, str], ...]  # name, title, value in words
    groups: tuple[tuple[Any, str], ...]  # counter row, name of the call
    children: tuple[tuple[Any, Sign], ...]
    children_total: int
    call: str  # the one call whose children are shown; empty: all
    tasks: tuple[tuple[Any, Sign], ...]
    timers: tuple[tuple[Any, str], ...]  # row, what it is for
    waits: tuple[tuple[Any, str], ...]
    incidents: tuple[Any, ...]
    events: tuple[Any, ...]


def page(actor: Actor, instance_id: str, now: datetime, call: str = "") -> InstancePage:
    """One instance of a unit the actor sees; with `call` only the children of that element."""
    with reading() as tx:
        row = _visible(tx, actor, instance_id)
        version = version_of(tx, row.process_version_id)
        found = home(tx, row.campaign_id) if row.campaign_id else None
        groups = rows.groups(tx, instance_id)
        tasks = rows.tasks(tx, instance_id)
        timers = rows.timers(tx, instance_id)
        waits = rows.waits(tx, instance_id)
        incidents = rows.incidents(tx, instance_id)
        refs = [group.ref for group in groups if group.element == call]
        children = rows.children(tx, instance_id, paths_of(actor), refs, SHOWN_CHILDREN)
        rungs = rung_names(found.plan) if found else {}
        return InstancePage(
            row=row,
            status=STATUS[row.status],
            campaign=found.short_title if found else "",
            parent=rows.instance(tx, row.parent_id) if row.parent_id else None,
            variables=_variables(row.variables or {}, version),
            groups=tuple((group, _name(version, group.element)) for group in groups),
            children=tuple((child, STATUS[child.status]) for child in children),
            children_total=sum(group.total or 0 for group in groups if not refs or group.ref in refs),
            call=_name(version, call) if refs else "",
            tasks=tuple((task, task_sign(task.status, task.due_at, task.completed_at, now)) for task in tasks),
            timers=tuple((timer, _purpose(version, timer, tasks, rungs)) for timer in timers),
            waits=tuple((wait, _name(version, wait.element)) for wait in waits),
            incidents=tuple(incidents),
            events=tuple(rows.history(tx, instance_id, SHOWN_EVENTS)),
        )


def diagram(actor: Actor, instance_id: str) -> Drawn:
    """The diagram of an instance alone."""
    with reading() as tx:
        row = _visible(tx, actor, instance_id)
        return drawn(tx, version_of(tx, row.process_version_id), instance_id)


def _visible(tx: Tx, actor: Actor, instance_id: str) -> Any:
    """The instance, if its unit lies in the actor's scope; one of no unit belongs to those who see everything."""
    row = rows.instance(tx, instance_id)
    if row is None:
        raise NotFound("没有找到该流程。")
    if not (actor.sees_all or (row.unit_path and actor.sees(row.unit_path)) or _is_root(tx, row)):
        raise Forbidden("该流程不在您的数据范围内。")
    return row


def _is_root(tx: Tx, row: Any) -> bool:
    """The campaign's own instance is everybody's: it says what is to be done, not what a unit did."""
    found = campaign_rows.campaign(tx, row.campaign_id) if row.campaign_id else None
    return found is not None and found.instance_id == row.id


def _variables(values: Mapping[str, Any], version: Version) -> tuple[tuple[str, str, str], ...]:
    """Name, title and value in words: outcomes as their buttons say, groups as the plan names them."""
    outcomes = {(o.variable, o.value): o.name for e in version.elements.values() for o in e.outcomes}
    return tuple(
        (name, VARIABLES.get(name, name), outcomes.get((name, value)) or _worded(name, value, version.plan))
        for name, value in values.items()
    )


def _worded(name: str, value: Any, plan: Plan) -> str:
    if name == "unit_level":
        return LEVELS.get(value, str(value or ""))
    if name == "unit_groups":
        return "；".join(plan.units[key].name for key in str(value or "").split() if key in plan.units)
    if isinstance(value, bool):
        return "是" if value else "否"
    return "" if value is None else str(value)


def _name(version: Version, element: str) -> str:
    known = version.elements.get(element)
    return known.name if known and known.name else element


def _purpose(version: Version, timer: Any, tasks: Sequence[Any], rungs: Mapping[str, str]) -> str:
    """A ladder's timer by its step and task, an engine's by its element."""
    if timer.kind != "ladder":
        return _name(version, timer.element)
    task = next((task for task in tasks if task.id == timer.ref), None)
    steps = list(rungs.values())
    index = int(timer.element) if str(timer.element).isdigit() else -1
    step = steps[index] if 0 <= index < len(steps) else timer.element
    return f"{task.name if task else '任务'} · {step}"
