"""Liaisons of a campaign (附件7): who owes to name one, and whom they named last."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, case, func, select, tuple_

from models.directory import Unit
from models.queries.scope import inside
from models.records import Submission
from models.running import Instance, Task


def named(
    tx: Connection,
    campaign_id: str,
    elements: Sequence[tuple[str, str]],
    form_key: str,
    paths: Sequence[str] | None,
    unit_id: str | None = None,
) -> list[Row[Any]]:
    """Units that are asked for a liaison, counties first, each with its newest answer (None: not yet)."""
    asked = (
        select(Task.unit_id)
        .join(Instance, Instance.id == Task.instance_id)
        .where(
            Task.campaign_id == campaign_id,
            Task.status != "withdrawn",
            tuple_(Instance.process_version_id, Task.element).in_(elements),
        )
    )
    at = (
        select(func.max(Submission.submitted_at))
        .where(Submission.campaign_id == campaign_id, Submission.unit_id == Unit.id, Submission.form_key == form_key)
        .correlate(Unit)
        .scalar_subquery()
    )
    query = (
        select(Unit.id, Unit.name, Unit.short_name, Unit.level, Submission.data, Submission.submitted_at)
        .select_from(Unit)
        .outerjoin(
            Submission,
            (Submission.campaign_id == campaign_id)
            & (Submission.unit_id == Unit.id)
            & (Submission.form_key == form_key)
            & (Submission.submitted_at == at),
        )
        .where(Unit.id.in_(asked), inside(paths))
        .order_by(case((Unit.level == "county", 0), else_=1), Unit.code, Submission.id)
    )
    if unit_id is not None:
        query = query.where(Unit.id == unit_id)
    return list(tx.execute(query))
