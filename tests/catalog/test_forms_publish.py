"""What a form must not say, and which of its fields a diagram may read."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from catalog.forms import check_form, outputs
from tests.catalog.form_samples import AB, EVERYTHING, FORMS, field, form


@pytest.mark.parametrize("key", sorted(FORMS))
def test_every_form_of_the_library_may_be_published(key: str) -> None:
    assert [str(finding) for finding in check_form(FORMS[key])] == []


def test_a_form_with_everything_may_be_published() -> None:
    assert [str(finding) for finding in check_form(EVERYTHING)] == []


FAULTS: list[tuple[dict[str, Any], str, str]] = [
    (field("filepicker", "a"), "form.type", "附件由页面统一收取"),
    (field("iframe", "a"), "form.type", "不能嵌入其他网页"),
    (field("button", "a"), "form.type", "按钮"),
    (field("wizard", "a"), "form.type", "不支持的控件类型“wizard”"),
    ({"type": "textfield", "label": "无名"}, "form.key", "没有填写字段名"),
    ({"type": "dynamiclist", "label": "无名", "components": []}, "form.key", "没有填写字段名"),
    (field("textfield", "中文"), "form.key", "字段名只能用英文"),
    ({"type": "textfield", "key": "a"}, "form.label", "没有标签"),
    (field("textfield", "a", conditional={"hide": "b = 1"}), "form.feel", "公式应以 = 开头"),
    (field("textfield", "a", conditional={"hide": "=b then"}), "form.feel", "公式不能识别"),
    (field("textfield", "a", conditional={"hide": "=nobody = 1"}), "form.name", "“nobody”"),
    (field("number", "a", validate={"max": "=1 +"}), "form.feel", "公式不能识别"),
    (field("number", "a", validate={"max": "=" + "1+" * 1200 + "1"}), "form.feel", "公式过长"),
    (field("textfield", "a", description="共 {{nobody}} 行"), "form.name", "“nobody”"),
    ({"type": "expression", "key": "a", "label": "a"}, "form.feel", "没有公式"),
    (field("select", "a"), "form.options", "没有可选项"),
    (field("radio", "a", values=[]), "form.options", "没有填写完整"),
    (field("radio", "a", values=[AB[0], {"label": "空"}]), "form.options", "没有填写完整"),
    (field("radio", "a", values=[AB[0], AB[0]]), "form.options", "重复"),
    (field("textfield", "a", validate={"pattern": "("}), "form.pattern", "不是有效的正则表达式"),
    (field("textfield", "a", validate={"pattern": r"(a)\1"}), "form.pattern", "不能保证很快算完"),
    (field("textfield", "a", validate={"pattern": "^.{1,5000}$"}), "form.pattern", "不能保证很快算完"),
    (field("textfield", "a", validate={"pattern": "a" * 2001}), "form.pattern", "过长"),
    (field("number", "a", validate={"pattern": "a"}), "form.pattern", "只有文字控件"),
    (field("number", "a", validate={"min": 2, "max": 1}), "form.bounds", "下限大于上限"),
    (field("number", "a", validate={"min": "两"}), "form.bounds", "min"),
    (field("number", "a", validate={"maxLength": 3}), "form.bounds", "maxLength"),
    (field("textfield", "a", validate={"max": 3}), "form.bounds", "max"),
]


@pytest.mark.parametrize(("component", "rule", "words"), FAULTS)
def test_faults(component: dict[str, Any], rule: str, words: str) -> None:
    found = check_form(form(component))
    assert [finding.rule for finding in found] == [rule]
    assert words in found[0].sentence


def test_a_pattern_without_example_is_a_hint() -> None:
    [finding] = check_form(form(field("textfield", "a", validate={"pattern": "^a$"})))
    assert (finding.rule, finding.severity) == ("form.samples", "warning")


@pytest.mark.parametrize(
    ("components", "names"),
    [
        ([field("textfield", "a"), {**field("number", "a"), "id": "other"}], ["a", "a"]),
        ([field("textfield", "a"), field("textfield", "a.b")], ["a", "a.b"]),
        (
            [
                field("textfield", "r"),
                {"type": "dynamiclist", "path": "r", "label": "行", "components": [field("textfield", "x")]},
            ],
            ["r", "r"],
        ),
    ],
)
def test_two_fields_at_one_place(components: list[dict[str, Any]], names: list[str]) -> None:
    found = check_form(form(*components))
    assert [(finding.rule, finding.element) for finding in found] == [("form.duplicate", name) for name in names]


def test_rows_have_names_of_their_own() -> None:
    rows = {
        "type": "dynamiclist",
        "path": "r",
        "label": "行",
        "components": [{**field("textfield", "a"), "id": "row_a"}],
    }
    assert check_form(form(field("textfield", "a"), rows)) == []


def test_ids_twice() -> None:
    [finding] = check_form(form(field("textfield", "a"), {**field("textfield", "b"), "id": "id_a"}))
    assert finding.rule == "form.id"


@pytest.mark.parametrize(
    ("schema", "rule"),
    [
        ([], "form.shape"),
        ({"type": "default"}, "form.shape"),
        ({**form(), "schemaVersion": 20}, "form.version"),
        (form(attachments="sometimes"), "form.attachments"),
        (form(*(field("textfield", f"a{n}") for n in range(501))), "form.size"),
        (form({"type": "text", "text": "字" * 200_000}), "form.size"),
    ],
)
def test_shapes(schema: Any, rule: str) -> None:
    assert [finding.rule for finding in check_form(schema)] == [rule]


def test_depth() -> None:
    schema = form(field("textfield", "a"))
    for level in range(6):
        schema["components"] = [
            {"type": "group", "id": f"g{level}", "label": "组", "components": copy.deepcopy(schema["components"])}
        ]
    assert [finding.rule for finding in check_form(schema)] == ["form.depth"]


def test_outputs() -> None:
    assert outputs(EVERYTHING) == {
        "word": "str",
        "story": "str",
        "mail": "str",
        "whole": "int",
        "money": "float",
        "step": "float",
        "code": "str",
        "agreed": "bool",
        "one": "str",
        "place": "str",
        "pick": "str",
        "some": "list",
        "tags": "list",
        "day": "date",
        "clock": "str",
        "fixed": "str",
        "when_b": "str",
        "after_b": "str",
        "inner.note": "str",
        "inner.deep.count": "int",
        "total": "any",
        "twice": "any",
        "many": "str",
    }
