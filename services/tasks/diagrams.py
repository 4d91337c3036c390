"""A diagram with what happened on it: tokens, counters, elements and flows that were really passed, who did what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from models import Tx
from models.queries import instances as rows
from services.plans.versions import Version


@dataclass(frozen=True, kw_only=True)
class Badge:
    """The counter of a call: how many children there are and how many have ended."""

    total: int | None
    done: int
    failed: int


@dataclass(frozen=True, kw_only=True)
class Note:
    """What is shown when somebody points at an element: one task that stood there."""

    status: str  # open done withdrawn
    unit: str
    post: str
    person: str
    opened_at: datetime
    due_at: datetime | None
    completed_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """What the viewer draws; keys are element ids, `passed` names elements and flows in the order of passing."""

    xml: str
    tokens: Mapping[str, int]
    badges: Mapping[str, Badge]
    passed: tuple[str, ...]
    failed: tuple[str, ...]
    notes: Mapping[str, Sequence[Note]]


def drawn(tx: Tx, version: Version, instance_id: str) -> Drawn:
    """The diagram of an instance. Tokens stand where something waits: open tasks, timers, messages, open calls."""
    tasks = rows.tasks(tx, instance_id)
    groups = rows.groups(tx, instance_id)
    tokens = Counter(task.element for task in tasks if task.status == "open")
    tokens.update(timer.element for timer in rows.timers(tx, instance_id) if timer.kind == "engine")
    tokens.update(wait.element for wait in rows.waits(tx, instance_id))
    tokens.update(group.element for group in groups if group.status == "open")
    incidents = rows.incidents(tx, instance_id)
    return Drawn(
        xml=version.xml,
        tokens=dict(tokens),
        badges={g.element: Badge(total=g.total, done=g.done, failed=g.failed) for g in groups},
        passed=tuple(dict.fromkeys(passed(rows.passed(tx, instance_id)))),
        failed=tuple(i.element for i in incidents if i.closed_at is None and i.element),
        notes=_notes(tasks),
    )


def passed(events: Iterable[Any]) -> Iterable[str]:
    """Element and flow ids that the ledger's events name, in order."""
    for data in events:
        if isinstance(data, dict):
            yield from (str(step) for step in data.get("passed") or ())


def _notes(tasks: Sequence[Any]) -> dict[str, list[Note]]:
    found: dict[str, list[Note]] = {}
    for task in tasks:
        note = Note(
            status=task.status,
            unit=task.unit,
            post=task.post,
            person=task.completed_by_name or "",
            opened_at=task.opened_at,
            due_at=task.due_at,
            completed_at=task.completed_at,
        )
        found.setdefault(task.element, []).append(note)
    return found
