"""Statements as Excel files: the overview of a report's periods, and annexes 4 and 6 in the layout of the notice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from openpyxl import Workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from domain import tables
from domain.authority import Actor
from domain.errors import NotFound
from domain.workdays import BEIJING
from services import excel
from services.statements import roll_up, statements


def overview(actor: Actor, choice: statements.Choice, now: datetime) -> excel.Sheet:
    """Units by periods, each cell in words."""
    found = statements.overview(actor, choice, now)
    if found is None:
        return excel.Sheet(title="报送情况", head=("组别", "单位"), rows=())
    return excel.Sheet(
        title=f"{found.report_name}报送情况",
        subtitle=f"{found.campaign}　{found.rule_text}",
        head=("组别", "单位", *(_weeks(column) for column in found.columns)),
        rows=[
            (title, line.unit, *(cell.sign.word if cell else "不须报送" for cell in line.cells))
            for title, lines in found.groups
            for line in lines
        ],
    )


def _weeks(column: statements.Column) -> str:
    last = column.ends_at - timedelta(microseconds=1)
    days = dict.fromkeys(f"{at.astimezone(BEIJING):%Y-%m-%d}" for at in (column.starts_at, last))
    return " 至 ".join(days)


# -- annex 4 in its own layout -----------------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class AnnexLine:
    """A row of annex 4: a sum, a unit or a township."""

    name: str
    cells: Sequence[str]
    kind: str = "unit"  # total | sum | unit | place


def statement_book(shown: statements.StatementPage, now: datetime) -> tuple[str, bytes]:
    """Name and content: annex 4, annex 6 and the typical cases of one statement."""
    if shown.table is None:
        raise NotFound("这种报表没有可以导出的统计表。")
    filled = [f"填报单位：{shown.row.unit_name}", f"填表人：{shown.row.filler or ''}", f"填表日期：{_day(shown, now)}"]
    names = ["total", "unit"]
    lines = [
        AnnexLine(name=name, cells=cells, kind=names[position] if position < 2 else "place")
        for position, (name, cells) in enumerate(shown.lines)
    ]
    book = excel.new_book()
    notes = [*shown.table.notes, *(["本期尚未报送，以上为导出时台账的计数。"] if not shown.row.submitted_at else [])]
    table_name, list_name, cases_name = shown.sheet_names
    _annex_4(book, table_name, shown.table, filled, lines, notes)
    if shown.detail_head:
        excel.add_list(book, _annex_6(shown.detail_name, list_name, shown.detail_head, shown.details, filled))
    if shown.cases:
        excel.add_list(book, _cases(cases_name, shown.cases))
    return f"{shown.row.unit}{shown.report_name}{_period(shown.row.period)}", excel.saved(book)


def roll_up_book(shown: roll_up.RollUp, now: datetime) -> tuple[str, bytes]:
    """Name and content: annex 4 of a period over all units with their townships, and annex 6 of all."""
    lines = [AnnexLine(name=shown.total.name, cells=shown.total.cells, kind="total")]
    for head, units in shown.groups:
        lines.append(AnnexLine(name=head.name, cells=head.cells, kind="sum"))
        for unit in units:
            lines.append(AnnexLine(name=unit.name, cells=unit.cells))
            lines += (AnnexLine(name=place, cells=cells, kind="place") for place, cells in unit.places)
    filled = [
        f"报告期：{_period(shown.period)}",
        f"已报 {shown.handed_in} / 应报 {shown.owed}",
        f"制表日期：{_cn(now)}",
    ]
    limits = () if shown.whole_city else ("只含导出人数据范围内的单位。",)
    book = excel.new_book()
    _annex_4(
        book,
        shown.sheet_names[0],
        shown.table,
        filled,
        lines,
        (*shown.table.notes, "合计由已报报表相加得出，未报的单位不计入。", *limits),
    )
    if shown.detail_head:
        excel.add_list(
            book, _annex_6(shown.detail_name, shown.sheet_names[1], shown.detail_head, shown.details, filled)
        )
    return f"{shown.report_name}汇总{_period(shown.period)}", excel.saved(book)


def _annex_4(
    book: Workbook,
    name: str,
    table: tables.Table,
    filled: Sequence[str],
    lines: Sequence[AnnexLine],
    notes: Sequence[str],
) -> None:
    """The annex as the notice prints it: title, who filled it, the merged head, the units' row, the rows, the notes."""
    page = excel.add_sheet(book, name)
    across = len(table.columns) + 1
    excel.across(
        page, 1, 1, across, table.name, excel.styled(page, font=excel.HEADS, size=18, align="center", border=False)
    )
    page.row_dimensions[1].height = 36
    _filled(page, 2, across, filled)
    last = _head(page, 3, table)
    row = last + 1
    for line in lines:
        _annex_line(page, row, line)
        row += 1
    plain = excel.styled(page, border=False)
    for position, note in enumerate(notes):
        excel.across(page, row, 1, across, f"{'注：' if position == 0 else '　　'}{note}", plain)
        page.row_dimensions[row].height = 18
        row += 1
    page.column_dimensions["A"].width = 20
    for column in range(2, across + 1):
        page.column_dimensions[get_column_letter(column)].width = 10.5
    excel.landscape(page, head=(3, last))
    page.freeze_panes = f"B{last + 1}"


def _filled(page: Worksheet, row: int, across: int, filled: Sequence[str]) -> None:
    """Who filled it in, when: three parts of one line."""
    style = excel.styled(page, border=False, wrap=False)
    third = across // 3
    for position, text in enumerate(filled):
        first = 1 + position * third
        end = across if position == len(filled) - 1 else first + third - 1
        excel.across(page, row, first, end, text, style)
    page.row_dimensions[row].height = 22


def _head(page: Worksheet, top: int, table: tables.Table) -> int:
    """The merged head and the row of units; gives the last row."""
    style = excel.styled(page, font=excel.HEADS, align="center")
    taken: set[tuple[int, int]] = set()
    for level, cells in enumerate(table.head):
        column = 1
        for cell in cells:
            while (level, column) in taken:
                column += 1
            label = "项目\n\n单位" if column == 1 and level == 0 else cell.label
            excel.across(page, top + level, column, column + cell.across - 1, label, style, down=cell.down)
            taken |= {(level + d, column + a) for d in range(cell.down) for a in range(cell.across)}
    last = top + len(table.head)
    excel.put(page, last, 1, "", style)
    for position, measured in enumerate(table.columns, 2):
        excel.put(page, last, position, f"({measured.unit})", style)
    for row in range(top, last + 1):
        page.row_dimensions[row].height = 34 if row < last else 20
    return last


def _annex_line(page: Worksheet, row: int, line: AnnexLine) -> None:
    bold = line.kind in ("total", "sum")
    name = excel.styled(page, bold=bold, align="center" if bold else "left")
    number = excel.styled(page, bold=bold, align="center")
    excel.put(page, row, 1, f"　　{line.name}" if line.kind == "place" else line.name, name)
    for column, text in enumerate(line.cells, 2):
        excel.put(page, row, column, _number(text), number)
    page.row_dimensions[row].height = 22


def _number(text: str) -> Any:
    """A printed figure as a number; a pair stays the text that the annex prints."""
    if "/" in text:
        return text.replace(" ", "")
    if not text:
        return None
    return float(text) if "." in text else int(text)


def _annex_6(
    title: str, name: str, head: Sequence[str], details: Sequence[Sequence[str]], filled: Sequence[str]
) -> excel.Sheet:
    return excel.Sheet(
        title=title,
        name=name,
        subtitle="　　　".join(filled),
        head=head,
        rows=[(int(row[0]), *row[1:]) for row in details],
    )


def _cases(name: str, cases: Sequence[Sequence[tuple[str, str]]]) -> excel.Sheet:
    rows = [(n, label, text) for n, case in enumerate(cases, 1) for label, text in case]
    return excel.Sheet(title="负面典型案例", name=name, head=("案例", "要件", "内容"), rows=rows, widths={3: 90})


def _period(label: str) -> str:
    first, _, last = label.partition("~")
    return f"{first}至{last}" if last else first


def _day(shown: statements.StatementPage, now: datetime) -> str:
    return _cn(shown.row.last_submitted_at or shown.row.submitted_at or now)


def _cn(at: datetime) -> str:
    local = at.astimezone(BEIJING)
    return f"{local.year}年{local.month}月{local.day}日"
