"""One process instance as pages show it: the diagram with what happened on it, and everything that hangs on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.authority import Actor
from domain.errors import Forbidden, NotFound
from domain.signs import STATUS, Sign, task_sign
from models import Tx, reading
from models.queries import campaigns as campaign_rows
from models.queries import instances as rows
from models.queries import items as item_rows
from services._scope import paths_of, units_of
from services.plans.launched import home
from services.plans.stage_bar import rung_names
from services.plans.versions import Version, version_of
from services.tasks import variable_words
from services.tasks.diagrams import Drawn, drawn
from services.tasks.variable_words import Told

SHOWN_CHILDREN = 200
SHOWN_EVENTS = 200


@dataclass(frozen=True, kw_only=True)
class InstancePage:
    """One instance."""

    row: Any
    status: Sign
    campaign: str
    parent: Any
    told: tuple[Told, ...]  # what it knows, in words
    inner: tuple[Told, ...]  # all of it as it stands; for administrators only
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
            told=variable_words.told(row.variables or {}, version),
            inner=variable_words.inner(row.variables or {}, version) if "admin" in actor.roles else (),
            groups=tuple((group, _name(version, group.element)) for group in groups),
            children=tuple((child, STATUS[child.status]) for child in children),
            children_total=sum(group.total or 0 for group in groups if not refs or group.ref in refs),
            call=_name(version, call) if refs else "",
            tasks=tuple(
                (task, task_sign(task.status, task.due_at, task.completed_at, now, opened_at=task.opened_at))
                for task in tasks
            ),
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
    sees = actor.sees_all or (row.unit_path and actor.sees(row.unit_path)) or _is_root(tx, row)
    if not sees and not item_rows.shared(tx, instance_id, units_of(actor)):
        raise Forbidden("该流程不在您的数据范围内。")
    return row


def _is_root(tx: Tx, row: Any) -> bool:
    """The campaign's own instance is everybody's: it says what is to be done, not what a unit did."""
    found = campaign_rows.campaign(tx, row.campaign_id) if row.campaign_id else None
    return found is not None and found.instance_id == row.id


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
