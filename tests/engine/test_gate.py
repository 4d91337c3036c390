"""What the gate finds: everything at once, each in a sentence that names the element."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from domain.errors import Refused
from engine import check, compile_process, load
from engine.gate.vocabulary import attributes, descriptor, elements
from engine.model import dump_model, load_model
from tests.engine.diagrams import Diagram, Scope
from tests.engine.gate_cases import REFUSED, decision, simple
from tests.engine.host import ACTIONS, PLAN
from tests.support import actions

ROOT = Path(__file__).parents[2]
GIVEN = {"plan": PLAN, "actions": ACTIONS, "called": ["child"]}


def rules(xml: bytes, severity: str = "error") -> set[str]:
    """The rules that find something."""
    return {finding.rule for finding in check(xml, **GIVEN) if finding.severity == severity}  # type: ignore[arg-type]


@pytest.mark.parametrize("name", REFUSED)
def test_refusal(name: str) -> None:
    rule, diagram = REFUSED[name]
    assert rule in rules(diagram())
    with pytest.raises(Refused) as refused:
        compile_process(diagram(), **GIVEN)  # type: ignore[arg-type]
    for finding in refused.value.findings:
        assert re.search(r"[\u4e00-\u9fff]", finding.sentence)


def test_all_findings_come_at_once() -> None:
    diagram = simple(deadline="never", form="f").user("b").flow("b", "end").node("scriptTask", "s")
    found = check(diagram.xml(), **GIVEN)  # type: ignore[arg-type]
    assert {"plan:deadlines", "flow:unreachable", "element:scriptTask"} <= {finding.rule for finding in found}
    with pytest.raises(Refused) as refused:
        compile_process(diagram.xml(), **GIVEN)  # type: ignore[arg-type]
    assert len(refused.value.findings) == len([finding for finding in found if finding.severity == "error"])
    assert "s" in {finding.element for finding in found}


def test_a_sentence_names_kind_name_and_id() -> None:
    xml = (
        Diagram()
        .start()
        .node("userTask", "fill_report", name="填报周报")
        .end()
        .flow("start", "fill_report", "end")
        .xml()
    )
    (finding,) = [f for f in check(xml, **GIVEN) if f.severity == "error"]  # type: ignore[arg-type]
    assert finding.element == "fill_report"
    assert "用户任务“填报周报”（fill_report）" in finding.sentence


def test_imported_attributes_are_ignored_with_a_hint() -> None:
    xml = simple().xml().replace(b'id="a"', b'id="a" camunda:assignee="zhang" camunda:formKey="f"')
    assert rules(xml) == set()
    hints = [f.sentence for f in check(xml, **GIVEN) if f.rule == "extension:import"]  # type: ignore[arg-type]
    assert len(hints) == 2
    assert "camunda:assignee" in hints[0]


def test_a_process_that_calls_itself_is_pointed_out() -> None:
    assert rules(Diagram("child").start().call("c").end().flow("start", "c", "end").xml(), "hint") == {"call:self"}


def test_without_a_plan_its_entries_are_not_looked_up() -> None:
    xml = simple(deadline="never", ladder="steep").xml()
    assert compile_process(xml).elements["a"].deadline == "never"


@pytest.mark.parametrize(
    "condition",
    ["outcome == 'a'", "outcome in ['a', 'b']", "'counties' in unit_groups", "n > 1 and flag", "deadline('soon') == n"],
)
def test_conditions_that_are_right(condition: str) -> None:
    assert rules(decision(condition, "a", "b", outputs="flag:bool")) == set()


def test_an_outcome_that_something_else_may_write_is_not_judged() -> None:
    assert rules(decision("outcome == 'imported'", "a", variables="n:int outcome:str")) == set()


def test_nothing_of_an_expression_is_lost() -> None:
    """A comment or an element inside would cut the text short where nobody sees it."""
    xml = decision("n > 1").replace(b"n &gt; 1", b"n &gt; 1 <!-- x -->or unknown > 2")
    assert rules(xml) == {"expression:name"}
    assert "expression:form" in rules(xml.replace(b"<!-- x -->", b"<bpmn:x>(</bpmn:x>"))


def test_flags_that_cover_everything_need_no_default() -> None:
    diagram = Diagram().start().user("ask", outputs="ok:bool").xor("x").end().end("e2").flow("start", "ask", "x")
    assert rules(diagram.flow("x", "end", when="ok").flow("x", "e2", when="not ok").xml()) == set()


def test_two_tasks_before_a_decision() -> None:
    diagram = (
        Diagram().variables("n:int").start().xor("which", "one").user("one", "a", "b").user("two", "a", "c").xor("x")
    )
    diagram.end().end("e2").flow("start", "which", "one", "x").flow("which", "two", when="n > 1").flow("two", "x")
    diagram.flow("x", "end", when="outcome == 'a'")
    part = diagram.xml().replace(b"</bpmn:process>", b"%s</bpmn:process>")
    whole, less = ("outcome in ['b', 'c']", "outcome == 'b'")
    assert rules(part % Scope().flow("x", "e2", when=whole).parts[0].encode()) == set()
    assert rules(part % Scope().flow("x", "e2", when=less).parts[0].encode()) == {"flow:incomplete"}


def test_what_is_stored_is_what_was_checked() -> None:
    for path in sorted((ROOT / "processes").rglob("*.bpmn")):
        compiled = compile_process(path.read_bytes(), actions=actions.ACTIONS)
        assert dump_model(load_model(compiled.spec)) == compiled.spec
        process = load(compiled.spec)
        assert (process.key, process.digest, process.called) == (compiled.key, compiled.digest, compiled.called)
        assert process.elements == compiled.elements


def test_the_same_diagram_gives_the_same_digest() -> None:
    xml = decision("n > 1")
    assert compile_process(xml).digest == compile_process(xml).digest
    assert compile_process(xml).digest != compile_process(decision("n > 2")).digest


def test_the_descriptor_is_what_the_documentation_says() -> None:
    """Every bihuan word of docs/diagrams.md is in the descriptor, and the other way round."""
    page = (ROOT / "docs" / "diagrams.md").read_text("utf-8")
    words = {word for names in attributes().values() for word in names}
    assert set(re.findall(r"`bihuan:(\w+)=", page)) == words
    assert set(re.findall(r"`<bihuan:(\w+) ", page)) == set(elements())
    for name, (_, known) in elements().items():
        for given in re.findall(rf"`<bihuan:{name} ([^`]*)/>`", page):
            assert set(re.findall(r"(\w+)=", given)) == known


def test_the_descriptor_is_one_that_a_modeller_reads() -> None:
    content = json.loads((ROOT / "engine" / "bihuan.json").read_text("utf-8"))
    assert content == descriptor()
    assert (content["uri"], content["prefix"], content["xml"]) == (
        "urn:bihuan:bpmn:1",
        "bihuan",
        {"tagAlias": "lowerCase"},
    )
    for kind in content["types"]:
        assert ("extends" in kind) != ("superClass" in kind)
        assert all(item["isAttr"] and item["type"] == "String" for item in kind["properties"])
