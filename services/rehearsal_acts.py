"""One act of a rehearsal: the holder of the post opens the task, fills its form, uploads what it asks for, is done."""

from __future__ import annotations

import io
import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from catalog.forms import answers as fill_in
from catalog.forms import attachments as policy_of
from domain.authority import Actor, HeldPost
from domain.errors import NotFound
from domain.plan import Report
from domain.workdays import BEIJING
from engine.contract import Element
from models import Tx, reading
from models.queries import rehearsal as rows
from services import attachments, tasks
from services._paper import paper
from services.form_context import MET, context_of
from services.rehearsal_habits import Habits, decide, number_of_cases, opinion
from services.versions import CampaignFacts, Version, campaign_facts, plan_of, version_of

_REMARKS = ("opinion", "reason", "unmet_reason")  # fields of forms that say why


@dataclass(frozen=True, kw_only=True)
class Planned:
    """A task that somebody will do: its own source of draws goes on where the moment was drawn."""

    task_id: str
    post_id: str
    name: str
    draw: random.Random
    time_in_instance: int


def actor_of(tx: Tx, post_id: str, now: datetime) -> Actor:
    """Whoever holds the post at `now`, acting for it."""
    held = rows.holders(tx, post_id, now)
    if not held:
        raise NotFound("这个岗位无人任职。")
    row = held[0]
    post = HeldPost(
        id=row.id,
        kind=row.kind,
        role=row.role,
        name=row.name,
        unit_id=row.unit_id,
        unit_name=row.unit_name,
        unit_path=row.unit_path,
        unit_level=row.unit_level,
        stand_in=row.held_as == "stand_in",
    )
    return Actor(person_id=row.person_id, name=row.person_name, posts=(post,), acting=post)


class Performer:
    """Does what was planned, as the person who holds the post would in the browser."""

    def __init__(self, habits: Habits, store: attachments.Store) -> None:
        self._habits = habits
        self._store = store
        self._actors: dict[str, Actor] = {}

    def perform(self, planned: Planned, now: datetime) -> bool:
        """Do the task; False where it had been withdrawn meanwhile. Raises what the verb refuses it with."""
        with reading() as tx:
            task = rows.at_hand(tx, planned.task_id)
            if task is None or task.status != "open":
                return False
            actor = self._actor(tx, planned.post_id, now)
            version = version_of(tx, task.process_version_id)
            facts = campaign_facts(tx, task.campaign_id, version.edition)
            element = version.elements[task.element]
            outcome = decide(planned.draw, element, planned.time_in_instance)
            context = context_of(tx, element, facts, task.variables)
        remark = opinion(planned.draw, element, outcome, _unmet(context))
        form = version.form(element.form) if element.form else None
        answers: dict[str, Any] = {}
        if form is not None:
            hints = self._hints(planned.draw, version, facts, element, task, remark)
            today = now.astimezone(BEIJING).date()
            answers = fill_in(form, planned.draw, context=context, today=today, **hints)
            if policy_of(form) == "required":
                self._upload(actor, task, element, now)
        tasks.complete(actor, task.id, answers=answers, outcome=outcome, opinion=remark, confirmed=now, now=now)
        return True

    def _actor(self, tx: Tx, post_id: str, now: datetime) -> Actor:
        """The holder of a post. A rehearsal's directory does not change while it is played."""
        if post_id not in self._actors:
            self._actors[post_id] = actor_of(tx, post_id, now)
        return self._actors[post_id]

    def _hints(
        self, draw: random.Random, version: Version, facts: CampaignFacts, element: Element, task: Any, remark: str
    ) -> dict[str, Any]:
        """What is known of the answers beforehand: the remark, and how many cases there are to tell of."""
        hints: dict[str, Any] = dict.fromkeys(_REMARKS, remark) if remark else {}
        if any(output.variable.endswith("cases") for output in element.outputs):
            owed = _owed(version, facts, task)
            minimum = max((int(report.minimum["cases"]) for report in owed), default=0)
            again = bool(owed) and element.deadline not in {report.deadline for report in owed}
            hints["cases"] = hints["typical_cases"] = number_of_cases(draw, minimum, again=again)
        return hints

    def _upload(self, actor: Actor, task: Any, element: Element, now: datetime) -> None:
        title = f"{task.unit}{element.name}"
        content = paper(title, [f"单位：{task.unit}", "（示范附件，由推演程序生成，正文从略。）"])
        attachments.add(actor, task.id, f"{title}.docx", io.BytesIO(content), self._store, now)


def _unmet(context: Mapping[str, Any]) -> tuple[str, ...]:
    """The criteria of a gate that do not hold; nothing for other tasks."""
    return tuple(one["name"] for one in context.get("criteria") or () if one["met"] != MET[True])


def _owed(version: Version, facts: CampaignFacts, task: Any) -> list[Report]:
    """The reports that demand a number of cases of this unit."""
    groups = str((task.variables or {}).get("unit_groups") or "").split()
    reports = plan_of(version.edition, facts).reports.values()
    return [report for report in reports if report.owed_by in groups and "cases" in report.minimum]
