"""The sectors of a plan by their names."""

from __future__ import annotations

from typing import Any

from domain.plan import Plan


def sector_names(plan: Plan) -> dict[str, str]:
    """The sectors of a plan by key."""
    return {str(key): str(entry["name"]) for key, entry in (plan.raw.get("sectors") or {}).items()}


def sector_of_group(plan: Plan, unit: Any) -> str:
    """The sector whose city group a unit is the office of; empty for every other unit."""
    names = {unit.name, unit.short_name}
    sectors = (plan.raw.get("sectors") or {}).items()
    return next((str(key) for key, sector in sectors if sector.get("group") in names), "")


def sectors_led(plan: Plan, department: Any) -> tuple[str, ...]:
    """The sectors that a department leads."""
    names = {department.name, department.short_name}
    return tuple(
        str(key) for key, sector in (plan.raw.get("sectors") or {}).items() if sector.get("lead_department") in names
    )
