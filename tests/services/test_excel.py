"""Workbooks: what a cell holds stays what it is, and a list looks like a list."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from services import excel
from services.excel import Sheet, workbook

FORMULAS = (
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    " =1",
    "＝1+1",
    "＋1",
    "－1",
    "＠A1",
    '=HYPERLINK("http://x")',
)


def read(content: bytes) -> Worksheet:
    return load_workbook(io.BytesIO(content)).worksheets[0]


def moment(text: str) -> datetime:
    """A moment as a workbook has it: without a zone."""
    return datetime.fromisoformat(text)


def cells(sheet: Worksheet) -> list[list[Any]]:
    return [[cell.value for cell in row] for row in sheet.iter_rows()]


@pytest.mark.parametrize("text", [*FORMULAS, "#N/A", "2022-01-01", "0012350", "1E5"])
def test_text_stays_text_whatever_it_begins_with(text: str) -> None:
    sheet = read(workbook(Sheet(title=text, head=[text], rows=[[text]], subtitle=text, notes=[text])))
    found = [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert len(found) == 5
    assert {cell.data_type for cell in found} == {"s"}
    # XML turns a carriage return into a line feed
    assert {cell.value.replace("\n", "\r") for cell in found} == {text}


@pytest.mark.parametrize("text", FORMULAS)
def test_what_looks_like_a_formula_stays_text_when_it_is_edited(text: str) -> None:
    assert read(workbook(Sheet(title="单", head=["甲"], rows=[[text]])))["A3"].quotePrefix


def test_numbers_and_moments_are_what_they_are() -> None:
    row = [3, 1.5, datetime(2021, 12, 31, 16, 30, tzinfo=UTC), date(2022, 1, 3), True, None, ("甲", "乙")]
    sheet = read(workbook(Sheet(title="单", head=list("abcdefg"), rows=[row])))
    given = [cell.value for cell in sheet[3]]
    assert given == [3, 1.5, moment("2022-01-01 00:30"), moment("2022-01-03"), "是", None, "甲、乙"]
    assert [cell.number_format for cell in sheet[3]][:5] == ["General", "General", excel.MOMENT, excel.DAY, excel.TEXT]


def test_a_list_is_set_up_for_the_screen_and_for_paper() -> None:
    sheet = read(
        workbook(Sheet(title="隐患清单", head=["单位名称", "隐患内容"], rows=[["甲", "某" * 200]], subtitle="一月"))
    )
    assert cells(sheet)[:3] == [["隐患清单", None], ["一月", None], ["单位名称", "隐患内容"]]
    assert sorted(map(str, sheet.merged_cells.ranges)) == ["A1:B1", "A2:B2"]
    assert (sheet.freeze_panes, sheet.print_title_rows) == ("A4", "$3:$3")
    setup = sheet.page_setup
    assert (setup.orientation, setup.paperSize, setup.fitToWidth, setup.fitToHeight) == ("landscape", 9, 1, 0)
    assert {cell.font.name for row in sheet.iter_rows() for cell in row if cell.value} == {excel.LISTS, excel.HEADS}
    wide, wider = sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width
    assert excel.NARROWEST <= wide < wider == excel.WIDEST


def test_an_empty_list_says_so() -> None:
    assert cells(read(workbook(Sheet(title="单", head=["甲"], rows=[]))))[-1] == ["没有符合条件的记录。"]


def test_a_list_that_is_cut_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(excel, "LIMIT", 3)
    full = cells(read(workbook(Sheet(title="单", head=["甲"], rows=[[n] for n in range(3)]))))
    cut = cells(read(workbook(Sheet(title="单", head=["甲"], rows=[[n] for n in range(4)]))))
    assert full[2:] == [[0], [1], [2]]
    assert cut[2:5] == full[2:]
    assert "只导出前 3 条" in cut[5][0]


def test_letters_that_no_workbook_takes_are_left_out() -> None:
    sheet = read(workbook(Sheet(title="a\x00b[/]", head=["甲\x0b"], rows=[["\ud800乙\x1f"], ["丙" * 40_000]])))
    assert [row[0] for row in cells(sheet)][1:3] == ["甲", "?乙"]
    assert len(cells(sheet)[3][0]) == excel.LONGEST


def test_sheets_of_one_name_stand_beside_each_other() -> None:
    same = Sheet(title="单", head=["甲"], rows=[])
    assert load_workbook(io.BytesIO(workbook(same, same, same))).sheetnames == ["单", "单2", "单3"]


@pytest.mark.parametrize(
    ("at", "text"),
    [
        (datetime(2022, 1, 10, 16, tzinfo=UTC), "2022-01-10 24:00"),
        (datetime(2022, 1, 3, 2, tzinfo=UTC), "2022-01-03 10:00"),
        (None, ""),
    ],
)
def test_midnight_is_the_end_of_the_day(at: datetime | None, text: str) -> None:
    assert excel.limit(at) == text
