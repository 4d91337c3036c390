"""Events that are thrown, and who catches them."""

from __future__ import annotations

from tests.engine.conformance.table import normalised, refused, runs
from tests.engine.diagrams import Diagram, Scope, condition, link, ref, timer
from tests.engine.host import Host

GROUP = "事件的抛出与捕获"


def _thrown(definition: str) -> bytes:
    diagram = Diagram().names("message", "m").names("signal", "m").names("escalation", "m").names("error", "m")
    return diagram.start().throw("tell", definition).end().flow("start", "tell", "end").xml()


@runs(GROUP, "抛出事件：消息", "OK", lambda: _thrown(ref("message", "m")))
def throw_message(host: Host) -> None:
    assert host.start().raised == [("message", "m")]
    assert host.ended


@runs(GROUP, "抛出事件：信号", "OK", lambda: _thrown(ref("signal", "m")))
def throw_signal(host: Host) -> None:
    assert host.start().raised == [("signal", "m")]


@runs(GROUP, "抛出事件：升级", "OK", lambda: _thrown(ref("escalation", "m")))
def throw_escalation(host: Host) -> None:
    assert host.start().raised == [("escalation", "m")]
    assert host.ended


def _ended(definition: str) -> bytes:
    diagram = Diagram().names("message", "m").names("signal", "m").names("escalation", "m").names("error", "m")
    diagram.start().both("fork").user("a").end("end", definition).end("other")
    return diagram.flow("start", "fork", "end").flow("fork", "a", "other").xml()


@runs(GROUP, "结束事件：消息", "OK", lambda: _ended(ref("message", "m")))
def end_message(host: Host) -> None:
    assert host.start().raised == [("message", "m")]
    assert host.todo == ["a"]


@normalised(GROUP, "结束事件：信号", "SIL", lambda: _ended(ref("signal", "m")), "先抛出信号，再结束")
def end_signal(host: Host) -> None:
    assert host.start().raised == [("signal", "m")]
    assert host.todo == ["a"]


def _signal_inside() -> bytes:
    diagram = Diagram().names("signal", "go")
    diagram.start().both("fork").user("a").end("told", ref("signal", "go")).catch("wait", ref("signal", "go")).user("b")
    diagram.catch("wait2", ref("signal", "go")).end()
    return (
        diagram.flow("start", "fork", "a", "told").flow("fork", "wait", "b", "end").flow("fork", "wait2", "end").xml()
    )


@normalised(GROUP, "信号在同一实例内", "SIL", _signal_inside, "唤醒所有等待者，同一行动的其他实例也听得到")
def signal_inside(host: Host) -> None:
    assert host.start().pending == ["wait", "wait2"]
    assert host.complete("a").todo == ["b"]
    assert host.raised == [("signal", "go")]


@runs(GROUP, "结束事件：升级", "OK", lambda: _ended(ref("escalation", "m")))
def end_escalation(host: Host) -> None:
    assert host.start().raised == [("escalation", "m")]


@runs(GROUP, "结束事件：终止", "OK", lambda: _ended(ref("terminate")))
def end_terminate(host: Host) -> None:
    assert host.start().ended
    assert host.todo == []


def _terminated_inside() -> bytes:
    inside = Scope().start("s").both("f").user("a").user("b").end("e", ref("terminate")).end("e2")
    inside.flow("s", "f", "a", "e").flow("f", "b", "e2")
    return Diagram().start().sub("stage", inside).user("after").end().flow("start", "stage", "after", "end").xml()


@normalised(GROUP, "子流程内的终止结束事件", "OK", _terminated_inside, "只结束所在的子流程")
def terminate_inside(host: Host) -> None:
    assert host.start().complete("a").todo == ["after"]


@normalised(GROUP, "结束事件：错误，没有捕获", "CAV", lambda: _ended(ref("error", "m")), "成为异常，流程不再往下走")
def end_error(host: Host) -> None:
    host.start()
    assert host.raised == [("error", "m")]
    assert not host.ended
    assert host.last.error is not None
    assert "end" not in host.passed
    assert "“m”" in host.last.error.sentence


# -- errors and escalations --------------------------------------------------------------------------------------------
def _stages(kind: str, cancel: bool = True, code: str = "m") -> bytes:
    """Two sub-processes side by side, each with a boundary for the same code."""
    diagram = Diagram().names(kind, "m", "n")
    diagram.start().both("fork").both("join").end()
    for side in "12":
        inside = Scope().start(f"s{side}").user(f"a{side}", "ok", "bad").xor(f"x{side}", f"e{side}")
        inside.end(f"e{side}").end(f"bad{side}", ref(kind, code))
        inside.flow(f"s{side}", f"a{side}", f"x{side}", f"e{side}").flow(
            f"x{side}", f"bad{side}", when="outcome == 'bad'"
        )
        diagram.sub(f"stage{side}", inside).boundary(f"on{side}", f"stage{side}", ref(kind, "m"), cancel)
        diagram.user(f"handle{side}").end(f"handled{side}")
        diagram.flow("fork", f"stage{side}", "join").flow(f"on{side}", f"handle{side}", f"handled{side}")
    return diagram.flow("start", "fork").flow("join", "end").xml()


def _single(kind: str, cancel: bool = True, code: str = "m", caught: str = "m") -> bytes:
    inside = Scope().start("s").user("a").end("bad", ref(kind, code)).flow("s", "a", "bad")
    diagram = Diagram().names(kind, "m", "n")
    diagram.start().sub("stage", inside).boundary("on", "stage", ref(kind, caught), cancel).user("handle").user("after")
    return diagram.end().flow("start", "stage", "after", "end").flow("on", "handle", "end").xml()


@runs(GROUP, "边界事件：错误", "CAV", lambda: _single("error"))
def error_boundary(host: Host) -> None:
    assert host.start().complete("a").todo == ["handle"]
    assert "stage" not in host.passed


@runs(GROUP, "边界事件：错误，不写代码的捕获一切", "CAV", lambda: _single("error", code="n", caught=""))
def error_catch_all(host: Host) -> None:
    assert host.start().complete("a").todo == ["handle"]


@normalised(GROUP, "边界事件：错误代码不同", "CAV", lambda: _single("error", code="n"), "不捕获，成为异常")
def error_other_code(host: Host) -> None:
    host.start().complete("a")
    assert host.todo == []
    assert host.last.error is not None
    assert host.raised == [("error", "n")]


@normalised(GROUP, "边界事件：不中断的升级，可多次", "CAV", lambda: _single("escalation", cancel=False))
def escalation_beside(host: Host) -> None:
    assert host.start().complete("a").todo == ["after", "handle"]
    assert "stage" in host.passed


def _scoped(kind: str) -> bytes:
    diagram = Diagram().names(kind, "m")
    diagram.start().both("fork").end()
    for side in "12":
        inside = Scope().start(f"s{side}").user(f"a{side}").end(f"bad{side}", ref(kind, "m"))
        inside.flow(f"s{side}", f"a{side}", f"bad{side}")
        diagram.sub(f"stage{side}", inside).boundary(f"on{side}", f"stage{side}", ref(kind, "m")).user(f"handle{side}")
        diagram.flow("fork", f"stage{side}", "end").flow(f"on{side}", f"handle{side}", "end")
    return diagram.flow("start", "fork").xml()


@normalised(GROUP, "错误的作用域：并列的子流程", "SIL", lambda: _scoped("error"), "只有抛出者外层的边界事件捕获")
def error_scope(host: Host) -> None:
    assert host.start().complete("a1").todo == ["a2", "handle1"]


@normalised(GROUP, "升级的作用域：并列的子流程", "SIL", lambda: _scoped("escalation"))
def escalation_scope(host: Host) -> None:
    assert host.start().complete("a1").todo == ["a2", "handle1"]


def _nested() -> bytes:
    inner = Scope().start("s2").user("a").end("bad", ref("error", "m")).flow("s2", "a", "bad")
    outer = Scope().start("s1").sub("inner", inner).end("e1").flow("s1", "inner", "e1")
    diagram = Diagram().names("error", "m")
    diagram.start().sub("outer", outer).boundary("on", "outer", ref("error", "m")).user("handle").end()
    return diagram.flow("start", "outer", "end").flow("on", "handle", "end").xml()


@normalised(GROUP, "错误逐层向外传播", "CAV", _nested)
def error_outward(host: Host) -> None:
    assert host.start().complete("a").todo == ["handle"]


def _calls(kind: str, cancel: bool = True) -> bytes:
    diagram = Diagram().names(kind, "m")
    diagram.start().both("fork").end()
    for side in "12":
        diagram.call(f"ask{side}").boundary(f"on{side}", f"ask{side}", ref(kind, "m"), cancel).user(f"handle{side}")
        diagram.flow("fork", f"ask{side}", "end").flow(f"on{side}", f"handle{side}", "end")
    return diagram.flow("start", "fork").xml()


@normalised(GROUP, "被调用流程抛出的错误", "SIL", lambda: _calls("error"), "只到达自己的调用活动")
def error_of_child(host: Host) -> None:
    host.start().child_raised("ask1", "error", "m")
    assert (host.todo, host.pending) == (["handle1"], ["ask2"])


@normalised(GROUP, "被调用流程抛出的错误，没有捕获", "SIL", lambda: _calls("error"))
def error_of_child_uncaught(host: Host) -> None:
    host.start().child_raised("ask1", "error", "other")
    assert host.last.error is not None
    assert host.last.error.element == "ask1"
    assert sorted(child.element for child in host.children.values()) == ["ask1", "ask2"]
    assert host.children_done("ask2").last.error is not None


@normalised(GROUP, "被调用流程抛出的升级，不中断，可多次", "CAV", lambda: _calls("escalation", cancel=False))
def escalation_of_child(host: Host) -> None:
    host.start()
    for _ in range(3):
        host.child_raised("ask1", "escalation", "m")
    assert host.todo == ["handle1"] * 3
    assert len(host.children) == 2


def _repeated(definition: str) -> bytes:
    diagram = Diagram().names("message", "m").names("signal", "m")
    diagram.start().user("a").boundary("on", "a", definition, cancel=False).user("handle").end()
    return diagram.flow("start", "a", "end").flow("on", "handle", "end").xml()


@normalised(GROUP, "不中断边界事件：消息，可多次", "CAV", lambda: _repeated(ref("message", "m")))
def message_beside(host: Host) -> None:
    host.start().deliver("m").deliver("m").deliver("m")
    assert host.todo == ["a", "handle", "handle", "handle"]
    host.complete("a")
    assert host.pending == []


@normalised(GROUP, "不中断边界事件：信号，可多次", "CAV", lambda: _repeated(ref("signal", "m")))
def signal_beside(host: Host) -> None:
    host.start().deliver("m").deliver("m")
    assert host.todo == ["a", "handle", "handle"]


def _interrupting() -> bytes:
    diagram = Diagram()
    diagram.start().user("a").boundary("late", "a", timer("Duration", "P3D")).user("chase").end()
    return diagram.flow("start", "a", "end").flow("late", "chase", "end").xml()


@runs(GROUP, "中断边界事件：定时", "CAV", _interrupting)
def timer_boundary(host: Host) -> None:
    other = Host(host.process).start().complete("a")
    assert other.ended
    assert host.start().tick("late").todo == ["chase"]


# -- links -------------------------------------------------------------------------------------------------------------
def _links() -> bytes:
    diagram = Diagram()
    diagram.start().user("a").throw("out", link("x")).catch("in", link("x")).user("b").end()
    return diagram.flow("start", "a", "out").flow("in", "b", "end").xml()


@normalised(GROUP, "链接事件", "SIL", _links, "归一为连线")
def links(host: Host) -> None:
    assert host.start().complete("a").todo == ["b"]
    assert host.passed[-4:] == ["a-out", "out", "in", "in-b"]


refused(GROUP, "链接没有出口", "SIL", "link:target", lambda: _thrown(link("x")))


# -- what we have not --------------------------------------------------------------------------------------------------
refused(
    GROUP,
    "补偿抛出事件",
    "SIL",
    "event:intermediateThrowEvent:compensate",
    lambda: _thrown("<bpmn:compensateEventDefinition/>"),
)
refused(GROUP, "补偿结束事件", "SIL", "event:endEvent:compensate", lambda: _ended("<bpmn:compensateEventDefinition/>"))
refused(
    GROUP,
    "补偿边界事件",
    "ERR",
    "event:boundaryEvent:compensate",
    lambda: _repeated("<bpmn:compensateEventDefinition/>"),
)


def _event_sub_process(definition: str, interrupting: bool) -> bytes:
    flag = "true" if interrupting else "false"
    inside = Scope().start("s", definition, isInterrupting=flag).user("h").end("e").flow("s", "h", "e")
    diagram = Diagram().names("message", "m").names("signal", "m").names("error", "m").names("escalation", "m")
    diagram.start().user("a").sub("on", inside, triggeredByEvent="true").end()
    return diagram.flow("start", "a", "end").xml()


for word, definition, interrupting, library in (
    ("消息，不中断", ref("message", "m"), False, "CAV"),
    ("信号，不中断", ref("signal", "m"), False, "CAV"),
    ("定时，不中断", timer("Duration", "P1D"), False, "CAV"),
    ("消息，中断", ref("message", "m"), True, "SIL"),
    ("错误", ref("error", "m"), True, "SIL"),
    ("升级", ref("escalation", "m"), True, "SIL"),
    ("条件", condition("1 > 2"), False, "SIL"),
):
    refused(
        GROUP,
        f"事件子流程：{word}",
        library,
        "element:event_sub_process",
        lambda definition=definition, interrupting=interrupting: _event_sub_process(definition, interrupting),  # type: ignore[misc]
    )
