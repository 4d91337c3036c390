"""Two commands that meet half-way through each other: neither is lost, neither brings the other down (PostgreSQL).

The meeting is arranged: one command is held at a named place until the other has come as far as it can.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

import models
from bench import city
from domain.authority import Actor
from domain.errors import Conflict
from domain.workdays import BEIJING, Calendar
from models import Instance, Notice, Task, Timer
from models.queries import calendar as calendar_rows
from models.queries import clock, running
from services import handlers
from services.plans import calendar, versions
from services.running import jobs, processes
from services.tasks import tasks
from tests.support.seats import actor_of_seat

assert handlers  # registers what a drain carries out

FOLDER = Path(__file__).resolve().parent / "tree-city"
NOW = datetime.now(UTC)
PATIENCE = 10.0
# a deadlock is found after a second; what waits for a lock is not yet done after this long
A_WHILE = 0.5
FORM = {"subject": "更换防护栏", "amount": 3, "reason": "三处防护栏锈蚀，已设警戒线，本周内更换。"}


@pytest.fixture(scope="module")
def people(postgresql_url: str) -> Iterator[city.City]:
    database = models.bind(postgresql_url)
    versions.forget()
    yield city.build(largest=13, folder=FOLDER)
    database.dispose()


@dataclass
class Other:
    """A command in a thread of its own."""

    verb: Callable[[], Any]
    outcome: Any = None
    thread: threading.Thread = field(init=False)

    def __post_init__(self) -> None:
        self.thread = threading.Thread(target=self._run)
        self.thread.start()

    def _run(self) -> None:
        try:
            self.outcome = self.verb()
        except Exception as fault:
            self.outcome = fault

    def end(self) -> Any:
        self.thread.join(PATIENCE)
        assert not self.thread.is_alive()
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome


@contextmanager
def held(
    patch: pytest.MonkeyPatch, module: Any, name: str, verb: Callable[[], Any], *, after: bool = True
) -> Iterator[Other]:
    """Inside, `verb` stands in another thread right after (or before) its first call of this function."""
    real, reached, let_go = getattr(module, name), threading.Event(), threading.Event()

    def stopping(*given: Any, **named: Any) -> Any:
        if reached.is_set():
            return real(*given, **named)
        found = real(*given, **named) if after else None
        reached.set()
        let_go.wait(PATIENCE)
        return found if after else real(*given, **named)

    patch.setattr(module, name, stopping)
    other = Other(verb)
    assert reached.wait(PATIENCE), other.outcome
    try:
        yield other
    finally:
        let_go.set()


def begin(people: city.City, key: str, unit_id: str | None = None) -> str:
    unit_id = unit_id or people.office.unit_id
    started = begin_only(people, key, unit_id)
    jobs.drain(NOW)
    return started


def begin_only(people: city.City, key: str, unit_id: str) -> str:
    """What follows from the start waits."""
    return str(processes.start(actor_of_seat(people.office, NOW), key, unit_id=unit_id, now=NOW)["instance"])


def below(root_id: str) -> list[Any]:
    """Open tasks of a tree."""
    query = select(Task.__table__).join(Instance, Instance.id == Task.instance_id)
    with models.reading() as tx:
        return list(tx.execute(query.where(Instance.root_id == root_id, Task.status == "open").order_by(Task.id)))


def report(people: city.City, root_id: str, county: int) -> Any:
    seat = people.seats["county"][county]
    (task,) = [task for task in below(root_id) if task.unit_id == seat.unit_id]
    return tasks.complete(actor_of_seat(seat, NOW), task.id, answers=FORM, now=NOW)


def take_off(actor: Actor, n: int) -> calendar.Entered:
    """The n-th working day from now on is none any more."""
    day = Calendar().add_workdays(NOW.astimezone(BEIJING).date(), n)
    return calendar.set_day(actor, day, working=False, name="停工", now=NOW)


def test_a_child_that_ends_while_its_parent_counts_is_counted(
    people: city.City, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two of three are enough; the job of the first waits still when the second asks for one and is not committed."""
    root = begin(people, "district")
    report(people, root, 0)
    with held(monkeypatch, clock, "enqueue", lambda: report(people, root, 1)) as second:
        jobs.drain(NOW)
    second.end()
    jobs.drain(NOW)
    assert [task.element for task in below(root)] == ["sign_off"]


def test_a_child_that_ends_while_its_parent_goes_on_brings_neither_down(
    people: city.City, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = begin(people, "district")
    report(people, root, 0)
    report(people, root, 1)
    with held(monkeypatch, running, "children_of", lambda: jobs.turn(lambda: NOW), after=False) as worker:
        third = Other(lambda: report(people, root, 2))
        time.sleep(A_WHILE)
    third.end()
    assert worker.end().failures == []
    assert [task.element for task in below(root)] == ["sign_off"]


def test_a_grandchild_that_ends_while_the_tree_is_cancelled_is_refused(
    people: city.City, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = begin(people, "campaign")
    too_late = NOW + timedelta(hours=1, seconds=1)
    with held(monkeypatch, running, "cancel_instances", lambda: jobs.turn(lambda: too_late)) as worker:
        grandchild = Other(lambda: report(people, root, 0))
        time.sleep(A_WHILE)
    assert worker.end().failures == []
    with pytest.raises(Conflict, match="流程已经结束"):
        grandchild.end()
    assert [task.element for task in below(root)] == ["explain"]


def test_a_completion_waits_for_the_calendar(people: city.City, monkeypatch: pytest.MonkeyPatch) -> None:
    seat = people.seats["county"][0]
    instance_id = begin(people, "share", seat.unit_id)
    office = actor_of_seat(people.office, NOW)
    assert take_off(office, 1).recounted > 0
    with held(monkeypatch, calendar_rows, "open_due", lambda: jobs.turn(lambda: NOW)) as recount:
        completion = Other(lambda: report(people, instance_id, 0))
        time.sleep(A_WHILE)
    assert recount.end().failures == []
    assert completion.end()["status"] == "done"
    jobs.drain(NOW)


def test_what_is_counted_while_the_calendar_changes_is_counted_again(
    people: city.City, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The change waits for whoever counts by the old calendar, and nobody else waits for the change meanwhile."""
    seat, office = people.seats["county"][0], actor_of_seat(people.office, NOW)
    day = Calendar().add_workdays(NOW.astimezone(BEIJING).date(), 2)
    with held(monkeypatch, calendar_rows, "hold", lambda: begin_only(people, "share", seat.unit_id)) as opener:
        change = Other(lambda: calendar.set_day(office, day, working=False, name="停工", now=NOW))
        time.sleep(A_WHILE)
        assert change.thread.is_alive()
        beside = begin_only(people, "share", people.seats["county"][1].unit_id)
    first = opener.end()
    assert change.end().recounted > 0
    jobs.drain(NOW)
    after = begin_only(people, "share", seat.unit_id)
    with models.reading() as tx:
        dues = set(tx.execute(select(Task.due_at).where(Task.instance_id.in_([first, beside, after]))).scalars())
    assert len(dues) == 1


def test_a_ladder_step_that_was_moved_is_not_taken(people: city.City) -> None:
    """The worker has it in hand already when the calendar puts it off."""
    seat = people.seats["county"][1]
    instance_id = begin(people, "share", seat.unit_id)
    (task,) = below(instance_id)
    with models.transaction() as tx:
        due = tx.execute(select(Timer.due_at).where(Timer.ref == task.id)).scalar_one()
        claimed = clock.claim(tx, Timer, now=due, lease="worker", seconds=30, limit=100)
    (timer,) = [row for row in claimed if row.ref == task.id]
    assert take_off(actor_of_seat(people.office, NOW), 3).recounted > 0
    jobs.drain(NOW)
    jobs._DUE_KINDS[Timer](timer, "worker", due)
    with models.reading() as tx:
        assert tx.execute(select(Notice.id).where(Notice.task_id == task.id)).all() == []
        (moved,) = tx.execute(select(Timer.due_at).where(Timer.ref == task.id)).scalars()
    assert moved > due
