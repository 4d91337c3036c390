"""A directory file into the tables: units, enterprises and their posts, in bulk.

Importing again brings what the file says now: new rows are added, names and kinds are changed, what the file no longer
has stays (people may hold its posts), and nobody loses a post.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from catalog.directory_data import DirectoryData, EnterpriseData, UnitData, read_directory
from domain.authority import Actor
from domain.errors import Invalid
from domain.ledger import Tag
from domain.plan import Plan
from models import Enterprise, Post, Tx, Unit, new_id, transaction
from models.queries import definitions
from models.queries import directory as rows
from services._record import record
from services.plans.versions import edition_of

Places = dict[str, tuple[str, str]]  # code -> (id, path)


@dataclass(frozen=True, kw_only=True)
class Imported:
    """How many rows were added, and how many units and posts were changed."""

    units: int
    enterprises: int
    posts: int
    changed: int = 0


def import_directory(
    actor: Actor, data: DirectoryData, now: datetime, *, leads: Mapping[str, str] | None = None
) -> Imported:
    """Add the units, enterprises and posts of a directory that are not there yet; one transaction.

    `leads`: sector -> short name of the department in charge of it, as a plan's sectors name it.
    """
    with transaction() as tx:
        return import_into(tx, actor, data, now, leads=leads)


def import_file(actor: Actor, path: Path, now: datetime) -> Imported:
    """The same from a file; enterprises get the departments that the published plans of the city put in charge."""
    data = read_directory(path)
    with transaction() as tx:
        plans = [edition_of(tx, row.id).plan for row in definitions.published(tx)]
        leads: dict[str, str] = {}
        for plan in plans:
            if plan.jurisdiction == data.city_name:
                leads |= leads_of(plan)
        return import_into(tx, actor, data, now, leads=leads)


def leads_of(plan: Plan) -> dict[str, str]:
    """sector -> department in charge, as the plan's sectors name it."""
    sectors: Mapping[str, Any] = plan.raw.get("sectors") or {}
    return {key: sector["lead_department"] for key, sector in sectors.items() if "lead_department" in sector}


def import_into(
    tx: Tx, actor: Actor, data: DirectoryData, now: datetime, *, leads: Mapping[str, str] | None = None
) -> Imported:
    """The same inside a transaction of the caller's."""
    there = rows.units_by_code(tx)
    places: Places = {code: (row.id, row.path) for code, row in there.items()}
    _refuse_moves(data, there)
    units = [_unit_row(unit, places, data) for unit in data.units if unit.code not in places]
    known = rows.enterprise_ids(tx)
    in_charge = _in_charge(data, places, leads or {})
    enterprises = [_enterprise_row(item, places, in_charge) for item in data.enterprises]
    enterprises = [row for row in enterprises if row["unit_id"] not in known]
    held = rows.posts_by_kind(tx)
    posts = _post_rows(data, places, held)
    rows.insert_rows(tx, Unit, units)
    rows.insert_rows(tx, Enterprise, enterprises)
    rows.insert_rows(tx, Post, posts)
    changed = _change_units(tx, data, there) + _change_posts(tx, data, places, held)
    added = {"units": len(units), "enterprises": len(enterprises), "posts": len(posts), "changed": changed}
    record(tx, Tag.POST_CHANGE, now, actor, {"what": "import", "directory": data.id, **added})
    return Imported(**added)


def _refuse_moves(data: DirectoryData, there: Mapping[str, Any]) -> None:
    """A unit's place decides who sees its data: a file may not move it."""
    codes = {row.id: code for code, row in there.items()}
    for unit in data.units:
        row = there.get(unit.code)
        if row is not None and codes.get(row.parent_id) != unit.parent:
            sentence = (
                f"单位“{unit.name}”（{unit.code}）的上级与系统中的不同。移动单位会改变数据范围，不能通过导入进行。"
            )
            raise Invalid(sentence)


def _described(unit: UnitData, data: DirectoryData) -> dict[str, Any]:
    """What the file says of a unit beyond its code and place."""
    named = {key: {"title": data.notices[key], "names": list(names)} for key, names in unit.named.items()}
    others = dict.fromkeys((*unit.aliases, *(name for names in unit.named.values() for name in names)))
    return {
        "name": unit.name,
        "short_name": unit.short_name,
        "level": unit.level,
        "kind": unit.kind,
        "category": unit.category,
        "note": unit.note,
        "aliases": list(unit.aliases) or None,
        "named": named or None,
        "other_names": "\n".join(others),
    }


def _change_units(tx: Tx, data: DirectoryData, there: Mapping[str, Any]) -> int:
    changed = 0
    for unit in data.units:
        row = there.get(unit.code)
        if row is not None:
            says = _described(unit, data)
            different = {key: value for key, value in says.items() if getattr(row, key) != value}
            if different:
                rows.update_unit(tx, row.id, **different)
                changed += 1
    return changed


def _change_posts(tx: Tx, data: DirectoryData, places: Places, there: Mapping[tuple[str, str], Any]) -> int:
    changed = 0
    for unit in data.units:
        for post in data.posts_of(unit):
            row = there.get((places[unit.code][0], post.kind))
            if row is not None and (row.name, row.role) != (post.name, post.role):
                rows.update_post(tx, row.id, name=post.name, role=post.role)
                changed += 1
    return changed


def _unit_row(unit: UnitData, places: Places, data: DirectoryData) -> dict[str, Any]:
    """A row for the unit; those above it stand before it, so their place is known."""
    unit_id = new_id()
    parent_id, parent_path = places[unit.parent] if unit.parent else (None, "/")
    places[unit.code] = (unit_id, f"{parent_path}{unit_id}/")
    return {
        "id": unit_id,
        "parent_id": parent_id,
        "path": places[unit.code][1],
        "code": unit.code,
        **_described(unit, data),
    }


def _in_charge(data: DirectoryData, places: Places, leads: Mapping[str, str]) -> dict[str, str]:
    """sector -> id of the department in charge."""
    units = {sector: data.find(name) for sector, name in leads.items()}
    return {sector: places[unit.code][0] for sector, unit in units.items() if unit is not None}


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


def _post_rows(data: DirectoryData, places: Places, known: Mapping[tuple[str, str], Any]) -> list[dict[str, Any]]:
    found = []
    for unit in data.units:
        unit_id = places[unit.code][0]
        for post in data.posts_of(unit):
            if (unit_id, post.kind) not in known:
                values = {"kind": post.kind, "name": post.name, "role": post.role}
                found.append({"id": new_id(), "unit_id": unit_id, **values})
    return found
