"""Data, lanes, pools, and what an administrator does."""

from __future__ import annotations

import pytest

from domain.errors import Conflict, Invalid
from tests.engine.conformance.table import ignored, normalised, refused, runs
from tests.engine.diagrams import NAMESPACES, Diagram, Scope, ref
from tests.engine.host import Host

GROUP = "其他"


def _with(inner: str) -> bytes:
    return Diagram().raw(inner).start().user("a").end().flow("start", "a", "end").xml()


@ignored(
    GROUP,
    "数据对象 dataObject",
    "CAV",
    "element:ignored",
    lambda: _with('<bpmn:dataObject id="d"/>'),
    "只作说明；数据用流程变量",
)
def data_object(host: Host) -> None:
    assert host.start().complete("a").ended


@ignored(
    GROUP,
    "数据存储 dataStore",
    "CAV",
    "element:ignored",
    lambda: _with('<bpmn:dataStoreReference id="r" dataStoreRef="d"/>'),
    "只作说明；台账由系统保存",
)
def data_store(host: Host) -> None:
    assert host.start().complete("a").ended


def _lanes() -> bytes:
    inner = '<bpmn:childLaneSet id="ls2"><bpmn:lane id="l2" name="联络人"><bpmn:flowNodeRef>a</bpmn:flowNodeRef>'
    outer = f'<bpmn:laneSet id="ls"><bpmn:lane id="l1" name="县"><bpmn:flowNodeRef>a</bpmn:flowNodeRef>{inner}'
    return _with(outer + "</bpmn:lane></bpmn:childLaneSet></bpmn:lane></bpmn:laneSet>")


@runs(GROUP, "泳道 lane", "OK", _lanes, "取最内层的名称，只作标签")
def lanes(host: Host) -> None:
    assert host.process.elements["a"].lane == "联络人"


def _pools(second: str) -> bytes:
    first = '<bpmn:process id="p" isExecutable="true"><bpmn:startEvent id="s"/><bpmn:endEvent id="e"/>'
    first += '<bpmn:sequenceFlow id="f" sourceRef="s" targetRef="e"/></bpmn:process>'
    pools = '<bpmn:collaboration id="c"><bpmn:participant id="x" processRef="p"/><bpmn:participant id="y" name="省"/>'
    return f"<bpmn:definitions {NAMESPACES}>{pools}</bpmn:collaboration>{first}{second}</bpmn:definitions>".encode()


@runs(GROUP, "协作图：一个可执行的池", "OK", lambda: _pools('<bpmn:process id="q" isExecutable="false"/>'))
def one_pool(host: Host) -> None:
    assert host.start().ended


refused(
    GROUP,
    "协作图：两个可执行的池",
    "OK",
    "process:several",
    lambda: _pools('<bpmn:process id="q" isExecutable="true"/>'),
)


def _chain() -> bytes:
    inside = Scope().start("s").user("b").user("c").end("e").flow("s", "b", "c", "e")
    diagram = Diagram().names("message", "m")
    diagram.start().user("a").sub("stage", inside).boundary("out", "stage", ref("message", "m")).both("join").end()
    diagram.both("fork").user("d").xor("merge").flow("start", "fork", "a", "stage", "merge", "join", "end")
    return diagram.flow("fork", "d", "join").flow("out", "merge").xml()


@normalised(GROUP, "管理员：移到别的环节", "OK", _chain, "限同一层")
def move(host: Host) -> None:
    host.start().complete("a")
    host.move(host.open("b"), "c")
    assert host.todo == ["c", "d"]
    host.move(host.open("c"), "b")
    for bad in ("a", "join", "nowhere", "s", "out"):
        with pytest.raises(Invalid):
            host.move(host.open("b"), bad)
    with pytest.raises(Conflict):
        host.move("999")
    assert host.complete("b").complete("c").complete("d").ended


@normalised(GROUP, "管理员：撤销环节", "OK", _chain, "最后一个环节撤销后，所在的子流程或流程结束")
def withdraw(host: Host) -> None:
    host.start().complete("a")
    host.move(host.open("b"))
    assert host.todo == ["d"]
    assert host.complete("d").ended


def _failing() -> bytes:
    diagram = Diagram().variables("assigned_at:date")
    return diagram.start().user("a", deadline="report_back").end().flow("start", "a", "end").xml()


@normalised(GROUP, "管理员：异常后重试", "OK", _failing, "用当时的流程变量重做这一步")
def retry(host: Host) -> None:
    host.start()
    fault = host.last.error
    assert fault is not None
    assert "assigned_at" in fault.sentence
    assert host.retry(fault.ref).last.error is not None
    host.variables = {**host.variables, "assigned_at": "2022-01-26"}
    assert host.retry(fault.ref).last.error is None
    (task,) = host.tasks.values()
    assert task.due_at is not None
    assert task.due_at.isoformat() == "2022-02-10T00:00:00+08:00"
