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
from config import ROOT
from domain.authority import SYSTEM
from domain.workdays import BEIJING
from services import attachments, campaigns, definitions, demo_city, handlers, jobs, tasks, versions
from services._paper import paper
from services.rehearsal_acts import actor_of
from tests.support import rows

assert handlers  # importing it registers everything that a drain carries out


def beijing(text: str) -> datetime:
    """`2022-01-03 10:00` as an aware moment."""
    return datetime.fromisoformat(text).replace(tzinfo=BEIJING)


class World:
    """The campaign in a database that nobody else uses; `at(moment)` lets time pass and carries out what is due."""

    def __init__(self, url: str, folder: Path, *, key: str, launch: datetime) -> None:
        models.ids.seed(1)
        self.database = models.bind(url)
        versions.forget()
        self.now = launch
        self.store = attachments.Store(folder=folder, max_bytes=1 << 20)
        edition_id = definitions.publish(SYSTEM, key, launch)
        with models.reading() as tx:
            plan = versions.edition_of(tx, edition_id).plan
        data = demo_city.directory_for(plan, ROOT)
        demo_city.settle(data, plan, launch, password_hash=demo_city.NO_PASSWORD, demo=True)
        self.campaign_id = campaigns.launch(SYSTEM, key, past="keep", now=launch)["campaign"]
        jobs.drain(launch)

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

    def complete(self, task: Any, *, outcome: str | None = None, opinion: str = "", **hints: Any) -> None:
        """The holder of the task's post fills its form and completes it."""
        with models.reading() as tx:
            actor = actor_of(tx, task.post_id, self.now)
            version = versions.version_of(tx, task.process_version_id)
        element = version.elements[task.element]
        form = version.form(element.form) if element.form else None
        answers = fill_in(form, random.Random(task.id), **hints) if form else {}
        if form and (form.get("properties") or {}).get("attachments") == "required":
            content = io.BytesIO(paper(task.name, ["附件"]))
            attachments.add(actor, task.id, f"{task.name}.docx", content, self.store, self.now)
        if outcome is None and element.outcomes:
            outcome = element.outcomes[0].value
        tasks.complete(actor, task.id, answers=answers, outcome=outcome, opinion=opinion, now=self.now)
        jobs.drain(self.now)

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
