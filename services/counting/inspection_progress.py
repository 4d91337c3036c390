"""How far units are with the enterprises they have to inspect: for pages, for the task that closes it, for the gate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from domain.plan import Plan
from models import Tx
from models.queries import inspections as rows
from services.plans.units import units_if_any

COUNTIES = "inspecting_units"
DEPARTMENTS = "lead_departments"
BASE = "county_inspection_base"


@dataclass(frozen=True, kw_only=True)
class Progress:
    """A unit: enterprises owed, inspected, with problems, and how many visits it took."""

    unit_id: str
    unit: str
    kind: str  # county | city: the kind of inspection it owes
    owed: int
    inspected: int
    problems: int
    visits: int

    @property
    def remaining(self) -> int:
        return max(self.owed - self.inspected, 0)

    @property
    def percent(self) -> int:
        return 100 * self.inspected // self.owed if self.owed else 0


def supervised_only(plan: Plan) -> bool:
    """Whether counties inspect only what counties supervise (a setting of the plan)."""
    return bool(plan.settings.get(BASE) == "supervised")


def by_county(tx: Tx, plan: Plan, campaign_id: str) -> list[Progress]:
    """Each county and the development zone."""
    only = supervised_only(plan)
    owed = rows.owed_by_county(tx, supervised_only=only)
    done = rows.done_by_county(tx, campaign_id, supervised_only=only)
    return _progress(units_if_any(tx, plan, COUNTIES), "county", owed, done)


def by_department(tx: Tx, plan: Plan, campaign_id: str) -> list[Progress]:
    """Each lead department."""
    owed, done = rows.owed_by_department(tx), rows.done_by_department(tx, campaign_id)
    return _progress(units_if_any(tx, plan, DEPARTMENTS), "city", owed, done)


def of_unit(tx: Tx, plan: Plan, campaign_id: str, unit_id: str) -> Progress | None:
    """One unit's; None for units that owe no full inspection."""
    everyone = [*by_county(tx, plan, campaign_id), *by_department(tx, plan, campaign_id)]
    return next((one for one in everyone if one.unit_id == unit_id), None)


def _progress(units: Sequence[Any], kind: str, owed: Mapping[str, int], done: Mapping[str, Any]) -> list[Progress]:
    found = []
    for unit in units:
        row = done.get(unit.id)
        found.append(
            Progress(
                unit_id=unit.id,
                unit=unit.short_name,
                kind=kind,
                owed=owed.get(unit.id, 0),
                inspected=row.enterprises if row else 0,
                problems=row.problems if row else 0,
                visits=row.visits if row else 0,
            )
        )
    return found
