"""A directory file into the tables: units, enterprises and their posts, in bulk; what is there already stays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from catalog.directory_data import DirectoryData, EnterpriseData, UnitData
from domain.authority import Actor
from domain.ledger import Tag
from models import Enterprise, Post, Tx, Unit, new_id, transaction
from models.queries import directory as rows
from services._record import record

Places = dict[str, tuple[str, str]]  # code -> (id, path)


@dataclass(frozen=True, kw_only=True)
class Imported:
    """How many rows were added."""

    units: int
    enterprises: int
    posts: int


def import_directory(
    actor: Actor, data: DirectoryData, now: datetime, *, leads: Mapping[str, str] | None = None
) -> Imported:
    """Add the units, enterprises and posts of a directory that are not there yet; one transaction.

    `leads`: sector -> short name of the department in charge of it, as a plan's sectors name it.
    """
    with transaction() as tx:
        return import_into(tx, actor, data, now, leads=leads)


def import_into(
    tx: Tx, actor: Actor, data: DirectoryData, now: datetime, *, leads: Mapping[str, str] | None = None
) -> Imported:
    """The same inside a transaction of the caller's."""
    places: Places = rows.unit_ids_by_code(tx)
    units = [_unit_row(unit, places) for unit in data.units if unit.code not in places]
    known = rows.enterprise_ids(tx)
    in_charge = _in_charge(data, places, leads or {})
    enterprises = [_enterprise_row(item, places, in_charge) for item in data.enterprises]
    enterprises = [row for row in enterprises if row["unit_id"] not in known]
    posts = _post_rows(data, places, rows.post_ids(tx))
    rows.insert_rows(tx, Unit, units)
    rows.insert_rows(tx, Enterprise, enterprises)
    rows.insert_rows(tx, Post, posts)
    added = {"units": len(units), "enterprises": len(enterprises), "posts": len(posts)}
    record(tx, Tag.POST_CHANGE, now, actor, {"what": "import", "directory": data.id, **added})
    return Imported(**added)


def _unit_row(unit: UnitData, places: Places) -> dict[str, Any]:
    """A row for the unit; those above it stand before it, so their place is known."""
    unit_id = new_id()
    parent_id, parent_path = places[unit.parent] if unit.parent else (None, "/")
    places[unit.code] = (unit_id, f"{parent_path}{unit_id}/")
    return {
        "id": unit_id,
        "parent_id": parent_id,
        "path": places[unit.code][1],
        "code": unit.code,
        "name": unit.name,
        "short_name": unit.short_name,
        "level": unit.level,
        "kind": unit.kind,
    }


def _in_charge(data: DirectoryData, places: Places, leads: Mapping[str, str]) -> dict[str, str]:
    """sector -> id of the department in charge."""
    units = {sector: data.by_short_name[name] for sector, name in leads.items() if name in data.by_short_name}
    return {sector: places[unit.code][0] for sector, unit in units.items()}


def _enterprise_row(item: EnterpriseData, places: Places, in_charge: Mapping[str, str]) -> dict[str, Any]:
    return {
        "unit_id": places[item.unit.code][0],
        "county_id": places[item.county][0],
        "township": item.township,
        "sector": item.sector,
        "sector_unit_id": in_charge.get(item.sector),
        "supervised_by": item.supervised_by,
        "enterprise_type": item.enterprise_type,
    }


def _post_rows(data: DirectoryData, places: Places, known: Mapping[tuple[str, str], str]) -> list[dict[str, Any]]:
    found = []
    for unit in data.units:
        unit_id = places[unit.code][0]
        for post in data.posts_of(unit):
            if (unit_id, post.kind) not in known:
                values = {"kind": post.kind, "name": post.name, "role": post.role}
                found.append({"id": new_id(), "unit_id": unit_id, **values})
    return found
