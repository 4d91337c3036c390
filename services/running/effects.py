"""What one command writes: collected while engines run, written together at the end.

`Effects` is filled by `services.running.instances`; `flush` is the only place where an Advance becomes rows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from domain.authority import Actor
from domain.deadlines import latest, rung_at
from domain.errors import Conflict
from domain.ledger import Tag
from domain.lights import arrived_late
from domain.plan import Ladder, Plan
from domain.workdays import Calendar, day_of
from engine.contract import Element
from models import (
    ChildGroup,
    Incident,
    Instance,
    Ledger,
    Notice,
    Period,
    Signature,
    Submission,
    Task,
    Timer,
    Tx,
    Wait,
    new_id,
    pipelined,
)
from models.queries import running
from services.running._assignment import Assigned, Opening, assign

# rows that are pointed at come first
_ORDER = (Task, Timer, Wait, ChildGroup, Period, Submission, Signature, Notice, Incident, Ledger)


@dataclass
class Effects:
    """Rows to write. Order inside a table is the order of happening."""

    actor: Actor
    now: datetime
    calendar: Calendar
    instances: list[dict[str, Any]] = field(default_factory=list)
    openings: list[Opening] = field(default_factory=list)
    rows: dict[type, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    finished: set[tuple[str, str]] = field(default_factory=set)  # instance, ref: user tasks this command closed itself
    must_hit: list[Callable[[Tx], Any]] = field(default_factory=list)  # updates that find their row, or all is void
    along: list[Callable[[Tx], Any]] = field(default_factory=list)  # further writes that nobody waits for
    gates: list[tuple[str, str, str]] = field(default_factory=list)  # campaign, stage, task
    after: list[Callable[[Tx], None]] = field(default_factory=list)  # counters and jobs, once the rows are there

    @property
    def rows_of_ledger(self) -> list[dict[str, Any]]:
        return self.rows[Ledger]

    def forget_timers(self, instance_id: str, refs: Sequence[str]) -> None:
        """Drop engine timers that this very command had just set."""
        self.rows[Timer] = [
            row
            for row in self.rows[Timer]
            if row["kind"] != "engine" or row["instance_id"] != instance_id or row["ref"] not in refs
        ]

    def forget_waits(self, instance_id: str, refs: Sequence[str]) -> None:
        """Drop waits that this very command had just set."""
        self.rows[Wait] = [
            row for row in self.rows[Wait] if row["instance_id"] != instance_id or row["ref"] not in refs
        ]

    def add(self, model: type, **values: Any) -> None:
        self.rows[model].append(values)

    def ledger(self, tag: Tag, *, instance: Mapping[str, Any] | None = None, **values: Any) -> None:
        """One event: who, what, about which rows, with `data`."""
        instance = instance or {}
        post_id = values.get("post_id")
        self.rows[Ledger].append(
            {
                "at": self.now,
                "tag": tag.value,
                "person_id": self.actor.person_id,
                "post_id": post_id,
                "unit_id": values.get("unit_id", instance.get("unit_id")),
                "campaign_id": values.get("campaign_id", instance.get("campaign_id")),
                "instance_id": values.get("instance_id", instance.get("id")),
                "task_id": values.get("task_id"),
                "data": values.get("data", {}),
            }
        )

    def incident(self, kind: str, sentence: str, *, instance: Mapping[str, Any] | None = None, **values: Any) -> None:
        """Something a person must look at."""
        instance = instance or {}
        incident_id = new_id()
        row = {
            "id": incident_id,
            "kind": kind,
            "instance_id": instance.get("id"),
            "campaign_id": instance.get("campaign_id"),
            "source_id": None,
            "element": None,
            "ref": None,
            "sentence": sentence[:400],
            "detail": "",
            "opened_at": self.now,
        }
        self.rows[Incident].append({**row, **values})
        self.ledger(Tag.INCIDENT_OPEN, instance=instance, data={"incident": incident_id, "sentence": sentence[:400]})

    def faults(self, instance: Mapping[str, Any]) -> set[str]:
        """References of the faults that this very command has reported for an instance."""
        return {row["ref"] for row in self.rows[Incident] if row["instance_id"] == instance["id"]}

    def flush(self, tx: Tx) -> list[str]:
        """Write everything; returns the ids of the opened tasks. Raises Conflict where somebody was faster."""
        opened = self._open_tasks(tx) if self.openings else []
        with pipelined(tx):
            touched = [write(tx) for write in self.must_hit]
            running.add(tx, Instance, self.instances)
            for model in _ORDER:
                running.add(tx, model, self.rows[model])
            for write in self.along:
                write(tx)
        if any(update.rowcount != 1 for update in touched):
            raise Conflict
        for campaign_id, stage, task_id in self.gates:
            running.set_gate(tx, campaign_id, stage, task_id=task_id)
        for write in self.after:
            write(tx)
        return opened

    # -- opening tasks -------------------------------------------------------------------------------------------------
    def _open_tasks(self, tx: Tx) -> list[str]:
        assigned = assign(tx, self.openings, self.now)
        self._report_vacancies(tx, assigned)
        again = self._done_again(tx)
        return [
            self._open_task(opening, to.unit_id, to.post_id, self._due(opening, again))
            for opening, to in zip(self.openings, assigned, strict=True)
            # without any post the incident stands and the engine's task waits for a move
            if to.post_id is not None
        ]

    def _done_again(self, tx: Tx) -> set[tuple[str, str]]:
        """Which of the tasks that have a deadline for being done once more are."""
        asked = {(opening.instance["id"], opening.element.id) for opening in self.openings if opening.element.again}
        return running.more_than(tx, 0, asked)

    def _due(self, opening: Opening, again: set[tuple[str, str]]) -> datetime | None:
        element, instance = opening.element, opening.instance
        if (instance["id"], element.id) not in again or element.deadline is None or element.again is None:
            return opening.opened.due_at
        names = (element.deadline, element.again)
        return latest(opening.plan, self.calendar, names, instance["variables"], self.now)

    def _report_vacancies(self, tx: Tx, assigned: Sequence[Assigned]) -> None:
        """One open incident a vacant post, however many tasks it concerns; one a task that nobody could be given."""
        pairs = list(zip(self.openings, assigned, strict=True))
        for opening, to in pairs:
            if to.post_id is None:
                about = {"element": opening.element.id, "ref": opening.opened.ref}
                self.incident("no_post", str(to.vacancy), instance=opening.instance, **about)
        vacant = {to.wanted: (opening, to) for opening, to in pairs if to.vacancy and to.post_id is not None}
        known = running.known_vacancies(tx, [unit for unit, _ in vacant]) if vacant else set()
        for wanted, (opening, to) in vacant.items():
            if wanted not in known:
                unit_id, kind = wanted
                self.incident(
                    "no_holder",
                    str(to.vacancy),
                    instance=opening.instance,
                    source_id=unit_id,
                    element=opening.element.id,
                    ref=kind,
                )

    def _open_task(self, opening: Opening, unit_id: str, post_id: str, due_at: datetime | None) -> str:
        instance, element = opening.instance, opening.element
        task_id = new_id()
        self.add(
            Task,
            id=task_id,
            instance_id=instance["id"],
            campaign_id=instance["campaign_id"],
            ref=opening.opened.ref,
            element=element.id,
            name=element.name,
            title=instance["title"],
            post_id=post_id,
            unit_id=unit_id,
            opened_at=self.now,
            due_at=due_at,
            due_estimated=bool(due_at and not self.calendar.is_known(day_of(due_at))),
            light="green",
        )
        if due_at is not None:
            self._first_rung(opening, task_id, due_at)
        about: dict[str, Any] = {"instance": instance, "task_id": task_id, "post_id": post_id, "unit_id": unit_id}
        if element.stage and instance["campaign_id"]:
            self.gates.append((instance["campaign_id"], element.stage, task_id))
            self.ledger(Tag.STAGE_OPEN, data={"stage": element.stage}, **about)
        self.ledger(Tag.TASK_OPEN, data={"element": element.id, "name": element.name}, **about)
        return task_id

    def _first_rung(self, opening: Opening, task_id: str, due_at: datetime) -> None:
        ladder = ladder_of(opening.plan, opening.element)
        if ladder is None:
            return
        moments = [rung_at(rung, due_at, self.calendar) for rung in ladder.rungs]
        # of the steps already past only the last one is taken, at once; one that arrived late is told once, now
        past = [i for i, at in enumerate(moments) if at <= self.now]
        index = past[-1] if past else 0
        at = self.now if arrived_late(due_at, self.now) else max(moments[index], self.now)
        self.rung_timer(opening.instance, task_id, index, at)

    def rung_timer(self, instance: Mapping[str, Any], task_id: str, index: int, at: datetime) -> None:
        """Set the next step of a task's ladder."""
        self.timer("ladder", instance, ref=task_id, element=str(index), due_at=at)

    def timer(self, kind: str, instance: Mapping[str, Any], *, ref: str, element: str, due_at: datetime) -> None:
        about = {"instance_id": instance["id"], "ref": ref, "element": element}
        self.add(Timer, id=new_id(), kind=kind, **about, set_at=self.now, due_at=due_at)


def ladder_of(plan: Plan, element: Element) -> Ladder | None:
    """The ladder of a task: its own, else the plan's default."""
    return plan.escalation.get(element.ladder or "default")
