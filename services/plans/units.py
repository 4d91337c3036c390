"""Unit groups of a plan, resolved in the directory; and the other way round, the groups a unit belongs to."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from domain.errors import Invalid
from domain.plan import Plan, UnitGroup
from models import Tx
from models.queries import units as rows

UnitRow = Any


def group_units(tx: Tx, plan: Plan, name: str) -> list[UnitRow]:
    """The units of a group, each once, in the order of the plan; Invalid names members the directory does not have.

    A directory may hold several cities: units are those of the plan's own.
    """
    found: dict[str, UnitRow] = {}
    city = city_path(tx, plan)
    for group in _leaves(plan, name):
        for row in _level(tx, group, city) if group.level else _named(tx, plan, group):
            found.setdefault(row.id, row)
    return list(found.values())


def units_if_any(tx: Tx, plan: Plan, *names: str) -> list[UnitRow]:
    """The units of the first of these groups that the plan has; none where it has none of them."""
    name = next((name for name in names if name in plan.units), None)
    return group_units(tx, plan, name) if name else []


def first_of_group(tx: Tx, plan: Plan, name: str) -> str | None:
    """The id of a group's first unit: the one that the plan means where it names a unit by a group."""
    found = group_units(tx, plan, name)
    return found[0].id if found else None


def city_path(tx: Tx, plan: Plan) -> str:
    """The path of the unit whose campaign this is; the whole tree where the directory has no unit of that name."""
    city = rows.by_name(tx, plan.jurisdiction)
    return str(city.path) if city else "/"


def unit_named(tx: Tx, plan: Plan, name: str) -> UnitRow | None:
    """The unit of the plan's city that is called so in this plan."""
    return units_named(tx, plan, (name,)).get(name)


def units_named(tx: Tx, plan: Plan, names: Iterable[str]) -> dict[str, UnitRow]:
    """The units of the plan's city by what they are called here; names that nobody bears are left out.

    What only this notice calls a unit comes before short names, those before full names, and aliases last.
    """
    asked = tuple(names)
    if not asked:
        return {}
    city = city_path(tx, plan)
    also = rows.with_other_names(tx, within=city)
    found = rows.by_names(tx, asked, within=city)
    by_name = {alias: row for row in reversed(also) for alias in row.aliases or ()}
    by_name |= {row.name: row for row in found}
    by_name |= {row.short_name: row for row in reversed(found)}
    by_name |= {name: row for row in also for name in named_in(row, plan.id)}
    return {name: by_name[name] for name in asked if name in by_name}


def named_in(unit: UnitRow, notice: str) -> tuple[str, ...]:
    """What only this notice calls the unit."""
    return tuple((unit.named or {}).get(notice, {}).get("names", ()))


def _leaves(plan: Plan, name: str) -> Iterable[UnitGroup]:
    try:
        group = plan.units[name]
    except KeyError:
        raise Invalid(f"方案中没有单位组“{name}”") from None
    if not group.union:
        yield group
    for part in group.union:
        yield from _leaves(plan, part)


def _level(tx: Tx, group: UnitGroup, city: str) -> list[UnitRow]:
    return rows.by_level(tx, group.level or "", group.kind, group.sectors, within=city)


def _named(tx: Tx, plan: Plan, group: UnitGroup) -> list[UnitRow]:
    found = units_named(tx, plan, group.members)
    missing = [member for member in group.members if member not in found]
    if missing:
        raise Invalid(f"单位目录中没有：{'、'.join(missing)}（单位组“{group.name}”）")
    return list({found[member].id: found[member] for member in group.members}.values())


def groups_of(plan: Plan, unit: UnitRow) -> tuple[str, ...]:
    """Names of all groups of the plan that contain this unit."""
    called = {unit.name, unit.short_name, *(unit.aliases or ()), *named_in(unit, plan.id)}
    direct = {name for name, group in plan.units.items() if _selects(group, unit) or called & set(group.members)}
    while True:
        more = {name for name, group in plan.units.items() if direct & set(group.union)} - direct
        if not more:
            return tuple(sorted(direct))
        direct |= more


def _selects(group: UnitGroup, unit: UnitRow) -> bool:
    """Whether the level takes this unit in; a group of sectors is asked for in the directory, never of one row."""
    return (
        not group.sectors and group.level is not None and group.level == unit.level and group.kind in (None, unit.kind)
    )


def start_variables(plan: Plan, unit: UnitRow | None) -> dict[str, Any]:
    """The variables every instance has of its unit (docs/diagrams.md)."""
    if unit is None:
        return {"unit_id": None, "unit_name": "", "unit_level": "", "unit_groups": ""}
    return {
        "unit_id": unit.id,
        "unit_name": unit.short_name,
        "unit_level": unit.level,
        "unit_groups": " ".join(groups_of(plan, unit)),
    }
