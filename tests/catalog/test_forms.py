"""What the server refuses in answers, what it drops, and what it computes itself."""

from __future__ import annotations

import asyncio
import math
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.forms import Checked, answers, attachments, feel, validate
from catalog.forms.feel import FeelFault, Task, evaluate_all, match_all
from tests.catalog.form_samples import AB, EVERYTHING, FORMS, ROOT, field, form


def check(component: dict[str, Any], value: Any) -> Checked:
    return validate(form(component), {component["key"]: value})


WRONG: list[tuple[dict[str, Any], Any, str]] = [
    (field("textfield", "a", validate={"required": True}), "", "请填写“栏目a”"),
    (field("textfield", "a"), 5, "“栏目a”应为文字"),
    (field("textfield", "a"), ["x"], "“栏目a”应为文字"),
    (field("textfield", "a"), "x\0y", "“栏目a”含有不能保存的字符"),
    (field("textfield", "a"), "\ud800", "“栏目a”含有不能保存的字符"),
    (field("textarea", "a"), "字" * 20_001, "“栏目a”最多 20000 个字"),
    (field("textfield", "a", validate={"minLength": 2}), " 甲 ", "“栏目a”至少 2 个字"),
    (field("textfield", "a", validate={"maxLength": 2}), "😀😀", "“栏目a”最多 2 个字"),
    (field("textfield", "a", validate={"pattern": "^[0-9]+$"}), "1x", "“栏目a”格式不正确"),
    (field("textfield", "a", validate={"pattern": "^a$", "patternErrorMessage": "只能填 a"}), "b", "只能填 a"),
    (field("textfield", "a", validate={"validationType": "email"}), "a@", "“栏目a”应为有效的电子邮箱"),
    (
        field("textfield", "a", validate={"validationType": "phone"}),
        "123",
        "“栏目a”应为带国家代码的电话号码，例如 +8613800000000",
    ),
    (field("number", "a", validate={"required": True}), None, "请填写“栏目a”"),
    (field("number", "a"), "三", "“栏目a”应为数字"),
    (field("number", "a"), True, "“栏目a”应为数字"),
    (field("number", "a"), math.nan, "“栏目a”应为数字"),
    (field("number", "a"), math.inf, "“栏目a”应为数字"),
    (field("number", "a"), "NaN", "“栏目a”应为数字"),
    (field("number", "a"), 0.1 + 0.2, "“栏目a”的数字位数过多"),
    (field("number", "a"), 10**15, "“栏目a”的数字位数过多"),
    (field("number", "a", decimalDigits=0), 1.5, "“栏目a”应为整数"),
    (field("number", "a", decimalDigits=2), "1.234", "“栏目a”最多保留 2 位小数"),
    (field("number", "a", increment="0.5"), 0.75, "“栏目a”应为 0.5 的整数倍"),
    (field("number", "a", validate={"min": 1}), 0, "“栏目a”不得小于 1"),
    (field("number", "a", validate={"max": "0.3"}), 0.4, "“栏目a”不得大于 0.3"),
    (field("checkbox", "a", validate={"required": True}), False, "请勾选“栏目a”"),
    (field("checkbox", "a"), "true", "“栏目a”应为勾选或不勾选"),
    (field("radio", "a", values=AB), "z", "“栏目a”不在可选范围内"),
    (field("radio", "a", values=[{"label": "一", "value": 1}]), True, "“栏目a”不在可选范围内"),
    (field("select", "a", values=AB, validate={"required": True}), None, "请选择“栏目a”"),
    (field("checklist", "a", values=AB, validate={"required": True}), [], "请选择“栏目a”"),
    (field("checklist", "a", values=AB), "a", "“栏目a”应为若干选项"),
    (field("taglist", "a", values=AB), ["a", {"b": 1}], "“栏目a”不在可选范围内"),
    (field("datetime", "a", subtype="date", dateLabel="栏目a"), "2022-02-30", "“栏目a”应为有效的日期"),
    (field("datetime", "a", subtype="date", dateLabel="栏目a"), "2022-2-3", "“栏目a”应为有效的日期"),
    (field("datetime", "a", subtype="time", timeLabel="栏目a"), "24:00", "“栏目a”应为有效的时间"),
    (field("datetime", "a", subtype="datetime", dateLabel="栏目a"), "2022-01-03", "“栏目a”应为有效的日期和时间"),
]


@pytest.mark.parametrize(("component", "value", "sentence"), WRONG)
def test_wrong_answers(component: dict[str, Any], value: Any, sentence: str) -> None:
    assert check(component, value).errors == {"a": sentence}


RIGHT: list[tuple[dict[str, Any], Any, Any]] = [
    (field("textfield", "a"), "甲\n乙\t丙", "甲 乙 丙"),
    (field("textarea", "a"), "甲\n乙", "甲\n乙"),
    (field("textfield", "a"), None, ""),
    (field("number", "a"), "12.50", 12.5),
    (field("number", "a"), Decimal("0.30"), 0.3),
    (field("number", "a"), 7.0, 7),
    (field("number", "a"), "", None),
    (field("number", "a", serializeToString=True), 7.50, "7.5"),
    (field("number", "a", validate={"max": 0.3}), 0.3, 0.3),
    (field("checkbox", "a"), None, False),
    (field("checklist", "a", values=AB), ["b", "a", "b"], ["b", "a"]),
    (field("select", "a", values=["x", 0]), 0, 0),
    (field("datetime", "a", subtype="date"), "2024-02-29", "2024-02-29"),
    (field("datetime", "a", subtype="time"), "09:30+08:00", "09:30+08:00"),
    (field("datetime", "a", subtype="datetime"), "2022-01-03T10:00+08:00", "2022-01-03T10:00+08:00"),
    (field("textfield", "a", defaultValue="默认"), None, ""),
]


@pytest.mark.parametrize(("component", "value", "kept"), RIGHT)
def test_right_answers_are_kept_in_their_type(component: dict[str, Any], value: Any, kept: Any) -> None:
    checked = check(component, value)
    assert checked == Checked(data={"a": kept}, errors={})
    assert type(checked.data["a"]) is type(kept)


def test_unknown_and_disabled_fields_are_dropped_and_read_only_ones_keep_what_the_host_gave() -> None:
    schema = form(
        field("textfield", "a"),
        field("textfield", "shown", disabled=True, validate={"required": True}),
        field("textfield", "fixed", readonly=True),
        field("textfield", "locked", readonly='=a = "x"'),
        {"type": "text", "id": "t", "text": "说明"},
    )
    sent = {"a": "x", "shown": "篡改", "fixed": "篡改", "locked": "篡改", "other": 1, "__proto__": {"a": 1}}
    checked = validate(schema, sent, context={"fixed": "原值", "locked": "原值"})
    assert checked == Checked(data={"a": "x", "fixed": "原值", "locked": "原值"}, errors={})


def test_absent_fields_take_their_default() -> None:
    assert validate(form(field("textfield", "a", defaultValue="默认")), {}).data == {"a": "默认"}


def test_hidden_fields_are_neither_checked_nor_kept() -> None:
    schema = form(
        field("radio", "one", values=AB),
        field("textfield", "why", conditional={"hide": '=one != "b"'}, validate={"required": True}),
        {
            "type": "group",
            "id": "g",
            "label": "组",
            "path": "inner",
            "conditional": {"hide": '=one = "a"'},
            "components": [field("textfield", "note", validate={"required": True})],
        },
    )
    assert validate(schema, {"one": "a", "why": 5, "inner": {"note": ""}}) == Checked(data={"one": "a"}, errors={})
    assert validate(schema, {"one": "b"}).errors == {"why": "请填写“栏目why”", "inner.note": "请填写“栏目note”"}


def test_expressions_do_not_see_hidden_values() -> None:
    """Answering b, then changing to a, must not leave what hung on b."""
    schema = form(
        field("radio", "one", values=AB),
        field("textfield", "two", conditional={"hide": '=one != "b"'}),
        field("textfield", "three", conditional={"hide": '=if two = "x" then false else true'}),
    )
    assert "three" in validate(schema, {"one": "b", "two": "x", "three": "y"}).data
    assert "three" not in validate(schema, {"one": "a", "two": "x", "three": "y"}).data


def test_rows_are_checked_one_by_one() -> None:
    sentence = "第 2 项：请填写“栏目name”"
    checked = validate(EVERYTHING, {"rows": [{"name": "甲", "least": 1}, {"least": 5, "most": 4}, 7]})
    assert checked.errors["rows.1.name"] == sentence
    assert checked.errors["rows.1.most"] == "第 2 项：“栏目most”不得小于 5"
    assert checked.errors["rows.1.why"] == "第 2 项：请填写“栏目why”"
    assert checked.errors["rows"] == "“行”第 3 行格式不正确"
    assert checked.data["rows"][0] == {"name": "甲", "least": 1, "most": None, "sub": []}


def test_computed_fields_are_ours() -> None:
    good = answers(EVERYTHING, Random(1), rows=2, one="a")
    checked = validate(EVERYTHING, {**good, "total": 99, "twice": 99})
    assert (checked.data["total"], checked.data["twice"]) == (2, 4)


def test_options_from_the_host_and_from_a_formula() -> None:
    schema = form(
        field("select", "place", valuesKey="places"),
        field("number", "n"),
        field("select", "pick", valuesExpression='=if n > 5 then ["x"] else ["y"]'),
    )
    context = {"places": ["城关镇", {"label": "七", "value": 7}]}
    assert not validate(schema, {"place": 7, "n": 6, "pick": "x"}, context=context).errors
    checked = validate(schema, {"place": "别处", "n": 1, "pick": "x"}, context=context)
    assert set(checked.errors) == {"place", "pick"}


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (None, "提交的内容格式不正确"),
        ([], "提交的内容格式不正确"),
        ({"word": "字" * 400_000}, "提交的内容过大，请减少行数或文字"),
        ({"rows": [{"sub": [{}] * 500}] * 60}, "提交的内容行数过多"),
    ],
)
def test_outsized_answers_are_refused_whole(data: Any, sentence: str) -> None:
    assert validate(EVERYTHING, data) == Checked(data={}, errors={"": sentence})


def test_deep_answers_are_refused_without_recursion() -> None:
    deep: Any = {}
    for _ in range(100_000):
        deep = {"a": deep}
    assert validate(EVERYTHING, deep).errors == {"": "提交的内容层次过深"}


def test_too_many_rows() -> None:
    checked = validate(EVERYTHING, {"rows": [{"name": "甲", "least": 0}] * 501})
    assert checked.errors["rows"] == "“行”最多 500 行"


def test_a_costly_pattern_runs_in_linear_time() -> None:
    assert match_all([("^(a+)+$", "a" * 20_000 + "b"), ("^(a+)+$", "aaa"), ("[", "a")]) == [False, True, False]


def test_a_formula_without_end_is_cut_off_and_the_next_one_works() -> None:
    schema = form(
        field("number", "a"), {"type": "expression", "key": "e", "expression": "=for i in 1..100000000 return i"}
    )
    assert validate(schema, {"a": 1}).errors == {"": str(FeelFault())}
    assert evaluate_all({"a": 2}, {}, [Task(kind="value", source="a + 1")]) == [3]


def test_a_formula_that_eats_memory_is_cut_off() -> None:
    greedy = Task(kind="value", source="count(for i in 1..9000, j in 1..9000 return [i, j])")
    with pytest.raises(FeelFault):
        evaluate_all({}, {}, [greedy])
    assert evaluate_all({}, {}, [Task(kind="test", source="1 = 1")]) == [True]


def test_a_broken_formula_counts_as_empty() -> None:
    assert evaluate_all({}, {}, [Task(kind="test", source="a )("), Task(kind="value", source="nobody + 1")]) == [
        None,
        None,
    ]


def test_without_the_bundle_the_sentence_says_what_to_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.setattr(feel, "BUNDLE", tmp_path / "none.js")
    monkeypatch.setattr(feel, "_engine", feel._Engine())
    with pytest.raises(feel.FeelMissing, match="make setup"):
        match_all([("a", "b")])


ENDS = """
import os, sys
from catalog.forms.feel import FeelFault, Task, evaluate_all, match_all
try:
    evaluate_all({}, {}, [Task(kind="value", source="for i in 1..100000000 return i")])
except FeelFault:
    pass
assert match_all([("a", "a")]) == [True]
child = os.fork()
if child == 0:
    assert match_all([("a", "b")]) == [False]
    sys.exit(0)
sys.exit(os.waitpid(child, 0)[1])
"""


def test_a_process_that_used_v8_ends_and_so_does_its_fork() -> None:
    """V8 with a script cut off, or inherited by a fork, keeps a process from ending unless it is treated rightly."""
    subprocess.run([sys.executable, "-c", ENDS], cwd=ROOT, check=True, timeout=60)


def test_v8_does_not_attach_itself_to_a_running_event_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feel, "_engine", feel._Engine())

    async def inside() -> list[bool]:
        return match_all([("a", "a")])

    # a thread of its own: a browser of earlier tests keeps a loop running in this one
    with ThreadPoolExecutor(max_workers=1) as thread:
        assert thread.submit(asyncio.run, inside()).result() == [True]
    assert match_all([("a", "a")]) == [True]
    feel._engine.close()


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from("abcrowsub"), inner, max_size=4),
    max_leaves=12,
)
KEYS = st.sampled_from(["word", "whole", "one", "some", "day", "rows", "inner", "place", "total", "other"])


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(KEYS, JSON, max_size=8))
def test_any_json_gets_an_answer(data: dict[str, Any]) -> None:
    checked = validate(EVERYTHING, data)
    assert checked.errors
    assert "other" not in checked.data


def test_an_endless_number_is_refused_at_its_field() -> None:
    """Also where an expression reads it."""
    assert "one" in validate(EVERYTHING, {"one": float("inf"), "word": None}).errors


def test_attachments() -> None:
    assert attachments(FORMS["plan_submission"]) == "required"
    assert attachments(FORMS["receipt"]) == "none"
    assert attachments({"properties": {"attachments": "sometimes"}}) == attachments({}) == "optional"


def test_all_formulas_of_a_form_share_one_limit_of_time() -> None:
    """Each is fast enough alone; a ring of two fields makes the check go round and round."""

    def formula(key: str, text: str) -> dict[str, Any]:
        return {"type": "expression", "key": key, "expression": f"={text}"}

    def seconds(sums: int) -> tuple[float, Checked]:
        slow = ", ".join(["sum(for i in 1..4000 return i)"] * sums)
        turn = f"if count([{slow}]) = 0 then 0 else if f = null then 1 else f + 1"
        ring = form(formula("e", turn), formula("f", "if e = null then 1 else e + 1"))
        began = time.perf_counter()
        checked = validate(ring, {})
        return time.perf_counter() - began, checked

    seconds(1)  # V8 is up
    sums, taken = 10, 0.0
    while taken < 0.3:
        sums *= 2
        taken, checked = seconds(sums)
        assert checked.errors == {}
    # twice what all rounds may take, and less than what each alone may
    taken, checked = seconds(int(sums * 2 * feel.SECONDS / taken))
    assert checked.errors == {"": str(FeelFault())}
    assert taken < 1.7 * feel.SECONDS
