"""Activities that are repeated, and boundary events on them."""

from __future__ import annotations

from tests.engine.conformance.table import normalised, refused, runs
from tests.engine.diagrams import Diagram, Scope, many, ref, repeat, timer
from tests.engine.host import Host

GROUP = "循环与多实例"


def _many(**given: object) -> bytes:
    return Diagram().start().user("sign", inner=many(**given)).end().flow("start", "sign", "end").xml()  # type: ignore[arg-type]


@runs(GROUP, "并行多实例（次数）", "OK", lambda: _many(count="3"))
def parallel_count(host: Host) -> None:
    assert host.start().todo == ["sign"] * 3
    assert [task.item for task in host.tasks.values()] == [0, 1, 2]
    assert host.complete("sign").complete("sign").complete("sign").ended
    assert host.passed.count("sign") == 1


@runs(
    GROUP, "并行多实例（集合）", "OK", lambda: _many(items="['甲县', '乙县']", item="county"), "集合是写在引号里的列表"
)
def parallel_items(host: Host) -> None:
    assert sorted(str(task.item) for task in host.start().tasks.values()) == ["乙县", "甲县"]
    assert host.complete("sign").complete("sign").ended


@runs(GROUP, "并行多实例：空集合", "OK", lambda: _many(items="[]"))
def parallel_empty(host: Host) -> None:
    assert host.start().ended


@normalised(
    GROUP,
    "多实例的完成条件",
    "OK",
    lambda: _many(count="5", until="nrOfCompletedInstances >= 2"),
    "可用 done、total 和 nrOfInstances、nrOfCompletedInstances、nrOfActiveInstances",
)
def completion_condition(host: Host) -> None:
    assert host.start().complete("sign").todo == ["sign"] * 4
    assert host.complete("sign").ended
    assert host.todo == []


@normalised(GROUP, "串行多实例", "CAV", lambda: _many(count="3", sequential=True))
def sequential_count(host: Host) -> None:
    assert host.start().todo == ["sign"]
    assert host.complete("sign").todo == ["sign"]
    assert [task.item for task in host.tasks.values()] == [1]
    assert host.complete("sign").complete("sign").ended


def _rework() -> bytes:
    diagram = Diagram()
    diagram.start().xor("merge").user("sign", inner=many(items="['a', 'b']", item="who"))
    diagram.user("judge", "again", "done").xor("more", "end").end()
    diagram.flow("start", "merge", "sign", "judge", "more", "end").flow("more", "merge", when="outcome == 'again'")
    return diagram.xml()


@normalised(GROUP, "多实例在返工环路中再次进入", "ERR", _rework)
def many_again(host: Host) -> None:
    host.start()
    for again in ("again", "again", "done"):
        assert host.todo == ["sign", "sign"]
        host.complete("sign").complete("sign").complete("judge", outcome=again)
    assert host.ended


refused(
    GROUP,
    "多实例的输出集合",
    "CAV",
    "loop:output",
    lambda: (
        Diagram()
        .start()
        .user(
            "sign",
            inner=many(count="2").replace(
                "</bpmn:multi", "<bpmn:loopDataOutputRef>all</bpmn:loopDataOutputRef></bpmn:multi"
            ),
        )
        .end()
        .flow("start", "sign", "end")
        .xml()
    ),
)


def _standard(**given: object) -> bytes:
    inner = repeat(**given)  # type: ignore[arg-type]
    return Diagram().start().user("try", "again", "done", inner=inner).end().flow("start", "try", "end").xml()


@runs(GROUP, "标准循环：次数上限", "OK", lambda: _standard(maximum=2))
def loop_maximum(host: Host) -> None:
    assert host.start().complete("try", outcome="again").todo == ["try"]
    assert host.complete("try", outcome="again").ended


@runs(GROUP, "标准循环：条件", "OK", lambda: _standard(condition_="outcome == 'again'"))
def loop_condition(host: Host) -> None:
    assert host.start().complete("try", outcome="again").complete("try", outcome="again").todo == ["try"]
    assert host.complete("try", outcome="done").ended


@runs(GROUP, "标准循环：先判断（testBefore）", "OK", lambda: _standard(condition_="outcome == 'again'", before=True))
def loop_test_before(host: Host) -> None:
    assert host.start().ended


def _boundary_on_many(cancel: bool) -> bytes:
    inside = Scope().start("s").user("a").end("e").flow("s", "a", "e")
    diagram = Diagram().names("message", "stop")
    diagram.start().sub("each", inside, many(count="3")).boundary("late", "each", ref("message", "stop"), cancel)
    return diagram.user("after").end().flow("start", "each", "end").flow("late", "after", "end").xml()


@normalised(GROUP, "多实例子流程上的中断边界事件", "ERR", lambda: _boundary_on_many(True))
def interrupting_on_many(host: Host) -> None:
    assert host.start().complete("a").todo == ["a", "a"]
    assert host.deliver("stop").todo == ["after"]
    assert host.complete("after").ended


@normalised(GROUP, "多实例子流程上的不中断边界事件，可多次", "CAV", lambda: _boundary_on_many(False))
def beside_many(host: Host) -> None:
    host.start().deliver("stop").deliver("stop").deliver("stop")
    assert host.todo == ["a", "a", "a", "after", "after", "after"]


def _boundary_on_call() -> bytes:
    diagram = Diagram()
    diagram.start().call("ask", over="counties").boundary("late", "ask", timer("Duration", "P3D")).user("after").end()
    return diagram.flow("start", "ask", "end").flow("late", "after", "end").xml()


@normalised(GROUP, "多实例调用活动上的中断边界事件", "ERR", _boundary_on_call)
def interrupting_on_call(host: Host) -> None:
    host.start()
    (child,) = host.children
    assert host.tick("late").todo == ["after"]
    assert host.last.children_gone == (child,)
