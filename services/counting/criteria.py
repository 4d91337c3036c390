"""Exit criteria of a stage gate: the plan's named queries, each with its figure and the units behind it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain import sampling
from domain.errors import Invalid
from domain.plan import ExitCriterion, Plan, Report
from engine.contract import Element
from models import Tx
from models.queries import criteria as rows
from models.queries import measures as measure_rows
from models.queries import oversight as oversight_rows
from models.queries import spot_checks as spot_check_rows
from services.counting import inspection_progress
from services.counting.inspection_progress import Progress
from services.plans.units import group_units
from services.plans.versions import CampaignFacts, Edition, Version, edition_of, plan_of, process_of

SHOWN = 300  # units named under a criterion; the number missing is exact


@dataclass(frozen=True, kw_only=True)
class Missing:
    """A unit that has not done its part; `place` is the county of an enterprise."""

    unit_id: str
    name: str
    note: str
    place: str = ""
    due_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class CriterionResult:
    """One criterion with its figure (0 to 1), what is demanded, and who is missing."""

    id: str
    name: str
    clause: str
    value: float
    at_least: float
    met: bool
    have: float = 0
    owed: float = 0
    missing: tuple[Missing, ...] = ()
    missing_count: int = 0
    note: str = ""

    @property
    def required(self) -> str:
        return f"不低于 {self.at_least:.0%}"

    @property
    def actual(self) -> str:
        return f"{self.value:.1%}（{self.have:g}/{self.owed:g}）" if self.owed else "尚无数据"


def criteria(tx: Tx, facts: CampaignFacts, stage: str, now: datetime | None = None) -> list[CriterionResult]:
    """The criteria of a stage as they stand; of recurring reports those periods count that were due by `now`."""
    edition = edition_of(tx, facts.edition_id)
    plan = plan_of(edition, facts)
    if stage not in plan.stages:
        return []
    ask = _Asked(tx, facts, edition, plan, now)
    return [_result(ask, criterion) for criterion in plan.stages[stage].exit_criteria]


@dataclass(frozen=True)
class _Asked:
    tx: Tx
    facts: CampaignFacts
    edition: Edition
    plan: Plan
    now: datetime | None

    @property
    def campaign_id(self) -> str:
        return self.facts.id or ""


@dataclass(frozen=True)
class _Figure:
    have: float
    owed: float
    missing: tuple[Missing, ...] = ()
    note: str = ""


def _result(ask: _Asked, criterion: ExitCriterion) -> CriterionResult:
    try:
        figure = _QUERIES[criterion.query](ask, criterion)
    except KeyError:
        figure = _Figure(0, 0, note=f"本系统没有名为“{criterion.query}”的统计")
    except Invalid as refused:
        # a directory that lacks a named unit must not hide the gate from whoever signs it
        figure = _Figure(0, 0, note=refused.message)
    value = figure.have / figure.owed if figure.owed else 0.0
    return CriterionResult(
        id=criterion.id,
        name=criterion.name,
        clause=criterion.clause,
        value=value,
        at_least=criterion.at_least,
        # a share that is met exactly must not fail by the last binary digit
        met=bool(figure.owed) and value + 1e-9 >= criterion.at_least,
        have=figure.have,
        owed=figure.owed,
        missing=_placed(ask.tx, figure.missing[:SHOWN]),
        missing_count=len(figure.missing),
        note=figure.note,
    )


def _placed(tx: Tx, missing: tuple[Missing, ...]) -> tuple[Missing, ...]:
    counties = rows.counties(tx, [one.unit_id for one in missing])
    found = [
        Missing(unit_id=m.unit_id, name=m.name, note=m.note, due_at=m.due_at, place=counties.get(m.unit_id, ""))
        for m in missing
    ]
    return tuple(sorted(found, key=lambda one: one.place))


# -- received_share ----------------------------------------------------------------------------------------------------
def _received_share(ask: _Asked, criterion: ExitCriterion) -> _Figure:
    """Units that have handed in a report, over the units that owe it."""
    report = ask.plan.reports[criterion.of]
    if report.process is not None:
        return _received_periods(ask, report)
    steps = report_steps(ask.tx, ask.edition, report)
    if not steps.own:
        return _Figure(0, 0, note="本版流程中没有报送该材料的步骤")
    found = rows.steps(ask.tx, ask.campaign_id, steps.versions, steps.own, steps.again)
    units = group_units(ask.tx, ask.plan, report.owed_by)
    missing = [_missing_step(unit, found.get(unit.id), len(steps.own)) for unit in units]
    absent = tuple(one for one in missing if one)
    return _Figure(len(units) - len(absent), len(units), absent)


def _missing_step(unit: Any, row: Any, wanted: int) -> Missing | None:
    if row is not None and row.done >= wanted and not row.open:
        return None
    note, due_at = "尚未下达", None
    if row is not None:
        note, due_at = ("已退回补报" if row.done >= wanted else "未报送"), row.due_at
    return Missing(unit_id=unit.id, name=unit.short_name, note=note, due_at=due_at)


def _received_periods(ask: _Asked, report: Report) -> _Figure:
    """A recurring report is received from a unit when none of its periods that are due is missing."""
    found = rows.periods(ask.tx, ask.campaign_id, report.id, ask.now)
    units = group_units(ask.tx, ask.plan, report.owed_by)
    absent = []
    for unit in units:
        row = found.get(unit.id)
        lacking = row.owed - row.handed_in if row is not None else 0
        if lacking:
            absent.append(Missing(unit_id=unit.id, name=unit.short_name, note=f"欠报 {lacking} 期"))
    return _Figure(len(units) - len(absent), len(units), tuple(absent))


@dataclass(frozen=True, kw_only=True)
class Steps:
    """The user tasks by which a unit hands in a report: all of `own`; `again` are repeats after a return."""

    versions: tuple[str, ...]
    own: tuple[str, ...]
    again: tuple[str, ...]


def report_steps(tx: Tx, edition: Edition, report: Report) -> Steps:
    """What a unit does itself under the report's deadline, and further tasks of its own with the same form."""
    versions = [process_of(tx, edition, key) for key in edition.processes]
    own = [(version, element) for version, element in _own_forms(versions) if element.deadline == report.deadline]
    homes = {version.id for version, _ in own}
    forms = {element.form for _, element in own}
    ids = {element.id for _, element in own}
    again = {
        element.id
        for version, element in _own_forms(versions)
        if version.id in homes and element.form in forms and element.id not in ids
    }
    return Steps(versions=tuple(sorted(homes)), own=tuple(sorted(ids)), again=tuple(sorted(again)))


def _own_forms(versions: Iterable[Version]) -> Iterable[tuple[Version, Element]]:
    for version in versions:
        for element in version.elements.values():
            if element.form and element.assignment and element.assignment.unit == "own":
                yield version, element


# -- the other queries -------------------------------------------------------------------------------------------------
def _quota_share(ask: _Asked, criterion: ExitCriterion) -> _Figure:
    """What has been reached of a quota: counted where the program counts it, else as the quota's rows say."""
    counted = _QUOTAS.get(criterion.of)
    if counted is not None:
        return counted(ask)
    found = rows.quota(ask.tx, ask.campaign_id, criterion.of)
    whole = [row for row in found if row.unit_id is None] or found
    reached = sum(row.reached for row in whole)
    if not reached:
        return _Figure(0, 0, note="本版流程尚未采集该项数据，签署时请另行核实")
    percent = ask.plan.quotas[criterion.of].unit == "%"
    return _Figure(reached, 100.0 if percent else sum(row.target for row in whole))


def _inspected(found: Sequence[Progress]) -> _Figure:
    """Enterprises inspected over those that units have to inspect."""
    left = [one for one in found if one.remaining]
    missing = tuple(Missing(unit_id=one.unit_id, name=one.unit, note=f"还有 {one.remaining} 户未检查") for one in left)
    return _Figure(sum(one.inspected for one in found), sum(one.owed for one in found), missing)


def _county_inspected(ask: _Asked) -> _Figure:
    return _inspected(inspection_progress.by_county(ask.tx, ask.plan, ask.campaign_id))


def _city_inspected(ask: _Asked) -> _Figure:
    return _inspected(inspection_progress.by_department(ask.tx, ask.plan, ask.campaign_id))


def _spot_checked(ask: _Asked) -> _Figure:
    """Enterprises that departments have visited after a draw, over those that counties have inspected."""
    inspected = spot_check_rows.inspected_counts(ask.tx, ask.campaign_id)
    owed = sum(row.enterprises for row in inspected)
    shares = spot_check_rows.shares(ask.tx, ask.campaign_id)
    missing = tuple(
        Missing(unit_id=row.department_id, name=row.department, note=f"还有 {row.waiting} 家抽中的单位未检查")
        for row in spot_check_rows.waiting(ask.tx, ask.campaign_id)
    )
    return _Figure(shares.done, owed, missing, note="" if owed else "还没有县级检查记录")


def _overseen_share(ask: _Asked, criterion: ExitCriterion) -> _Figure:
    """Units of a group of whose oversight by the office there is a result."""
    units = group_units(ask.tx, ask.plan, criterion.of)
    seen, begun = oversight_rows.overseen(ask.tx, ask.campaign_id), oversight_rows.opened(ask.tx, ask.campaign_id)
    missing = tuple(
        Missing(unit_id=unit.id, name=unit.short_name, note="督导中" if unit.id in begun else "未督导")
        for unit in units
        if unit.id not in seen
    )
    return _Figure(len(units) - len(missing), len(units), missing)


def _measures_share(ask: _Asked, criterion: ExitCriterion) -> _Figure:
    """Measures of a list that are due by the end of the stage and accepted, over those that are due."""
    until = next(s.ends_at for s in ask.plan.stages.values() if criterion in s.exit_criteria)
    found = measure_rows.share(ask.tx, ask.campaign_id, criterion.of, until)
    missing = tuple(
        Missing(
            unit_id=row.unit_id, name=row.short_name, note=f"还有 {row.owed - row.done} 项未验收", due_at=row.due_at
        )
        for row in found
        if row.done < row.owed
    )
    note = "" if found else "到本阶段结束没有到期的任务，或者任务尚未下达"
    return _Figure(sum(row.done for row in found), sum(row.owed for row in found), missing, note)


_QUOTAS: dict[str, Callable[[_Asked], _Figure]] = {
    "qt_full_county": _county_inspected,
    "qt_full_city": _city_inspected,
    sampling.QUOTA: _spot_checked,
}
_QUERIES: dict[str, Callable[[_Asked, ExitCriterion], _Figure]] = {
    "received_share": _received_share,
    "quota_share": _quota_share,
    "overseen_share": _overseen_share,
    "measures_share": _measures_share,
}
