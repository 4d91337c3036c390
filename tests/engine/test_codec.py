"""The stored text: small, bounded, readable for years, and refused with a sentence where it is not ours."""

from __future__ import annotations

import base64
import sys
import zlib
from contextlib import suppress

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import DomainError, Refused
from engine import codec
from engine.codec import dump, restore
from engine.contract import Advance
from engine.model import dump_model, load_model
from tests.engine.diagrams import Diagram, Scope, many, ref
from tests.engine.host import Host, compiled, run


def _many(count: int) -> bytes:
    inside = Scope().start("s").user("check_the_report_of_the_unit").end("e")
    inside.flow("s", "check_the_report_of_the_unit", "e")
    diagram = Diagram().start().sub("each", inside, many(count=str(count), item="unit")).end()
    return diagram.flow("start", "each", "end").xml()


def test_a_small_state_is_plain_and_holds_what_is_open() -> None:
    host = run(Diagram().start().user("a").user("b").end().flow("start", "a", "b", "end").xml())
    assert orjson.loads(str(host.state)) == [1, 2, 0, [[2, "a", 16, 0]]]
    assert orjson.loads(str(host.complete("a").state)) == [1, 3, 0, [[3, "b", 16, 0]]]
    assert orjson.loads(str(host.complete("b").state)) == [1, 4, 1, []]


def test_a_large_state_is_compressed() -> None:
    host = run(_many(300))
    assert str(host.state).startswith("z")
    assert len(str(host.state)) < 10_000
    assert not host.last.state_size_warning
    assert len(host.complete("check_the_report_of_the_unit").todo) == 299


def test_the_size_is_watched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(codec, "REFUSE_FROM", 5_000)
    monkeypatch.setattr(sys.modules["engine.advance"], "WARN_FROM", 1_000)
    assert not run(_many(4)).last.state_size_warning
    assert run(_many(150)).last.state_size_warning
    with pytest.raises(Refused, match="状态超过"):
        run(_many(900))


def test_two_thousand_repetitions_stay_far_below_the_limit() -> None:
    host = run(_many(2_000))
    assert host.last.error is None
    assert len(host.tasks) == 2_000
    assert len(str(host.state)) < codec.WARN_FROM


def test_no_spec_and_no_personal_text_in_the_state() -> None:
    diagram = Diagram().variables("word:str").start().user("ask", outputs="word:str").user("b").end()
    host = run(diagram.flow("start", "ask", "b", "end").xml()).complete("ask", word="张三")
    assert "张三" not in str(host.state)
    assert "start" not in str(host.state)


PROCESS = compiled(
    Diagram()
    .names("message", "m")
    .start()
    .user("a")
    .boundary("on", "a", ref("message", "m"))
    .end()
    .flow("start", "a", "end")
    .flow("on", "end")
    .xml()
)
STATE = str(Host(PROCESS).start().state)
BOMB = "z" + base64.b85encode(zlib.compress(b" " * 200_000_000, 9)).decode()


@pytest.mark.parametrize(
    "state",
    [
        "",
        "x",
        "null",
        "{}",
        "[]",
        "[1]",
        "[2,1,0,[]]",
        '[1,1,0,[[1,"gone",16]]]',
        '[1,1,0,[[1,"a",16,9]]]',
        "z",
        "zzz",
        BOMB,
    ],
    ids=lambda state: state[:12],
)
def test_what_is_not_a_state_of_this_process_ends_in_a_sentence(state: str) -> None:
    with pytest.raises(DomainError) as refused:
        restore(PROCESS, state)
    assert "流程" in refused.value.message


@given(st.integers(0, len(STATE) - 1), st.characters(codec="utf-8"))
@settings(max_examples=300, deadline=None)
def test_damage_is_an_error_of_ours(place: int, char: str) -> None:
    with suppress(DomainError):
        dump(restore(PROCESS, STATE[:place] + char + STATE[place + 1 :]))


def test_a_version_stored_when_messages_could_start_a_process_is_still_read() -> None:
    content = orjson.loads(dump_model(PROCESS.model)) | {"start_kind": "message", "start_name": "m"}
    assert load_model(orjson.dumps(content).decode()) == PROCESS.model


def test_a_state_runs_on_a_later_version_that_still_has_its_elements() -> None:
    later = compiled(
        Diagram()
        .names("message", "m")
        .start()
        .user("a")
        .user("new")
        .boundary("on", "a", ref("message", "m"))
        .end()
        .flow("start", "a", "new", "end")
        .flow("on", "end")
        .xml()
    )
    host = Host(PROCESS).start()
    host.process = later
    assert host.complete("a").todo == ["new"]


def test_an_advance_is_a_value() -> None:
    assert Advance(state="", variables={}) == Advance(state="", variables={})
