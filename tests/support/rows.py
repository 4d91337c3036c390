"""Questions that tests ask the database."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select, update
from sqlalchemy.orm import aliased

from models import (
    Campaign,
    Disposal,
    Holding,
    Instance,
    Ledger,
    Letter,
    ListSnapshot,
    Notice,
    Period,
    Post,
    ProcessVersion,
    Publication,
    SpotCheck,
    Stage,
    Submission,
    Task,
    Unit,
    transaction,
)


def open_tasks(
    tx: Connection,
    element: str,
    *,
    unit: str | None = None,
    post: str | None = None,
    period: str | None = None,
    measure: str | None = None,
    of: str | None = None,
) -> list[Row[Any]]:
    """Open tasks of an element with their unit, post and process version; `of`: whose instance it is."""
    query = (
        select(
            Task.__table__,
            Unit.short_name.label("unit"),
            Post.kind.label("post"),
            Instance.process_version_id,
            Instance.variables,
        )
        .join_from(Task, Unit, Unit.id == Task.unit_id)
        .join(Post, Post.id == Task.post_id)
        .join(Instance, Instance.id == Task.instance_id)
        .where(Task.element == element, Task.status == "open")
        .order_by(Task.opened_at, Task.id)
    )
    if unit is not None:
        query = query.where((Unit.short_name == unit) | (Unit.name == unit))
    if post is not None:
        query = query.where(Post.kind == post)
    if period is not None:
        query = query.join(Period, Period.instance_id == Instance.id).where(Period.period == period)
    known = {name: value for name, value in {"measure": measure, "unit_name": of}.items() if value is not None}
    return [row for row in tx.execute(query) if known.items() <= dict(row.variables or {}).items()]


def tag_count(tx: Connection, tag: str) -> int:
    """How often a ledger tag stands."""
    return tx.execute(select(func.count()).select_from(Ledger).where(Ledger.tag == tag)).scalar_one()


def period_of(tx: Connection, unit: str, period: str) -> Row[Any]:
    """The statement a unit owes for a period."""
    query = select(Period.__table__).join(Unit, Unit.id == Period.unit_id)
    return tx.execute(query.where(Unit.short_name == unit, Period.period == period)).one()


def rungs_taken(tx: Connection, unit: str, period: str) -> list[str]:
    """Ladder steps taken against a unit's statement, in order."""
    query = (
        select(Ledger.data)
        .join(Period, Period.instance_id == Ledger.instance_id)
        .join(Unit, Unit.id == Period.unit_id)
        .where(Ledger.tag.in_(("early_warning:send", "escalation:step")))
        .where(Unit.short_name == unit, Period.period == period)
        .order_by(Ledger.seq)
    )
    return [data["rung"] for data in tx.execute(query).scalars()]


def instance_counts(tx: Connection, process: str) -> dict[str, int]:
    """How many instances of a process stand in each status."""
    query = (
        select(Instance.status, func.count().label("n"))
        .join(ProcessVersion, ProcessVersion.id == Instance.process_version_id)
        .where(ProcessVersion.key == process)
        .group_by(Instance.status)
    )
    return {row.status: row.n for row in tx.execute(query)}


def campaign_steps(tx: Connection) -> list[Any]:
    """What the steps of the only campaign's own process have passed, as the ledger has it."""
    query = select(Ledger.data).join(Campaign, Campaign.instance_id == Ledger.instance_id).order_by(Ledger.seq)
    return list(tx.execute(query).scalars())


def stage(tx: Connection, key: str) -> Row[Any]:
    """A stage of the only campaign."""
    return tx.execute(select(Stage.__table__).where(Stage.key == key)).one()


def letter_numbers(tx: Connection) -> list[str]:
    """The numbers of all letters, in order."""
    return list(tx.execute(select(Letter.number).order_by(Letter.issued_at, Letter.id)).scalars())


def disposal_counts(tx: Connection) -> dict[str, int]:
    """How many disposals of each kind there are."""
    query = select(Disposal.kind, func.count()).group_by(Disposal.kind)
    return {row[0]: row[1] for row in tx.execute(query)}


def draws(tx: Connection, department: str) -> list[Row[Any]]:
    """A department's draws, the oldest first, counties by code."""
    county = aliased(Unit)
    query = (
        select(SpotCheck.__table__, county.short_name.label("county"))
        .join(Unit, Unit.id == SpotCheck.department_id)
        .join(county, county.id == SpotCheck.county_id)
        .where(Unit.short_name == department)
        .order_by(SpotCheck.drawn_at, county.code)
    )
    return list(tx.execute(query))


def vacate(unit: str, post: str, now: datetime) -> None:
    """Nobody holds this post of a unit any more."""
    posts = select(Post.id).join(Unit, Unit.id == Post.unit_id).where(Unit.short_name == unit, Post.kind == post)
    with transaction() as tx:
        tx.execute(update(Holding).where(Holding.post_id.in_(posts), Holding.until.is_(None)).values(until=now))


def list_counts(tx: Connection, unit: str, period: str) -> dict[str, int]:
    """list -> entries, as a unit handed its lists of a month in."""
    query = select(ListSnapshot.list_key, ListSnapshot.count).join(Unit, Unit.id == ListSnapshot.unit_id)
    query = query.where(Unit.short_name == unit, ListSnapshot.period == period)
    return {row.list_key: row[1] for row in tx.execute(query)}


def published(tx: Connection, kind: str) -> list[Row[Any]]:
    """Publications of a kind that are out, in order."""
    query = select(Publication.__table__).where(Publication.kind == kind, Publication.status == "published")
    return list(tx.execute(query.order_by(Publication.published_at, Publication.id)))


def notice_count(tx: Connection, kind: str) -> int:
    """How many notices of a kind were given."""
    return tx.execute(select(func.count()).select_from(Notice).where(Notice.kind == kind)).scalar_one()


def handed_in(tx: Connection, unit: str, form: str) -> Any:
    """What a unit handed in last with a form."""
    query = select(Submission.data).join(Unit, Unit.id == Submission.unit_id)
    query = query.where(Unit.short_name == unit, Submission.form_key == form)
    return tx.execute(query.order_by(Submission.submitted_at.desc()).limit(1)).scalar_one()
