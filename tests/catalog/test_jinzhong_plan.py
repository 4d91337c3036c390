"""The Jinzhong plan says what the notice says: dates, hours, numbers, units, defaults."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from typing import Any

import pytest

from catalog.plans import dump, parse_plan, plan_of
from domain.deadlines import deadline
from domain.plan import Plan
from domain.workdays import BEIJING, Calendar
from tests.catalog.samples import JINZHONG


@pytest.fixture(scope="module")
def plan() -> Plan:
    return parse_plan((JINZHONG / "plan.yaml").read_text(encoding="utf-8"))


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=BEIJING)  # type: ignore[misc,arg-type]


def test_document(plan: Plan) -> None:
    assert plan.id == "jinzhong-hundred-day"
    assert plan.document_number == "市安发〔2021〕24号"
    assert plan.jurisdiction == "晋中市"
    assert (plan.starts_at, plan.ends_at) == (at(2021, 12, 27), at(2022, 4, 1))


def test_stages_overlap_as_printed(plan: Plan) -> None:
    spans = {key: (stage.name, stage.starts_at, stage.ends_at) for key, stage in plan.stages.items()}
    assert spans == {
        "s1": ("自查自纠", None, at(2022, 1, 11)),
        "s2": ("集中整治", at(2022, 1, 1), at(2022, 4, 1)),
        "s3": ("综合督导", at(2022, 1, 1), at(2022, 4, 1)),
    }


def test_stage_gates_are_ours_and_say_so(plan: Plan) -> None:
    for stage in plan.stages.values():
        assert stage.sign_off is not None
        assert stage.gate_deadline is not None
        assert plan.sign_offs[stage.sign_off].clause == "product"
        assert plan.deadlines[stage.gate_deadline].clause == "product"
        assert {criterion.clause for criterion in stage.exit_criteria} == {"product"}


def test_units(plan: Plan) -> None:
    assert len(plan.units["counties"].members) == 11
    assert len(plan.units["lead_departments"].members) == 11
    assert plan.units["enterprises"].level == "enterprise"
    assert plan.units["campaign_office"].members == ("市“百日攻坚”集中行动领导组办公室",)
    for group in ("weekly_reporters", "plan_reporters"):
        members = [name for part in plan.units[group].union for name in plan.units[part].members]
        assert len(members) == len(set(members)) == 23


def test_who_commits_publicly(plan: Plan) -> None:
    """六（五）: 各县（区、市）及其部门党政“一把手”; two of them sign for a county and for the development zone."""
    assert plan.units["two_principals"].union == ("counties", "development_zone")
    assert set(plan.units["committers"].union) == {
        "counties", "development_zone", "county_departments", "lead_departments",
    }  # fmt: skip
    departments = plan.units["county_departments"]
    assert (departments.level, departments.kind, departments.clause) == ("county", "department", "六（五）")
    assert plan.sign_offs["so_commitment"].mode == "joint"
    assert plan.deadlines["commitment_due"].clause == "product"


def test_every_sector_is_led_by_one_of_the_eleven(plan: Plan) -> None:
    sectors = plan.raw["sectors"]
    leads = [sector["lead_department"] for sector in sectors.values()]
    assert len(sectors) == 16
    assert set(leads) == set(plan.units["lead_departments"].members)
    assert (leads.count("市应急局"), leads.count("市住建局"), leads.count("市规划和自然资源局")) == (4, 2, 2)
    assert sum(len(sector["items"]) for sector in sectors.values()) == 44


@pytest.mark.parametrize(
    ("section", "count"),
    [("offences", 12), ("measures", 6), ("enforcement", 7), ("lists", 10), ("consequences", 21), ("forms", 8),
     ("responsibility", 3), ("conflicts", 24), ("contacts", 4), ("mechanisms", 10)],
)  # fmt: skip
def test_nothing_is_left_out(plan: Plan, section: str, count: int) -> None:
    assert len(plan.raw[section]) == count


def due(plan: Plan, name: str, **variables: str) -> datetime:
    return deadline(plan, Calendar(), name, variables, plan.starts_at)


def test_fixed_deadlines_include_the_day(plan: Plan) -> None:
    assert due(plan, "plan_due") == due(plan, "liaison_due") == at(2022, 1, 1)
    assert due(plan, "self_inspection_due") == at(2022, 1, 11)
    assert due(plan, "final_summary_due") == at(2022, 4, 7)


def test_clue_deadlines_count_working_days(plan: Plan) -> None:
    # the spring festival of 2022: 31 January to 6 February off, 29 and 30 January worked
    assert due(plan, "objection", assigned_at="2022-01-26T15:30:00+08:00") == at(2022, 1, 29)
    assert due(plan, "report_back", assigned_at="2022-01-26T15:30:00+08:00") == at(2022, 2, 10)


def test_gate_of_stage_1(plan: Plan) -> None:
    assert due(plan, "gate_due") == at(2022, 1, 18)


def test_weekly_statement(plan: Plan) -> None:
    weekly = plan.reports["weekly_statement"]
    assert weekly.first_due == at(2022, 1, 3, 10)
    assert weekly.last_due == at(2022, 4, 4, 10)
    assert (weekly.weekday, weekly.time, weekly.covers, weekly.holiday) == (1, "10:00", "previous_week", "stands")
    opens = weekly.first_due - timedelta(hours=weekly.opens_before_hours)
    assert opens == at(2021, 12, 27, 12)
    assert opens.isoweekday() == 1


def test_two_cases_from_every_county(plan: Plan) -> None:
    cases = plan.reports["r_cases"]
    assert (cases.owed_by, cases.with_report, dict(cases.minimum)) == ("counties", "weekly_statement", {"cases": 2})
    assert plan.quotas["cases_per_statement"].value == 2


def test_lists_are_due_at_each_month_end(plan: Plan) -> None:
    assert plan.reports["r_lists"].dues == (at(2022, 1, 1), at(2022, 2, 1), at(2022, 3, 1), at(2022, 4, 1))


def test_ladder_has_the_six_rungs_in_order(plan: Plan) -> None:
    rungs = plan.escalation["default"].rungs
    assert [rung.name for rung in rungs] == ["提醒", "催办", "黄牌警示", "红牌警示", "通报", "提级核查"]
    assert [rung.light for rung in rungs] == ["green", "yellow", "yellow", "red", "red", "red"]
    assert [rung.effect for rung in rungs][-2:] == ["bulletin", "escalated_verification"]
    assert "leader" in rungs[-1].notify


def test_defaults_for_what_the_notice_leaves_open(plan: Plan) -> None:
    assert plan.settings["objection_stops_clock"] is True
    assert plan.settings["objection_ruling_days"] == 2
    assert plan.settings["every_other_day"] == 2
    assert plan.settings["principal_signature"] == "joint"
    assert plan.settings["fixed_due_on_holiday"] == "stands"
    entries = plan.raw["settings"].values()
    assert all(entry["source"] == "product" and entry["text"] for entry in entries)
    assert all(entry["value"] in entry["choices"] for entry in entries if "choices" in entry)


def test_frozen_copy(plan: Plan) -> None:
    copy = plan_of(dump(plan))
    assert copy == plan
    assert list(copy.raw["sectors"]) == list(plan.raw["sectors"])


def test_no_people_no_numbers_no_addresses(plan: Plan) -> None:
    text = (JINZHONG / "plan.yaml").read_text(encoding="utf-8")
    assert "@" not in text
    # telephone numbers have seven digits and more, or are the five-digit hotlines beginning with 1
    assert re.findall(r"(?<![0-9-])(?:[0-9]{7,}|1[0-9]{4})(?![0-9-])", text.replace("12341", "")) == []


def test_texts_carry_no_line_numbers(plan: Plan) -> None:
    def keys(node: Any) -> set[str]:
        if isinstance(node, dict):
            return set(node) | {key for value in node.values() for key in keys(value)}
        return {key for value in node for key in keys(value)} if isinstance(node, list) else set()

    assert "lines" not in keys(json.loads(dump(plan)))


def test_a_group_that_a_diagram_asks_for_is_no_part_of_another_groups_name(plan: Plan) -> None:
    """`'counties' in unit_groups` looks into one text: a group `other_counties` would be found there too."""
    diagrams = [*JINZHONG.glob("*.bpmn"), *(JINZHONG.parent / "shared").glob("*.bpmn")]
    texts = "".join(path.read_text(encoding="utf-8") for path in diagrams)
    asked = set(re.findall(r"'([a-z_]+)' in unit_groups", texts))
    assert asked >= {"counties", "two_principals"}
    assert [(name, other) for name in asked for other in plan.units if name in other and name != other] == []
