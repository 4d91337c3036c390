"""Rows that statements count, written as the slices that record them would: visits, findings, hazards, disposals."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import insert, select

import models
from models import Campaign, Disposal, Enterprise, Finding, Hazard, Inspection, Unit


def unit(name: str) -> Any:
    """A unit by its short name."""
    with models.reading() as tx:
        return tx.execute(select(Unit.__table__).where(Unit.short_name == name)).one()


def enterprises(county: str | None = None) -> list[Any]:
    """Enterprises (of a county) with their place, by code."""
    query = select(Unit.id, Unit.name, Enterprise.county_id, Enterprise.township, Enterprise.sector)
    query = query.join(Enterprise, Enterprise.unit_id == Unit.id).order_by(Unit.code)
    if county is not None:
        query = query.where(Enterprise.county_id == unit(county).id)
    with models.reading() as tx:
        return list(tx.execute(query))


def campaign_id() -> str:
    """The only campaign."""
    with models.reading() as tx:
        return str(tx.execute(select(Campaign.id)).scalar_one())


def _add(model: type, values: dict[str, Any]) -> str:
    row = {"id": models.new_id(), **values}
    if "campaign_id" not in row:
        row["campaign_id"] = campaign_id()
    with models.transaction() as tx:
        tx.execute(insert(model), row)
    return str(row["id"])


def inspection(of: str, at: datetime, enterprise: Any, **more: Any) -> str:
    """A visit of a unit to an enterprise."""
    values = {
        "kind": "county",
        "enterprise_id": enterprise.id,
        "county_id": enterprise.county_id,
        "township": enterprise.township,
        "sector": enterprise.sector,
        "unit_id": unit(of).id,
        "inspected_at": at,
        "checklist": {},
        "recorded_at": at,
    }
    return _add(Inspection, values | more)


def finding(of: str, at: datetime, enterprise: Any, **more: Any) -> str:
    """Something a unit found."""
    own = unit(of).id
    values = {
        "enterprise_id": enterprise.id,
        "enterprise_name": enterprise.name,
        "county_id": enterprise.county_id,
        "township": enterprise.township,
        "sector": enterprise.sector,
        "kind": "illegal_act",
        "detail": "未经许可擅自组织生产",
        "found_at": at,
        "unit_id": own,
        "holder_unit_id": own,
    }
    return _add(Finding, values | more)


def hazard(of: str, at: datetime, enterprise: Any, **more: Any) -> str:
    """A hazard a unit registered, major unless told otherwise."""
    new = models.new_id()
    values = {
        "number": new,
        "source": "inspection",
        "enterprise_id": enterprise.id,
        "enterprise_name": enterprise.name,
        "county_id": enterprise.county_id,
        "township": enterprise.township,
        "sector": enterprise.sector,
        "unit_id": unit(of).id,
        "grade": "major",
        "text": "安全出口堵塞，消防设施停用",
        "found_at": at,
        "registered_at": at,
        "former": [],
    }
    return _add(Hazard, values | more)


def disposal(of: str, at: datetime, kind: str, subject: str = "某公司", **more: Any) -> str:
    """What a unit decided."""
    values = {"kind": kind, "subject": subject, "unit_id": unit(of).id, "decided_at": at}
    return _add(Disposal, values | more)
