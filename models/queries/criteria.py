"""What exit criteria are counted from."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, case, distinct, func, select

from models.directory import Enterprise, Unit
from models.records import Quota
from models.running import Instance, Period, Task


def instances_of(campaign_id: str, version_ids: Sequence[str]) -> Any:
    """The instances of some processes in a campaign: few beside all tasks, so the search begins with them."""
    return select(Instance.id).where(Instance.campaign_id == campaign_id, Instance.process_version_id.in_(version_ids))


def steps(
    tx: Connection, campaign_id: str, version_ids: Sequence[str], own: Sequence[str], again: Sequence[str]
) -> dict[str, Row[Any]]:
    """unit id -> how many of the `own` steps it has done, how many of `own` and `again` stand open, and until when."""
    is_own, is_either = Task.element.in_(own), Task.element.in_([*own, *again])
    waits = and_(Task.status == "open", is_either)
    query = (
        select(
            Task.unit_id,
            func.count(distinct(case((and_(Task.status == "done", is_own), Task.element)))).label("done"),
            func.sum(case((waits, 1), else_=0)).label("open"),
            func.min(case((waits, Task.due_at))).label("due_at"),
        )
        .where(Task.instance_id.in_(instances_of(campaign_id, version_ids)), is_either)
        .group_by(Task.unit_id)
    )
    return {row.unit_id: row for row in tx.execute(query)}


def periods(tx: Connection, campaign_id: str, report: str, until: datetime | None) -> dict[str, Row[Any]]:
    """unit id -> statements of a report that were owed by `until`, and how many have come in."""
    query = (
        select(
            Period.unit_id,
            func.count().label("owed"),
            func.sum(case((Period.submitted_at.is_not(None), 1), else_=0)).label("handed_in"),
        )
        .where(Period.campaign_id == campaign_id, Period.report == report)
        .group_by(Period.unit_id)
    )
    if until is not None:
        query = query.where(Period.due_at <= until)
    return {row.unit_id: row for row in tx.execute(query)}


def quota(tx: Connection, campaign_id: str, key: str) -> list[Row[Any]]:
    """The rows of a quota: one of the whole campaign, or one a unit."""
    query = select(Quota.__table__).where(Quota.campaign_id == campaign_id, Quota.key == key)
    return list(tx.execute(query.order_by(Quota.unit_id)))


def counties(tx: Connection, unit_ids: Sequence[str]) -> dict[str, str]:
    """enterprise unit id -> the short name of its county."""
    query = (
        select(Enterprise.unit_id, Unit.short_name)
        .join_from(Enterprise, Unit, Unit.id == Enterprise.county_id)
        .where(Enterprise.unit_id.in_(unit_ids))
    )
    return {row.unit_id: row.short_name for row in tx.execute(query)}
