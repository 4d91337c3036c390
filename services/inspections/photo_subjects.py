"""Visits, findings and hazards carry photos: who sees them, and which units add to them."""

from __future__ import annotations

from datetime import datetime

from domain.authority import Actor
from domain.errors import Forbidden, NotFound
from models import Tx
from models.queries import findings as finding_rows
from models.queries import hazards as hazard_rows
from models.queries import inspections as inspection_rows
from services.inspections import finding_pages, hazard_pages, inspection_pages
from services.tasks.photos import Subject, photo_subject


@photo_subject("inspection")
def _inspection(tx: Tx, actor: Actor, subject_id: str, now: datetime) -> Subject:
    row = inspection_rows.one(tx, subject_id)
    if row is None:
        raise NotFound("没有找到这次检查。")
    if not inspection_pages.concerns(actor, row):
        raise Forbidden("该检查不在您的数据范围内。")
    return Subject(campaign_id=row.campaign_id, units=frozenset({row.unit_id}))


@photo_subject("finding")
def _finding(tx: Tx, actor: Actor, subject_id: str, now: datetime) -> Subject:
    row = finding_rows.one(tx, subject_id)
    if row is None:
        raise NotFound("没有找到这个问题。")
    if not finding_pages.concerns(actor, row):
        raise Forbidden("该问题不在您的数据范围内。")
    units = frozenset({row.unit_id, row.holder_unit_id})
    return Subject(campaign_id=row.campaign_id, units=units)


@photo_subject("hazard")
def _hazard(tx: Tx, actor: Actor, subject_id: str, now: datetime) -> Subject:
    """Whoever found it, and whoever puts it right; photos of the finding it came from are shown with it."""
    row = hazard_rows.hazard(tx, subject_id, now)
    if row is None:
        raise NotFound("没有找到这条隐患。")
    hazard_pages.demand(actor, row)
    units = frozenset({row.unit_id, row.county_id, *([row.enterprise_id] if row.enterprise_id else ())})
    also = (("finding", row.finding_id),) if row.finding_id else ()
    return Subject(campaign_id=row.campaign_id, units=units, also=also)
