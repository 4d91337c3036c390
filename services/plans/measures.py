"""Who does the measures of a plan: the notice's names led to units of the directory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from domain.errors import Invalid
from domain.measures import LEAD, RESPONSIBLE
from domain.plan import Measure, Plan
from models import Tx
from services.plans.units import group_units, units_named

UnitRow = Any


@dataclass(frozen=True, kw_only=True)
class Doer:
    """One unit that does one measure. `group` is the plan's unit group through which the notice means it."""

    measure: Measure
    unit: UnitRow
    role: str
    lead_unit_id: str | None  # another unit that checks it; None: the office does
    group: str


@dataclass(frozen=True, kw_only=True)
class HandedOut:
    """Everybody who does a measure of a list, in the plan's order, and names that lead to nobody, in words."""

    doers: tuple[Doer, ...]
    problems: tuple[str, ...]


def hand_out(tx: Tx, plan: Plan, name: str) -> HandedOut:
    """Who gets what of a measure list."""
    measures = [measure for measure in plan.measures.values() if measure.list == name]
    names = _Names(tx, plan, measures)
    doers = [doer for measure in measures for doer in _doers(measure, names)]
    return HandedOut(doers=tuple(doers), problems=tuple(dict.fromkeys(names.problems)))


def refuse_unresolved(tx: Tx, plan: Plan) -> None:
    """Invalid where a measure would reach nobody whom the notice names."""
    problems = [problem for name in plan.measure_lists for problem in hand_out(tx, plan, name).problems]
    if problems:
        more = f"等 {len(problems)} 处" if len(problems) > 5 else ""
        raise Invalid(f"有的任务找不到承办单位：{'；'.join(problems[:5])}{more}")


class _Names:
    """The names in some measures, each looked up once."""

    def __init__(self, tx: Tx, plan: Plan, measures: Iterable[Measure]) -> None:
        self._tx, self._plan = tx, plan
        self._groups = {name: key for key, group in plan.units.items() for name in (key, group.name, *group.called)}
        asked = {name for m in measures for name in (*m.lead_units, *m.responsible_units, *m.carried_by)}
        self._units: Mapping[str, UnitRow] = units_named(tx, plan, sorted(asked - self._groups.keys()))
        self._members: dict[str, tuple[UnitRow, ...]] = {}
        self.problems: list[str] = []

    def find(self, name: str) -> tuple[tuple[UnitRow, ...], str]:
        """The units a name means, and the group through which; nobody where it leads nowhere."""
        if name in self._groups:
            return self._group(self._groups[name]), self._groups[name]
        unit = self._units.get(name)
        return ((unit,) if unit is not None else ()), ""

    def _group(self, key: str) -> tuple[UnitRow, ...]:
        if key not in self._members:
            try:
                self._members[key] = tuple(group_units(self._tx, self._plan, key))
            except Invalid as refused:
                self.problems.append(refused.message)
                self._members[key] = ()
        return self._members[key]

    def may_be_empty(self, group: str) -> bool:
        """Whether a group is chosen by level, so that a city without such units has nobody in it."""
        return bool(group) and self._plan.units[group].level is not None

    def complain(self, measure: Measure, name: str) -> None:
        """Note that a name of a measure leads to no unit."""
        title = f"{measure.number} {measure.name}".strip()
        group = self._groups.get(name)
        shown = self._plan.units[group].name if group else name
        self.problems.append(f"“{title}”的承办单位“{shown}”不在单位目录中")

    def complain_quota(self, measure: Measure, unit: str) -> None:
        """Note that the parts of an allocated target and the units that do the measure differ in a unit."""
        title = f"{measure.number} {measure.name}".strip()
        self.problems.append(f"“{title}”的任务分配（values）与承办单位不一致：{unit}")


def _strangers(measure: Measure, doing: set[str]) -> list[str]:
    """Units that have a part of an allocated target and do not do the measure, or the other way round."""
    parts = [set(target.values) for target in measure.targets.values() if target.values]
    return sorted(set().union(*(part ^ doing for part in parts)))


def _doers(measure: Measure, names: _Names) -> Iterator[Doer]:
    """Leads first; who is named twice does it once."""
    leads = [(name, *names.find(name)) for name in measure.lead_units]
    others = [(name, *names.find(name)) for name in measure.responsible_units]
    lost = [name for name, units, group in (*leads, *others) if not units and not names.may_be_empty(group)]
    if measure.carried_by and (lost or not (leads or others)):
        carried = [(name, *names.find(name)) for name in measure.carried_by]
        others += carried
        lost = [name for name, units, group in carried if not units and not names.may_be_empty(group)]
    for name in lost:
        names.complain(measure, name)
    for unit in _strangers(measure, {unit.short_name for _, units, _ in (*leads, *others) for unit in units}):
        names.complain_quota(measure, unit)
    checker = next((units[0].id for _, units, _ in leads if len(units) == 1), None)
    seen: set[str] = set()
    for role, found in ((LEAD, leads), (RESPONSIBLE, others)):
        for _, units, group in found:
            for unit in units:
                if unit.id not in seen:
                    seen.add(unit.id)
                    lead = checker if role == RESPONSIBLE else None
                    yield Doer(measure=measure, unit=unit, role=role, lead_unit_id=lead, group=group)
