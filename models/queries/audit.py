"""Searching the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, desc, or_, select

from models.directory import Person, Unit
from models.queries.campaigns import events
from models.queries.scope import called, like
from models.records import Ledger


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What is looked for; empty means all."""

    tags: tuple[str, ...] = ()
    person: str = ""
    unit: str = ""
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None


def page(tx: Connection, wanted: Wanted, limit: int) -> list[Row[Any]]:
    """Events, the newest first."""
    query = select(Ledger.seq).order_by(desc(Ledger.seq)).limit(limit)
    for condition in _conditions(wanted):
        query = query.where(condition)
    seqs = list(tx.execute(query).scalars())
    return list(tx.execute(events().where(Ledger.seq.in_(seqs)).order_by(desc(Ledger.seq))))


def _conditions(wanted: Wanted) -> list[Any]:
    found: list[Any] = []
    if wanted.tags:
        found.append(Ledger.tag.in_(wanted.tags))
    if wanted.person:
        pattern = like(wanted.person)
        named = select(Person.id).where(
            or_(Person.name.like(pattern, escape="!"), Person.username.like(pattern, escape="!"))
        )
        found.append(Ledger.person_id.in_(named))
    if wanted.unit:
        found.append(Ledger.unit_id.in_(select(Unit.id).where(called(wanted.unit))))
    if wanted.since is not None:
        found.append(Ledger.at >= wanted.since)
    if wanted.until is not None:
        found.append(Ledger.at < wanted.until)
    if wanted.before is not None:
        found.append(Ledger.seq < wanted.before)
    return found
