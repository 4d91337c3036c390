"""Measures of a plan: right ones become values that shift with the plan, wrong ones are refused by name."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from typing import Any

import pytest

from catalog.plans import dump, parse_plan, plan_of
from domain.workdays import BEIJING
from tests.catalog.samples import findings_of, small

MEASURE: dict[str, Any] = {
    "list": "annex",
    "name": "消防车通道达标验收",
    "number": "1.1.2",
    "clause": "二（一）1",
    "group": "（一）实施打通消防生命通道工程",
    "text": "逐一划线、标名、立牌",
    "lead_units": ["市办公室"],
    "responsible_units": ["各县（市、区）"],
    "supporting_units": ["各有关部门"],
    "units_text": "（责任单位：市办公室、各县（市、区）等）",
    "units_open": True,
    "due": "2022-03-01",
    "due_text": "2022年3月1日前",
    "targets": {
        "t01": {"indicator": "验收比例", "operator": ">=", "value": 50, "unit": "%", "due": "2022-02-01"},
        "t02": {"indicator": "验收比例", "operator": "=", "value": 100, "unit": "%", "source": "product"},
        "t03": {"indicator": "尾矿库数量", "value": "只减不增"},
        "t04": {"indicator": "示范企业", "operator": "between", "value": [3, 5], "unit": "个"},
    },
}
LISTS = {"annex": {"name": "主要任务", "clause": "二"}}


def plan_with(**changes: Any) -> str:
    """The small plan with one measure; changes of the measure as in `small`."""
    measure = {**MEASURE}
    for key, value in changes.items():
        if value is ...:
            measure.pop(key, None)
        else:
            measure[key] = value
    return small(measure_lists=LISTS, measures={"m1": measure}, units__counties__called=["各县（市、区）"])


def day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BEIJING) + timedelta(days=1)


def test_a_measure_becomes_values() -> None:
    plan = parse_plan(plan_with())
    measure = plan.measures["m1"]
    assert plan.measure_lists["annex"].name == "主要任务"
    assert plan.units["counties"].called == ("各县（市、区）",)
    assert (measure.name, measure.number, measure.clause, measure.list) == (
        "消防车通道达标验收",
        "1.1.2",
        "二（一）1",
        "annex",
    )
    assert measure.due_at == day("2022-03-01")
    assert [(t.operator, t.value, t.ours) for t in measure.targets.values()] == [
        (">=", 50, False),
        ("=", 100, True),
        (None, "只减不增", False),
        ("between", (3, 5), False),
    ]
    assert plan_of(dump(plan)).measures == plan.measures


def test_each_date_is_a_round_with_its_targets() -> None:
    rounds = parse_plan(plan_with()).measures["m1"].rounds()
    assert [(due, [target.id for target in targets]) for due, targets in rounds] == [
        (day("2022-02-01"), ["t01"]),
        (day("2022-03-01"), ["t02", "t03", "t04"]),
    ]


def test_without_a_day_it_is_due_with_the_plan() -> None:
    plan = parse_plan(plan_with(due=..., targets=...))
    assert plan.measures["m1"].due_at == plan.ends_at
    assert plan.measures["m1"].rounds() == ((plan.ends_at, ()),)


def test_its_days_shift_with_the_plan() -> None:
    by = timedelta(weeks=10)
    moved = parse_plan(plan_with()).shifted(by).measures["m1"]
    assert moved.due_at == day("2022-03-01") + by
    assert moved.targets["t01"].due_at == day("2022-02-01") + by
    assert moved.targets["t02"].due_at is None


def test_text_of_the_notice_needs_nothing_but_its_words() -> None:
    plan = parse_plan(small(measures={"m1": {"clause": "六", "text": "各级要动员", "lead_units": ["各单位"]}}))
    assert plan.measures["m1"].list is None
    assert plan.measure_lists == {}


def test_what_nobody_is_called_may_be_carried_by_others() -> None:
    changes = {
        "responsible_units": ["各企业", "市办公室"],
        "carried_by": ["counties"],
        "carried_by_note": "企业由属地落实",
    }
    assert parse_plan(plan_with(**changes)).measures["m1"].carried_by == ("counties",)


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "list": ({"list": "wishes"}, "measures.m1.list：措施清单中没有“wishes”"),
    "empty list": ({"list": ...}, "measure_lists.annex：没有一条措施列入这个清单"),
    "name": ({"name": ...}, "measures.m1：列入措施清单（list）的措施要写 name（简称）"),
    "nobody": ({"lead_units": ..., "responsible_units": []}, "measures.m1：列入措施清单（list）的措施要写 lead_units"),
    "group": ({"responsible_units": ["各企业"]}, "measures.m1.responsible_units：没有叫“各企业”的单位组"),
    "level": ({"lead_units": ["县级应急管理局"]}, "measures.m1.lead_units：没有叫“县级应急管理局”的单位组"),
    "carried by many": (
        {"carried_by": ["各企业"], "carried_by_note": "属地"},
        "measures.m1.carried_by：没有叫“各企业”的单位组",
    ),
    "no note": ({"carried_by": ["counties"]}, "measures.m1：写了 carried_by（代为承办），要写 carried_by_note"),
    "only a note": ({"carried_by_note": "属地"}, "measures.m1：写了 carried_by_note，却没有 carried_by"),
    "two places": ({"detailed_in": "other/01-part"}, "measures.m1：写了 detailed_in（在别的行动中办理）"),
    "day": ({"due": "2022-02-30"}, "measures.m1.due：“2022-02-30”不是实际存在的日期"),
    "moment": ({"due": "2022-02-20T10:00:00+08:00"}, "measures.m1.due：“2022-02-20T10:00:00+08:00”应为日期"),
    "number": ({"number": 1.1}, "measures.m1.number：应为文字"),
    "unknown key": ({"units": ["市办公室"]}, "measures.m1：有不认识的键“units”"),
    "place": ({"detailed_in": "A/B/C"}, "measures.m1.detailed_in：“A/B/C”写法不对"),
}
TARGETS: dict[str, tuple[dict[str, Any], str]] = {
    "day": ({"value": 1, "operator": "=", "due": "2022-13-01"}, ".due：“2022-13-01”不是实际存在的日期"),
    "no operator": ({"value": 1}, "：目标是数字时要写 operator"),
    "words": ({"value": "三级", "operator": ">="}, "：目标是文字时由人判定，不写 operator"),
    "between one": ({"value": 1, "operator": "between"}, "：operator 为 between 时 value 写两个数"),
    "two numbers": ({"value": [1, 2], "operator": ">="}, "：operator 为 between 时 value 写两个数"),
    "order": ({"value": [5, 3], "operator": "between"}, "：下限大于上限"),
    "operator": ({"value": 1, "operator": "≥"}, ".operator：“≥”不在可选范围内"),
    "no value": ({"operator": "="}, "：缺少“value”"),
}


@pytest.mark.parametrize(("changes", "sentence"), REFUSED.values(), ids=REFUSED.keys())
def test_refused(changes: dict[str, Any], sentence: str) -> None:
    assert any(found.startswith(sentence) for found in findings_of(plan_with(**changes))), findings_of(
        plan_with(**changes)
    )


@pytest.mark.parametrize(("target", "sentence"), TARGETS.values(), ids=TARGETS.keys())
def test_targets_refused(target: dict[str, Any], sentence: str) -> None:
    found = findings_of(plan_with(targets={"t1": {"indicator": "比例", **target}}))
    assert any(one.startswith("measures.m1.targets.t1" + sentence) for one in found), found


def test_a_name_must_lead_to_one_group() -> None:
    found = findings_of(
        small(
            units__counties__called=["报送单位"],
            measure_lists=LISTS,
            measures={"m1": {**MEASURE, "lead_units": ["市办"]}},
        )
    )
    assert "units.counties.called：“报送单位”也是另一个单位组的名称，分不清指谁" in found


def test_conflicts_name_measures() -> None:
    conflict = {"clause": "二", "kind": "contradiction", "note": "两处日期不同", "choice": "从早", "measures": ["m9"]}
    assert findings_of(small(conflicts={"x": conflict})) == ["conflicts.x.measures：措施中没有“m9”"]


def test_the_share_is_about_a_list() -> None:
    criterion = {"name": "完成", "source": "product", "query": "measures_share", "of": "none", "at_least": 0.9}
    found = findings_of(small(stages__s1__exit_criteria__done=criterion))
    assert found == ["stages.s1.exit_criteria.done：措施清单中没有“none”"]


def test_a_hundred_measures_are_read_at_once() -> None:
    long = {**MEASURE, "text": "逐" * 450, "units_text": "责任单位" * 60}
    text = small(
        measure_lists=LISTS,
        measures={f"m_{n}": long for n in range(120)},
        units__counties__called=["各县（市、区）"],
    )
    began = time.perf_counter()
    assert len(parse_plan(text).measures) == 120
    assert len(text.encode()) < 1024 * 1024
    assert time.perf_counter() - began < 10


# -- a target allocated among units ------------------------------------------------------------------------------------
ALLOCATED: dict[str, Any] = {
    "indicator": "培训人数",
    "operator": ">=",
    "value": 1100,
    "unit": "人",
    "values": {"兴县": 500, "临县": 600},
}


def test_an_allocated_target_keeps_the_part_of_each_unit() -> None:
    plan = parse_plan(plan_with(targets={"t01": ALLOCATED}))
    assert plan.measures["m1"].targets["t01"].values == {"兴县": 500, "临县": 600}
    assert plan_of(dump(plan)).measures == plan.measures


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"value": 1000}, "合计 1100"),
        ({"value": "只增不减", "operator": None}, "value 要写这个数"),
        ({"value": [1, 2], "operator": "between"}, "value 要写这个数"),
        ({"values": {}}, "values"),
        ({"values": {"兴县": 0, "临县": 1100}}, "兴县"),
    ],
)
def test_parts_that_do_not_make_up_the_total_are_refused(change: dict[str, Any], sentence: str) -> None:
    target = {key: value for key, value in {**ALLOCATED, **change}.items() if value is not None}
    found = findings_of(plan_with(targets={"t01": target}))
    assert any(sentence in one for one in found), found
