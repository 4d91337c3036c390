"""Launched campaigns: their stages, how far the units are, what happened."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, case, desc, func, or_, select

from models.definitions import CampaignVersion
from models.directory import Enterprise, Person, Post, Unit
from models.queries.periods import WORK
from models.queries.scope import inside, overdue
from models.records import Campaign, Ledger, Signature, Stage, Submission
from models.running import Incident, Instance, Period, Task


def campaigns(tx: Connection) -> list[Row[Any]]:
    """All launched campaigns, the newest first."""
    query = (
        select(Campaign.__table__, CampaignVersion.title, CampaignVersion.number, Unit.name.label("owner_name"))
        .join_from(Campaign, CampaignVersion, CampaignVersion.id == Campaign.version_id)
        .join(Unit, Unit.id == Campaign.owner_unit_id)
        .order_by(Campaign.launched_at.desc(), Campaign.id)
    )
    return list(tx.execute(query))


def children(tx: Connection, campaign_id: str) -> list[Row[Any]]:
    """The child campaigns of a programme, in the order of their folders."""
    query = select(Campaign.__table__).where(Campaign.parent_id == campaign_id)
    return list(tx.execute(query.order_by(Campaign.key, Campaign.launched_at)))


def running(tx: Connection, key: str) -> list[Row[Any]]:
    """The campaigns of a folder that run."""
    columns = (Campaign.id, Campaign.name, Campaign.version_id, Campaign.shift_days)
    query = select(*columns).where(Campaign.key == key, Campaign.status == "running")
    return list(tx.execute(query.order_by(Campaign.launched_at, Campaign.id)))


def lock_launches(tx: Connection, key: str) -> None:
    """Until the end of this transaction nobody else launches a campaign of this folder."""
    first = select(CampaignVersion.id).where(CampaignVersion.campaign_key == key).order_by(CampaignVersion.number)
    tx.execute(first.limit(1).with_for_update(key_share=True)).all()


def campaign(tx: Connection, campaign_id: str) -> Any:
    """A launched campaign with its version and who launched it."""
    query = (
        select(
            Campaign.__table__,
            CampaignVersion.title,
            CampaignVersion.number,
            Unit.name.label("owner_name"),
            Person.name.label("launched_by_name"),
        )
        .join_from(Campaign, CampaignVersion, CampaignVersion.id == Campaign.version_id)
        .join(Unit, Unit.id == Campaign.owner_unit_id)
        .outerjoin(Person, Person.id == Campaign.launched_by)
        .where(Campaign.id == campaign_id)
    )
    return tx.execute(query).first()


def stages(tx: Connection, campaign_ids: Sequence[str]) -> list[Row[Any]]:
    """The stages of campaigns with the task of each gate."""
    query = (
        select(
            Stage.__table__,
            Task.status.label("gate_status"),
            Task.due_at.label("gate_due_at"),
            Task.opened_at.label("gate_opened_at"),
            Task.post_id.label("gate_post_id"),
        )
        .outerjoin_from(Stage, Task, Task.id == Stage.gate_task_id)
        .where(Stage.campaign_id.in_(campaign_ids))
        .order_by(Stage.campaign_id, Stage.position)
    )
    return list(tx.execute(query))


def gate_signatures(tx: Connection, campaign_id: str, stage: str | None = None) -> list[Row[Any]]:
    """Opinions at the gates, the oldest first."""
    query = (
        select(Signature.__table__, Person.name.label("person"), Post.name.label("post"), Unit.short_name.label("unit"))
        .join_from(Signature, Post, Post.id == Signature.post_id)
        .join(Unit, Unit.id == Signature.unit_id)
        .outerjoin(Person, Person.id == Signature.signed_by)
        .where(Signature.campaign_id == campaign_id, Signature.stage.is_not(None))
        .order_by(Signature.signed_at, Signature.id)
    )
    if stage is not None:
        query = query.where(Signature.stage == stage)
    return list(tx.execute(query))


# -- figures -----------------------------------------------------------------------------------------------------------
def _overdue(now: datetime) -> Any:
    return and_(Task.status == "open", Task.due_at.is_not(None), overdue(Task, now))


def _counts(now: datetime) -> tuple[Any, ...]:
    def total(condition: Any, label: str) -> Any:
        return func.coalesce(func.sum(case((condition, 1), else_=0)), 0).label(label)

    return (
        total(Task.status == "done", "done"),
        total(Task.status == "open", "open"),
        total(_overdue(now), "overdue"),
        total(and_(Task.status == "open", Task.due_at <= Task.opened_at), "arrived_late"),
    )


def task_counts(
    tx: Connection, campaign_ids: Sequence[str], now: datetime, paths: Sequence[str] | None = None
) -> dict[str, Row[Any]]:
    """campaign id -> tasks done, open, overdue of the units one sees."""
    query = select(Task.campaign_id, *_counts(now)).where(Task.campaign_id.in_(campaign_ids)).group_by(Task.campaign_id)
    if paths is not None:
        query = query.join(Unit, Unit.id == Task.unit_id).where(inside(paths))
    return {row.campaign_id: row for row in tx.execute(query)}


def progress(tx: Connection, campaign_id: str, now: datetime, paths: Sequence[str] | None) -> list[Row[Any]]:
    """Tasks by unit that is no enterprise."""
    query = (
        select(Unit.id, Unit.name, Unit.short_name, Unit.level, Unit.kind, Unit.code, *_counts(now))
        .join_from(Task, Unit, Unit.id == Task.unit_id)
        .where(Task.campaign_id == campaign_id, Unit.level != "enterprise", inside(paths))
        .group_by(Unit.id, Unit.name, Unit.short_name, Unit.level, Unit.kind, Unit.code)
        .order_by(Unit.code)
    )
    return list(tx.execute(query))


def enterprise_progress(
    tx: Connection, campaign_id: str, now: datetime, paths: Sequence[str] | None
) -> dict[str, Row[Any]]:
    """county id -> tasks of its enterprises."""
    query = (
        select(Enterprise.county_id, *_counts(now))
        .join_from(Task, Enterprise, Enterprise.unit_id == Task.unit_id)
        .join(Unit, Unit.id == Enterprise.unit_id)
        .where(Task.campaign_id == campaign_id, inside(paths))
        .group_by(Enterprise.county_id)
    )
    return {row.county_id: row for row in tx.execute(query)}


def _statements(now: datetime) -> tuple[Any, ...]:
    due = Period.due_at <= now

    def total(condition: Any, label: str) -> Any:
        return func.sum(case((condition, 1), else_=0)).label(label)

    return (
        total(or_(due, Period.submitted_at.is_not(None)), "owed"),
        total(Period.submitted_at.is_not(None), "handed_in"),
        total(and_(due, Period.submitted_at.is_(None), ~Period.opened_late), "missing"),
        total(and_(Period.submitted_at > Period.due_at, ~Period.opened_late), "late"),
        total(and_(Period.submitted_at.is_(None), Period.opened_late), "arrived_late"),
    )


def statement_sums(
    tx: Connection, campaign_ids: Sequence[str], now: datetime, paths: Sequence[str] | None
) -> dict[str, Row[Any]]:
    """campaign id -> statements owed by now, handed in, late or missing of the units one sees."""
    query = (
        select(Period.campaign_id, *_statements(now))
        .join_from(Period, Unit, Unit.id == Period.unit_id)
        .where(Period.campaign_id.in_(campaign_ids), Period.status != WORK, inside(paths))
        .group_by(Period.campaign_id)
    )
    return {row.campaign_id: row for row in tx.execute(query)}


def statement_counts(tx: Connection, campaign_id: str, now: datetime) -> dict[str, Row[Any]]:
    """unit id -> statements owed by now, handed in, late or missing."""
    query = (
        select(Period.unit_id, *_statements(now))
        .where(Period.campaign_id == campaign_id, Period.status != WORK)
        .group_by(Period.unit_id)
    )
    return {row.unit_id: row for row in tx.execute(query)}


# -- one unit in a campaign --------------------------------------------------------------------------------------------
def unit(tx: Connection, unit_id: str) -> Any:
    return tx.execute(select(Unit.__table__).where(Unit.id == unit_id)).first()


def unit_tasks(tx: Connection, campaign_id: str, unit_id: str, limit: int) -> list[Row[Any]]:
    """The unit's tasks: open ones first, by due date."""
    query = (
        select(
            Task.id,
            Task.name,
            Task.title,
            Task.status,
            Task.opened_at,
            Task.due_at,
            Task.due_estimated,
            Task.completed_at,
            Task.light,
            Task.rung,
            Task.instance_id,
            Post.name.label("post"),
            Person.name.label("completed_by"),
        )
        .join_from(Task, Post, Post.id == Task.post_id)
        .outerjoin(Person, Person.id == Task.completed_by)
        .where(Task.campaign_id == campaign_id, Task.unit_id == unit_id)
        .order_by(case((Task.status == "open", 0), else_=1), Task.due_at, Task.id)
        .limit(limit)
    )
    return list(tx.execute(query))


def unit_statements(tx: Connection, campaign_id: str, unit_id: str) -> list[Row[Any]]:
    query = select(Period.__table__).where(
        Period.campaign_id == campaign_id, Period.unit_id == unit_id, Period.status != WORK
    )
    return list(tx.execute(query.order_by(Period.due_at.desc(), Period.report)))


def unit_instances(tx: Connection, campaign_id: str, unit_id: str) -> list[Row[Any]]:
    query = (
        select(Instance.id, Instance.title, Instance.status, Instance.started_at, Instance.ended_at)
        .where(Instance.campaign_id == campaign_id, Instance.unit_id == unit_id)
        .order_by(Instance.started_at, Instance.id)
        .limit(100)
    )
    return list(tx.execute(query))


# -- what happened -----------------------------------------------------------------------------------------------------
_EVENT = (
    Ledger.seq,
    Ledger.at,
    Ledger.tag,
    Ledger.data,
    Ledger.instance_id,
    Ledger.task_id,
    Ledger.campaign_id,
    Person.name.label("person"),
    Post.name.label("post"),
    Unit.short_name.label("unit"),
    Task.name.label("task"),
)


def events() -> Any:
    """Ledger rows with the names of who and what."""
    return (
        select(*_EVENT)
        .select_from(Ledger)
        .outerjoin(Person, Person.id == Ledger.person_id)
        .outerjoin(Post, Post.id == Ledger.post_id)
        .outerjoin(Unit, Unit.id == Ledger.unit_id)
        .outerjoin(Task, Task.id == Ledger.task_id)
    )


def recent(
    tx: Connection, campaign_id: str, tags: Sequence[str], paths: Sequence[str] | None, limit: int
) -> list[Row[Any]]:
    """The newest events of these tags in a campaign, of the units one sees."""
    newest = select(Ledger.seq).where(Ledger.campaign_id == campaign_id, Ledger.tag.in_(tags))
    if paths is not None:
        newest = newest.join(Unit, Unit.id == Ledger.unit_id).where(inside(paths))
    # the names are looked up for the few rows that are shown
    wanted = newest.order_by(desc(Ledger.seq)).limit(limit)
    return list(tx.execute(events().where(Ledger.seq.in_(wanted.scalar_subquery())).order_by(desc(Ledger.seq))))


def incident_count(tx: Connection, campaign_id: str) -> int:
    query = select(func.count()).where(Incident.campaign_id == campaign_id, Incident.closed_at.is_(None))
    return tx.execute(query).scalar_one()


def submissions(tx: Connection, campaign_id: str, unit_id: str, elements: Sequence[str]) -> list[Row[Any]]:
    """Forms that a unit handed in at one of these elements, the newest first."""
    query = (
        select(Submission.data, Submission.form_key, Submission.submitted_at, Task.name.label("task"))
        .join_from(Submission, Task, Task.id == Submission.task_id)
        .where(Submission.campaign_id == campaign_id, Submission.unit_id == unit_id, Task.element.in_(elements))
        .order_by(desc(Submission.submitted_at), desc(Submission.id))
    )
    return list(tx.execute(query))
