"""Statements as pages show them: units by periods, and one statement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain import tables
from domain.authority import Actor
from domain.errors import NotFound
from domain.plan import Plan, Report
from domain.signs import STATEMENT_SIGNS, Sign, statement_sign
from models import reading
from models.queries import periods as period_rows
from models.queries import statements as rows
from services._scope import demand, paths_of
from services.counting.form_texts import labels_of
from services.plans.launched import choices, chosen_home, home
from services.statements.statement_figures import Figures, figures_of
from services.statements.statement_tables import annexes, cases_of, details_of, sheet_names

LEVELS = (("county", "各县（区、市）"), ("city", "市直单位"))


# -- units by periods --------------------------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class Column:
    """A period of a report."""

    period: str
    starts_at: datetime
    ends_at: datetime
    due_at: datetime
    counts: Mapping[str, int]  # state -> statements


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One owed statement; None in its place: not owed."""

    id: str
    sign: Sign
    submitted_at: datetime | None
    due_at: datetime
    cases: int | None


@dataclass(frozen=True, kw_only=True)
class Line:
    """A unit with its statements, one a column."""

    unit_id: str
    unit: str
    level: str
    cells: tuple[Cell | None, ...]


@dataclass(frozen=True, kw_only=True)
class Overview:
    """The table of a report, and what can be chosen."""

    campaigns: tuple[tuple[str, str], ...]
    campaign_id: str
    campaign: str
    reports: tuple[tuple[str, str], ...]
    report: str
    report_name: str
    rule_text: str
    columns: tuple[Column, ...]
    groups: tuple[tuple[str, tuple[Line, ...]], ...]
    counts: Mapping[str, int]
    signs: tuple[Sign, ...] = STATEMENT_SIGNS


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What somebody asked to see."""

    campaign_id: str | None = None
    report: str | None = None
    state: str = ""
    level: str = ""


def overview(actor: Actor, choice: Choice, now: datetime) -> Overview | None:
    """Units by periods; None while no campaign is launched."""
    with reading() as tx:
        found = chosen_home(tx, actor, choice.campaign_id)
        if found is None:
            return None
        reports = recurring(found.plan)
        report = chosen_report(found.plan, choice.report)
        grid = rows.grid(tx, found.row.id, report.id, paths_of(actor)) if report else []
        campaigns = choices(tx, actor)
    columns, lines = table_of(grid, now)
    shown = _filtered(lines, choice)
    return Overview(
        campaigns=campaigns,
        campaign_id=found.row.id,
        campaign=found.short_title,
        reports=reports,
        report=report.id if report else "",
        report_name=report.name if report else "",
        rule_text=report.rule_text if report else "",
        columns=columns,
        groups=_by_level(shown),
        counts=_count(cell.sign.key for line in lines for cell in line.cells if cell),
    )


def recurring(plan: Plan) -> tuple[tuple[str, str], ...]:
    """The recurring reports that this version of the campaign carries out."""
    return tuple((key, report.name) for key, report in plan.reports.items() if report.process and report.statement)


def chosen_report(plan: Plan, key: str | None) -> Report | None:
    """The recurring report asked for, else the first one there is."""
    known = [report for report in plan.reports.values() if report.process and report.statement]
    return next((report for report in known if report.id == key), known[0] if known else None)


def table_of(grid: Sequence[Any], now: datetime) -> tuple[tuple[Column, ...], list[Line]]:
    """The periods, the newest first, and the units with a cell a period."""
    periods = {row.period: row for row in sorted(grid, key=lambda row: row.starts_at, reverse=True)}
    by_unit: dict[str, dict[str, Any]] = {}
    for row in grid:
        by_unit.setdefault(row.unit_id, {})[row.period] = row
    lines = [_line(own, periods, now) for own in by_unit.values()]
    columns = tuple(
        Column(
            period=period,
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            due_at=row.due_at,
            counts=_count(cell.sign.key for line in lines for cell in (line.cells[position],) if cell),
        )
        for position, (period, row) in enumerate(periods.items())
    )
    return columns, lines


def _line(own: Mapping[str, Any], periods: Mapping[str, Any], now: datetime) -> Line:
    some = next(iter(own.values()))
    cells = tuple(_cell(own[period], now) if period in own else None for period in periods)
    return Line(unit_id=some.unit_id, unit=some.unit, level=some.level, cells=cells)


def _cell(row: Any, now: datetime) -> Cell:
    sign = statement_sign(row.status, row.due_at, row.submitted_at, now, opened_late=row.opened_late)
    return Cell(id=row.id, sign=sign, submitted_at=row.submitted_at, due_at=row.due_at, cases=row.cases)


def _count(keys: Any) -> dict[str, int]:
    counts = {sign.key: 0 for sign in STATEMENT_SIGNS}
    for key in keys:
        counts[key] += 1
    return counts


def _filtered(lines: Sequence[Line], choice: Choice) -> list[Line]:
    wanted = [line for line in lines if not choice.level or line.level == choice.level]
    if not choice.state:
        return wanted
    return [line for line in wanted if any(cell and cell.sign.key == choice.state for cell in line.cells)]


def _by_level(lines: Sequence[Any]) -> tuple[tuple[str, tuple[Any, ...]], ...]:
    known = {level for level, _ in LEVELS}
    parts = [(title, tuple(line for line in lines if line.level == level)) for level, title in LEVELS]
    rest = tuple(line for line in lines if line.level not in known)
    return tuple((title, part) for title, part in [*parts, ("其他单位", rest)] if part)


# -- one statement -----------------------------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class StatementPage:
    """One statement with the annexes as they were handed in."""

    row: Any
    sign: Sign
    campaign: str
    report_name: str
    minimum: int | None
    table: tables.Table | None
    figures: Figures | None
    lines: tuple[tuple[str, tuple[str, ...]], ...]  # of the table: the whole, the unit, its townships
    sheet_names: tuple[str, str, str]  # of the book: table, list, cases
    detail_name: str
    detail_head: tuple[str, ...]
    details: tuple[tuple[str, ...], ...]
    cases: tuple[tuple[tuple[str, str], ...], ...]
    submissions: tuple[tuple[Any, str], ...]  # row, words of its outcome


def one(actor: Actor, period_id: str, now: datetime) -> StatementPage:
    """One statement of a unit the actor sees."""
    with reading() as tx:
        row = rows.statement(tx, period_id)
        if row is None:
            raise NotFound("没有找到这份报表。")
        demand(actor, row.path)
        found = home(tx, row.campaign_id)
        submissions = rows.submissions_of(tx, row.instance_id) if row.instance_id else []
        table, detail = annexes(found.plan, row.report)
        figures = figures_of(tx, found, row, table, compare=True) if table else None
    labels = labels_of(found.edition.forms.get(row.form_key or "", {}))
    data = row.data if isinstance(row.data, Mapping) else {}
    return StatementPage(
        row=row,
        sign=statement_sign(row.status, row.due_at, row.submitted_at, now, opened_late=row.opened_late),
        campaign=found.short_title,
        report_name=found.plan.reports[row.report].name,
        minimum=_minimum(found.plan, row),
        table=table,
        figures=figures,
        lines=lines_of(table, figures, row.unit) if table and figures else (),
        sheet_names=sheet_names(found.plan, row.report),
        detail_name=str(detail.get("name") or "") if detail else "",
        detail_head=tuple(str(column["label"]) for column in detail["columns"]) if detail else (),
        details=details_of(detail, data, labels) if detail else (),
        cases=cases_of(data, labels),
        submissions=tuple((entry, OUTCOMES.get(entry.outcome or "", entry.outcome or "")) for entry in submissions),
    )


def of_instance(actor: Actor, instance_id: str) -> str:
    """The id of the statement that an instance works on."""
    with reading() as tx:
        row = period_rows.of_instance(tx, instance_id)
        found = rows.statement(tx, row.id) if row is not None else None
    if found is None:
        raise NotFound("没有找到这份报表。")
    demand(actor, found.path)
    return str(found.id)


def lines_of(table: tables.Table, figures: Figures, unit: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """A statement's rows as the annex has them: the total, the unit, the townships."""
    whole = tables.cells(table, figures.whole)
    places = ((place, tables.cells(table, own)) for place, own in figures.townships)
    return (("总计", whole), (unit, whole), *places)


OUTCOMES = {"accept": "予以认可", "return": "退回补报"}


def _minimum(plan: Plan, row: Any) -> int | None:
    """How many typical cases a unit of this level must add, if the plan demands any."""
    for report in plan.reports.values():
        if report.with_report == row.report and "cases" in report.minimum and row.level == "county":
            members = plan.units[report.owed_by].members
            if not members or {row.unit, row.unit_name} & set(members):
                return report.minimum["cases"]
    return None
