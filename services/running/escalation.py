"""The escalation ladder of a task: reminders before and after its due moment, one step at a time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from domain.deadlines import rung_at
from domain.ledger import Tag
from domain.lights import ARRIVED_LATE, arrived_late
from domain.plan import Rung
from domain.workdays import limit
from models import Notice, Tx, new_id
from models.queries import posts as post_rows
from models.queries import running
from services.plans.versions import plan_of
from services.running.effects import Effects, ladder_of
from services.running.instances import home

ARRIVED = "arrived_late"


def take_step(tx: Tx, fx: Effects, instance: Mapping[str, Any], timer: Any) -> None:
    """Take the step a ladder timer stands for, tell those whom it names, and set the next one.

    Steps missed while no worker ran are not made up for one by one: the last of them says what the others would have.
    """
    task = running.open_task(tx, timer.ref)
    if task is None or task.due_at is None:
        return
    version, facts = home(tx, instance)
    if arrived_late(task.due_at, task.opened_at):
        _say_arrived_late(tx, fx, instance, task, facts.office_unit_id)
        return
    ladder = ladder_of(plan_of(version.edition, facts), version.elements[task.element])
    if ladder is None or int(timer.element) >= len(ladder.rungs):
        return
    moments = [rung_at(rung, task.due_at, fx.calendar) for rung in ladder.rungs]
    index = max([int(timer.element), *(i for i, at in enumerate(moments) if at <= fx.now)])
    rung = ladder.rungs[index]
    running.mark_task(tx, task.id, light=rung.light, rung=rung.id)
    posts = _addressees(tx, rung, task, facts.office_unit_id, fx.now)
    _tell(fx, instance, task, posts, rung.id, _sentence(rung, task, fx.now))
    data = {"rung": rung.id, "name": rung.name, "effect": rung.effect, "notified": len(posts), "task": task.name}
    # what reminds of a coming due date is no escalation: reports and rankings count only what came after it
    tag = Tag.ESCALATION_STEP if fx.now >= task.due_at else Tag.EARLY_WARNING
    fx.ledger(tag, instance=instance, task_id=task.id, unit_id=task.unit_id, data=data)
    if index + 1 < len(ladder.rungs):
        fx.rung_timer(instance, task.id, index + 1, max(moments[index + 1], fx.now))


def _tell(fx: Effects, instance: Mapping[str, Any], task: Any, posts: Iterable[str], rung: str, text: str) -> None:
    for post_id in posts:
        fx.add(
            Notice,
            id=new_id(),
            post_id=post_id,
            task_id=task.id,
            campaign_id=instance["campaign_id"],
            kind=f"escalation:{rung}",
            text=text,
            created_at=fx.now,
        )


def _say_arrived_late(tx: Tx, fx: Effects, instance: Mapping[str, Any], task: Any, office_unit_id: str | None) -> None:
    """A limit that had passed before the task came is said once, and urges nobody: there are no steps to be counted."""
    running.mark_task(tx, task.id, light="yellow", rung=ARRIVED)
    found = post_rows.posts(tx, [(office_unit_id, "dispatcher")] if office_unit_id else [], fx.now)
    posts = list(dict.fromkeys([task.post_id, *(row.id for row in found.values())]))
    text = f"【{ARRIVED_LATE}】{task.title} · {task.name}送达时原定期限 {limit(task.due_at)} 已过，请尽快办理。"
    _tell(fx, instance, task, posts, ARRIVED, text)
    data = {"rung": ARRIVED, "name": ARRIVED_LATE, "effect": "notice", "notified": len(posts), "task": task.name}
    fx.ledger(Tag.EARLY_WARNING, instance=instance, task_id=task.id, unit_id=task.unit_id, data=data)


def _addressees(tx: Tx, rung: Rung, task: Any, office_unit_id: str | None, now: datetime) -> list[str]:
    """Post ids a step speaks to: the task's post, its unit's principal, the campaign office, the city's leader."""
    wanted = {
        "principal": (task.unit_id, "principal"),
        "office": (office_unit_id, "dispatcher"),
        "leader": (office_unit_id, "city_leader"),
    }
    asked = [wanted[who] for who in rung.notify if who in wanted and wanted[who][0]]
    found = post_rows.posts(tx, asked, now)
    own = [task.post_id] if "holder" in rung.notify else []
    return list(dict.fromkeys([*own, *(row.id for row in found.values())]))


def _sentence(rung: Rung, task: Any, now: datetime) -> str:
    state = "已于" if task.due_at <= now else "将于"
    return f"【{rung.name}】{task.title} · {task.name}{state} {limit(task.due_at)} 到期，请尽快办理。"
