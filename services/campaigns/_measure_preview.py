"""The tasks that a measure list will bring, for the launch preview: by date and by whom the notice means."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from domain.plan import Plan, Target
from engine.contract import Element
from services.plans.measures import Doer

CHECKER = "牵头单位"


@dataclass(frozen=True, kw_only=True)
class MeasureLine:
    """So many tasks of an element; `group` in words, empty where the diagram says who does them."""

    element: Element
    group: str
    count: int
    due_at: datetime | None


def measure_lines(plan: Plan, name: str, elements: Iterable[Element], doers: Iterable[Doer]) -> list[MeasureLine]:
    """Reports have their dates; checks and signatures come with them."""
    dated = [(doer, due_at, targets) for doer in doers for due_at, targets in doer.measure.rounds()]
    found = []
    for element in elements:
        if element.kind != "userTask" or element.assignment is None:
            continue
        if element.assignment.unit == "own":
            counts = Counter((due_at, doer.group) for doer, due_at, _ in dated)
            for (due_at, group), count in sorted(counts.items()):
                words = plan.units[group].name if group else f"{plan.measure_lists[name].name}点名的单位"
                found.append(MeasureLine(element=element, group=words, count=count, due_at=due_at))
        else:
            count = sum(_comes(element, doer, targets) for doer, _, targets in dated)
            words = CHECKER if element.assignment.unit.startswith("var:") else ""
            if count:
                found.append(MeasureLine(element=element, group=words, count=count, due_at=None))
    return found


def _comes(element: Element, doer: Doer, targets: tuple[Target, ...]) -> bool:
    """Whether this element is reached for a report: a signature where targets are due, one of the two checks always."""
    if element.sign_off is not None:
        return bool(targets)
    by_lead = element.assignment is not None and element.assignment.unit.startswith("var:")
    return by_lead == (doer.lead_unit_id is not None)
