"""Every row of the table: what is said to run does run as BPMN says, what is said to be refused is refused."""

from __future__ import annotations

import re

import pytest

from domain.errors import Refused
from engine import check, compile_process
from tests.engine.conformance.page import PAGE, page
from tests.engine.conformance.table import ROWS, Row
from tests.engine.host import ACTIONS, PLAN, Host

RUNNING = [row for row in ROWS if row.play is not None]
REFUSED = [row for row in ROWS if row.ours == "拒绝"]
GIVEN = {"plan": PLAN, "actions": ACTIONS, "called": ["child"]}


def name(row: Row) -> str:
    return row.element


@pytest.mark.parametrize("row", RUNNING, ids=name)
def test_runs_as_bpmn_says(row: Row) -> None:
    assert row.play is not None
    row.play(Host(row.diagram()))


@pytest.mark.parametrize("row", REFUSED, ids=name)
def test_is_refused_in_a_chinese_sentence(row: Row) -> None:
    with pytest.raises(Refused) as refused:
        compile_process(row.diagram(), **GIVEN)  # type: ignore[arg-type]
    by_rule = {finding.rule: finding for finding in refused.value.findings}
    assert row.rule in by_rule, by_rule
    assert re.search(r"[\u4e00-\u9fff]", by_rule[row.rule].sentence)


@pytest.mark.parametrize("row", [row for row in RUNNING if row.rule], ids=name)
def test_what_is_ignored_is_said(row: Row) -> None:
    findings = check(row.diagram(), **GIVEN)  # type: ignore[arg-type]
    assert [finding.severity for finding in findings if finding.rule == row.rule] == ["hint"]


def test_every_refusal_names_an_element() -> None:
    for row in REFUSED:
        for finding in check(row.diagram(), **GIVEN):  # type: ignore[arg-type]
            assert not finding.element or finding.element in finding.sentence or "”" in finding.sentence, finding


def test_the_page_is_current() -> None:
    assert PAGE.read_text("utf-8") == page(), "run python -m tests.engine.conformance.page"


def test_the_table_has_every_kind_of_answer() -> None:
    assert {row.ours for row in ROWS} == {"支持", "支持（归一）", "忽略并提示", "拒绝"}
    assert len({row.element for row in ROWS}) == len(ROWS)
