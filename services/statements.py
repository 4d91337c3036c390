"""Statements as pages show them: units by periods, one statement, the roll-up of a period, who is late and pressed."""

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
from models import Tx, reading
from models.queries import statements as rows
from services._scope import demand, paths_of
from services.form_texts import Labels, labels_of
from services.stage_bar import Home, choices, chosen_home, home

LEVELS = (("county", "各县（区、市）"), ("city", "市直单位"))
DETAILS = "detail_rows"  # the form's list behind annex 6
CASES = "cases"  # the form's list behind annex 5
YES = {"yes": "是", "no": "否", True: "是", False: "否"}


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
        found = chosen_home(tx, choice.campaign_id)
        if found is None:
            return None
        reports = recurring(found.plan)
        report = _report(found.plan, choice.report)
        grid = rows.grid(tx, found.row.id, report.id, paths_of(actor)) if report else []
        campaigns = choices(tx)
    columns, lines = _table(grid, now)
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


def _report(plan: Plan, key: str | None) -> Report | None:
    known = [report for report in plan.reports.values() if report.process and report.statement]
    return next((report for report in known if report.id == key), known[0] if known else None)


def _table(grid: Sequence[Any], now: datetime) -> tuple[tuple[Column, ...], list[Line]]:
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
    sign = statement_sign(row.status, row.due_at, row.submitted_at, now)
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
    cells: tuple[str, ...]
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
    labels = labels_of(found.edition.forms.get(row.form_key or "", {}))
    table, detail = _annexes(found.plan, row.report)
    data = row.data if isinstance(row.data, Mapping) else {}
    return StatementPage(
        row=row,
        sign=statement_sign(row.status, row.due_at, row.submitted_at, now),
        campaign=found.short_title,
        report_name=found.plan.reports[row.report].name,
        minimum=_minimum(found.plan, row),
        table=table,
        cells=tables.cells(table, tables.figures(table, row.data)) if table else (),
        detail_name=str(detail.get("name") or "") if detail else "",
        detail_head=tuple(str(column["label"]) for column in detail["columns"]) if detail else (),
        details=tuple(_detail(detail, n, entry, labels) for n, entry in _listed(data, DETAILS)) if detail else (),
        cases=tuple(_case(entry, labels) for _, entry in _listed(data, CASES)),
        submissions=tuple((entry, OUTCOMES.get(entry.outcome or "", entry.outcome or "")) for entry in submissions),
    )


OUTCOMES = {"accept": "予以认可", "return": "退回补报"}


def _annexes(plan: Plan, report: str) -> tuple[tables.Table | None, Mapping[str, Any] | None]:
    """The statistics table and the list of cases among the annexes a report is made of."""
    forms = plan.raw.get("forms") or {}
    own = [forms[key] for key in plan.reports[report].forms if key in forms]
    listing = next((form for form in own if form.get("repeating_group") and form.get("columns")), None)
    table = next((form for form in own if form.get("columns") and form is not listing), None)
    return (tables.table_of(table) if table else None), listing


def _minimum(plan: Plan, row: Any) -> int | None:
    """How many typical cases a unit of this level must add, if the plan demands any."""
    for report in plan.reports.values():
        if report.with_report == row.report and "cases" in report.minimum and row.level == "county":
            members = plan.units[report.owed_by].members
            if not members or {row.unit, row.unit_name} & set(members):
                return report.minimum["cases"]
    return None


def _listed(data: Mapping[str, Any], key: str) -> list[tuple[int, Mapping[str, Any]]]:
    found = data.get(key)
    entries = found if isinstance(found, list) else []
    return [(n, entry) for n, entry in enumerate(entries, 1) if isinstance(entry, Mapping)]


def _detail(form: Mapping[str, Any], n: int, entry: Mapping[str, Any], labels: Labels) -> tuple[str, ...]:
    """A row of annex 6; what kind of finding it is stands before its details."""
    cells = []
    for column in form["columns"]:
        key = str(column["id"])
        text = str(n) if key == "serial" else labels.text(f"{DETAILS}.{key}", entry.get(key))
        if key == "detail" and entry.get("kind"):
            text = f"【{labels.text(f'{DETAILS}.kind', entry['kind'])}】{text}"
        cells.append(text)
    return tuple(cells)


def _case(entry: Mapping[str, Any], labels: Labels) -> tuple[tuple[str, str], ...]:
    fields = labels.fields_of(CASES)
    return tuple((title, text) for key, title in fields if (text := labels.text(f"{CASES}.{key}", entry.get(key))))


# -- the roll-up -------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class RollUpLine:
    """A row of the roll-up: a sum (no sign) or a unit."""

    name: str
    cells: tuple[str, ...]
    sign: Sign | None = None
    statement_id: str = ""


@dataclass(frozen=True, kw_only=True)
class RollUp:
    """Annex 4 of one period over all units one sees."""

    campaign_id: str
    campaign: str
    report: str
    report_name: str
    periods: tuple[Column, ...]
    period: str
    table: tables.Table
    total: RollUpLine
    groups: tuple[tuple[RollUpLine, tuple[RollUpLine, ...]], ...]
    handed_in: int
    owed: int
    whole_city: bool


def roll_up(actor: Actor, choice: Choice, period: str | None, now: datetime) -> RollUp:
    """The sum of a period's statements: counties and city departments apart, as the annex's first note demands."""
    with reading() as tx:
        found = chosen_home(tx, choice.campaign_id)
        report = _report(found.plan, choice.report) if found else None
        if found is None or report is None:
            raise NotFound("目前没有需要汇总的报表。")
        return _rolled(tx, actor, found, report, period, now)


def _rolled(tx: Tx, actor: Actor, found: Home, report: Report, period: str | None, now: datetime) -> RollUp:
    table, _ = _annexes(found.plan, report.id)
    if table is None:
        raise NotFound("这种报表没有可以汇总的统计表。")
    paths = paths_of(actor)
    chosen = period or rows.latest_due(tx, found.row.id, report.id, now) or ""
    grid = rows.of_period(tx, found.row.id, report.id, chosen, paths)
    columns, _lines = _table(rows.grid(tx, found.row.id, report.id, paths), now)
    parts = [(title, [row for row in grid if row.level == level]) for level, title in LEVELS]
    return RollUp(
        campaign_id=found.row.id,
        campaign=found.short_title,
        report=report.id,
        report_name=report.name,
        periods=columns,
        period=chosen,
        table=table,
        total=_sum_line(table, "总计", grid),
        groups=tuple(
            (_sum_line(table, f"{title}小计", part), _units(table, part, now)) for title, part in parts if part
        ),
        handed_in=sum(row.submitted_at is not None for row in grid),
        owed=len(grid),
        whole_city=paths is None,
    )


def _sum_line(table: tables.Table, name: str, grid: Sequence[Any]) -> RollUpLine:
    known = [found for row in grid if (found := tables.figures(table, row.data)) is not None]
    return RollUpLine(name=name, cells=tables.cells(table, tables.total(table, known)))


def _units(table: tables.Table, grid: Sequence[Any], now: datetime) -> tuple[RollUpLine, ...]:
    return tuple(
        RollUpLine(
            name=row.unit,
            cells=tables.cells(table, tables.figures(table, row.data)),
            sign=statement_sign(row.status, row.due_at, row.submitted_at, now),
            statement_id=row.id,
        )
        for row in grid
    )
