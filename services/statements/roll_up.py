"""The roll-up of a period over all units: counties and city departments apart, as annex 4's first note demands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain import tables
from domain.authority import Actor
from domain.errors import NotFound
from domain.plan import Report
from domain.signs import Sign, statement_sign
from models import Tx, reading
from models.queries import statements as rows
from services._scope import paths_of
from services.counting.form_texts import labels_of
from services.plans.launched import Home, chosen_home
from services.statements.statement_figures import townships_of
from services.statements.statement_tables import annexes, details_of, sheet_names
from services.statements.statements import LEVELS, Choice, Column, chosen_report, table_of


@dataclass(frozen=True, kw_only=True)
class RollUpLine:
    """A row of the roll-up: a sum (no sign) or a unit."""

    name: str
    cells: tuple[str, ...]
    sign: Sign | None = None
    statement_id: str = ""
    places: tuple[tuple[str, tuple[str, ...]], ...] = ()  # townships with their cells


@dataclass(frozen=True, kw_only=True)
class RollUp:
    """Annex 4 of one period over all units one sees."""

    campaign_id: str
    campaign: str
    owner: str
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
    details: tuple[tuple[str, ...], ...]  # annex 6 of all units, numbered through
    sheet_names: tuple[str, str, str]  # of the book: table, list, cases
    detail_name: str
    detail_head: tuple[str, ...]


def roll_up(actor: Actor, choice: Choice, period: str | None, now: datetime) -> RollUp:
    """The sum of a period's statements: counties and city departments apart, as the annex's first note demands."""
    with reading() as tx:
        found = chosen_home(tx, actor, choice.campaign_id)
        report = chosen_report(found.plan, choice.report) if found else None
        if found is None or report is None:
            raise NotFound("目前没有需要汇总的报表。")
        return _rolled(tx, actor, found, report, period, now)


def _rolled(tx: Tx, actor: Actor, found: Home, report: Report, period: str | None, now: datetime) -> RollUp:
    table, detail = annexes(found.plan, report.id)
    if table is None:
        raise NotFound("这种报表没有可以汇总的统计表。")
    paths = paths_of(actor)
    chosen = period or rows.latest_due(tx, found.row.id, report.id, now) or ""
    grid = rows.of_period(tx, found.row.id, report.id, chosen, paths)
    columns, _lines = table_of(rows.grid(tx, found.row.id, report.id, paths), now)
    parts = [(title, [row for row in grid if row.level == level]) for level, title in LEVELS]
    return RollUp(
        campaign_id=found.row.id,
        campaign=found.short_title,
        owner=found.row.owner_name,
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
        details=_details(found, detail, grid) if detail else (),
        sheet_names=sheet_names(found.plan, report.id),
        detail_name=str(detail.get("name") or "") if detail else "",
        detail_head=tuple(str(column["label"]) for column in detail["columns"]) if detail else (),
    )


def _details(found: Home, detail: Mapping[str, Any], grid: Sequence[Any]) -> tuple[tuple[str, ...], ...]:
    """Annex 6 of all units, numbered through."""
    lines: list[tuple[str, ...]] = []
    for row in grid:
        if isinstance(row.data, Mapping):
            labels = labels_of(found.edition.forms.get(row.form_key, {}))
            lines += details_of(detail, row.data, labels, len(lines) + 1)
    return tuple(lines)


def _sum_line(table: tables.Table, name: str, grid: Sequence[Any]) -> RollUpLine:
    known = [found for row in grid if (found := tables.figures(table, row.data)) is not None]
    return RollUpLine(name=name, cells=tables.cells(table, tables.total(table, known)))


def _units(table: tables.Table, grid: Sequence[Any], now: datetime) -> tuple[RollUpLine, ...]:
    return tuple(
        RollUpLine(
            name=row.unit,
            cells=tables.cells(table, tables.figures(table, row.data)),
            sign=statement_sign(row.status, row.due_at, row.submitted_at, now, opened_late=row.opened_late),
            statement_id=row.id,
            places=tuple((place, tables.cells(table, own)) for place, own in townships_of(table, row.data)),
        )
        for row in grid
    )
