"""A whole city in a test database: directory, people, a launched campaign, and time that the test moves."""

from __future__ import annotations

import io
import random
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import models
from catalog.forms import answers as fill_in
from catalog.forms import attachments as attachment_policy
from config import ROOT
from domain.authority import SYSTEM
from domain.workdays import BEIJING
from services import handlers
from services.campaigns import campaigns, definitions
from services.counting.form_context import context_of
from services.plans import versions
from services.rehearsal import demo_city
from services.rehearsal._paper import paper
from services.rehearsal.rehearsal_acts import actor_of
from services.running import jobs
from services.tasks import attachments, tasks
from tests.support import plans, rows

assert handlers  # importing it registers everything that a drain carries out


def beijing(text: str) -> datetime:
    """`2022-01-03 10:00` as an aware moment."""
    return datetime.fromisoformat(text).replace(tzinfo=BEIJING)


PASSWORD = "correct-horse-battery"


class World:
    """A city in a database, and a campaign where `launch` says when; `at(moment)` carries out what is due meanwhile."""

    def __init__(
        self,
        url: str,
        folder: Path,
        *,
        key: str,
        now: datetime,
        launch: bool = True,
        enterprises: int | None = None,
        settings: Mapping[str, Any] | None = None,
        root: Path = ROOT,
        password_hash: str = demo_city.NO_PASSWORD,
    ) -> None:
        models.ids.seed(1)
        self.database = models.bind(url)
        versions.forget()
        self.now = now
        self.store = attachments.Store(folder=folder, max_bytes=1 << 20)
        root = plans.with_settings(folder, key, settings) if settings else root
        edition_id = definitions.publish(SYSTEM, key, now, root=root)
        with models.reading() as tx:
            plan = versions.edition_of(tx, edition_id).plan
        data = demo_city.directory_for(plan, root)
        if enterprises is not None:
            data = data.with_few(enterprises)
        demo_city.settle(data, plan, now=now, password_hash=password_hash, demo=True)
        if launch:
            campaigns.launch(SYSTEM, key, past="keep", alone=True, now=now)
            jobs.drain(now)

    def at(self, moment: datetime) -> None:
        """Let time pass to `moment`, carrying out each thing at its own moment."""
        while True:
            with models.reading() as tx:
                due = models.queries.clock.next_due(tx)
            if due is None or due > moment:
                break
            self.now = max(self.now, due)
            jobs.drain(self.now)
        self.now = max(self.now, moment)

    def complete(
        self,
        task: Any,
        *,
        outcome: str | None = None,
        opinion: str = "",
        drain: bool = True,
        answers: Mapping[str, Any] | None = None,
        **hints: Any,
    ) -> None:
        """The holder of the task's post fills its form, or gives exactly these answers, and completes it."""
        with models.reading() as tx:
            actor = actor_of(tx, task.post_id, self.now)
        element = self.version(task).elements[task.element]
        form = self.form(task)
        if form is not None and attachment_policy(form) == "required":
            content = io.BytesIO(paper(task.name, ["附件"]))
            attachments.add(actor, task.id, f"{task.name}.docx", content, self.store, self.now)
        if outcome is None and element.outcomes:
            outcome = element.outcomes[0].value
        answers = self.answers(task, **hints) if answers is None else answers
        said = {"answers": answers, "outcome": outcome, "opinion": opinion}
        tasks.complete(actor, task.id, **said, confirmed=self.now, now=self.now)
        if drain:
            jobs.drain(self.now)

    def version(self, task: Any) -> versions.Version:
        """The frozen version a task belongs to."""
        with models.reading() as tx:
            return versions.version_of(tx, task.process_version_id)

    def form(self, task: Any) -> Mapping[str, Any] | None:
        """The form of a task."""
        version = self.version(task)
        key = version.elements[task.element].form
        return version.form(key) if key else None

    def answers(self, task: Any, **hints: Any) -> dict[str, Any]:
        """Valid answers to the form of a task, the same each time."""
        form = self.form(task)
        if form is None:
            return {}
        version = self.version(task)
        with models.reading() as tx:
            facts = versions.campaign_facts(tx, task.campaign_id, version.edition)
            context = context_of(tx, version.elements[task.element], facts, task.variables)
        today = self.now.astimezone(BEIJING).date()
        return dict(fill_in(form, random.Random(task.id), context=context, today=today, **hints))

    def open_tasks(self, element: str, **where: Any) -> list[Any]:
        """Open tasks of an element, by unit short name, post kind or period."""
        with models.reading() as tx:
            return rows.open_tasks(tx, element, **where)

    def ask(self, question: Any, *values: Any, **named: Any) -> Any:
        """Run a query of tests.support.rows."""
        with models.reading() as tx:
            return question(tx, *values, **named)


def described(task: Any) -> Mapping[str, Any]:
    """What a scenario says of a task."""
    due = task.due_at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M") if task.due_at else None
    return {"unit": task.unit, "post": task.post, "due": due, "rung": task.rung, "light": task.light}
