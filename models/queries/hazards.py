"""The register of hazards: one hazard, the list with its filters, what others count of it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.orm import aliased

from models.directory import Enterprise, Unit
from models.hazards import Hazard
from models.inspections import Finding

_Enterprise = aliased(Unit)
_County = aliased(Unit)
_Finder = aliased(Unit)


def add(tx: Connection, row: dict[str, Any]) -> None:
    tx.execute(insert(Hazard), row)


def tell_finding(tx: Connection, finding_id: str, hazard_id: str) -> None:
    """A finding that stands in the register says where."""
    tx.execute(update(Finding).where(Finding.id == finding_id).values(hazard_id=hazard_id))


def locked(tx: Connection, hazard_id: str) -> Any:
    """One hazard, held until the end of the transaction; None if there is none."""
    return tx.execute(select(Hazard.__table__).where(Hazard.id == hazard_id).with_for_update()).first()


def change(tx: Connection, hazard_id: str, **values: Any) -> None:
    tx.execute(update(Hazard).where(Hazard.id == hazard_id).values(**values))


def place(tx: Connection, unit_id: str) -> Any:
    """An enterprise with where it lies and what it does; None if it is none."""
    query = (
        select(Unit.id, Unit.name, Unit.path, Enterprise.county_id, Enterprise.township, Enterprise.sector)
        .join(Enterprise, Enterprise.unit_id == Unit.id)
        .where(Unit.id == unit_id)
    )
    return tx.execute(query).first()
