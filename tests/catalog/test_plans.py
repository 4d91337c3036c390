"""Plans: right ones become values and come back from their frozen copy, wrong ones are refused entry by entry."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.plans import dump, parse_plan, plan_of
from domain.deadlines import deadline
from domain.errors import Refused
from domain.workdays import BEIJING, Calendar
from tests.catalog.samples import SMALL, findings_of, small, yaml_of


def test_small_plan_becomes_values() -> None:
    plan = parse_plan(small())
    assert (plan.id, plan.title, plan.document_number) == ("small", "示例行动方案", "")
    assert plan.starts_at == datetime(2022, 1, 1, tzinfo=BEIJING)
    assert plan.ends_at == datetime(2022, 4, 1, tzinfo=BEIJING)
    assert plan.issued_on == plan.starts_at
    assert plan.stages["s1"].starts_at is None
    assert plan.stages["s1"].exit_criteria[0].of == "r"
    assert plan.stages["s1"].clause == "三"
    assert plan.sign_offs["so_s1"].clause == "product"
    assert plan.units["reporters"].union == ("counties", "offices")
    assert plan.settings == {"stage_gates": True}
    assert plan.raw["sectors"]["coal"]["items"] == {"i1": "查"}


def test_a_day_as_deadline_ends_at_24() -> None:
    plan = parse_plan(small())
    assert plan.deadlines["due"].at == datetime(2022, 1, 6, tzinfo=BEIJING)
    assert plan.reports["w"].first_due == datetime(2022, 1, 3, 10, tzinfo=BEIJING)


def test_gate_is_counted_from_the_last_day_of_its_stage() -> None:
    # 10 January 2022 is a Monday: the five working days are 11 to 14 and 17
    plan = parse_plan(small())
    due = deadline(plan, Calendar(), "gate_due", {}, plan.starts_at)
    assert due == datetime(2022, 1, 18, tzinfo=BEIJING)


def test_frozen_copy_gives_the_same_plan() -> None:
    plan = parse_plan(small())
    assert plan_of(dump(plan)) == plan
    assert dump(plan_of(dump(plan))) == dump(plan)


def test_frozen_copy_keeps_the_order_of_the_file() -> None:
    plan = parse_plan(small(offences__o10={"clause": "六", "text": "十"}, offences__o2={"clause": "六", "text": "二"}))
    assert list(plan_of(dump(plan)).raw["offences"]) == ["o1", "o10", "o2"]


def test_shifted_by_whole_weeks() -> None:
    by = timedelta(weeks=10)
    plan, shifted = parse_plan(small()), parse_plan(small()).shifted(by)
    assert shifted.deadlines["due"].at == datetime(2022, 3, 17, tzinfo=BEIJING)
    assert shifted.stages["s1"].ends_at - plan.stages["s1"].ends_at == by
    assert shifted.reports["w"].first_due == datetime(2022, 3, 14, 10, tzinfo=BEIJING)


def test_a_plan_without_an_end_looks_ten_years_ahead() -> None:
    endless = {"name": "年检", "source": "product", "kind": "yearly", "owed_by": "counties", "receiver": "市办公室"}
    changes: dict[str, Any] = {"document__period__end": ..., "reports__y": endless | {"first_due": "2022-12-31"}}
    plan = parse_plan(small(**changes))
    assert (plan.open_ended, plan.ends_at) == (True, datetime(2033, 1, 1, tzinfo=BEIJING))
    assert plan.reports["y"].last_due == plan.ends_at
    # where there is an end, what recurs without one is not guessed
    assert parse_plan(small(reports__y=endless | {"first_due": "2022-12-31"})).reports["y"].last_due is None


def rung(name: str, n: int) -> dict[str, Any]:
    return {"id": name, "name": name, "n": n, "unit": "hour", "light": "red"}


PAPER = {"name": "文件审核", "clause": "五", "process": "review", "started_by": "counties", "post": "liaison"}
BROKEN: dict[str, tuple[dict[str, Any], str]] = {
    "unknown section": ({"phases": {}}, "文件：有不认识的键“phases”"),
    "missing section": ({"units": ...}, "文件：缺少“units”"),
    "bad id": ({"id": "Small Plan"}, "id：“Small Plan”只能用小写英文字母"),
    "unknown key": ({"stages__s1__ends": "2022-01-10"}, "stages.s1：有不认识的键“ends”"),
    "missing clause": ({"stages__s1__clause": ...}, "stages.s1：须写明出处 clause"),
    "clause and source": ({"stages__s1__source": "product"}, "stages.s1：须写明出处 clause"),
    "other source": ({"sign_offs__so_s1__source": "someone"}, "sign_offs.so_s1.source：只能写 product"),
    "missing name": ({"deadlines__due__name": ...}, "deadlines.due：缺少“name”"),
    "empty name": ({"posts__liaison__name": ""}, "posts.liaison.name：不能为空"),
    "endless name": ({"posts__liaison__name": "长" * 121}, "posts.liaison.name：超过 120 个字"),
    "number as name": ({"posts__liaison__name": 5}, "posts.liaison.name：应为文字"),
    "list as entry": ({"stages__s1": []}, "stages.s1：应为“键: 值”"),
    "bad key": ({"posts__联络人": {"name": "联络人", "clause": "二", "role": "staff"}}, "posts：“联络人”只能用小写"),
    "role": ({"posts__liaison__role": "king"}, "“king”不在可选范围内：staff、leader"),
    "date": ({"deadlines__due__at": "2022-02-30"}, "deadlines.due.at：“2022-02-30”不是实际存在的日期"),
    "date format": ({"deadlines__due__at": "2022/1/5"}, "deadlines.due.at：“2022/1/5”应为日期"),
    "naive moment": (
        {"reports__w__first_due": "2022-01-03T10:00:00"},
        "reports.w.first_due：“2022-01-03T10:00:00”应为",
    ),
    "hour": ({"reports__w__time": "25:00"}, "reports.w.time：“25:00”应为时刻"),
    "month": ({"document__period__end": "2022-13-01"}, "document.period.end：“2022-13-01”不是实际存在的日期"),
    "period": ({"document__period__end": "2021-12-31"}, "document.period：开始日期晚于结束日期"),
    "stage order": ({"stages__s1__start": "2022-02-01"}, "stages.s1：开始日期晚于结束日期"),
    "weekday": ({"reports__w__weekday": 5}, "reports.w.first_due：“2022-01-03T10:00:00+08:00”不是 weekday"),
    "closing before the end": (
        {"reports__w__closing": "2022-03-28"},
        "reports.w：收尾一期（closing）要晚于末期（last_due）",
    ),
    "report order": ({"reports__w__last_due": "2021-12-27T10:00:00+08:00"}, "reports.w：首期晚于末期"),
    "weekly without day": ({"reports__w__weekday": ...}, "reports.w：每周报告要写 weekday"),
    "fixed without dues": ({"reports__r__kind": "fixed"}, "reports.r：固定日期的报告要写 dues"),
    "yearly without a first day": ({"reports__r__kind": "yearly"}, "reports.r：每年报告要写 first_due（首期）或 dues"),
    "item started by nobody known": ({"standing": {"paper": PAPER | {"started_by": "all"}}}, "单位组中没有“all”"),
    "item of no post": ({"standing": {"paper": PAPER | {"post": "king"}}}, "岗位中没有“king”"),
    "item without a process": ({"standing": {"paper": {**PAPER, "process": 1}}}, "standing.paper.process"),
    "number without a serial": ({"standing": {"paper": PAPER | {"number": "审〔{year}〕号"}}}, "standing.paper.number"),
    "two kinds of deadline": (
        {"deadlines__due__n": 2, "deadlines__due__unit": "hour"},
        "deadlines.due：at、variable、stage、n 只能写一种",
    ),
    "no kind of deadline": ({"deadlines__due__at": ...}, "deadlines.due：at、variable、stage、n 只能写一种"),
    "n without unit": ({"deadlines__answer__unit": ...}, "deadlines.answer：n 与 unit 要同时写"),
    "negative n": ({"deadlines__answer__n": -1}, "deadlines.answer.n：不能小于 0"),
    "from of a date": ({"deadlines__due__from": "x"}, "deadlines.due：from 只能与 n、unit 同写"),
    "stage of a deadline": ({"deadlines__gate_due__stage": "s9"}, "deadlines.gate_due.stage：阶段中没有“s9”"),
    "gate": ({"stages__s1__gate": {"sign_off": "so_x", "deadline": "x"}}, "stages.s1.gate.sign_off：签字中没有“so_x”"),
    "owed by": ({"reports__r__owed_by": "countries"}, "reports.r.owed_by：单位组中没有“countries”"),
    "report deadline": ({"reports__r__deadline": "later"}, "reports.r.deadline：时限中没有“later”"),
    "with report": ({"reports__w__with_report": "x"}, "reports.w.with_report：报告中没有“x”"),
    "report post": ({"reports__r__post": "king"}, "reports.r.post：岗位中没有“king”"),
    "report form": ({"reports__r__forms": ["f_x"]}, "reports.r.forms：表样中没有“f_x”"),
    "criterion": ({"stages__s1__exit_criteria__all_in__of": "z"}, "stages.s1.exit_criteria.all_in：报告中没有“z”"),
    "criterion share": ({"stages__s1__exit_criteria__all_in__at_least": 90}, "at_least：不能大于 1"),
    "union": ({"units__reporters__union": ["nobody"]}, "units.reporters.union：单位组中没有“nobody”"),
    "circle": ({"units__reporters__union": ["reporters"]}, "units.reporters：单位组互相包含"),
    "two kinds of group": ({"units__counties__level": "county"}, "units.counties：members、level、union 写且只写一个"),
    "kind alone": ({"units__counties__kind": "department"}, "units.counties：kind 只能与 level 同写"),
    "sectors of counties": (
        {"units__counties__sectors": ["coal_mine"]},
        "units.counties：sectors（行业领域）只能与 level: enterprise 同写",
    ),
    "sign-off post": ({"sign_offs__so_s1__posts": ["king"]}, "sign_offs.so_s1.posts：岗位中没有“king”"),
    "no default ladder": ({"escalation": {}}, "escalation：缺少“default”"),
    "ladder notify": ({"escalation__default__rungs": [{**rung("a", 0), "notify": ["mayor"]}]}, "“mayor”不在可选范围内"),
    "ladder order": ({"escalation__default__rungs": [rung("a", 2), rung("b", 1)]}, "阶梯要按时间先后排列"),
    "ladder ids": ({"escalation__default__rungs": [rung("a", 1), rung("a", 1)]}, "阶梯的 id 重复"),
    "sector lead": (
        {"sectors__coal__lead_department": "市某局"},
        "sectors.coal.lead_department：单位组成员中没有“市某局”",
    ),
    "kinds of no disposals": (
        {"lists": {"l": {"name": "单", "clause": "五", "keeper": "办", "register": "hazards", "kinds": ["fine"]}}},
        "lists.l：kinds 只用于 register: disposals",
    ),
    "a list of disposals without any": (
        {"lists": {"l": {"name": "单", "clause": "五", "keeper": "办", "register": "disposals"}}},
        "lists.l：register: disposals 要有处置方式（disposals）",
    ),
    "kinds that are none": (
        {"lists": {"l": {"name": "单", "clause": "五", "keeper": "办", "register": "disposals", "kinds": ["fine"]}}},
        "lists.l.kinds：disposals 中没有“fine”",
    ),
    "keepers of a view": (
        {
            "lists": {
                "l": {"name": "单", "clause": "五", "keeper": "办", "register": "hazards", "kept_by": ["counties"]}
            }
        },
        "lists.l：kept_by 只用于 register: entries",
    ),
    "keepers that are none": (
        {"lists": {"l": {"name": "单", "clause": "五", "keeper": "办", "register": "entries", "kept_by": ["nobody"]}}},
        "lists.l.kept_by：单位组中没有“nobody”",
    ),
    "quota": ({"quotas__q__operator": "between"}, "quotas.q：between 要写 min 和 max"),
    "quota value": ({"quotas__q__value": "两个"}, "quotas.q.value：应为数字"),
    "setting apart from its entry": (
        {"settings__stage_gates__same_as": ["quotas.q.value"]},
        "settings.stage_gates：与“quotas.q.value”不一致（True，2）",
    ),
    "setting of no place": (
        {"settings__stage_gates__same_as": ["document.title.x.y"]},
        "settings.stage_gates：与“document.title.x.y”不一致",
    ),
    "setting of no entry": (
        {"settings__stage_gates__same_as": ["quotas.z.value"]},
        "settings.stage_gates：与“quotas.z.value”不一致",
    ),
    "setting without value": ({"settings__stage_gates__value": ...}, "settings.stage_gates：缺少“value”"),
}


@pytest.mark.parametrize(("changes", "reason"), BROKEN.values(), ids=BROKEN)
def test_broken_plan_is_refused_with_its_reason(changes: dict[str, Any], reason: str) -> None:
    sentences = findings_of(small(**changes))
    assert any(reason in sentence for sentence in sentences), sentences


def test_small_plan_is_right_before_it_is_broken() -> None:
    assert findings_of(small()) == []


def test_all_faults_at_once_each_with_its_path() -> None:
    text = small(reports__r__owed_by="x", deadlines__due__at="2022-02-30", posts__liaison__role="staff")
    with pytest.raises(Refused) as refused:
        parse_plan(text)
    assert [finding.element for finding in refused.value.findings] == ["reports.r.owed_by", "deadlines.due.at"]


def test_missing_keys_of_an_entry_are_one_sentence() -> None:
    assert findings_of("id: small") == [
        "文件：缺少“document”、“stages”、“units”、“posts”、“deadlines”、“reports”、“escalation”"
    ]


def test_a_flood_of_faults_is_cut_off() -> None:
    offences = {f"o{n}": {"clause": "六", "text": ""} for n in range(3000)}
    assert len(findings_of(small(offences=offences))) == 100


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 400) | st.sampled_from(["", "x", "r", "s1", "2022-02-30", "各县", "1"]),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["n", "unit", "s1", "r"]), inner, max_size=2)
    ),
    max_leaves=4,
)


def places(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a tree of mappings and lists."""
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in items:
        yield (*path, key)
        yield from places(value, (*path, key))


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_a_plan_spoilt_anywhere_is_a_plan_or_refused(data: st.DataObject) -> None:
    raw = copy.deepcopy(SMALL)
    for _ in range(data.draw(st.integers(1, 3))):
        *parts, last = data.draw(st.sampled_from(sorted(places(raw), key=str)))
        node: Any = raw
        for part in parts:
            node = node[part]
        if data.draw(st.booleans()) and isinstance(node, dict):
            del node[last]
        else:
            node[last] = data.draw(VALUES)
        if not raw:
            return
    try:
        plan = parse_plan(yaml_of(raw))
    except Refused as refused:
        assert refused.findings
        return
    assert plan_of(dump(plan)) == plan
