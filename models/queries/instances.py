"""One process instance as the cockpit shows it: where it stands, what hangs below and above, what happened."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, case, desc, func, select

from models.definitions import ProcessVersion
from models.directory import Person, Post, Unit
from models.queries.campaigns import events
from models.queries.scope import inside
from models.records import Ledger
from models.running import ChildGroup, Incident, Instance, Task, Timer, Wait


def instance(tx: Connection, instance_id: str) -> Any:
    """The instance without its state, with its process and its unit; None if there is none."""
    query = (
        select(
            Instance.id,
            Instance.process_version_id,
            Instance.campaign_id,
            Instance.parent_id,
            Instance.parent_ref,
            Instance.root_id,
            Instance.unit_id,
            Instance.title,
            Instance.status,
            Instance.variables,
            Instance.version,
            Instance.started_at,
            Instance.ended_at,
            func.length(Instance.state).label("state_size"),
            ProcessVersion.key.label("process"),
            ProcessVersion.name.label("process_name"),
            Unit.name.label("unit_name"),
            Unit.path.label("unit_path"),
        )
        .join_from(Instance, ProcessVersion, ProcessVersion.id == Instance.process_version_id)
        .outerjoin(Unit, Unit.id == Instance.unit_id)
        .where(Instance.id == instance_id)
    )
    return tx.execute(query).first()


def groups(tx: Connection, instance_id: str) -> list[Row[Any]]:
    """The calls of an instance with their counters, and how many of their children stand in error."""
    failed = (
        select(func.count())
        .select_from(Instance)
        .where(
            Instance.parent_id == ChildGroup.parent_id,
            Instance.parent_ref == ChildGroup.ref,
            Instance.status == "failed",
        )
        .scalar_subquery()
    )
    query = select(ChildGroup.__table__, failed.label("failed")).where(ChildGroup.parent_id == instance_id)
    return list(tx.execute(query.order_by(ChildGroup.id)))


def children(
    tx: Connection, instance_id: str, paths: Sequence[str] | None, refs: Sequence[str], limit: int
) -> list[Row[Any]]:
    """Children of the units one sees, those that need somebody first; with `refs` of these calls only."""
    order = case((Instance.status == "failed", 0), (Instance.status == "running", 1), else_=2)
    query = (
        select(
            Instance.id,
            Instance.title,
            Instance.status,
            Instance.parent_ref,
            Instance.started_at,
            Instance.ended_at,
            Unit.short_name.label("unit"),
        )
        .outerjoin_from(Instance, Unit, Unit.id == Instance.unit_id)
        .where(Instance.parent_id == instance_id, inside(paths))
        .order_by(order, Unit.code, Instance.id)
        .limit(limit)
    )
    return list(tx.execute(query.where(Instance.parent_ref.in_(refs)) if refs else query))


def tasks(tx: Connection, instance_id: str) -> list[Row[Any]]:
    """All user tasks of an instance, in the order of their opening."""
    query = (
        select(
            Task.__table__,
            Post.name.label("post"),
            Unit.short_name.label("unit"),
            Person.name.label("completed_by_name"),
        )
        .join_from(Task, Post, Post.id == Task.post_id)
        .join(Unit, Unit.id == Task.unit_id)
        .outerjoin(Person, Person.id == Task.completed_by)
        .where(Task.instance_id == instance_id)
        .order_by(Task.opened_at, Task.id)
    )
    return list(tx.execute(query))


def timers(tx: Connection, instance_id: str) -> list[Row[Any]]:
    query = select(Timer.__table__).where(Timer.instance_id == instance_id).order_by(Timer.due_at, Timer.id)
    return list(tx.execute(query))


def waits(tx: Connection, instance_id: str) -> list[Row[Any]]:
    return list(tx.execute(select(Wait.__table__).where(Wait.instance_id == instance_id).order_by(Wait.id)))


def incidents(tx: Connection, instance_id: str) -> list[Row[Any]]:
    query = select(Incident.__table__).where(Incident.instance_id == instance_id)
    return list(tx.execute(query.order_by(Incident.closed_at.is_not(None), Incident.opened_at)))


def history(tx: Connection, instance_id: str, limit: int) -> list[Row[Any]]:
    """What happened in an instance, the newest first."""
    query = events().where(Ledger.instance_id == instance_id).order_by(desc(Ledger.seq)).limit(limit)
    return list(tx.execute(query))


def passed(tx: Connection, instance_id: str) -> list[Any]:
    """The data of all events of an instance: they name the elements and flows that were passed."""
    query = select(Ledger.data).where(Ledger.instance_id == instance_id).order_by(Ledger.seq)
    return list(tx.execute(query).scalars())
