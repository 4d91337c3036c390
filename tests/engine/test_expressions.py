"""The language: what it computes, and what it never does."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.workdays import BEIJING
from engine.contract import Context
from engine.expressions import BadExpression, Language, parse
from tests.engine.host import CALENDAR, NOW, PLAN, plan_with

VARIABLES: dict[str, Any] = {
    "n": 3,
    "share": 0.5,
    "name": "甲县",
    "empty": None,
    "yes": True,
    "unit_groups": "counties reporters",
    "assigned_at": "2022-01-26",
}


def value(source: str, **local: Any) -> Any:
    """The value with the sample variables."""
    return Language(Context(now=NOW, plan=PLAN, calendar=CALENDAR), VARIABLES).value(source, local)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("n + 1", 4),
        ("(n - 1) * 2 / 4", 1.0),
        ("-n", -3),
        ("n >= 3 and not empty", True),
        ("1 < n <= 3", True),
        ("n in [1, 2, 3]", True),
        ("'counties' in unit_groups", True),
        ("name not in ['乙县']", True),
        ("name == '甲县' or yes", True),
        ("'大' if n > 2 else '小'", "大"),
        ("'a' + name", "a甲县"),
        ("[1] + [2]", [1, 2]),
        ("len(name)", 2),
        ("min(n, 2) + max([4, 5])", 7),
        ("empty == None", True),
        ("quota('share')", 0.1),
        ("setting('limit') + 1", 4),
        ("stage_start('s1')", datetime(2022, 1, 1, tzinfo=BEIJING)),
        ("stage_start('s2')", datetime(2022, 1, 11, tzinfo=BEIJING)),
        ("stage_end('s2')", datetime(2022, 4, 1, tzinfo=BEIJING)),
        ("deadline('report_back')", datetime(2022, 2, 10, tzinfo=BEIJING)),  # 24:00 of 9 February
        ("after(2, 'working_day', assigned_at)", datetime(2022, 1, 29, tzinfo=BEIJING)),
        ("after(1, 'month', '2022-01-31')", datetime(2022, 3, 1, tzinfo=BEIJING)),
        ("after(3, 'hour')", datetime(2022, 1, 4, 12, tzinfo=BEIJING)),
    ],
)
def test_values(source: str, expected: Any) -> None:
    assert value(source) == expected


def test_a_loop_item_hides_a_variable_of_the_same_name() -> None:
    assert value("n + 1", n=10) == 11


def test_settings_may_be_mappings() -> None:
    plan = plan_with(settings={"ladder": {"days": 3, "_hidden": 1}})
    language = Language(Context(now=NOW, plan=plan, calendar=CALENDAR), {})
    assert language.value("setting('ladder').days", {}) == 3
    for source in ("setting('ladder').keys", "setting('ladder').hours", "setting('ladder')._hidden"):
        with pytest.raises(BadExpression):
            language.value(source, {})


HOSTILE = [
    "__import__('os').system('id')",
    "open('/etc/passwd').read()",
    "exec('x = 1')",
    "eval('1')",
    "().__class__.__base__.__subclasses__()",
    "''.__class__.__mro__[1]",
    "name.__class__",
    "name.format(n)",
    "name.upper()",
    "'{0.__class__}'.format(n)",
    "f'{n.__class__}'",
    "'%s' % n",
    "'%1000000d' % n",
    "9 ** 9 ** 9",
    "2 << 100000",
    "1 >> 3",
    "'a' * 10000000000",
    "[0] * 10000000000",
    "name * n",
    "[x for x in [1, 2, 3]]",
    "{x: 1 for x in [1]}",
    "lambda: 1",
    "(lambda f: f(f))(lambda f: f(f))",
    "(n := 5)",
    "name[0]",
    "name[::-1]",
    "{'a': 1}",
    "{1, 2}",
    "globals()",
    "getattr(name, 'upper')",
    "len(*[[1]])",
    "len(object=name)",
    "n.real",
    "n if",
    "",
    "   ",
    "n; n",
    "n\nimport os",
    "import os",
    "${n > 1}",
    "#{n}",
    "n # + 1",
    "'\\x41'",
    "=n > 1",
    "n is None",
    "not_there + 1",
    "~n",
    "n // 0",
    "n / 0",
    "empty + 1",
    "empty > 3",
    "b'x'",
    "1j",
    "...",
    "await n",
    "yield",
    "deadline('nothing')",
    "deadline(n)",
    "stage_start('s9')",
    "setting('__class__')",
    "after(10 ** 9, 'hour')",
    "after(100000, 'working_day')",
    "after(1, 'year')",
    "after(1.5, 'hour')",
    "after(1)",
    "1e308 * 10",
    "9" * 400,
    "*".join(["9999999999"] * 40),
    "(" * 500 + "1" + ")" * 500,
    "-" * 1500 + "1",
    "+".join(["1"] * 300),
    "not " * 100 + "n",
    "n" * 3000,
    "'" + "x" * 2500 + "'",
    "\x00",
    "n\ud800",
]


@pytest.mark.parametrize("source", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_expressions_end_in_a_sentence(source: str) -> None:
    before = time.perf_counter()
    with pytest.raises(BadExpression) as refused:
        value(source)
    assert any("\u4e00" <= char <= "\u9fff" for char in str(refused.value))
    assert time.perf_counter() - before < 0.5


def test_texts_do_not_grow_without_end() -> None:
    long = "name" + " + name" * 40
    language = Language(Context(now=NOW, plan=PLAN, calendar=CALENDAR), {"name": "x" * 4000})
    with pytest.raises(BadExpression, match="10000"):
        language.value(long, {})


def test_an_expression_is_parsed_once() -> None:
    assert parse("n + 41") is parse("n + 41")


@given(st.text(alphabet="n+-*/()[]'\"., <>=!andorotif else123_\n\\{}%lmbda:", max_size=60))
@settings(max_examples=400, deadline=None)
def test_any_text_is_a_value_or_a_sentence(source: str) -> None:
    try:
        result = value(source)
    except BadExpression:
        return
    assert result is None or isinstance(result, (bool, int, float, str, list, datetime))
