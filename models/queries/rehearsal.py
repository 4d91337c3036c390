"""What a rehearsal asks: which tasks opened, who holds their posts, when something is next to do, what came of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, and_, bindparam, func, inspect, or_, select
from sqlalchemy.orm import aliased

from models.base import Base, Moment
from models.definitions import ProcessVersion
from models.directory import Holding, Person, Post, Unit
from models.queries.periods import WORK
from models.records import Campaign, Ledger, Signature
from models.running import ChildGroup, Incident, Instance, Job, Period, Schedule, Task, Timer, Wait

_MICROSECOND = timedelta(microseconds=1)
_ALEMBIC = "alembic_version"

_OPENED = (
    select(
        Ledger.seq,
        Task.id,
        Task.element,
        Task.status,
        Task.instance_id,
        Task.post_id,
        Task.opened_at,
        Task.due_at,
        Instance.campaign_id,
        Instance.variables,
        ProcessVersion.key.label("process"),
        Unit.code.label("unit"),
    )
    .join_from(Ledger, Task, Task.id == Ledger.task_id)
    .join(Instance, Instance.id == Task.instance_id)
    .join(ProcessVersion, ProcessVersion.id == Instance.process_version_id)
    .outerjoin(Unit, Unit.id == Instance.unit_id)
    .where(Ledger.seq > bindparam("b_seq"), Ledger.tag == bindparam("b_tag"))
    .order_by(Ledger.seq)
)
_HELD = (
    select(
        Person.id.label("person_id"),
        Person.name.label("person_name"),
        Holding.kind.label("held_as"),
        Post.id,
        Post.kind,
        Post.role,
        Post.name,
        Unit.id.label("unit_id"),
        Unit.name.label("unit_name"),
        Unit.path.label("unit_path"),
        Unit.level.label("unit_level"),
    )
    .join_from(Holding, Person, Person.id == Holding.person_id)
    .join(Post, Post.id == Holding.post_id)
    .join(Unit, Unit.id == Post.unit_id)
    .where(
        Holding.post_id == bindparam("b_post"),
        Holding.since <= bindparam("b_now", type_=Moment),
        or_(Holding.until.is_(None), Holding.until > bindparam("b_now", type_=Moment)),
        Person.active.is_(True),
    )
    .order_by(Holding.kind, Holding.since, Holding.id)
)
_AT_HAND = (
    select(
        Task.id,
        Task.element,
        Task.status,
        Task.version,
        Task.title,
        Task.unit_id,
        Task.opened_at,
        Task.due_at,
        Unit.short_name.label("unit"),
        Unit.level,
        Instance.id.label("instance_id"),
        Instance.campaign_id,
        Instance.process_version_id,
        Instance.variables,
    )
    .join_from(Task, Instance, Instance.id == Task.instance_id)
    .join(Unit, Unit.id == Task.unit_id)
    .where(Task.id == bindparam("b_task"))
)


# -- playing -----------------------------------------------------------------------------------------------------------
def opened_since(tx: Connection, seq: int, tag: str) -> list[Row[Any]]:
    """Tasks whose opening stands in the ledger after `seq`, in its order; `unit` is the instance's."""
    return list(tx.execute(_OPENED, {"b_seq": seq, "b_tag": tag}))


def holders(tx: Connection, post_id: str, now: datetime) -> list[Row[Any]]:
    """Who holds a post at `now`, its holder before those who stand in."""
    return list(tx.execute(_HELD, {"b_post": post_id, "b_now": now}))


def post_of(tx: Connection, unit_id: str, kind: str) -> str | None:
    """A unit's post of this kind."""
    return tx.execute(select(Post.id).where(Post.unit_id == unit_id, Post.kind == kind)).scalar()


def at_hand(tx: Connection, task_id: str) -> Any:
    """A task with what somebody sees who opens it; None if there is none."""
    return tx.execute(_AT_HAND, {"b_task": task_id}).first()


def next_release(tx: Connection, now: datetime) -> datetime | None:
    """The earliest moment after `now` at which a row can be taken; rows that failed wait until their lease ends."""
    moments = []
    for model in (Timer, Schedule, Job):
        free = model.parked.is_(False)
        due = select(func.min(model.due_at)).where(free, model.due_at > now)
        leased = select(func.min(model.lease_until)).where(free, model.due_at <= now, model.lease_until >= now)
        moments.append(tx.execute(due).scalar())
        until = tx.execute(leased).scalar()
        moments.append(until + _MICROSECOND if until else None)
    return min((moment for moment in moments if moment is not None), default=None)


def last_event(tx: Connection) -> datetime | None:
    """When the ledger's newest event happened."""
    return tx.execute(select(Ledger.at).order_by(Ledger.seq.desc()).limit(1)).scalar()


def launched(tx: Connection, key: str) -> Row[Any] | None:
    """The latest launch of a campaign."""
    query = select(Campaign.__table__).where(Campaign.key == key)
    return tx.execute(query.order_by(Campaign.launched_at.desc(), Campaign.id.desc())).first()


def children(tx: Connection, campaign_id: str) -> list[str]:
    """The child campaigns of a programme, in the order in which they were launched."""
    query = select(Campaign.id).where(Campaign.parent_id == campaign_id)
    return list(tx.execute(query.order_by(Campaign.launched_at, Campaign.key)).scalars())


# -- the account of it -------------------------------------------------------------------------------------------------
def instances(tx: Connection, campaign_id: str) -> list[Row[Any]]:
    """Instances by process and calling process: started, ended, cancelled, with how many incidents."""
    parent, called_by = aliased(Instance), aliased(ProcessVersion)
    troubled = select(Incident.instance_id, func.count().label("n")).group_by(Incident.instance_id).subquery("troubled")
    query = (
        select(
            ProcessVersion.key,
            ProcessVersion.name,
            called_by.key.label("parent"),
            func.count().label("started"),
            func.count().filter(Instance.status == "ended").label("ended"),
            func.count().filter(Instance.status == "cancelled").label("cancelled"),
            func.coalesce(func.sum(troubled.c.n), 0).label("incidents"),
        )
        .join_from(Instance, ProcessVersion, ProcessVersion.id == Instance.process_version_id)
        .outerjoin(parent, parent.id == Instance.parent_id)
        .outerjoin(called_by, called_by.id == parent.process_version_id)
        .outerjoin(troubled, troubled.c.instance_id == Instance.id)
        .where(Instance.campaign_id == campaign_id)
        .group_by(ProcessVersion.key, ProcessVersion.name, called_by.key)
    )
    return sorted(tx.execute(query), key=lambda row: (row.parent or "", row.key))


def tasks(tx: Connection, campaign_id: str) -> list[Row[Any]]:
    """All tasks in the order of their opening; `unit` is the one that had to do it."""
    query = (
        select(
            ProcessVersion.key.label("process"),
            Task.element,
            Task.name,
            Unit.short_name.label("unit"),
            Unit.code,
            Post.kind.label("post"),
            Post.name.label("post_name"),
            Task.title,
            Task.status,
            Task.opened_at,
            Task.due_at,
            Task.completed_at,
            Task.outcome,
        )
        .join_from(Task, Instance, Instance.id == Task.instance_id)
        .join(ProcessVersion, ProcessVersion.id == Instance.process_version_id)
        .join(Unit, Unit.id == Task.unit_id)
        .join(Post, Post.id == Task.post_id)
        .where(Task.campaign_id == campaign_id)
    )
    return sorted(tx.execute(query), key=lambda r: (r.opened_at, r.process, r.code, r.element, r.title))


def statements(tx: Connection, campaign_id: str) -> list[Row[Any]]:
    """Every owed statement, by report, period and unit."""
    query = (
        select(Period.__table__, Unit.short_name.label("unit"), Unit.code)
        .join_from(Period, Unit, Unit.id == Period.unit_id)
        .where(Period.campaign_id == campaign_id, Period.status != WORK)
    )
    return sorted(tx.execute(query), key=lambda row: (row.report, row.due_at, row.period, row.code))


def sign_offs(tx: Connection, campaign_id: str) -> list[Row[Any]]:
    """Every signature with its task, its unit and its post."""
    query = (
        select(
            Signature.sign_off,
            Signature.stage,
            Signature.outcome,
            Signature.opinion,
            Signature.signed_at,
            Task.element,
            Task.name.label("task"),
            Unit.short_name.label("unit"),
            Unit.code,
            Post.kind.label("post"),
        )
        .join_from(Signature, Task, Task.id == Signature.task_id)
        .join(Unit, Unit.id == Signature.unit_id)
        .join(Post, Post.id == Signature.post_id)
        .where(Signature.campaign_id == campaign_id)
    )
    return sorted(tx.execute(query), key=lambda row: (row.signed_at, row.sign_off, row.code, row.post))


def ledger_counts(tx: Connection, campaign_id: str) -> dict[str, int]:
    """tag -> how often, in the order of tags."""
    query = select(Ledger.tag, func.count().label("n")).where(Ledger.campaign_id == campaign_id).group_by(Ledger.tag)
    return {row.tag: row.n for row in sorted(tx.execute(query))}


def events_of(tx: Connection, campaign_id: str, tag: str) -> list[Row[Any]]:
    """All events of a tag about tasks, oldest first, with task and unit."""
    query = (
        select(Ledger.at, Ledger.data, Task.element, Task.due_at, Unit.short_name.label("unit"), Unit.code)
        .join_from(Ledger, Task, Task.id == Ledger.task_id)
        .join(Unit, Unit.id == Task.unit_id)
        .where(Ledger.campaign_id == campaign_id, Ledger.tag == tag)
    )
    return sorted(tx.execute(query), key=lambda row: (row.at, row.element, row.code, str(row.due_at)))


# -- what is stuck -----------------------------------------------------------------------------------------------------
def not_carried_out(tx: Connection, until: datetime) -> list[tuple[str, Row[Any]]]:
    """Timers, schedules and jobs due by `until` that still stand there, given up or not."""
    found: list[tuple[str, Row[Any]]] = []
    for model in (Timer, Schedule, Job):
        query = select(model.__table__).where(model.due_at <= until).order_by(model.due_at, model.id)
        found += [(model.__tablename__, row) for row in tx.execute(query)]
    return found


def waiting_for_nothing(tx: Connection) -> list[Row[Any]]:
    """Instances that run with no open task, engine timer, wait or call with an open child: nothing can move them."""
    child = aliased(Instance)
    has_task = select(Task.id).where(Task.instance_id == Instance.id, Task.status == "open")
    has_timer = select(Timer.id).where(Timer.instance_id == Instance.id, Timer.kind == "engine")
    has_wait = select(Wait.id).where(Wait.instance_id == Instance.id)
    open_child = select(child.id).where(
        child.parent_id == ChildGroup.parent_id,
        child.parent_ref == ChildGroup.ref,
        child.status.in_(("running", "failed")),
    )
    has_call = select(ChildGroup.id).where(
        ChildGroup.parent_id == Instance.id, ChildGroup.status == "open", open_child.exists()
    )
    query = (
        select(Instance.id, Instance.title, Instance.status, ProcessVersion.key.label("process"))
        .join(ProcessVersion, ProcessVersion.id == Instance.process_version_id)
        .where(
            Instance.status == "running",
            and_(*(~query.exists() for query in (has_task, has_timer, has_wait, has_call))),
        )
        .order_by(Instance.started_at, Instance.id)
    )
    return list(tx.execute(query))


# -- scratch databases -------------------------------------------------------------------------------------------------
def why_not_empty(tx: Connection) -> str | None:
    """The name of a table that is not ours, or of one of ours with a row; None where there is neither."""
    present = set(inspect(tx).get_table_names())
    for name in sorted(present - set(Base.metadata.tables) - {_ALEMBIC}):
        return name
    # the calendar's version stands in every database from the beginning
    ours = [table for table in Base.metadata.sorted_tables if table.name in present - {"calendar_version"}]
    for table in ours:
        if tx.execute(select(1).select_from(table).limit(1)).first() is not None:
            return table.name
    return None
