"""Lists as Excel workbooks: title, frozen head, rows; set up for A4 landscape, and no cell is ever a formula.

`workbook(Sheet(title=..., head=[...], rows=[[...], ...]))` gives the bytes; `web.excel.sends` sends them. A cell may be
text, a number, a date or a moment (written in Beijing time), a bool (是/否), None, or several texts.
"""

from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.header_footer import HeaderFooterItem, _HeaderFooterPart
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from domain.workdays import BEIJING

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LIMIT = 10_000  # rows of a list; a reader asks the database for one more, so that the sheet can say that it was cut
LONGEST = 32_767  # characters a cell takes
WIDEST, NARROWEST = 46, 8
MEASURED = 300  # rows that the widths are taken from
LISTS, HEADS = "宋体", "黑体"  # fonts that every office machine has
MOMENT, DAY, TEXT = "yyyy-mm-dd hh:mm", "yyyy-mm-dd", "@"
# what a spreadsheet takes for the beginning of a formula, in the full-width forms too
DANGEROUS = re.compile(r"^[\s\x00-\x1f\ufeff]*[=+\-@\t\r＝＋－＠]")
THIN = Side(style="thin", color="808080")
BORDER = Border(left=THIN, right=THIN, top=THIN, bottom=THIN)


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """One list. `subtitle` stands under the title, `notes` under the rows.

    `widths` (column from 1 -> characters) only where what is measured would not do.
    """

    title: str
    head: Sequence[str]
    rows: Iterable[Sequence[Any]]
    subtitle: str = ""
    notes: Sequence[str] = ()
    widths: Mapping[int, float] = field(default_factory=dict)
    name: str = ""  # of the sheet's tab, where it is not the title


def workbook(*sheets: Sheet) -> bytes:
    """The lists, a sheet each."""
    book = new_book()
    for sheet in sheets:
        add_list(book, sheet)
    return saved(book)


# -- pieces for tables with a layout of their own ----------------------------------------------------------------------
def new_book() -> Workbook:
    """A workbook without sheets."""
    book = Workbook()
    book.remove(book.worksheets[0])
    book.properties.creator = "闭环"
    return book


def add_sheet(book: Workbook, title: str) -> Worksheet:
    """A sheet under this name, or the nearest that a workbook takes."""
    name = re.sub(r"[\[\]:*?/\\\x00-\x1f']", " ", title).strip()[:28] or "清单"
    taken = {sheet.title for sheet in book.worksheets}
    names = [name, *(f"{name}{n}" for n in range(2, len(taken) + 2))]
    sheet: Worksheet = book.create_sheet(next(one for one in names if one not in taken))
    return sheet


def add_list(book: Workbook, sheet: Sheet) -> None:
    """A list as the next sheet of a workbook."""
    _write(add_sheet(book, sheet.name or sheet.title), sheet)


def saved(book: Workbook) -> bytes:
    """The file's bytes."""
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def put(sheet: Worksheet, row: int, column: int, value: Any, style: Any = None) -> Any:
    """Write one value as text, number or date: never as a formula, whatever it begins with."""
    cell: Any = sheet.cell(row, column)
    if style is not None:
        # what a cell looks like is an array of numbers; copying it is far cheaper than setting font, border and all
        cell._style = copy(style._style)
    plain = _plain(value)
    cell.value = plain
    if isinstance(plain, str):
        cell.data_type = "s"
        cell.number_format = TEXT
        if DANGEROUS.match(plain):
            cell.quotePrefix = True  # stays text when somebody edits it
    elif isinstance(plain, datetime):
        cell.number_format = MOMENT
    elif isinstance(plain, date):
        cell.number_format = DAY
    return cell


def across(sheet: Worksheet, row: int, first: int, last: int, value: Any, style: Any = None, *, down: int = 1) -> None:
    """One value over several columns (and rows), every cell below it with the same border."""
    for line in range(row, row + down):
        for column in range(first, last + 1):
            put(sheet, line, column, value if (line, column) == (row, first) else None, style)
    if last > first or down > 1:
        sheet.merge_cells(start_row=row, start_column=first, end_row=row + down - 1, end_column=last)


def styled(
    sheet: Worksheet,
    *,
    font: str = LISTS,
    size: float = 10.5,
    bold: bool = False,
    align: str = "left",
    border: bool = True,
    wrap: bool = True,
) -> Cell:
    """A style to write cells with: a cell of no sheet."""
    cell = Cell(sheet, row=1, column=1)
    cell.font = Font(name=font, size=size, bold=bold)
    cell.alignment = Alignment(horizontal=align, vertical="center", wrap_text=wrap)
    if border:
        cell.border = BORDER
    return cell


def landscape(sheet: Worksheet, *, head: tuple[int, int] | None = None, portrait: bool = False) -> None:
    """A4, one page wide, pages numbered; the rows of the head stay in view and are printed on every page."""
    sheet.page_setup.orientation = "portrait" if portrait else "landscape"
    sheet.page_setup.paperSize = 9
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_options.horizontalCentered = True
    margins = sheet.page_margins
    margins.left = margins.right = 0.5
    margins.top = margins.bottom = 0.6
    sheet.HeaderFooter.oddFooter = HeaderFooterItem(center=_HeaderFooterPart(text="第 &P 页，共 &N 页"))
    if head is not None:
        sheet.print_title_rows = f"{head[0]}:{head[1]}"
        sheet.freeze_panes = f"A{head[1] + 1}"


def limit(at: datetime | None) -> str:
    """A time limit as it is spoken of: midnight is 24:00 of the day that ends."""
    if at is None:
        return ""
    local = at.astimezone(BEIJING)
    if local.time() == time.min:
        return f"{local.date() - timedelta(days=1):%Y-%m-%d} 24:00"
    return f"{local:%Y-%m-%d %H:%M}"


# -- a list ------------------------------------------------------------------------------------------------------------
def _write(page: Worksheet, sheet: Sheet) -> None:
    columns = len(sheet.head)
    title = styled(page, font=HEADS, size=16, align="center", border=False)
    plain = styled(page, border=False, align="left")
    head = styled(page, font=HEADS, align="center")
    at = _line(page, 1, columns, sheet.title, title, 30)
    if sheet.subtitle:
        at = _line(page, at, columns, sheet.subtitle, plain, 18)
    for column, text in enumerate(sheet.head, 1):
        put(page, at, column, text, head)
    page.row_dimensions[at].height = 24
    landscape(page, head=(at, at))
    last, notes, measured = _rows(page, at + 1, sheet)
    for note in (*notes, *sheet.notes):
        last = _line(page, last, columns, note, plain, 18 * (1 + _width(note) // 110))
    for column in range(1, columns + 1):
        wide = sheet.widths.get(column) or min(WIDEST, max(NARROWEST, measured[column - 1] + 2))
        page.column_dimensions[get_column_letter(column)].width = wide


def _rows(page: Worksheet, at: int, sheet: Sheet) -> tuple[int, tuple[str, ...], list[int]]:
    """The row behind the last one, what is to be said of the rows, and how wide the columns are."""
    styles = {"left": styled(page), "right": styled(page, align="right"), "center": styled(page, align="center")}
    measured = [_width(text) for text in sheet.head]
    rows, first = iter(sheet.rows), at
    for row in islice(rows, LIMIT):
        for column, value in enumerate(row, 1):
            cell = put(page, at, column, value, styles[_side(value)])
            if at - first < MEASURED:
                measured[column - 1] = max(measured[column - 1], _width(_shown(cell.value)))
        at += 1
    cut = (f"清单较长，只导出前 {LIMIT} 条；请缩小筛选范围后分次导出。",) if next(rows, None) is not None else ()
    return at, cut or (() if at > first else ("没有符合条件的记录。",)), measured


def _line(page: Worksheet, row: int, columns: int, text: str, style: Any, height: float) -> int:
    """A line over all columns; the row behind it."""
    across(page, row, 1, columns, text, style)
    page.row_dimensions[row].height = height
    return row + 1


def _plain(value: Any) -> str | int | float | datetime | date | None:
    """What a cell takes."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, datetime):
        return value.astimezone(BEIJING).replace(tzinfo=None) if value.tzinfo else value
    if isinstance(value, int | float | date):
        return value
    if isinstance(value, list | tuple):
        value = "、".join(str(one) for one in value)
    text = ILLEGAL_CHARACTERS_RE.sub("", str(value)).encode("utf-8", "replace").decode()
    return text[:LONGEST] or None


def _side(value: Any) -> str:
    if isinstance(value, bool | datetime | date):
        return "center"
    return "right" if isinstance(value, int | float) else "left"


def _shown(value: Any) -> str:
    if isinstance(value, datetime):
        return "0000-00-00 00:00"
    return "" if value is None else str(value)


def _width(text: str) -> int:
    """How many narrow letters the widest line of a text is wide."""
    return max((_line_width(line) for line in text.split("\n")), default=0)


def _line_width(line: str) -> int:
    return sum(2 if unicodedata.east_asian_width(letter) in "WFA" else 1 for letter in line)
