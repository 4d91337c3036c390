"""The sectors of a plan by their names."""

from __future__ import annotations

from typing import Any

from domain.plan import Plan


def sector_names(plan: Plan) -> dict[str, str]:
    """The sectors of a plan by key."""
    return {str(key): str(entry["name"]) for key, entry in (plan.raw.get("sectors") or {}).items()}


def sectors_led(plan: Plan, department: Any) -> tuple[str, ...]:
    """The sectors that a department leads."""
    names = {department.name, department.short_name}
    return tuple(
        str(key) for key, sector in (plan.raw.get("sectors") or {}).items() if sector.get("lead_department") in names
    )
