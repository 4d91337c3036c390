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
from domain.authority import Actor
from domain.plan import Report
from domain.workdays import BEIJING
from engine.contract import Element
from models import Tx, reading
from models.queries import rehearsal as rows
from services.counting.form_context import MET, context_of
from services.plans.versions import CampaignFacts, Version, campaign_facts, plan_of, version_of
from services.rehearsal._paper import paper
from services.rehearsal.rehearsal_agenda import Scene
from services.rehearsal.rehearsal_cast import Cast, actor_of
from services.rehearsal.rehearsal_habits import decide, may_return, number_of_cases, opinion
from services.rehearsal.rehearsal_ready import known_answers, leaning, prepare
from services.tasks import attachments, tasks

SETTLED = 2  # the second time an instance asks, nothing is sent back
_REMARKS = ("opinion", "reason", "unmet_reason")  # fields of forms that say why


@dataclass(frozen=True, kw_only=True)
class Planned:
    """A task that somebody will do: its own source of draws goes on where the moment was drawn."""

    task_id: str
    post_id: str
    name: str
    draw: random.Random
    time_in_instance: int
    element: str
    instance_id: str
    campaign_id: str | None


@dataclass(frozen=True, kw_only=True)
class _Seen:
    """A task as somebody sees it, and what they decide and write."""

    actor: Actor
    version: Version
    facts: CampaignFacts
    element: Element
    context: Mapping[str, Any]
    outcome: str | None
    remark: str
    written: Mapping[str, str]


class Performer:
    """Does what was planned, as the person who holds the post would in the browser."""

    def __init__(self, scenes: Mapping[str, Scene], store: attachments.Store) -> None:
        self._scenes = scenes
        self._store = store
        self._cast = Cast()

    def perform(self, planned: Planned, now: datetime) -> bool:
        """Do the task; False where it had been withdrawn meanwhile. Raises what the verb refuses it with."""
        self._prepare(planned, now)
        with reading() as tx:
            task = rows.at_hand(tx, planned.task_id)
            if task is None or task.status != "open":
                return False
            seen = self._open(tx, planned, task, now)
        element = seen.element
        form = seen.version.form(element.form) if element.form else None
        answers: dict[str, Any] = {}
        if form is not None:
            hints = self._hints(planned.draw, seen, task)
            today = now.astimezone(BEIJING).date()
            answers = fill_in(form, planned.draw, context=seen.context, today=today, **hints)
            if policy_of(form) == "required":
                self._upload(seen.actor, task, element, now)
        outcome, said = seen.outcome, seen.remark
        tasks.complete(seen.actor, task.id, answers=answers, outcome=outcome, opinion=said, confirmed=now, now=now)
        return True

    def _open(self, tx: Tx, planned: Planned, task: Any, now: datetime) -> _Seen:
        """What somebody sees who opens the task, and what they make of it."""
        version = version_of(tx, task.process_version_id)
        facts = campaign_facts(tx, task.campaign_id, version.edition)
        element, variables = version.elements[task.element], task.variables
        context = context_of(tx, element, facts, variables)
        scene = self._scenes.get(task.campaign_id)
        chosen = leaning(tx, scene, element, variables, now) if scene else None
        in_time = may_return(element, variables, now)
        usual = decide(planned.draw, element, planned.time_in_instance if in_time else SETTLED)
        remark = opinion(planned.draw, element, usual, _unmet(context))
        outcome, written = chosen or (usual, {})
        if scene:
            written = written | known_answers(scene, element.form or "", now)
        return _Seen(
            actor=self._cast.holder(tx, planned.post_id, now),
            version=version,
            facts=facts,
            element=element,
            context=context,
            outcome=outcome,
            remark=remark if chosen is None else written.get("opinion", ""),
            written=written,
        )

    def _prepare(self, planned: Planned, now: datetime) -> None:
        """What has to be done before the form can be handed in."""
        scene = self._scenes.get(planned.campaign_id or "")
        if scene is not None:
            prepare(scene, planned.element, planned.instance_id, planned.draw, now)

    def _hints(self, draw: random.Random, seen: _Seen, task: Any) -> dict[str, Any]:
        """What is known of the answers beforehand: what was written, and how many cases there are to tell of."""
        hints: dict[str, Any] = dict.fromkeys(_REMARKS, seen.remark) if seen.remark else {}
        if any(output.variable.endswith("cases") for output in seen.element.outputs):
            owed = _owed(seen.version, seen.facts, task)
            minimum = max((int(report.minimum["cases"]) for report in owed), default=0)
            again = bool(owed) and seen.element.deadline not in {report.deadline for report in owed}
            hints["cases"] = hints["typical_cases"] = number_of_cases(draw, minimum, again=again)
        return hints | dict(seen.written)

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


__all__ = ["Performer", "Planned", "actor_of"]
