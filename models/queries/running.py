"""Statements of the hot path: an instance under its lock, its tasks, timers, waits and children.

Built once at import: building a statement costs more than running it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, func, literal, select, update

from models.batches import SIZE, batches
from models.hot import Hot, insert_into
from models.records import Campaign, Stage
from models.running import ChildGroup, Incident, Instance, Task, Timer, Wait

OPEN = ("running", "failed")  # instances that have not ended
_INSTANCE = (
    Instance.id,
    Instance.process_version_id,
    Instance.campaign_id,
    Instance.parent_id,
    Instance.parent_ref,
    Instance.root_id,
    Instance.unit_id,
    Instance.title,
    Instance.status,
    Instance.state,
    Instance.variables,
    Instance.version,
    Instance.started_at,
)
INSTANCE_COLUMNS = tuple(column.key for column in _INSTANCE)
# the key stays as it is: rows that refer to an instance may be written meanwhile
_LOCK_INSTANCE = Hot(select(*_INSTANCE).where(Instance.id == bindparam("id")).with_for_update(key_share=True))
# the instance alone is locked: whoever takes an instance further locks it first and its tasks after it
_LOCK_TASK = Hot(
    select(
        Task.id.label("task_id"),
        Task.ref,
        Task.element,
        Task.name.label("task_name"),
        Task.post_id,
        Task.unit_id.label("task_unit_id"),
        Task.status.label("task_status"),
        Task.version.label("task_version"),
        Task.due_at,
        *_INSTANCE,
    )
    .join_from(Task, Instance, Task.instance_id == Instance.id)
    .where(Task.id == bindparam("id"))
    .with_for_update(of=Instance, key_share=True)
)
# the same without a lock and without the state: what a form is checked against
_SEE_TASK = Hot(
    select(
        Task.ref,
        Task.element,
        Task.post_id,
        Task.status,
        Task.version,
        Instance.process_version_id,
        Instance.campaign_id,
        Instance.variables,
        Instance.status.label("instance_status"),
        Instance.version.label("instance_version"),
    )
    .join_from(Task, Instance, Task.instance_id == Instance.id)
    .where(Task.id == bindparam("id"))
)
_SAVED = (
    update(Instance)
    .where(Instance.id == bindparam("b_id"), Instance.version == bindparam("b_version"))
    .values(state=bindparam("b_state"), variables=bindparam("b_variables"), version=Instance.version + 1)
)
_SAVE_STATE = Hot(_SAVED)
_SAVE_INSTANCE = Hot(_SAVED.values(status=bindparam("b_status"), ended_at=bindparam("b_ended_at")))
_FINISH_TASK = Hot(
    update(Task)
    .where(Task.id == bindparam("b_id"), Task.status == "open")
    .values(
        status="done",
        completed_at=bindparam("b_at"),
        completed_by=bindparam("b_by"),
        outcome=bindparam("b_outcome"),
        version=Task.version + 1,
    )
)
_WITHDRAW = (
    update(Task)
    .where(
        Task.instance_id == bindparam("b_instance"),
        Task.ref.in_(bindparam("b_refs", expanding=True)),
        Task.status == "open",
    )
    .values(status="withdrawn", completed_at=bindparam("b_at"), version=Task.version + 1)
)


def _drop(row: Any, *more: Any) -> Hot:
    return Hot(delete(row).where(row.instance_id == bindparam("b_instance"), row.ref == bindparam("b_ref"), *more))


_DROP_LADDER = _drop(Timer, Timer.kind == "ladder")
_DROP_TIMER = _drop(Timer, Timer.kind == "engine")
_DROP_WAIT = _drop(Wait)


@cache
def _insert(model: Any) -> Hot:
    return insert_into(model)


def add(tx: Connection, model: Any, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows; missing columns take the model's defaults."""
    if rows:
        _insert(model).run_many(tx, rows)


def lock_instance(tx: Connection, instance_id: str) -> Row[Any] | None:
    """The instance's row, locked until the end of the transaction."""
    return _LOCK_INSTANCE.first(tx, {"id": instance_id})


def instance_of(tx: Connection, instance_id: str) -> Any | None:
    """The instance's id and campaign."""
    return tx.execute(select(Instance.id, Instance.campaign_id).where(Instance.id == instance_id)).first()


def lock_task(tx: Connection, task_id: str) -> Callable[[], Any | None]:
    """Lock a task's instance, and read both: whoever comes second sees what the first one did.

    Asked at once; what is returned gives the row, inside `pipelined` after its end.
    """
    return _LOCK_TASK.later(tx, {"id": task_id})


def see_task(tx: Connection, task_id: str) -> Any | None:
    """The task and its instance as they are, for a look before the lock."""
    return _SEE_TASK.first(tx, {"id": task_id})


def save_instance(tx: Connection, instance: Mapping[str, Any], read_version: int, read_status: str) -> Any:
    """Write the new state; touches one row (`rowcount`), or none if somebody wrote it since it was read.

    A status that stays is not written: SQLite would write its indexes anew each time.
    """
    values = {
        "b_id": instance["id"],
        "b_version": read_version,
        "b_state": instance["state"],
        "b_variables": instance["variables"],
    }
    if instance["status"] == read_status:
        return _SAVE_STATE.send(tx, values)
    return _SAVE_INSTANCE.send(tx, {**values, "b_status": instance["status"], "b_ended_at": instance.get("ended_at")})


def finish_task(tx: Connection, task_id: str, *, at: datetime, by: str | None, outcome: str | None) -> Any:
    """Close a task as done; touches one row (`rowcount`), or none if it is not open any more."""
    values = {"b_id": task_id, "b_at": at, "b_by": by, "b_outcome": outcome}
    return _FINISH_TASK.send(tx, values)


def withdraw_tasks(tx: Connection, instance_id: str, refs: Iterable[str], at: datetime) -> list[str]:
    """Close open tasks without an answer; returns their ids."""
    wanted = list(refs)
    query = select(Task.id).where(Task.instance_id == instance_id, Task.ref.in_(wanted), Task.status == "open")
    ids = list(tx.execute(query).scalars())
    if ids:
        tx.execute(_WITHDRAW, {"b_instance": instance_id, "b_refs": wanted, "b_at": at})
        drop_ladders(tx, instance_id, ids)
    return ids


def drop_ladders(tx: Connection, instance_id: str, task_ids: Iterable[str]) -> None:
    """No further reminders for these tasks of an instance."""
    _DROP_LADDER.run_many(tx, _of(instance_id, task_ids))


def drop_timers(tx: Connection, instance_id: str, refs: Iterable[str]) -> None:
    _DROP_TIMER.run_many(tx, _of(instance_id, refs))


def drop_waits(tx: Connection, instance_id: str, refs: Iterable[str]) -> None:
    _DROP_WAIT.run_many(tx, _of(instance_id, refs))


def _of(instance_id: str, refs: Iterable[str]) -> list[dict[str, str]]:
    return [{"b_instance": instance_id, "b_ref": ref} for ref in refs]


# -- children ----------------------------------------------------------------------------------------------------------
_GROUP = Hot(
    select(ChildGroup.__table__).where(ChildGroup.parent_id == bindparam("parent"), ChildGroup.ref == bindparam("ref"))
)
_COUNT_UP = Hot(
    update(ChildGroup)
    .where(ChildGroup.parent_id == bindparam("b_parent"), ChildGroup.ref == bindparam("b_ref"))
    .values(done=ChildGroup.done + 1)
    .returning(ChildGroup.total, ChildGroup.done, ChildGroup.status, ChildGroup.plan)
)


def group(tx: Connection, parent_id: str, ref: str) -> Row[Any] | None:
    """The counter of a call."""
    return _GROUP.first(tx, {"parent": parent_id, "ref": ref})


def count_child(tx: Connection, parent_id: str, ref: str) -> Any | None:
    """One more child ended: the counter after it. The row lock puts two last children in order."""
    return _COUNT_UP.first(tx, {"b_parent": parent_id, "b_ref": ref})


def update_group(tx: Connection, group_id: str, **values: Any) -> None:
    tx.execute(update(ChildGroup).where(ChildGroup.id == group_id).values(**values))


def recount(tx: Connection, parent_id: str, ref: str) -> dict[str, int]:
    """How the children of a call stand, counted from the rows themselves."""
    query = (
        select(Instance.status, func.count())
        .where(Instance.parent_id == parent_id, Instance.parent_ref == ref)
        .group_by(Instance.status)
    )
    return {row[0]: row[1] for row in tx.execute(query)}


def children_of(tx: Connection, parent_ids: Sequence[str], refs: Sequence[str] | None = None) -> list[str]:
    """Open instances directly below these, locked in the order of their ids."""
    if len(parent_ids) <= SIZE:
        return _lock_open(tx, Instance.parent_id.in_(parent_ids), refs)
    # of many parents all are found before the first is locked: the order of ids holds over all batches
    found: list[str] = []
    for some in batches(parent_ids):
        found += tx.execute(select(Instance.id).where(Instance.parent_id.in_(some))).scalars()
    return [child for some in batches(sorted(found)) for child in _lock_open(tx, Instance.id.in_(some), refs)]


def _lock_open(tx: Connection, which: Any, refs: Sequence[str] | None) -> list[str]:
    query = select(Instance.id).where(which, Instance.status.in_(OPEN)).order_by(Instance.id).with_for_update()
    return list(tx.execute(query if refs is None else query.where(Instance.parent_ref.in_(refs))).scalars())


def cancel_instances(tx: Connection, ids: Sequence[str], at: datetime) -> None:
    """End instances from above: no task, timer, wait or call of theirs stays open."""
    withdrawn = {"status": "withdrawn", "completed_at": at, "version": Task.version + 1}
    cancelled = {"status": "cancelled", "ended_at": at, "version": Instance.version + 1}
    for some in batches(ids):
        tx.execute(update(Task).where(Task.instance_id.in_(some), Task.status == "open").values(withdrawn))
        tx.execute(delete(Timer).where(Timer.instance_id.in_(some)))
        tx.execute(delete(Wait).where(Wait.instance_id.in_(some)))
        groups = update(ChildGroup).where(ChildGroup.parent_id.in_(some), ChildGroup.status == "open")
        tx.execute(groups.values(status="cancelled"))
        tx.execute(update(Instance).where(Instance.id.in_(some)).values(cancelled))


def close_groups(tx: Connection, parent_id: str, refs: Sequence[str], status: str) -> None:
    tx.execute(
        update(ChildGroup)
        .where(ChildGroup.parent_id == parent_id, ChildGroup.ref.in_(refs), ChildGroup.status == "open")
        .values(status=status)
    )


def waiting_for(tx: Connection, kind: str, name: str, root_id: str | None) -> list[str]:
    """Instances that wait for this message or signal, in one tree or everywhere."""
    query = select(Wait.instance_id).where(Wait.kind == kind, Wait.name == name).distinct()
    if root_id is not None:
        query = query.join(Instance, Instance.id == Wait.instance_id).where(Instance.root_id == root_id)
    return sorted(tx.execute(query).scalars())


def listeners(tx: Connection, signal: str, root_id: str) -> list[tuple[str, str]]:
    """(instance, ref) of whoever waits for this signal in a tree."""
    query = select(Wait.instance_id, Wait.ref).join(Instance, Instance.id == Wait.instance_id)
    query = query.where(Wait.kind == "signal", Wait.name == signal, Instance.root_id == root_id)
    return [(row.instance_id, row.ref) for row in tx.execute(query)]


def awaits(tx: Connection, instance_id: str, ref: str) -> bool:
    """Whether the instance still waits under this reference."""
    query = select(Wait.id).where(Wait.instance_id == instance_id, Wait.ref == ref)
    return tx.execute(query).first() is not None


def stuck_calls(tx: Connection) -> list[Row[Any]]:
    """Calls whose children have all ended although the parent still waits: the recovery check after a crash."""
    ended = (
        select(func.count())
        .where(
            Instance.parent_id == ChildGroup.parent_id,
            Instance.parent_ref == ChildGroup.ref,
            Instance.status.in_(("ended", "cancelled")),
        )
        .scalar_subquery()
    )
    query = select(ChildGroup.parent_id, ChildGroup.ref).where(
        ChildGroup.status == "open", ChildGroup.total.is_not(None), ChildGroup.total <= ended, literal(True)
    )
    return list(tx.execute(query))


def set_gate(tx: Connection, campaign_id: str, stage: str, **values: Any) -> None:
    """Write the gate of a stage: `task_id` when it opens, `signed_at` when it is passed."""
    names = {"task_id": "gate_task_id", "signed_at": "gate_signed_at"}
    tx.execute(
        update(Stage)
        .where(Stage.campaign_id == campaign_id, Stage.key == stage)
        .values({names[name]: value for name, value in values.items()})
    )


def end_campaign(tx: Connection, campaign_id: str, instance_id: str, at: datetime) -> bool:
    """Where it is the campaign's own instance that has ended, so has the campaign; whether it was."""
    query = update(Campaign).where(Campaign.id == campaign_id, Campaign.instance_id == instance_id)
    return bool(tx.execute(query.values(status="ended", ended_at=at)).rowcount)


def cancel_campaigns(tx: Connection, instance_ids: Sequence[str], at: datetime) -> list[str]:
    """The running campaigns that these instances ran, cancelled."""
    found: list[str] = []
    for some in batches(instance_ids):
        query = select(Campaign.id).where(Campaign.instance_id.in_(some), Campaign.status == "running")
        found += tx.execute(query.order_by(Campaign.id)).scalars()
    if found:
        tx.execute(update(Campaign).where(Campaign.id.in_(found)).values(status="cancelled", ended_at=at))
    return found


def open_trees(tx: Connection, campaign_id: str, limit: int) -> list[str]:
    """Some instances of a campaign that are open and called by nobody, by id."""
    query = select(Instance.id).where(
        Instance.campaign_id == campaign_id, Instance.parent_id.is_(None), Instance.status.in_(OPEN)
    )
    return list(tx.execute(query.order_by(Instance.id).limit(limit)).scalars())


def only_child(tx: Connection, parent_id: str, ref: str) -> dict[str, Any] | None:
    """The variables of a call's single child."""
    query = select(Instance.variables).where(Instance.parent_id == parent_id, Instance.parent_ref == ref)
    found: Any = tx.execute(query.order_by(Instance.id.desc())).scalar()
    return found if found is None else dict(found)


def open_task(tx: Connection, task_id: str) -> Row[Any] | None:
    """The task if it is still open, locked."""
    query = select(Task.__table__).where(Task.id == task_id, Task.status == "open").with_for_update()
    return tx.execute(query).first()


def mark_task(tx: Connection, task_id: str, *, light: str, rung: str) -> None:
    """Note the ladder step a task stands on; its version stays, since its content does."""
    tx.execute(update(Task).where(Task.id == task_id).values(light=light, rung=rung))


def more_than(tx: Connection, tasks: int, asked: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    """Which of these (instance, element) have had more than so many tasks, open ones among them."""
    pairs = set(asked)
    if not pairs:
        return set()
    of_instances = Task.instance_id.in_({instance for instance, _ in pairs})
    query = select(Task.instance_id, Task.element).where(of_instances).group_by(Task.instance_id, Task.element)
    return {(row.instance_id, row.element) for row in tx.execute(query.having(func.count() > tasks))} & pairs


def set_campaign_instance(tx: Connection, campaign_id: str, instance_id: str) -> None:
    tx.execute(update(Campaign).where(Campaign.id == campaign_id).values(instance_id=instance_id))


def open_incidents(
    tx: Connection, instance_ids: Sequence[str], kinds: Sequence[str] = ("engine", "timer", "job", "no_post")
) -> list[Row[Any]]:
    """Open incidents of these kinds about these instances: id, instance_id, ref."""
    query: Any = select(Incident.id, Incident.instance_id, Incident.ref)
    query = query.where(Incident.kind.in_(kinds), Incident.closed_at.is_(None))
    found: list[Row[Any]] = []
    for some in batches(instance_ids):
        found += tx.execute(query.where(Incident.instance_id.in_(some)))
    return sorted(found, key=lambda row: row.id)


def close_incidents(tx: Connection, incident_ids: Sequence[str], at: datetime, *, by: str | None) -> int:
    """Nobody has to look at these any more; how many were open."""
    if not incident_ids:  # every completion comes by: building the statement would cost a tenth of it
        return 0
    closing = update(Incident).where(Incident.closed_at.is_(None)).values(closed_at=at, closed_by=by)
    return sum(tx.execute(closing.where(Incident.id.in_(some))).rowcount for some in batches(incident_ids))


def known_vacancies(tx: Connection, unit_ids: Sequence[str]) -> set[tuple[str, str]]:
    """(unit id, post kind) of vacancies that an open incident reports already."""
    query = select(Incident.source_id, Incident.ref).where(Incident.kind == "no_holder", Incident.closed_at.is_(None))
    pieces = (tx.execute(query.where(Incident.source_id.in_(some))) for some in batches(unit_ids))
    return {(row.source_id, row.ref) for piece in pieces for row in piece}
