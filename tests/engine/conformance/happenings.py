"""Events that start a process or are waited for."""

from __future__ import annotations

from datetime import datetime, timedelta

from domain.workdays import BEIJING
from tests.engine.conformance.table import normalised, refused, runs
from tests.engine.diagrams import Diagram, Scope, condition, many, ref, timer
from tests.engine.host import NOW, Host

GROUP = "事件"


def _start(inner: str = "", **given: object) -> bytes:
    diagram = Diagram().names("message", "m").names("signal", "m")
    return diagram.start("start", inner, **given).user("a").end().flow("start", "a", "end").xml()


@runs(GROUP, "开始事件：无触发", "OK", _start)
def start_none(host: Host) -> None:
    assert host.process.schedule is None
    assert host.start().todo == ["a"]


refused(GROUP, "开始事件：消息", "OK", "event:startEvent:message", lambda: _start(ref("message", "m")))
refused(GROUP, "开始事件：信号", "OK", "event:startEvent:signal", lambda: _start(ref("signal", "m")))


@runs(
    GROUP,
    "开始事件：定时",
    "OK",
    lambda: _start("<bpmn:timerEventDefinition/>", **{"bihuan:schedule": "weekly"}),
    "周期由方案的报表计划决定（bihuan:schedule），图上留空",
)
def start_timer(host: Host) -> None:
    assert host.process.schedule == "weekly"
    assert host.start().todo == ["a"]


refused(GROUP, "开始事件：条件", "CAV", "event:startEvent:conditional", lambda: _start(condition("1 > 2")))


def _two_starts() -> bytes:
    diagram = Diagram().start().start("other").user("a").end()
    return diagram.flow("start", "a", "end").flow("other", "a").xml()


refused(GROUP, "多个开始事件", "CAV", "start:several", _two_starts)


def _caught(definition: str) -> bytes:
    diagram = Diagram().names("message", "m").names("signal", "m").variables("n:int")
    return diagram.start().catch("wait", definition).end().flow("start", "wait", "end").xml()


@runs(GROUP, "捕获事件：消息", "CAV", lambda: _caught(ref("message", "m")), "不缓存：到达之前发出的消息不算")
def catch_message(host: Host) -> None:
    host.start()
    (wait,) = host.waits.values()
    assert (wait.kind, wait.name) == ("message", "m")
    assert host.deliver("m").ended


@runs(GROUP, "捕获事件：信号", "CAV", lambda: _caught(ref("signal", "m")))
def catch_signal(host: Host) -> None:
    assert host.start().pending == ["wait"]
    assert host.deliver("m").ended


def _due(host: Host) -> datetime:
    (waiting,) = host.start().timers.values()
    return waiting.due_at


@runs(GROUP, "捕获事件：定时（时刻，表达式）", "CAV", lambda: _caught(timer("Date", "stage_end('s1')")))
def timer_stage(host: Host) -> None:
    assert _due(host) == datetime(2022, 1, 11, tzinfo=BEIJING)
    assert host.tick("wait").ended


@normalised(
    GROUP, "捕获事件：定时（时刻，字面值不加引号）", "CAV", lambda: _caught(timer("Date", "2022-02-01T08:00:00+08:00"))
)
def timer_literal(host: Host) -> None:
    assert _due(host) == datetime(2022, 2, 1, 8, tzinfo=BEIJING)


@normalised(GROUP, "捕获事件：定时（时长，加不加引号都可）", "CAV", lambda: _caught(timer("Duration", '"PT36H"')))
def timer_duration(host: Host) -> None:
    assert _due(host) == NOW + timedelta(hours=36)


@normalised(
    GROUP,
    "捕获事件：定时（按月）",
    "CAV",
    lambda: _caught(timer("Duration", "P1M")),
    "依民法典第二百零二条、二百零三条",
)
def timer_month(host: Host) -> None:
    host.now = datetime(2022, 1, 31, 9, tzinfo=BEIJING)
    assert _due(host) == datetime(2022, 3, 1, tzinfo=BEIJING)  # 24:00 of 28 February


refused(GROUP, "定时写了不存在的时间", "CAV", "timer:value", lambda: _caught(timer("Duration", "P1D2H")))
refused(GROUP, "循环定时用在捕获事件上", "CAV", "timer:cycle", lambda: _caught(timer("Cycle", "R3/PT1H")))


def _cycle() -> bytes:
    diagram = Diagram()
    diagram.start().user("a").boundary("remind", "a", timer("Cycle", "R3/P1D"), cancel=False).service("note").end()
    return diagram.flow("start", "a", "end").flow("remind", "note", "end").xml()


@normalised(GROUP, "不中断边界事件：循环定时", "CAV", _cycle, "归一为逐次重设的定时；停机期间错过的各次只补一次")
def timer_cycle(host: Host) -> None:
    assert _due(host) == NOW + timedelta(days=1)
    host.later(days=1).tick("remind")
    assert [item.due_at for item in host.timers.values()] == [NOW + timedelta(days=2)]
    assert len(host.actions) == 1
    host.later(days=9).tick("remind")  # the third round has been missed
    assert (len(host.timers), len(host.actions), host.todo) == (0, 2, ["a"])


@normalised(GROUP, "捕获事件：条件", "CAV", lambda: _caught(condition("n > 3")), "随流程变量的变化重新判断")
def catch_condition(host: Host) -> None:
    assert host.start().deliver("nothing").ended is False
    host.variables = {**host.variables, "n": 4}
    assert host.deliver("nothing").ended


def _condition_beside() -> bytes:
    diagram = Diagram().variables("n:int")
    diagram.start().both("fork").user("a").user("b", outputs="n:int").both("join").end()
    diagram.boundary("many", "a", condition("n > 3"), cancel=False).user("look").end("seen")
    diagram.flow("start", "fork", "a", "join", "end").flow("fork", "b", "join").flow("many", "look", "seen")
    return diagram.xml()


@normalised(GROUP, "边界事件：条件", "CAV", _condition_beside, "由假变真时发生一次")
def boundary_condition(host: Host) -> None:
    assert host.start().todo == ["a", "b"]
    assert host.complete("b", n=5).todo == ["a", "look"]
    assert host.complete("look").todo == ["a"]


def _one_of_three() -> bytes:
    inside = Scope().start("s").catch("wait", ref("message", "m")).end("e").flow("s", "wait", "e")
    diagram = Diagram().names("message", "m")
    return diagram.start().sub("each", inside, many(count="3")).end().flow("start", "each", "end").xml()


@normalised(GROUP, "消息的归属", "CAV", _one_of_three, "一条消息只交给一个等待者：指明的那个，或等得最久的那个")
def one_message_one_catch(host: Host) -> None:
    assert len(host.start().waits) == 3
    assert len(host.deliver("m").waits) == 2
    assert host.deliver("m").deliver("m").ended


def _multiple(all_of: bool) -> bytes:
    diagram = Diagram().names("message", "a", "b")
    given = {"parallelMultiple": "true"} if all_of else {}
    diagram.start().catch("wait", ref("message", "a") + ref("message", "b"), **given).end()
    return diagram.flow("start", "wait", "end").xml()


@runs(GROUP, "多重捕获事件（任一）", "OK", lambda: _multiple(False))
def multiple(host: Host) -> None:
    assert len(host.start().waits) == 2
    assert host.deliver("b").ended


@runs(GROUP, "并行多重捕获事件（全部）", "OK", lambda: _multiple(True))
def parallel_multiple(host: Host) -> None:
    assert not host.start().deliver("b").deliver("b").ended
    assert len(host.waits) == 1
    assert host.deliver("a").ended
