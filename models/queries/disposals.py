"""Disposals: the register of penalties, closures, admonitions, sanctions and good examples."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, or_, select, tuple_
from sqlalchemy.orm import aliased

from models.directory import Enterprise, Unit
from models.inspections import Disposal
from models.queries.running import add
from models.queries.scope import inside, like

_By = aliased(Unit)
_County = aliased(Unit)
_Enterprise = aliased(Unit)


def write(tx: Connection, row: Mapping[str, Any]) -> None:
    """A new row."""
    add(tx, Disposal, [row])


def is_known(tx: Connection, kind: str, *, finding_id: str | None, clue_id: str | None) -> bool:
    """Whether a disposal of this kind was decided already on a finding or a clue."""
    about = [
        column == value for column, value in ((Disposal.finding_id, finding_id), (Disposal.clue_id, clue_id)) if value
    ]
    return bool(about) and tx.execute(select(Disposal.id).where(Disposal.kind == kind, or_(*about))).first() is not None


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What the register is to hold. `paths` None: everything; else these trees and what concerns these units."""

    campaign_id: str
    paths: tuple[str, ...] | None
    units: tuple[str, ...] = ()
    text: str = ""
    kind: str = ""
    measure: str = ""
    county_id: str = ""


def _base(*columns: Any) -> Any:
    return (
        select(*columns)
        .select_from(Disposal)
        .join(_By, _By.id == Disposal.unit_id)
        .outerjoin(_County, _County.id == Disposal.county_id)
        .outerjoin(_Enterprise, _Enterprise.id == Disposal.enterprise_id)
        .outerjoin(Enterprise, Enterprise.unit_id == Disposal.enterprise_id)
    )


def _conditions(wanted: Wanted) -> list[Any]:
    found: list[Any] = [Disposal.campaign_id == wanted.campaign_id]
    if wanted.paths is not None:
        trees = [inside(wanted.paths, tree) for tree in (_By.path, _Enterprise.path)]
        found.append(or_(*trees, Disposal.unit_id.in_(wanted.units), Enterprise.sector_unit_id.in_(wanted.units)))
    if wanted.text:
        pattern = like(wanted.text)
        found.append(or_(Disposal.subject.like(pattern, escape="!"), Disposal.facts.like(pattern, escape="!")))
    columns = {Disposal.kind: wanted.kind, Disposal.measure: wanted.measure, Disposal.county_id: wanted.county_id}
    return found + [column == value for column, value in columns.items() if value]


def page(tx: Connection, wanted: Wanted, after: tuple[datetime, str] | None, limit: int) -> list[Row[Any]]:
    """The newest first, from behind `after` on."""
    named = (_By.short_name.label("unit"), _County.short_name.label("county"))
    query = _base(Disposal.__table__, *named).where(*_conditions(wanted))
    if after is not None:
        query = query.where(tuple_(Disposal.decided_at, Disposal.id) < after)
    return list(tx.execute(query.order_by(Disposal.decided_at.desc(), Disposal.id.desc()).limit(limit)))


def totals(tx: Connection, wanted: Wanted) -> Row[Any]:
    """How many, fines in 10,000 yuan, persons dealt with."""
    query = _base(
        func.count().label("all"),
        func.coalesce(func.sum(Disposal.amount), 0.0).label("amount"),
        func.coalesce(func.sum(Disposal.persons), 0).label("persons"),
    )
    return tx.execute(query.where(*_conditions(wanted))).one()
