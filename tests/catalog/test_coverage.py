"""The clause table: every fact of the notice has its place in the plan, word for word, and its carrier."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from catalog.campaigns import CampaignDefinition, load_campaign
from catalog.coverage import (
    CoverageRule,
    Fact,
    coverage,
    folder_coverage,
    read_facts,
    read_rules,
    table,
    unused_rules,
)
from catalog.places import resolve
from catalog.plans import parse_plan
from domain.errors import NotFound
from tests.catalog.samples import FACTS, JINZHONG, ROOT, small
from tests.support.actions import ACTIONS


@pytest.fixture(scope="module")
def definition() -> CampaignDefinition:
    return load_campaign(JINZHONG, ROOT / "processes" / "shared", ROOT / "forms", actions=ACTIONS)


def test_every_clause_is_mapped_to_what_exists_and_says_the_same(definition: CampaignDefinition) -> None:
    rows = coverage(definition, read_facts(FACTS), read_rules(JINZHONG / "coverage.yaml"))
    assert [(row.fact.id, row.problems) for row in rows if row.problems] == []
    assert len(rows) == 406
    assert all(row.plan and (row.by or row.next or row.outside) for row in rows)


def test_no_rule_is_left_over() -> None:
    assert unused_rules(read_facts(FACTS), read_rules(JINZHONG / "coverage.yaml")) == ()


def test_the_clauses_of_this_part_are_carried_by_the_program(definition: CampaignDefinition) -> None:
    rows = {row.fact.id: row for row in coverage(definition, read_facts(FACTS), read_rules(JINZHONG / "coverage.yaml"))}
    for fact in ("reports.r_plan", "reports.r_liaison", "reports.r_self_check", "reports.r_weekly", "reports.r_cases",
                 "reports.r_final", "stages.s1.actions.1", "stages.s1.actions.2", "stages.s1.actions.3",
                 "sign_offs.so_commitment", "quotas.qt_cases"):  # fmt: skip
        assert rows[fact].by, fact


def test_commitment_prints_its_clauses_word_for_word(definition: CampaignDefinition) -> None:
    printed = "".join(texts_of(definition.forms["commitment"]))
    wanted = [fact for fact in read_facts(FACTS) if fact.id.startswith("forms.f_commitment.clauses.")]
    assert len(wanted) == 6
    for fact in wanted:
        assert str(fact.says[0]) in printed


def texts_of(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for value in node.values():
            yield from texts_of(value)
    elif isinstance(node, list):
        for value in node:
            yield from texts_of(value)
    elif isinstance(node, str):
        yield node


def test_table_counts_and_names(definition: CampaignDefinition) -> None:
    text = table(folder_coverage(definition, JINZHONG))
    assert "reports.r_weekly | 六（六） | reports.weekly_statement | 定期报告 weekly_statement；" in text
    assert text.splitlines()[-1].startswith("共 406 条：")
    assert text.splitlines()[-1].endswith("有误 0")


# -- what a wrong table looks like -------------------------------------------------------------------------------------
def bare() -> CampaignDefinition:
    """A definition with the small plan and nothing else."""
    plan = parse_plan(small())
    return CampaignDefinition(key="small", plan=plan, plan_json="", processes={}, forms={}, digest="")


FACT = Fact(id="deadlines.due", clause="三", kind="deadline", says=("2022-01-05",))
RULE = CoverageRule(facts=("deadlines.*",), plan=("deadlines.{2}",), by=("rule:deadlines.{-1}",))


def problems(fact: Fact = FACT, rule: CoverageRule = RULE) -> tuple[str, ...]:
    return coverage(bare(), [fact], [rule])[0].problems


def test_a_right_row_has_no_problem() -> None:
    assert problems() == ()


def test_an_unmapped_fact_is_a_problem() -> None:
    assert problems(rule=replace(RULE, facts=("reports.*",))) == ("没有对应的条目",)


def test_a_place_that_is_not_there_is_a_problem() -> None:
    assert problems(rule=replace(RULE, plan=("deadlines.late",))) == (
        "方案中没有“deadlines.late”",
        "方案中没有照录“2022-01-05”",
    )


def test_another_text_is_a_problem() -> None:
    assert problems(fact=replace(FACT, says=("2022-01-06",))) == ("方案中没有照录“2022-01-06”",)


def test_a_number_is_not_its_neighbour_nor_truth() -> None:
    fact = Fact(id="settings.stage_gates", clause="x", kind="setting", says=(1,))
    rule = CoverageRule(facts=("settings.*",), plan=("settings.{2}",), next="以后")
    # the setting's value is true, which Python counts as 1
    assert problems(fact, rule) == ("方案中没有照录“1”",)


def test_another_clause_is_a_problem() -> None:
    assert problems(fact=replace(FACT, clause="四")) == ("出处写“三”，通知为“四”",)


@pytest.mark.parametrize(
    "carrier", ["element:campaign/x", "form:x", "form:x#y", "schedule:x", "rule:deadlines.x", "magic:x"]
)
def test_a_carrier_that_does_not_exist_is_a_problem(carrier: str) -> None:
    assert problems(rule=replace(RULE, by=(carrier,))) == (f"“{carrier}”不存在",)


def test_a_hidden_rule_is_found() -> None:
    hidden = replace(RULE, facts=("deadlines.due",))
    assert unused_rules([FACT], [RULE, hidden]) == (hidden,)


def test_the_table_shows_what_is_wrong() -> None:
    text = table(coverage(bare(), [FACT], []))
    assert text.splitlines()[1:] == [
        "deadlines.due | 三 |  | 有误：没有对应的条目",
        "共 1 条：已办理 0，部分办理 0，后续部分办理 0，不在系统内办理 0，有误 1",
    ]


def test_places_in_lists() -> None:
    raw = {"a": [{"id": "x", "n": 1}, {"id": "g", "children": [{"id": "y", "n": 2}]}], "b": ["p", "q"]}
    assert resolve(raw, "a.x.n") == 1
    assert resolve(raw, "a.y.n") == 2
    assert resolve(raw, "b.2") == "q"
    assert resolve(raw, "b.3") is None
    assert resolve(raw, "a.x.n.m") is None


def test_a_missing_list_is_not_found() -> None:
    with pytest.raises(NotFound):
        read_facts(FACTS.with_name("none.yaml"))
