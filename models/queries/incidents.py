"""Incidents: what a person must look at."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, func, select

from models.directory import Person, Unit
from models.records import Campaign
from models.running import Incident, Instance


def _base() -> Any:
    return (
        select(
            Incident.__table__,
            Instance.title.label("instance_title"),
            Instance.status.label("instance_status"),
            Unit.short_name.label("unit"),
            Campaign.name.label("campaign"),
            Person.name.label("closed_by_name"),
        )
        .select_from(Incident)
        .outerjoin(Instance, Instance.id == Incident.instance_id)
        .outerjoin(Unit, Unit.id == Instance.unit_id)
        .outerjoin(Campaign, Campaign.id == Incident.campaign_id)
        .outerjoin(Person, Person.id == Incident.closed_by)
    )


def page(tx: Connection, *, closed: bool, kind: str, after: str, limit: int) -> list[Row[Any]]:
    """Open ones, or closed ones; the newest first, from before `after` on (ids grow with time)."""
    query = _base().where(Incident.closed_at.is_not(None) if closed else Incident.closed_at.is_(None))
    if kind:
        query = query.where(Incident.kind == kind)
    if after:
        query = query.where(Incident.id < after)
    return list(tx.execute(query.order_by(Incident.id.desc()).limit(limit)))


def counts(tx: Connection) -> list[Row[Any]]:
    """Open incidents by kind."""
    query = select(Incident.kind, func.count().label("n")).where(Incident.closed_at.is_(None)).group_by(Incident.kind)
    return list(tx.execute(query.order_by(Incident.kind)))


def incident(tx: Connection, incident_id: str) -> Any:
    """One incident; None if there is none."""
    return tx.execute(_base().where(Incident.id == incident_id)).first()
