"""Inspections as pages show them: the list, how far everybody is, what is left to inspect, one visit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain import inspections as rules
from domain.authority import Actor
from domain.errors import Conflict, Forbidden, NotFound
from domain.plan import Plan
from models import Tx, reading
from models.queries import findings as finding_rows
from models.queries import inspections as rows
from services import excel
from services._held import held
from services._pages import PAGE, following, position
from services._scope import paths_of, units_of
from services.counting import inspection_progress
from services.counting.inspection_progress import COUNTIES, Progress
from services.inspections import finding_pages
from services.plans.calendar import calendar
from services.plans.launched import Home, chosen_home, home
from services.plans.sectors import sector_names
from services.plans.units import units_if_any

Names = tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class Filters:
    """What somebody asked to see."""

    text: str = ""
    kind: str = ""
    unit_id: str = ""
    county_id: str = ""
    sector: str = ""
    problems: str = ""
    after: str = ""


@dataclass(frozen=True, kw_only=True)
class ListPage:
    """A page of the list."""

    campaign: str
    lines: tuple[tuple[Any, str, str], ...]  # row, kind, sector
    totals: Any
    next_after: str
    units: Names
    counties: Names
    sectors: Names
    may_record: bool


def page(actor: Actor, filters: Filters) -> ListPage | None:
    """Visits that concern the actor; None while nothing is launched."""
    with reading() as tx:
        found = chosen_home(tx, actor)
        if found is None:
            return None
        wanted = _wanted(actor, filters, found)
        seen = rows.page(tx, wanted, position(filters.after), PAGE + 1)
        return ListPage(
            campaign=found.short_title,
            lines=lines_of(found.plan, seen[:PAGE]),
            totals=rows.totals(tx, wanted),
            next_after=following(seen, "inspected_at"),
            units=tuple((row.id, row.short_name) for row in rows.units(tx, found.row.id)),
            counties=counties_of(tx, found.plan),
            sectors=tuple(sector_names(found.plan).items()),
            may_record=bool(held(tx, actor)),
        )


def sheet(actor: Actor, filters: Filters) -> excel.Sheet:
    """The whole list as a table."""
    head = ("企业", "所在地", "行业领域", "检查类别", "检查单位", "检查时间", "检查组", "四不两直", "发现问题", "情况")
    with reading() as tx:
        found = chosen_home(tx, actor)
        lines: Sequence[tuple[Any, str, str]] = ()
        if found is not None:
            lines = lines_of(found.plan, rows.page(tx, _wanted(actor, filters, found), None, excel.LIMIT + 1))
    return excel.Sheet(title="检查记录", head=head, rows=[_cells(*line) for line in lines])


def _cells(row: Any, kind: str, sector: str) -> tuple[Any, ...]:
    said = "；".join(filter(None, (rules.HINDRANCES.get(row.hindrance), row.note)))
    visit = (row.inspected_at, row.teams, row.unannounced, row.findings, said)
    return (row.enterprise, f"{row.county}{row.township}", sector, kind, row.unit, *visit)


def _wanted(actor: Actor, filters: Filters, found: Home) -> rows.Wanted:
    return rows.Wanted(
        campaign_id=found.row.id,
        paths=paths_of(actor),
        units=units_of(actor),
        text=filters.text.strip(),
        kind=filters.kind if filters.kind in rules.KINDS else "",
        unit_id=filters.unit_id,
        county_id=filters.county_id,
        sector=filters.sector,
        problems=filters.problems if filters.problems in ("yes", "no") else "",
    )


def lines_of(plan: Plan, found: Sequence[Any]) -> tuple[tuple[Any, str, str], ...]:
    """Visits with the names of their kind and sector."""
    names = sector_names(plan)
    return tuple((row, rules.KINDS[row.kind], names.get(row.sector, row.sector)) for row in found)


def counties_of(tx: Tx, plan: Plan) -> Names:
    """The counties for a select field."""
    return tuple((unit.id, unit.short_name) for unit in units_if_any(tx, plan, COUNTIES, "counties"))


def of_enterprise(tx: Tx, found: Home, enterprise_id: str) -> tuple[tuple[Any, str, str], ...]:
    """The visits to an enterprise, for somebody who may see it."""
    wanted = rows.Wanted(campaign_id=found.row.id, paths=None, enterprise_id=enterprise_id)
    return lines_of(found.plan, rows.page(tx, wanted, None, PAGE))


# -- how far everybody is ----------------------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class ProgressPage:
    """Counties and departments with what they have to inspect."""

    campaign: str
    counties: tuple[Progress, ...]
    departments: tuple[Progress, ...]


def progress(actor: Actor) -> ProgressPage | None:
    """Everybody's progress; None while nothing is launched. Shares are no secret between units."""
    with reading() as tx:
        found = chosen_home(tx, actor)
        if found is None:
            return None
        return ProgressPage(
            campaign=found.short_title,
            counties=tuple(inspection_progress.by_county(tx, found.plan, found.row.id)),
            departments=tuple(inspection_progress.by_department(tx, found.plan, found.row.id)),
        )


# -- what is left ------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class ToDoPage:
    """The enterprises that the actor's unit has to inspect, with its progress."""

    campaign: str
    kind: str
    kinds: Names  # the actor may hold posts of both
    progress: Progress | None
    lines: tuple[tuple[Any, str], ...]  # row, sector
    next_after: str
    sectors: Names


@dataclass(frozen=True, kw_only=True)
class ToDoFilters:
    """What somebody asked to see of it."""

    kind: str = ""
    state: str = "open"
    text: str = ""
    sector: str = ""
    after: str = ""


def to_do(actor: Actor, filters: ToDoFilters) -> ToDoPage | None:
    """What one's unit has to inspect; None while nothing is launched."""
    with reading() as tx:
        found = chosen_home(tx, actor)
        if found is None:
            return None
        whose = _whose(tx, actor)
        kind = filters.kind if filters.kind in whose else next(iter(whose), "")
        unit_ids = whose.get(kind, ())
        owed = _owed(found, kind, unit_ids, filters)
        seen = rows.to_inspect(tx, owed, state=_state(filters), after=filters.after, limit=PAGE + 1) if kind else []
        own = inspection_progress.of_unit(tx, found.plan, found.row.id, unit_ids[0]) if unit_ids else None
        names = sector_names(found.plan)
        return ToDoPage(
            campaign=found.short_title,
            kind=kind,
            kinds=tuple((key, rules.KINDS[key]) for key in whose),
            progress=own,
            lines=tuple((row, names.get(row.sector, row.sector)) for row in seen[:PAGE]),
            next_after=seen[PAGE - 1].code if len(seen) > PAGE else "",
            sectors=tuple(names.items()),
        )


def _state(filters: ToDoFilters) -> str:
    return filters.state if filters.state in ("open", "done") else ""


def _whose(tx: Tx, actor: Actor) -> dict[str, tuple[str, ...]]:
    """Kind of inspection -> the units whose enterprises it is about: counties, or lead departments."""
    found: dict[str, tuple[str, ...]] = {}
    for _, unit in held(tx, actor):
        if unit.level == "county":
            county = unit.id if unit.kind in ("government", "park") else unit.parent_id
            found["county"] = (*found.get("county", ()), county)
        elif unit.level == "city" and unit.kind == "department":
            found["city"] = (*found.get("city", ()), unit.id)
    return found


def _owed(found: Home, kind: str, unit_ids: tuple[str, ...], filters: ToDoFilters) -> rows.Owed:
    only = "county" if inspection_progress.supervised_only(found.plan) else ""
    return rows.Owed(
        campaign_id=found.row.id,
        kind=kind,
        county_ids=unit_ids if kind == "county" else (),
        department_ids=unit_ids if kind == "city" else (),
        supervised_by="city" if kind == "city" else only,
        text=filters.text.strip(),
        sector=filters.sector,
    )


# -- recording ---------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class RecordPage:
    """The form for a visit to one enterprise."""

    campaign_id: str
    campaign: str
    enterprise: Any
    sector: str
    kinds: Names  # what the actor may record there
    items: tuple[rules.Item, ...]  # of the sector
    common: tuple[rules.Item, ...]
    before: tuple[tuple[Any, str, str], ...]
    pick_id: str
    hindrances: Names  # for what was drawn: whether there is anything to inspect


def form(actor: Actor, enterprise_id: str, pick_id: str = "") -> RecordPage:
    """What recording a visit needs; Forbidden where none of the enterprise's visits is the actor's."""
    with reading() as tx:
        enterprise = rows.enterprise(tx, enterprise_id)
        if enterprise is None:
            raise NotFound("没有找到这家企业。")
        pick = rows.pick(tx, pick_id) if pick_id else None
        found = chosen_home(tx, actor, pick.campaign_id if pick is not None else None)
        if found is None or (found.row.status != "running" and pick is None):
            raise Conflict("没有正在进行的行动，不能录入检查。")
        kinds = _kinds(tx, actor, enterprise, pick)
        if not kinds:
            raise Forbidden("这家企业不由您单位检查。")
        items = rules.checklist(found.plan, enterprise.sector)
        return RecordPage(
            campaign_id=found.row.id,
            campaign=found.short_title,
            enterprise=enterprise,
            sector=sector_names(found.plan).get(enterprise.sector, enterprise.sector),
            kinds=kinds,
            items=tuple(item for item in items if "." in item.key),
            common=tuple(item for item in items if "." not in item.key),
            before=of_enterprise(tx, found, enterprise_id),
            pick_id=pick_id,
            hindrances=_hindrances(enterprise) if any(key == "spot_check" for key, _ in kinds) else (),
        )


def _hindrances(enterprise: Any) -> Names:
    able = (("", "正常检查"),) if enterprise.active else ()
    return (*able, *rules.HINDRANCES.items())


def _kinds(tx: Tx, actor: Actor, enterprise: Any, pick: Any) -> Names:
    """Kinds of visits the actor may record there; one that answers a pick comes first."""
    units = [unit for _, unit in held(tx, actor)]
    if pick is not None and (pick.enterprise_id != enterprise.id or pick.inspection_id is not None):
        raise Conflict("这家企业没有待办的抽查，请从抽查名单进入。")
    kinds = ["spot_check", *(kind for kind in rules.KINDS if kind != "spot_check")]
    allowed = [kind for kind in kinds if any(rules.may_inspect(kind, unit, enterprise, pick) for unit in units)]
    return tuple((kind, rules.KINDS[kind]) for kind in allowed)


# -- one visit ---------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class VisitPage:
    """One visit with its checklist and what was found."""

    row: Any
    campaign: str
    kind: str
    sector: str
    hindrance: str
    answers: tuple[tuple[rules.Item, str], ...]  # item, result
    findings: tuple[finding_pages.Line, ...]


def one(actor: Actor, inspection_id: str, now: datetime) -> VisitPage:
    """A visit that concerns the actor."""
    with reading() as tx:
        row = rows.one(tx, inspection_id)
        if row is None:
            raise NotFound("没有找到这次检查。")
        if not concerns(actor, row):
            raise Forbidden("该检查不在您的数据范围内。")
        found = home(tx, row.campaign_id)
        wanted = finding_rows.Wanted(campaign_id=row.campaign_id, paths=None, inspection_id=row.id)
        lines = finding_rows.page(tx, wanted, None, 100)
        given = row.checklist or {}
        items = rules.checklist(found.plan, row.sector)
        return VisitPage(
            row=row,
            campaign=found.short_title,
            kind=rules.KINDS[row.kind],
            sector=sector_names(found.plan).get(row.sector, row.sector),
            hindrance=rules.HINDRANCES.get(row.hindrance, ""),
            answers=tuple((item, given[item.key]) for item in items if item.key in given),
            findings=finding_pages.lines_of(found.plan, calendar(tx), lines, now),
        )


def concerns(actor: Actor, row: Any) -> bool:
    """Whether a visit is the actor's to see: of the own tree, made by the own unit, or in a sector it leads."""
    own = {row.unit_id, row.sector_unit_id} & set(units_of(actor))
    return bool(own) or actor.sees(row.enterprise_path) or actor.sees(row.unit_path)
