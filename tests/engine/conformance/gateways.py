"""Gateways."""

from __future__ import annotations

from tests.engine.conformance.table import normalised, refused, runs
from tests.engine.diagrams import Diagram, Scope, ref, timer
from tests.engine.host import Host

GROUP = "网关"


def _exclusive(default: str | None = "no", condition: str = "n > 3") -> bytes:
    diagram = Diagram().variables("n:int")
    diagram.start().user("ask", outputs="n:int").xor("x", default).user("yes").user("no").end()
    diagram.flow("start", "ask", "x").flow("x", "yes", when=condition).flow(
        "x", "no", when=None if default else "n < 3"
    )
    return diagram.flow("yes", "end").flow("no", "end").xml()


@runs(GROUP, "排他网关 exclusiveGateway", "OK", _exclusive, "按图上顺序取第一个条件为真的去向")
def exclusive(host: Host) -> None:
    assert Host(host.process).start().complete("ask", n=9).todo == ["yes"]
    assert host.start().complete("ask", n=1).todo == ["no"]


refused(GROUP, "排他网关没有默认去向", "OK", "flow:incomplete", lambda: _exclusive(None))


def _complete_outcomes() -> bytes:
    diagram = Diagram()
    diagram.start().user("ask", "accept", "return").xor("x").user("yes").user("no").end()
    diagram.flow("start", "ask", "x").flow("x", "yes", when="outcome == 'accept'")
    return diagram.flow("x", "no", when="outcome == 'return'").flow("yes", "end").flow("no", "end").xml()


@runs(GROUP, "排他网关：条件覆盖前一任务的全部办理结果", "OK", _complete_outcomes, "不必再写默认去向")
def complete_outcomes(host: Host) -> None:
    assert host.start().complete("ask", outcome="return").todo == ["no"]


def _parallel() -> bytes:
    diagram = Diagram()
    diagram.start().both("fork").user("a").user("b").both("join").user("after").end()
    return diagram.flow("start", "fork", "a", "join", "after", "end").flow("fork", "b", "join").xml()


@runs(GROUP, "并行网关 parallelGateway", "OK", _parallel)
def parallel(host: Host) -> None:
    assert host.start().todo == ["a", "b"]
    assert host.complete("b").todo == ["a"]
    assert host.complete("a").todo == ["after"]


def _parallel_rework() -> bytes:
    diagram = Diagram()
    diagram.start().xor("merge").both("fork").user("a").user("b").both("join").user("judge", "again", "done")
    diagram.xor("more", "end").end().flow("start", "merge", "fork", "a", "join", "judge", "more", "end")
    return diagram.flow("fork", "b", "join").flow("more", "merge", when="outcome == 'again'").xml()


@runs(GROUP, "并行网关在返工环路中", "OK", _parallel_rework, "轮次不限：状态不随轮次增长")
def parallel_rework(host: Host) -> None:
    host.start()
    sizes = set()
    for _ in range(400):
        host.complete("b").complete("a").complete("judge", outcome="again")
        sizes.add(len(host.state or ""))
    assert max(sizes) - min(sizes) < 20
    assert host.complete("a").complete("b").complete("judge", outcome="done").ended


def _deadlock() -> bytes:
    diagram = Diagram()
    diagram.start().user("ask", "a", "b").xor("x", "a").user("a").user("b").both("join").end()
    diagram.flow("start", "ask", "x", "a", "join", "end").flow("x", "b", when="outcome == 'b'").flow("b", "join")
    return diagram.xml()


refused(GROUP, "排他分支接并行汇合（死等）", "OK", "tokens:deadlock", _deadlock)


def _double() -> bytes:
    diagram = Diagram()
    diagram.start().both("fork").user("a").user("b").xor("merge").user("after").end()
    return diagram.flow("start", "fork", "a", "merge", "after", "end").flow("fork", "b", "merge").xml()


refused(GROUP, "并行分支接排他合并（后续执行两次）", "OK", "tokens:double", _double)


def _inclusive() -> bytes:
    diagram = Diagram().variables("n:int")
    diagram.start().some("fork", "c").user("a").user("b").user("c").some("join").user("after").end()
    diagram.flow("start", "fork").flow("fork", "a", when="n >= 1").flow("fork", "b", when="n >= 2").flow("fork", "c")
    return diagram.flow("a", "join", "after", "end").flow("b", "join").flow("c", "join").xml()


@runs(GROUP, "包容网关 inclusiveGateway", "CAV", _inclusive)
def inclusive(host: Host) -> None:
    both = Host(host.process, n=2).start()
    assert both.todo == ["a", "b"]
    assert both.complete("a").todo == ["b"]
    assert both.complete("b").todo == ["after"]
    assert Host(host.process, n=1).start().complete("a").todo == ["after"]
    assert Host(host.process, n=0).start().todo == ["c"]


def _inclusive_rework() -> bytes:
    diagram = Diagram().variables("n:int=2")
    diagram.start().xor("merge").some("fork", "b").user("a").user("b").user("d").some("join")
    diagram.user("judge", "again", "done").xor("more", "end").end().flow("start", "merge", "fork")
    diagram.flow("fork", "a", when="n >= 1").flow("fork", "d", when="n >= 2").flow("fork", "b")
    diagram.flow("a", "join", "judge", "more", "end").flow("b", "join").flow("d", "join")
    return diagram.flow("more", "merge", when="outcome == 'again'").xml()


@normalised(GROUP, "包容网关在返工环路中", "CAV", _inclusive_rework)
def inclusive_rework(host: Host) -> None:
    host.start()
    for again in ("again", "again", "again", "done"):
        assert host.todo == ["a", "d"]
        assert host.complete("a").todo == ["d"]
        host.complete("d").complete("judge", outcome=again)
    assert host.ended


def _inclusive_after_cancel() -> bytes:
    inside = Scope().start("s").user("b").end("e").flow("s", "b", "e")
    diagram = Diagram().names("message", "stop")
    diagram.start().both("fork").user("a").sub("stage", inside).boundary("out", "stage", ref("message", "stop"))
    diagram.some("join").user("after").end("given_up").end()
    diagram.flow("start", "fork", "a", "join", "after", "end").flow("fork", "stage", "join").flow("out", "given_up")
    return diagram.xml()


@normalised(GROUP, "包容汇合：等待的分支被中断", "CAV", _inclusive_after_cancel, "不再可能到来的分支不等")
def inclusive_after_cancel(host: Host) -> None:
    assert host.start().complete("a").todo == ["b"]
    assert host.deliver("stop").todo == ["after"]


def _inclusive_pair() -> bytes:
    diagram = Diagram().variables("n:int=1")
    diagram.start().both("fork").some("j1").some("j2").xor("x1", "end").xor("x2", "end").end()
    diagram.flow("start", "fork", "j1", "x1", "end").flow("fork", "j2", "x2", "end")
    return diagram.flow("x1", "j2", when="n > 1").flow("x2", "j1", when="n > 1").xml()


refused(GROUP, "两个包容汇合在同一环路中（互等）", "CAV", "tokens:deadlock", _inclusive_pair)


def _event_based() -> bytes:
    diagram = Diagram().names("message", "answer").names("signal", "stop")
    diagram.start().node("eventBasedGateway", "first").catch("late", timer("Duration", "P2D"))
    diagram.node("receiveTask", "came", messageRef="message_answer").catch("stopped", ref("signal", "stop"))
    diagram.user("chase").user("read").end()
    diagram.flow("start", "first", "late", "chase", "end").flow("first", "came", "read", "end")
    return diagram.flow("first", "stopped", "end").xml()


@runs(GROUP, "事件网关 eventBasedGateway", "OK", _event_based)
def event_based(host: Host) -> None:
    other = Host(host.process).start()
    assert host.start().pending == ["came", "late", "stopped"]
    assert host.deliver("answer").todo == ["read"]
    assert host.pending == []
    assert other.tick("late").todo == ["chase"]
    assert "first-late" in other.passed
    assert "first-came" not in other.passed


refused(
    GROUP,
    "复杂网关 complexGateway",
    "ERR",
    "element:complexGateway",
    lambda: Diagram().start().node("complexGateway", "x").end().flow("start", "x", "end").xml(),
)
