"""The sectors of a plan by their names."""

from __future__ import annotations

from domain.plan import Plan


def sector_names(plan: Plan) -> dict[str, str]:
    """The sectors of a plan by key."""
    return {str(key): str(entry["name"]) for key, entry in (plan.raw.get("sectors") or {}).items()}
