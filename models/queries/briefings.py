"""What the office reports upward: daily and monthly summaries, briefings."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, desc, func, insert, select, update

from models.clues import Clue
from models.directory import Person, Post, Unit
from models.publications import Publication
from models.queries.scope import like
from models.queries.scope import overdue as passed
from models.running import Period, Task

KINDS = ("daily_summary", "monthly_summary", "briefing")


def add(tx: Connection, row: dict[str, Any]) -> None:
    """A new one."""
    tx.execute(insert(Publication), row)


def change(tx: Connection, publication_id: str, **values: Any) -> None:
    """Its text, or that it is out."""
    tx.execute(update(Publication).where(Publication.id == publication_id).values(**values))


def one(tx: Connection, publication_id: str) -> Row[Any] | None:
    """One of them with who approved it; None if there is none."""
    query: Any = (
        select(Publication.__table__, Unit.name.label("unit"), Person.name.label("approver"))
        .join(Unit, Unit.id == Publication.unit_id)
        .outerjoin(Person, Person.id == Publication.approved_by)
        .where(Publication.id == publication_id, Publication.kind.in_(KINDS))
    )
    return tx.execute(query).first()


def page(tx: Connection, campaign_id: str, kind: str, text: str, skip: int, limit: int) -> list[Row[Any]]:
    """Those that are out, the newest first."""
    query: Any = (
        select(
            Publication.id,
            Publication.kind,
            Publication.title,
            Publication.period,
            Publication.published_at,
            Person.name.label("approver"),
        )
        .outerjoin(Person, Person.id == Publication.approved_by)
        .where(Publication.campaign_id == campaign_id, Publication.status == "published")
        .where(Publication.kind.in_([kind] if kind in KINDS else KINDS))
        .order_by(desc(Publication.published_at), desc(Publication.id))
    )
    if text:
        query = query.where(Publication.title.like(like(text), escape="!"))
    return list(tx.execute(query.offset(skip).limit(limit)))


def counts(tx: Connection, campaign_id: str) -> dict[str, int]:
    """kind -> how many are out."""
    query = (
        select(Publication.kind, func.count().label("n"))
        .where(Publication.campaign_id == campaign_id, Publication.status == "published", Publication.kind.in_(KINDS))
        .group_by(Publication.kind)
    )
    return {row.kind: row.n for row in tx.execute(query)}


def clues(tx: Connection, campaign_id: str, since: datetime, until: datetime) -> dict[str, int]:
    """Clues registered, handed over, concluded and escalated in this time."""
    moments = {
        "registered": Clue.registered_at,
        "assigned": Clue.assigned_at,
        "concluded": Clue.concluded_at,
        "escalated": Clue.escalated_at,
    }
    columns = [func.count().filter(at >= since, at < until).label(name) for name, at in moments.items()]
    row = tx.execute(select(*columns).where(Clue.campaign_id == campaign_id)).one()
    return dict(row._mapping)


def overdue(tx: Connection, campaign_id: str, now: datetime) -> int:
    """Open tasks past their limit."""
    query = select(func.count()).select_from(Task)
    return int(
        tx.execute(query.where(Task.campaign_id == campaign_id, Task.status == "open", passed(Task, now))).scalar_one()
    )


def statements(tx: Connection, campaign_id: str, report: str, period: str) -> list[Row[Any]]:
    """Who owed a statement of a period, and when it came."""
    query: Any = (
        select(Unit.short_name.label("unit"), Period.due_at, Period.submitted_at, Period.cases)
        .join(Unit, Unit.id == Period.unit_id)
        .where(Period.campaign_id == campaign_id, Period.report == report, Period.period == period)
        .order_by(Unit.code)
    )
    return list(tx.execute(query))


def addressees(tx: Connection, wanted: Sequence[tuple[str, str]]) -> list[str]:
    """Ids of the posts of these kinds at these units."""
    found: list[str] = []
    for unit_id, kind in wanted:
        found += tx.execute(select(Post.id).where(Post.unit_id == unit_id, Post.kind == kind)).scalars()
    return list(dict.fromkeys(found))
