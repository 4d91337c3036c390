"""Files written by somebody else: what is not plain YAML is refused with its place, quickly."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.yaml_text import MAX_BYTES, read_yaml
from domain.errors import Refused

BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "\n".join(
    f"{chr(98 + i)}: &{chr(98 + i)} [{','.join(['*' + chr(97 + i)] * 9)}]" for i in range(9)
)
HOSTILE = {
    "broken": ("a: [1", "不是正确的 YAML"),
    "tab": ("a:\n\tb: 1", "YAML"),
    "duplicate": ("a: 1\nb: 2\na: 3", "第 3 行：“a”重复出现"),
    "duplicate below": ("a: {b: 1, b: 2}", "“b”重复出现"),
    "anchor": ("a: &x 1", "锚点"),
    "alias bomb": (BOMB, "锚点"),
    "endless alias": ("&a [*a]", "锚点"),
    "merge of an alias": ("a: &x {b: 1}\nc: {<<: *x}", "锚点"),
    "python tag": ("a: !!python/object/apply:os.system ['true']", "类型标签"),
    "own tag": ("a: !secret x", "类型标签"),
    "binary": ("a: !!binary aGVsbG8=", "类型标签"),
    "deep list": ("[" * 50_000, "嵌套超过"),
    "deep mapping": ("{a: " * 50_000, "嵌套超过"),
    "number as key": ("1: a", "键必须是文字"),
    "true as key": ("true: a", "键必须是文字"),
    "list as key": ("? [a]\n: b", "键必须是文字"),
    "list": ("- a", "键: 值"),
    "text": ("hello", "键: 值"),
    "nothing": ("", "键: 值"),
    "two documents": ("a: 1\n---\nb: 2", "不是正确的 YAML"),
    "control character": ("a: \x00", "不是正确的 YAML"),
    "surrogate": ('a: "\ud800"', "不是正确的 YAML"),
    "too large": ("a: " + "x" * MAX_BYTES, "1 MiB"),
    "too many": ("a: [" + "1," * 70_000 + "]", "60000 项"),
}


@pytest.mark.parametrize(("text", "reason"), HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_is_refused_with_its_reason(text: str, reason: str) -> None:
    started = time.perf_counter()
    with pytest.raises(Refused) as refused:
        read_yaml(text)
    assert reason in refused.value.message
    assert time.perf_counter() - started < 5


def test_every_duplicate_is_named() -> None:
    with pytest.raises(Refused) as refused:
        read_yaml("a: {b: 1, b: 2}\nc: 1\nc: 2")
    assert [finding.element for finding in refused.value.findings] == ["line:1", "line:3"]


def test_words_stay_words() -> None:
    text = "time: 10:00\nday: 2022-01-10\nno: no\nhex: 0x1f\noctal: 007\ninfinite: .inf\nquoted: '5'"
    assert read_yaml(text) == {
        "time": "10:00",
        "day": "2022-01-10",
        "no": "no",
        "hex": "0x1f",
        "octal": "007",
        "infinite": ".inf",
        "quoted": "5",
    }


def test_numbers_truth_and_nothing() -> None:
    text = "a: 5\nb: -3\nc: 0.5\nd: true\ne: null\nf:"
    assert read_yaml(text) == {"a": 5, "b": -3, "c": 0.5, "d": True, "e": None, "f": None}


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet=st.sampled_from(list("ab:-[]{},&*!|>'\"#?%@ \n\t1")), max_size=60))
def test_anything_else_is_a_mapping_or_refused(text: str) -> None:
    try:
        value = read_yaml(text)
    except Refused:
        return
    assert isinstance(value, dict)
