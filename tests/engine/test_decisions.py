"""What people and the host hand in: declared scalars of the declared type, and nothing else gets in."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import Invalid
from engine.contract import ActionDone, ChildDone, Complete, Deliver
from tests.engine.diagrams import Diagram, ref
from tests.engine.host import APPROVAL, NOW, Host, run

POISON: list[Any] = [
    {"typename": "UUID", "value": "x"},
    {"typename": "__import__('os')"},
    {},
    [],
    [1],
    (1,),
    {1},
    b"x",
    object(),
    math.nan,
    math.inf,
    -math.inf,
    2**60,
    10**400,
    "x" * 5_000,
    "\x00",
    "\ud800",
    1j,
    NOW,
]


@pytest.mark.parametrize("value", POISON, ids=range(len(POISON)))
def test_poison_is_refused_and_changes_nothing(value: Any) -> None:
    host = Host(APPROVAL).start()
    for name in ("cases", "share", "ok", "due", "text"):
        with pytest.raises(Invalid):
            host.complete("fill", **{name: value})
    assert host.complete("fill", cases=1).todo == ["approve"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("cases", "1"),
        ("cases", 1.5),
        ("cases", True),
        ("share", "0.5"),
        ("ok", 1),
        ("ok", "true"),
        ("due", "tomorrow"),
        ("due", 20220101),
        ("text", 3),
        ("unit_id", "u2"),
        ("note", "x"),
        ("outcome", "yes"),
        ("other", 1),
        ("__class__", 1),
        ("", 1),
    ],
)
def test_only_declared_values_of_the_declared_type(name: str, value: Any) -> None:
    host = Host(APPROVAL).start()
    with pytest.raises(Invalid):
        host.complete("fill", **{name: value})


def test_declared_values_reach_the_variables() -> None:
    given_ = {"cases": 2, "share": 1, "ok": False, "due": "2022-02-01", "text": "“好”"}
    host = Host(APPROVAL).start().complete("fill", **given_)
    assert {name: host.variables[name] for name in given_} == given_
    assert host.complete("approve", outcome="no").complete("fill", cases=None).variables["cases"] is None


def test_an_outcome_must_be_chosen_and_be_one_of_those_offered() -> None:
    host = Host(APPROVAL).start().complete("fill")
    for bad in ({}, {"outcome": None}, {"outcome": "maybe"}, {"outcome": True}, {"outcome": ["yes"]}):
        with pytest.raises(Invalid):
            host.complete("approve", **bad)
    assert host.complete("approve", outcome="yes").ended


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
JSON = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3))


@given(st.dictionaries(st.sampled_from(["cases", "share", "ok", "due", "text", "x"]) | st.text(), JSON, max_size=3))
@settings(max_examples=300, deadline=None)
def test_any_json_leaves_the_instance_usable(decisions: dict[str, Any]) -> None:
    host = Host(APPROVAL).start()
    ref_ = host.open("fill")
    try:
        host.do(Complete(ref=ref_, decisions=decisions))
    except Invalid:
        host.complete("fill")
    assert host.complete("approve", outcome="yes").ended


def test_results_from_outside_are_scalars_too() -> None:
    diagram = Diagram().names("message", "m").variables("picked:int got:str")
    result = '<bihuan:argument name="n" expression="1"/><bihuan:result variable="picked" from="picked"/>'
    diagram.start().both("fork").service("draw", "draw", result).catch("wait", ref("message", "m")).end()
    diagram.call("ask", inner='<bihuan:return variable="got" from="x"/>')
    host = run(
        diagram.flow("start", "fork", "draw", "end").flow("fork", "wait", "end").flow("fork", "ask", "end").xml()
    )
    (action,), (child,) = host.actions, host.children
    for bad in ({"picked": {"a": 1}}, {"x": math.nan}, {"not a name": 1}):
        for answer in (
            Deliver(name="m", payload=bad),  # type: ignore[arg-type]
            ActionDone(ref=action, results=bad),  # type: ignore[arg-type]
            ChildDone(ref=child, outputs=bad),  # type: ignore[arg-type]
        ):
            with pytest.raises(Invalid):
                host.do(answer)
    host.deliver("m", picked=5, unknown=6)
    assert host.variables["picked"] == 5
    assert "unknown" not in host.variables
    assert host.action_done("draw").children_done("ask", got="y").ended
    assert (host.variables["picked"], host.variables["got"]) == (None, "y")
