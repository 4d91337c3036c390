"""Annexes 4 and 6 as Excel files: read back cell by cell against what the notice prints."""

from __future__ import annotations

import io
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet
from sqlalchemy import select

from models import Period, reading
from services.statements import roll_up, statement_exports, statements
from tests.support import events
from tests.support.played import TODAY, WEEK, office, played, somebody
from tests.support.world import World

# the head as the annex prints it: cell -> words, with what is merged
HEAD = {
    "A3:A5": "项目\n\n单位",
    "B3:B5": "检查组",
    "C3:C5": "检查单位",
    "D3:G3": "集中行动开展情况",
    "D4:E4": "非法违法生产经营建设行为案列",
    "F4:G4": "重大隐患",
    "H3:K3": "执法情况",
    "H4:H5": "行政罚款",
    "I4:I5": "停产整顿",
    "J4:J5": "暂扣吊销许可证照",
    "K4:K5": "关闭取缔",
    "L3:L5": "处理人员情况(党政纪处分/追究刑事责任)",
    "M4:M5": "典型案例(详情另报)",
    "N4:N5": "单位",
}
SINGLE = {"D5": "排查", "E5": "查处", "F5": "排查", "G5": "整改", "M3": "问责曝光情况", "N3": "安全承诺情况"}
UNITS = ["(个)", "(家)", "(个)", "(个)", "(项)", "(项)", "(万元)", "(家)", "(个)", "(家)", "(人)", "(家)", "(家)"]


@pytest.fixture(scope="module")
def world(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> World:
    return played(database_url, tmp_path_factory.mktemp("files"))


def book(content: bytes) -> Any:
    return load_workbook(io.BytesIO(content))


def statement(unit: str) -> tuple[str, bytes]:
    query = select(Period.id).where(Period.unit_id == events.unit(unit).id, Period.period == WEEK)
    with reading() as tx:
        period_id = str(tx.execute(query).scalar_one())
    return statement_exports.statement_book(statements.one(office(), period_id, TODAY), TODAY)


def rolled(unit: str | None = None) -> tuple[str, bytes]:
    actor = somebody(unit, "liaison") if unit else office()
    return statement_exports.roll_up_book(roll_up.roll_up(actor, statements.Choice(), WEEK, TODAY), TODAY)


def lines(sheet: Worksheet) -> dict[str, list[Any]]:
    return {str(row[0]).strip(): list(row[1:]) for row in sheet.iter_rows(min_row=7, values_only=True)}


def test_the_head_is_merged_as_printed(world: World) -> None:
    sheet = book(statement("榆次区")[1]).worksheets[0]
    assert sheet["A1"].value == "“百日攻坚”集中行动统计表"
    merged = {str(area) for area in sheet.merged_cells.ranges}
    assert merged >= HEAD.keys()
    assert {area: sheet[area.split(":")[0]].value for area in HEAD} == HEAD
    assert {cell: sheet[cell].value for cell in SINGLE} == SINGLE
    assert [sheet.cell(6, column).value for column in range(2, 15)] == UNITS
    assert [str(sheet.cell(2, column).value)[:5] for column in (1, 5, 9)] == [
        "填报单位：",
        "填表人：" + filler(sheet),
        "填表日期：",
    ]
    assert (sheet.page_setup.orientation, sheet.print_title_rows) == ("landscape", "$3:$6")


def filler(sheet: Worksheet) -> str:
    """The first letter of whoever filled the statement in."""
    return str(sheet.cell(2, 5).value)[4]


def test_a_statement_has_total_unit_townships_and_notes(world: World) -> None:
    sheet = book(statement("榆次区")[1]).worksheets[0]
    found = lines(sheet)
    names = list(found)
    assert names[:2] == ["总计", "榆次区"]
    assert found["总计"] == found["榆次区"] == [10, 10, 0, 0, 0, 0, 1.25, 0, 0, 0, "0/1", 2, 2]
    own = {e.township for e in events.enterprises("榆次区")[:10]}
    assert set(names[2:]) & own
    notes = [name for name in names if "市级统计数据包含市直各部门和各县（区、市）" in name]
    assert notes == ["注：1. 市级统计数据包含市直各部门和各县（区、市），市级专项行动领导组办公室只统计汇总市本级数据"]


def test_the_city_s_roll_up_keeps_counties_and_departments_apart(world: World) -> None:
    name, content = rolled()
    sheet = book(content).worksheets[0]
    found = lines(sheet)
    assert name == f"上周工作进展情况汇总{WEEK.replace('~', '至')}"
    sums = [found[head] for head in ("总计", "各县（区、市）小计", "市直单位小计")]
    assert [(line[0], line[6], line[10]) for line in sums] == [(40, 5, "0/4"), (30, 3.75, "0/3"), (10, 1.25, "0/1")]
    names = list(found)
    county, part, department = (names.index(n) for n in ("榆次区", "市直单位小计", "市应急局"))
    assert county < part < department
    assert found["祁县"] == [None] * 13  # not handed in: empty, not nought
    assert any("未报的单位不计入" in name for name in names)


def test_who_sees_a_part_gets_a_part_and_is_told(world: World) -> None:
    found = lines(book(rolled("榆次区")[1]).worksheets[0])
    assert "太谷区" not in found
    assert found["总计"][0] == 10
    assert any("数据范围" in name for name in found)


def test_annex_6_and_the_cases_follow(world: World) -> None:
    content = book(statement("榆次区")[1])
    assert content.sheetnames == ["附件4 统计表", "附件6 明细表", "附件5 典型案例"]
    head = [cell.value for cell in content.worksheets[1][3]]
    assert head[:3] == ["序号", "生产经营建设单位名称/非法业主名称", "是否提级核查"]
    assert {row[0].value for row in content.worksheets[2].iter_rows(min_row=3)} == {1, 2}


def test_no_cell_is_a_formula(world: World) -> None:
    for _, content in (statement("榆次区"), rolled()):
        kinds = {cell.data_type for sheet in book(content) for row in sheet.iter_rows() for cell in row}
        assert kinds <= {"s", "n"}
