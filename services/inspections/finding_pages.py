"""Findings as pages show them: what is to be decided, one finding with its decision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain import inspections as rules
from domain.authority import Actor
from domain.errors import Forbidden, NotFound
from domain.plan import Plan
from domain.signs import Sign, finding_sign
from domain.workdays import Calendar
from models import Tx, reading
from models.queries import findings as rows
from services import excel
from services._pages import PAGE, following, position
from services._scope import paths_of, units_of
from services.counting.inspection_progress import COUNTIES
from services.inspections import disposal_input, referrals
from services.inspections.findings import DECIDERS, may_decide
from services.plans.calendar import calendar
from services.plans.launched import Home, chosen_home, home
from services.plans.sectors import sector_names
from services.plans.units import units_if_any

DAYS = "finding_decision_days"
TABS: Mapping[str, str] = {
    "to_decide": "待处置",
    "decided": "已处置",
    "received": "移交来的",
    "handed_over": "移交出去的",
    "": "全部",
}


@dataclass(frozen=True, kw_only=True)
class Filters:
    """What somebody asked to see."""

    tab: str = ""
    text: str = ""
    kind: str = ""
    grade: str = ""
    county_id: str = ""
    sector: str = ""
    late: str = ""
    after: str = ""


@dataclass(frozen=True, kw_only=True)
class Line:
    """A finding with how it stands."""

    row: Any
    sign: Sign
    due_at: datetime
    kind: str
    sector: str


@dataclass(frozen=True, kw_only=True)
class ListPage:
    """A page of the list."""

    campaign: str
    days: int
    lines: tuple[Line, ...]
    counts: Any  # all, waiting, late under the filters
    next_after: str
    counties: tuple[tuple[str, str], ...]
    sectors: tuple[tuple[str, str], ...]


def page(actor: Actor, filters: Filters, now: datetime) -> ListPage | None:
    """Findings that concern the actor; None while nothing is launched."""
    with reading() as tx:
        found = chosen_home(tx, actor)
        if found is None:
            return None
        known = calendar(tx)
        wanted = _wanted(actor, filters, found, known, now)
        seen = rows.page(tx, wanted, position(filters.after), PAGE + 1)
        return ListPage(
            campaign=found.short_title,
            days=days_of(found.plan),
            lines=lines_of(found.plan, known, seen[:PAGE], now),
            counts=rows.counts(tx, wanted),
            next_after=following(seen, "found_at"),
            counties=tuple((unit.id, unit.short_name) for unit in units_if_any(tx, found.plan, COUNTIES, "counties")),
            sectors=tuple(sector_names(found.plan).items()),
        )


def sheet(actor: Actor, filters: Filters, now: datetime) -> excel.Sheet:
    """The whole list as a table."""
    head = ("企业", "所在地", "行业领域", "类别", "等级", "问题", "由谁发现", "发现时间", "承办单位", "处置情况")
    with reading() as tx:
        found = chosen_home(tx, actor)
        lines: Sequence[Line] = ()
        if found is not None:
            known = calendar(tx)
            wanted = _wanted(actor, filters, found, known, now)
            lines = lines_of(found.plan, known, rows.page(tx, wanted, None, excel.LIMIT + 1), now)
    return excel.Sheet(title="检查发现的问题", head=head, rows=[_cells(line) for line in lines])


def _cells(line: Line) -> tuple[Any, ...]:
    row = line.row
    place = f"{row.county}{row.township}"
    what = (line.kind, rules.GRADES[row.grade], row.detail, rules.FINDERS[row.found_by], row.found_at)
    return (row.enterprise_name, place, line.sector, *what, row.holder, line.sign.word)


def _wanted(actor: Actor, filters: Filters, found: Home, known: Calendar, now: datetime) -> rows.Wanted:
    own = units_of(actor)
    return rows.Wanted(
        campaign_id=found.row.id,
        paths=paths_of(actor),
        units=own,
        tab=filters.tab if filters.tab in TABS else "",
        # the office and leaders look at everybody's work, the others at their own unit's
        mine=None if paths_of(actor) is None else own,
        text=filters.text.strip(),
        kind=filters.kind if filters.kind in rules.FINDING_KINDS else "",
        grade=filters.grade if filters.grade in rules.GRADES else "",
        county_id=filters.county_id,
        sector=filters.sector,
        late_before=rules.decided_late(known, now, days_of(found.plan)),
        only_late=filters.late == "yes",
    )


def days_of(plan: Plan) -> int:
    """Within how many working days a finding is to be decided."""
    return int(plan.settings.get(DAYS) or 3)


def lines_of(plan: Plan, known: Calendar, found: Sequence[Any], now: datetime) -> tuple[Line, ...]:
    """Findings as lines of a list."""
    names, days = sector_names(plan), days_of(plan)
    lines = []
    for row in found:
        due_at = rules.decision_due(known, row.since, days)
        lines.append(
            Line(
                row=row,
                sign=finding_sign(row.status, due_at, now),
                due_at=due_at,
                kind=rules.FINDING_KINDS[row.kind],
                sector=names.get(row.sector, row.sector),
            )
        )
    return tuple(lines)


def of_enterprise(tx: Tx, found: Home, enterprise_id: str, now: datetime) -> tuple[Line, ...]:
    """What was found at an enterprise, for somebody who may see it."""
    wanted = rows.Wanted(campaign_id=found.row.id, paths=None, enterprise_id=enterprise_id)
    return lines_of(found.plan, calendar(tx), rows.page(tx, wanted, None, PAGE), now)


def waiting_count(actor: Actor, _now: datetime) -> int:
    """How many findings wait for a decision of the actor's units."""
    own = [post.unit_id for post in actor.in_use if post.role in DECIDERS and post.role != "office"]
    if not own:
        return 0
    with reading() as tx:
        return rows.waiting(tx, own)


# -- one finding -------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class FindingPage:
    """One finding: what it is, what was decided, and whether one may decide or hand it on."""

    line: Line
    campaign: str
    item: str
    disposals: tuple[tuple[Any, str, str], ...]  # row, kind, measure
    referrals: tuple[tuple[Any, str, bool], ...]  # row, to whom, whether one may note the answer
    refused: str  # why one may not decide
    may_transfer: bool
    receivers: tuple[tuple[str, str], ...]
    kinds: tuple[tuple[str, str], ...]
    measures: tuple[tuple[str, str], ...]
    measures_name: str
    referral_receivers: tuple[tuple[str, str], ...]

    @property
    def may_decide(self) -> bool:
        return not self.refused and self.line.row.status != "decided"


def one(actor: Actor, finding_id: str, now: datetime) -> FindingPage:
    """A finding that concerns the actor."""
    with reading() as tx:
        row = rows.one(tx, finding_id)
        if row is None:
            raise NotFound("没有找到这个问题。")
        if not concerns(actor, row):
            raise Forbidden("该问题不在您的数据范围内。")
        found = home(tx, row.campaign_id)
        return _page(tx, actor, row, found, now)


def concerns(actor: Actor, row: Any) -> bool:
    own = units_of(actor)
    if {row.unit_id, row.holder_unit_id, row.transferred_from, row.sector_unit_id} & set(own):
        return True
    return any(path and actor.sees(path) for path in (row.enterprise_path, row.unit_path, row.holder_path))


def _page(tx: Tx, actor: Actor, row: Any, found: Home, now: datetime) -> FindingPage:
    plan, own = found.plan, units_of(actor)
    (line,) = lines_of(plan, calendar(tx), [row], now)
    names, measures = disposal_input.names(plan), disposal_input.measures(plan)
    catalogue = disposal_input.catalogue(plan)
    decided = rows.disposals_of(tx, row.id)
    referred = rows.referrals_of(tx, row.id)
    gives = row.status != "decided" and _may_transfer(actor, row)
    return FindingPage(
        line=line,
        campaign=found.short_title,
        item=rules.item_texts(plan).get(row.item, ""),
        disposals=tuple((one, names.get(one.kind, one.kind), measures.get(one.measure, "")) for one in decided),
        referrals=tuple(
            (one, referrals.RECEIVERS[one.to], one.unit_id in own and not one.answered_at) for one in referred
        ),
        refused=may_decide(actor, row),
        may_transfer=gives,
        receivers=_receivers(tx, row) if gives else (),
        kinds=tuple((key, name) for key, name in names.items() if not catalogue[key].get("alone")),
        measures=tuple(measures.items()),
        measures_name=disposal_input.measures_name(plan),
        referral_receivers=tuple(referrals.receivers(plan).items()),
    )


def _may_transfer(actor: Actor, row: Any) -> bool:
    if "office" in actor.roles:
        return True
    holds = any(post.role in DECIDERS and post.unit_id == row.holder_unit_id for post in actor.in_use)
    return holds and row.status == "reported"


def _receivers(tx: Tx, row: Any) -> tuple[tuple[str, str], ...]:
    found = rows.receivers(tx, row.county_id)
    return tuple((unit.id, unit.short_name) for unit in found if unit.id != row.holder_unit_id)
