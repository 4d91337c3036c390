"""Every place where the library evaluates, executes, unpickles or spawns: none of them runs what a diagram says."""

from __future__ import annotations

import ast
import base64
import os
import pickle
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import SpiffWorkflow
from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine, TaskDataEnvironment
from SpiffWorkflow.bpmn.serializer.migration.version_1_2 import convert_timer_expressions
from SpiffWorkflow.bpmn.specs.bpmn_process_spec import AdHocSubprocessSpec
from SpiffWorkflow.bpmn.specs.bpmn_task_spec import _BpmnCondition
from SpiffWorkflow.bpmn.specs.event_definitions import (
    ConditionalEventDefinition,
    CycleTimerEventDefinition,
    DurationTimerEventDefinition,
    MessageEventDefinition,
    TimeDateEventDefinition,
)
from SpiffWorkflow.bpmn.specs.mixins import ScriptTaskMixin, StandardLoopTaskMixin
from SpiffWorkflow.bpmn.specs.mixins.multiinstance_task import (
    MultiInstanceTask,
    ParallelMultiInstanceTask,
    SequentialMultiInstanceTask,
)
from SpiffWorkflow.camunda.specs.event_definitions import MessageEventDefinition as CamundaMessage
from SpiffWorkflow.camunda.specs.multiinstance_task import update_task_spec
from SpiffWorkflow.dmn.engine.DMNEngine import DMNEngine
from SpiffWorkflow.dmn.specs.model import Rule
from SpiffWorkflow.serializer.dict import DictionarySerializer
from SpiffWorkflow.specs.Execute import Execute
from SpiffWorkflow.specs.Transform import Transform
from SpiffWorkflow.spiff.specs.event_definitions import MessageEventDefinition as SpiffMessage
from SpiffWorkflow.spiff.specs.event_definitions import SignalEventDefinition as SpiffSignal
from SpiffWorkflow.spiff.specs.mixins.service_task import ServiceTask
from SpiffWorkflow.spiff.specs.spiff_task import SpiffBpmnTask
from SpiffWorkflow.util.task import TaskState

from engine.codec import restore
from engine.contract import Context
from engine.expressions import BadExpression, Language
from engine.guard import CodeRefused, Environment, ScriptEngine
from engine.tokens import Instance
from tests.engine.diagrams import Diagram
from tests.engine.host import CALENDAR, NOW, PLAN, Host

HOSTILE = "__import__('sys').marks.append(1)"
MARKS: list[int] = []


@pytest.fixture(autouse=True)
def marks() -> Iterator[list[int]]:
    """Hostile code leaves a mark here when it runs."""
    MARKS.clear()
    sys.marks = MARKS  # type: ignore[attr-defined]
    yield MARKS
    assert MARKS == []
    del sys.marks  # type: ignore[attr-defined]


def test_the_hostile_code_would_be_noticed(marks: list[int]) -> None:
    eval(HOSTILE)  # noqa: S307  the control: this is what must not happen below
    assert marks == [1]
    marks.clear()


class Anything(SimpleNamespace):
    """A task, workflow or spec with what a site asks for."""

    def _set_internal_data(self, **_: Any) -> None: ...

    def _get_internal_data(self, name: str, default: Any = None) -> Any:
        return default

    def _set_state(self, _: int) -> None: ...


def task_of(engine: Any) -> Anything:
    """A task whose workflow has this script engine."""
    workflow = Anything(script_engine=engine, data_objects={}, data={}, correlations={}, top_workflow=None)
    spec = Anything(cardinality=HOSTILE, output_item=None)
    child = Anything(id="1", workflow=workflow, data={})
    return Anything(
        workflow=workflow,
        data={},
        internal_data={"merged": ["1"]},
        task_spec=spec,
        state=TaskState.WAITING,
        children=[child],
    )


def _loop() -> Anything:
    return Anything(condition=HOSTILE, cardinality=HOSTILE, maximum=None, data_input=None, data_output=None)


def _migrated(kind: str, key: str) -> None:
    spec = {"name": "x", "typename": "X", "event_definition": {"typename": kind, "label": "x", key: HOSTILE}}
    convert_timer_expressions({"spec": {"task_specs": {"x": spec}}, "tasks": {}})


def _dmn(text: str) -> Callable[[Any], Any]:
    return lambda task: DMNEngine(None).evaluate(HOSTILE, text, task)


def _checked_rule(task: Any) -> Any:
    entry = Anything(input=Anything(expression=HOSTILE), lhs=["1"])
    table = Anything(rules=[Anything(inputEntries=[entry], row_number=1)], hit_policy="FIRST")
    return DMNEngine(table).decide(task)


def _rule_output(task: Any) -> Any:
    rule = Rule("r")
    rule.outputEntries = [Anything(output=Anything(name="o", label="o"), text=HOSTILE)]
    return rule.output_as_dict(task)


def _correlations(task: Any) -> Any:
    prop = Anything(retrieval_expression=HOSTILE, correlation_keys=["k"], name="n")
    return MessageEventDefinition("m").calculate_correlations(task.workflow.script_engine, [prop], {})


def _sequential(task: Any) -> Any:
    spec = SequentialMultiInstanceTask.__new__(SequentialMultiInstanceTask)
    vars(spec).update(
        vars(_loop()), data_input_associations=[], io_specification=None, update_event=Anything(emit=print)
    )
    task._inherit_data = lambda: None
    return spec._update_hook(task)


def _transform(task: Any) -> Any:
    return Transform._update_hook(Anything(transforms=[HOSTILE]), task)


class Bomb:
    """Leaves a mark when it is unpickled."""

    def __reduce__(self) -> Any:
        return (eval, (HOSTILE,))


BOMB = base64.b64encode(pickle.dumps(Bomb()))

SITES: dict[str, Callable[[Any], Any]] = {
    "bpmn/script_engine/python_engine.py PythonScriptEngine.evaluate": lambda task: (
        task.workflow.script_engine.evaluate(task, HOSTILE)
    ),
    "bpmn/script_engine/python_engine.py PythonScriptEngine.execute": lambda task: task.workflow.script_engine.execute(
        task, HOSTILE
    ),
    "bpmn/script_engine/python_engine.py PythonScriptEngine.call_service": (
        lambda task: task.workflow.script_engine.environment.call_service({}, operation_name=HOSTILE)
    ),
    "bpmn/script_engine/python_environment.py TaskDataEnvironment.evaluate": (
        lambda task: TaskDataEnvironment().evaluate(HOSTILE, {})
    ),
    "bpmn/script_engine/python_environment.py TaskDataEnvironment.execute": (
        lambda task: TaskDataEnvironment().execute(HOSTILE, {})
    ),
    "bpmn/serializer/migration/version_1_2.py convert_timer_expressions.convert_timedate": (
        lambda task: _migrated("TimerEventDefinition", "dateTime")
    ),
    "bpmn/serializer/migration/version_1_2.py convert_timer_expressions.convert_cycle": (
        lambda task: _migrated("CycleTimerEventDefinition", "cycle_definition")
    ),
    "bpmn/specs/bpmn_process_spec.py AdHocSubprocessSpec.path_complete": lambda task: AdHocSubprocessSpec.path_complete(
        Anything(completion_condition=HOSTILE), task.workflow, task
    ),
    "bpmn/specs/bpmn_process_spec.py AdHocSubprocessSpec.check_condition": (
        lambda task: AdHocSubprocessSpec.check_condition(None, HOSTILE, task.workflow)
    ),
    "bpmn/specs/bpmn_task_spec.py _BpmnCondition._matches": lambda task: _BpmnCondition(HOSTILE)._matches(task),
    "bpmn/specs/event_definitions/conditional.py ConditionalEventDefinition.has_fired": (
        lambda task: ConditionalEventDefinition(HOSTILE).has_fired(task)
    ),
    "bpmn/specs/event_definitions/message.py MessageEventDefinition.calculate_correlations": _correlations,
    "bpmn/specs/event_definitions/timer.py TimeDateEventDefinition.has_fired": (
        lambda task: TimeDateEventDefinition("t", HOSTILE).has_fired(task)
    ),
    "bpmn/specs/event_definitions/timer.py DurationTimerEventDefinition.has_fired": (
        lambda task: DurationTimerEventDefinition("t", HOSTILE).has_fired(task)
    ),
    "bpmn/specs/event_definitions/timer.py CycleTimerEventDefinition.cycle_complete": (
        lambda task: CycleTimerEventDefinition("t", HOSTILE).cycle_complete(task)
    ),
    "bpmn/specs/mixins/multiinstance_task.py StandardLoopTask.loop_complete": (
        lambda task: StandardLoopTaskMixin.loop_complete(_loop(), task)
    ),
    "bpmn/specs/mixins/multiinstance_task.py MultiInstanceTask.check_completion_condition": (
        lambda task: MultiInstanceTask.check_completion_condition(_loop(), task)
    ),
    "bpmn/specs/mixins/multiinstance_task.py SequentialMultiInstanceTask._update_hook": _sequential,
    "bpmn/specs/mixins/multiinstance_task.py ParallelMultiInstanceTask.create_children": (
        lambda task: ParallelMultiInstanceTask.create_children(_loop(), task)
    ),
    "bpmn/specs/mixins/script_task.py ScriptTask._execute": (
        lambda task: ScriptTaskMixin._execute(Anything(script=HOSTILE), task)
    ),
    "camunda/specs/event_definitions.py MessageEventDefinition.throw": (
        lambda task: CamundaMessage("m", expression=HOSTILE).throw(task)
    ),
    "camunda/specs/multiinstance_task.py update_task_spec": update_task_spec,
    "dmn/engine/DMNEngine.py DMNEngine.__check_rule": _checked_rule,
    "dmn/engine/DMNEngine.py DMNEngine.evaluate": _dmn("? > 1"),
    "dmn/specs/model.py Rule.output_as_dict": _rule_output,
    "serializer/dict.py DictionarySerializer.deserialize_dict": (
        lambda task: DictionarySerializer().deserialize_dict({"a": BOMB})
    ),
    "serializer/dict.py DictionarySerializer.deserialize_list": (
        lambda task: DictionarySerializer().deserialize_list([BOMB])
    ),
    "serializer/dict.py DictionarySerializer.deserialize_join": lambda task: DictionarySerializer().deserialize_join(
        Anything(task_specs={}, _add_notify=lambda _: None),
        {"name": "j", "split_task": None, "threshold": BOMB, "cancel_remaining": False},
    ),
    "serializer/dict.py DictionarySerializer.deserialize_workflow": (
        lambda task: DictionarySerializer().deserialize_dict({"data": BOMB})
    ),
    "specs/Execute.py Execute._start": lambda task: Execute._start(
        Anything(args=[sys.executable, "-c", "open('ran', 'w')"]), task
    ),
    "specs/Transform.py Transform._update_hook": _transform,
    "spiff/specs/event_definitions.py MessageEventDefinition.throw": (
        lambda task: SpiffMessage("m", expression=HOSTILE).throw(task)
    ),
    "spiff/specs/event_definitions.py SpiffItemAwareEventDefinition.throw": (
        lambda task: SpiffSignal("s", expression=HOSTILE).throw(task)
    ),
    "spiff/specs/mixins/service_task.py ServiceTask.evaluate_params": lambda task: ServiceTask.evaluate_params(
        Anything(operation_params={"p": {"value": HOSTILE, "type": "x"}}), task
    ),
    "spiff/specs/mixins/service_task.py ServiceTask._execute": lambda task: ServiceTask._execute(
        Anything(operation_name="o", evaluate_params=lambda _: {}), task
    ),
    "spiff/specs/spiff_task.py SpiffBpmnTask.execute_script": (
        lambda task: SpiffBpmnTask.execute_script(None, task, HOSTILE)
    ),
}
# Calls that have the name of one but read JSON, write, or only hand on to a site above.
HARMLESS = {
    "bpmn/serializer/workflow.py BpmnWorkflowSerializer.serialize_json",
    "bpmn/serializer/workflow.py BpmnWorkflowSerializer.deserialize_json",
    "bpmn/serializer/workflow.py BpmnWorkflowSerializer.get_version",
    "bpmn/specs/mixins/script_task.py ScriptEngineTask._run_hook",
    "serializer/dict.py get_class",
    "serializer/dict.py DictionarySerializer.serialize_dict",
    "serializer/dict.py DictionarySerializer.serialize_list",
    "serializer/dict.py DictionarySerializer.serialize_join",
    "serializer/json.py JSONSerializer._loads",
    "serializer/json.py JSONSerializer._dumps",
}


DANGEROUS = {"exec", "eval", "compile", "evaluate", "execute", "_execute", "call_service", "Popen", "system"}
DANGEROUS |= {"loads", "dumps", "__import__"}


def _calls(tree: ast.AST, place: tuple[str, ...] = ()) -> Iterator[str]:
    for node in ast.iter_child_nodes(tree):
        inside = (*place, node.name) if isinstance(node, (ast.FunctionDef, ast.ClassDef)) else place
        if isinstance(node, ast.Call):
            called = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if called in DANGEROUS and not (called == "compile" and "re" in ast.unparse(node.func)):
                yield ".".join(inside)
        yield from _calls(node, inside)


def test_no_site_is_overlooked() -> None:
    root = Path(SpiffWorkflow.__file__).parent
    found = {
        f"{path.relative_to(root).as_posix()} {place}"
        for path in root.rglob("*.py")
        for place in _calls(ast.parse(path.read_text()))
    }
    assert found == set(SITES) | HARMLESS


def _reasons(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        if getattr(error, "exception", None) is not None:
            yield error.exception  # type: ignore[attr-defined]
        error = error.__cause__ or error.__context__


# The library's own environment has no services at all.
REFUSALS = (CodeRefused, BadExpression, NotImplementedError)
ENGINES: dict[str, Callable[[], Any]] = {
    "ours": lambda: ScriptEngine(Language(Context(now=NOW, plan=PLAN, calendar=CALENDAR), {})),
    "ours, before an advance": ScriptEngine,
    "the library's": PythonScriptEngine,
}


@pytest.mark.parametrize("site", SITES)
@pytest.mark.parametrize("engine", ENGINES)
def test_site_refuses_code(site: str, engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Exception) as raised:
        SITES[site](task_of(ENGINES[engine]()))
    assert any(isinstance(reason, REFUSALS) for reason in _reasons(raised.value)), raised.value
    assert os.listdir(tmp_path) == []


def test_an_instance_has_our_environment_only() -> None:
    process = Host(Diagram().start().user("a").end().flow("start", "a", "end").xml()).process
    for instance in (Instance(process), restore(process, "[1,1,0,[]]")):
        assert type(instance.script_engine) is ScriptEngine
        assert type(instance.script_engine.environment) is Environment
