"""Annex 4 of the Jinzhong notice: its printed head, its cells, its sums."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from config import ROOT
from domain import tables


@pytest.fixture(scope="module")
def table() -> tables.Table:
    plan = yaml.safe_load((ROOT / "processes/jinzhong-hundred-day/plan.yaml").read_text(encoding="utf-8"))
    return tables.table_of(plan["forms"]["f_statistics"])


def test_thirteen_columns_as_printed(table: tables.Table) -> None:
    units = ["个", "家", "个", "个", "项", "项", "万元", "家", "个", "家", "人", "家", "家"]
    assert [column.unit for column in table.columns] == units
    assert table.columns[2].path == ("集中行动开展情况", "非法违法生产经营建设行为案列")


def test_the_head_covers_every_column_in_every_row(table: tables.Table) -> None:
    width = 1 + len(table.columns)
    covered = [[False] * width for _ in table.head]
    for row, line in enumerate(table.head):
        for cell in line:
            start = covered[row].index(False)
            for down in range(cell.down):
                for across in range(cell.across):
                    assert not covered[row + down][start + across]
                    covered[row + down][start + across] = True
    assert all(all(line) for line in covered)


@pytest.mark.parametrize(
    ("value", "expected"),
    [(None, 0.0), ("", 0.0), ("3", 3.0), (2.5, 2.5), ("不详", 0.0), ([1], 0.0), (True, 1.0)],
)
def test_a_number_is_read_without_failing(value: Any, expected: float) -> None:
    assert tables.number(value) == expected


def test_sums_and_cells(table: tables.Table) -> None:
    one = tables.figures(table, {"fines": 1.25, "party_administrative_sanction": 2, "criminal_liability": 1})
    two = tables.figures(table, {"fines": "0.5", "inspection_teams": 3})
    assert one is not None
    assert two is not None
    cells = dict(zip((c.id for c in table.columns), tables.cells(table, tables.total(table, [one, two])), strict=True))
    assert cells["fines"] == "1.75"
    assert cells["inspection_teams"] == "3"
    assert cells["persons_dealt_with"] == "2 / 1"


def test_what_was_not_submitted_is_empty_not_zero(table: tables.Table) -> None:
    assert tables.figures(table, None) is None
    assert set(tables.cells(table, None)) == {""}
