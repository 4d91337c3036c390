"""Reads a database after a storm and says everything in it that must not be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from SpiffWorkflow.util.task import TaskState
from sqlalchemy import Connection, func, select, text

import models
from engine.codec import restore
from engine.nodes import CallActivity, UserTask
from models import ChildGroup, Incident, Instance, Job, Ledger, Submission, Task
from models.queries import running
from services.plans import versions

LIVE = ("running", "failed")


@dataclass
class Report:
    """What was found; nothing may be in `findings`."""

    acknowledged: int = 0
    completed: int = 0
    lost: int = 0
    doubled: int = 0
    findings: list[str] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        """Nothing lost, nothing doubled, nothing torn."""
        return not (self.lost or self.doubled or self.findings)


def check(database: models.Database, acks: list[dict[str, Any]]) -> Report:
    """Check a database against what the clients were told."""
    versions.forget()
    with database.reading() as tx:
        report = Report()
        _acknowledged(tx, report, acks)
        for examine in (_completions, _engine_and_rows, _counters, _jobs, _integrity):
            report.findings += examine(tx)
        return report


def _acknowledged(tx: Connection, report: Report, acks: list[dict[str, Any]]) -> None:
    """Every completion that a client was told of is there, once."""
    done = set(tx.execute(select(Task.id).where(Task.status == "done")).scalars())
    said = _count(tx, select(Ledger.task_id).where(Ledger.tag == "task:complete"))
    started = set(tx.execute(select(Instance.id)).scalars())
    tasks = {ack["task"] for ack in acks if ack["what"] == "complete"}
    instances = {ack["answer"]["instance"] for ack in acks if ack["what"] == "start"}
    report.acknowledged = len(tasks) + len(instances)
    report.completed = len(done)
    report.lost = len(tasks - done) + len({task for task in tasks if not said[task]}) + len(instances - started)
    report.doubled = sum(n - 1 for n in said.values())


def _completions(tx: Connection) -> Iterator[str]:
    """A completed task has one submission and one line in the ledger, and nothing else has."""
    done = set(tx.execute(select(Task.id).where(Task.status == "done")).scalars())
    handed_in = _count(tx, select(Submission.task_id))
    said = _count(tx, select(Ledger.task_id).where(Ledger.tag == "task:complete"))
    for name, rows in (("submission", handed_in), ("ledger line", said)):
        yield from (f"task {task} done without a {name}" for task in sorted(done - set(rows)))
        yield from (f"{name} of task {task} that is not done" for task in sorted(set(rows) - done))
        yield from (f"task {task} has {n} {name}s" for task, n in sorted(rows.items()) if n > 1)


def _engine_and_rows(tx: Connection) -> Iterator[str]:
    """What the engine waits for and what stands in the tables is the same."""
    open_tasks = _pairs(tx, select(Task.instance_id, Task.ref).where(Task.status == "open"))
    open_calls = _pairs(tx, select(ChildGroup.parent_id, ChildGroup.ref).where(ChildGroup.status == "open"))
    ready, called = set(), set()
    for row in tx.execute(select(Instance.id, Instance.process_version_id, Instance.state, Instance.status)):
        if row.status not in LIVE:
            continue
        instance = restore(versions.version_of(tx, row.process_version_id).process, row.state)
        if instance.ended:
            yield f"instance {row.id} is {row.status} although its process has ended"
        for token in instance.tokens():
            if isinstance(token.task_spec, UserTask) and token._state == TaskState.READY and not token.done:
                ready.add((row.id, token.id))
            if isinstance(token.task_spec, CallActivity) and token._state == TaskState.STARTED:
                called.add((row.id, token.id))
    yield from (f"engine task {pair} without a row" for pair in sorted(ready - open_tasks))
    yield from (f"open task {pair} that the engine does not wait for" for pair in sorted(open_tasks - ready))
    yield from (f"engine call {pair} without a counter" for pair in sorted(called - open_calls))
    yield from (f"open counter {pair} that the engine does not wait for" for pair in sorted(open_calls - called))


def _counters(tx: Connection) -> Iterator[str]:
    """Counters of children equal the children."""
    counted = (
        select(Instance.parent_id, Instance.parent_ref, Instance.status, func.count().label("n"))
        .where(Instance.parent_id.is_not(None))
        .group_by(Instance.parent_id, Instance.parent_ref, Instance.status)
    )
    children: dict[tuple[str, str], Counter[str]] = {}
    for row in tx.execute(counted):
        children.setdefault((row.parent_id, row.parent_ref), Counter())[row.status] = row.n
    for group in tx.execute(select(ChildGroup.__table__)):
        there = children.get((group.parent_id, group.ref), Counter())
        if group.started != there.total() or group.done != there["ended"]:
            yield f"counter {group.id}: started {group.started}, done {group.done}, but there are {dict(there)}"
        if group.total is not None and group.status == "open" and group.done >= group.total:
            yield f"counter {group.id} is full and its parent still waits"
    yield from (f"call {call.parent_id}:{call.ref} is stuck" for call in running.stuck_calls(tx))


def _jobs(tx: Connection) -> Iterator[str]:
    """Everything queued has been carried out, and nothing was given up."""
    for job in tx.execute(select(Job.kind, Job.key, Job.attempts, Job.parked)):
        yield f"job {job.kind} {job.key} left over after {job.attempts} failures, parked: {job.parked}"
    for incident in tx.execute(select(Incident.kind, Incident.sentence)):
        yield f"incident {incident.kind}: {incident.sentence}"


def _integrity(tx: Connection) -> Iterator[str]:
    """The file itself."""
    if tx.dialect.name == "sqlite":
        found = list(tx.execute(text("PRAGMA integrity_check")).scalars())
        yield from (line for line in found if line != "ok")
        yield from (f"dangling reference: {tuple(row)}" for row in tx.execute(text("PRAGMA foreign_key_check")))


def _count(tx: Connection, query: Any) -> Counter[str]:
    return Counter(tx.execute(query).scalars())


def _pairs(tx: Connection, query: Any) -> set[tuple[str, str]]:
    return {(first, second) for first, second in tx.execute(query)}
