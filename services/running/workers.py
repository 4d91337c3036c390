"""What a worker does beside its jobs: it attaches to the database, shows that it lives, repairs what got stuck."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from domain.authority import SYSTEM
from domain.workdays import Calendar
from models import Job, Schedule, Timer, bind, reading, transaction
from models.queries import clock, people, running
from models.queries import workers as rows
from services.running.effects import Effects

FORGET_AFTER = timedelta(hours=1)
KEEP_ANSWERS = timedelta(days=7)  # longer than any client retries
KEEP_SESSIONS = timedelta(days=30)  # ended ones, for the audit log's sake


def attach(database_url: str) -> None:
    """This process works on this database; nothing is opened yet."""
    bind(database_url)


def beat(worker: str, now: datetime) -> None:
    """Show that the worker lives; workers that died an hour ago are forgotten."""
    with transaction() as tx:
        rows.beat(tx, worker, now)
        rows.forget_older(tx, now - FORGET_AFTER)


def leave(worker: str) -> None:
    """The worker ends in order."""
    with transaction() as tx:
        rows.forget(tx, worker)


def free_leases(is_dead: Callable[[str], bool]) -> int:
    """Let the leases of workers that are known to be dead run out at once: nobody has to wait for that.

    Should one of them live after all, it is fenced: whatever it still does under its lease changes nothing.
    """
    with reading() as tx:
        dead = [lease for lease in clock.leases(tx) if is_dead(lease)]
    if not dead:
        return 0
    with transaction() as tx:
        freed = {lease for lease in dead for model in (Timer, Schedule, Job) if clock.orphan(tx, model, lease)}
    return len(freed)


def recover(now: datetime) -> int:
    """Wake parents whose children have all ended although no job says so; how many.

    A child's end and the job for its parent are one commit, so this finds nothing unless rows were repaired by hand
    or a job was given up.
    """
    with reading() as tx:
        stuck = running.stuck_calls(tx)
    if not stuck:
        return 0
    with transaction() as tx:
        woken = 0
        for call in stuck:
            key = f"{call.parent_id}:{call.ref}"
            # one that was given up has its incident; asking again each minute would only repeat it
            if not clock.known(tx, "children:done", key):
                clock.enqueue(tx, "children:done", key, {"parent": call.parent_id, "ref": call.ref}, now)
                woken += 1
        return woken


def tell_vacancies(now: datetime) -> int:
    """An incident for each post that lost its holder while tasks lie with it; how many were not known."""
    with reading() as tx:
        found = people.stranded(tx, now)
    if not found:
        return 0
    with transaction() as tx:
        known = running.known_vacancies(tx, [row.unit_id for row in found])
        fx = Effects(actor=SYSTEM, now=now, calendar=Calendar())
        new = [row for row in found if (row.unit_id, row.kind) not in known]
        for row in new:
            sentence = f"{row.unit}的岗位“{row.name}”无人任职，名下还有 {row.tasks} 项待办无人办理"
            fx.incident("no_holder", sentence, source_id=row.unit_id, ref=row.kind)
        fx.flush(tx)
        return len(new)


def sweep(now: datetime) -> int:
    """Remove what has served its time: answers kept for retries, sessions long over; how many rows."""
    with transaction() as tx:
        return rows.sweep(tx, answered_before=now - KEEP_ANSWERS, sessions_before=now - KEEP_SESSIONS)
