"""One command at a time: who wins, what comes too late, what stands in error, and what cannot get in."""

from __future__ import annotations

import pytest

from domain.errors import Busy, Conflict, Invalid
from engine import advance, load
from engine.contract import (
    ActionDone,
    ChildDone,
    ChildRaised,
    Complete,
    Context,
    Deliver,
    Move,
    Passed,
    Retry,
    Start,
    Tick,
)
from engine.tokens import Instance
from tests.engine.diagrams import Diagram, Scope, condition, many, ref, timer
from tests.engine.host import APPROVAL, CALENDAR, NOW, PLAN, STANDARD, Host, compiled, run


def test_the_first_completion_wins() -> None:
    host = Host(APPROVAL).start()
    ref_ = host.open("fill")
    host.complete("fill")
    with pytest.raises(Conflict):
        host.do(Complete(ref=ref_))
    for other in ("", "0", "999", "-1", "1.0", "fill"):
        with pytest.raises(Conflict):
            host.do(Complete(ref=other))
    assert host.todo == ["approve"]


def test_references_are_never_used_again() -> None:
    host = Host(APPROVAL).start()
    seen: set[str] = set()
    for _ in range(5):
        seen.update(host.tasks)
        host.complete("fill")
        seen.update(host.tasks)
        host.complete("approve", outcome="no")
    assert len(seen) == 10


def test_what_was_passed_is_told_in_order() -> None:
    host = Host(APPROVAL).start()
    assert host.last.passed == (
        Passed(element="start", kind="element"),
        Passed(element="start-merge", kind="flow"),
        Passed(element="merge", kind="element"),
        Passed(element="merge-fill", kind="flow"),
    )
    host.complete("fill").complete("approve", outcome="no")
    assert [item.element for item in host.last.passed] == [
        "approve",
        "approve-decide",
        "decide",
        "decide-merge",
        "merge",
        "merge-fill",
    ]


def test_an_ended_instance_takes_nothing_more() -> None:
    host = Host(APPROVAL).start().complete("fill").complete("approve", outcome="yes")
    assert host.ended
    state = host.state
    for late in (Tick(ref="1"), ChildDone(ref="1"), ActionDone(ref="1"), Deliver(name="m")):
        result = host.do(late)
        assert (result.ended, result.state, result.passed) == (True, state, ())
    for refused in (Complete(ref="1"), Move(ref="1"), Retry(ref="1")):
        with pytest.raises(Conflict):
            host.do(refused)


def test_misuse_is_a_programming_error() -> None:
    context = Context(now=NOW, plan=PLAN, calendar=CALENDAR, variables=STANDARD)
    with pytest.raises(ValueError, match="Start"):
        advance(APPROVAL, None, Tick(ref="1"), context)
    with pytest.raises(ValueError, match="Start"):
        advance(APPROVAL, "[1,0,0,[]]", Start(), context)
    naive = Context(now=NOW.replace(tzinfo=None), plan=PLAN, calendar=CALENDAR)
    with pytest.raises(ValueError, match="aware"):
        advance(APPROVAL, None, Start(), naive)


# -- faults ------------------------------------------------------------------------------------------------------------
def _sound() -> Diagram:
    """Two branches that a signal wakes; the first one's decision cannot be taken."""
    diagram = Diagram().names("signal", "go").variables("n:int")
    diagram.start().both("fork").both("join").end().xor("m")
    diagram.catch("w1", ref("signal", "go")).xor("x", "m").user("a").catch("w2", ref("signal", "go")).user("b")
    diagram.flow("start", "fork", "w1", "x", "m", "join", "end").flow("x", "a", when="n > 1").flow("a", "m")
    return diagram.flow("fork", "w2", "b", "join")


def test_a_fault_stops_its_branch_and_loses_nothing() -> None:
    host = run(_sound().xml()).deliver("go")
    fault = host.last.error
    assert fault is not None
    assert (fault.element, "n" in fault.sentence) == ("x", True)
    assert "x" not in host.passed
    assert host.todo == ["b"]  # the other branch goes on in the same step
    stands = host.deliver("nothing").last.error
    assert stands == fault
    host.variables = {**host.variables, "n": 2}
    assert host.retry(fault.ref).todo == ["a", "b"]
    assert host.last.error is None
    assert host.complete("a").complete("b").ended


def test_every_branch_that_fails_in_a_step_is_told_and_the_others_go_on() -> None:
    diagram = Diagram().variables("n:int=0").start().both("f").end()
    for side in "123":
        diagram.xor(f"x{side}", f"a{side}").user(f"a{side}").user(f"b{side}")
        bound = "1 / n > 1" if side != "3" else "n > 1"
        diagram.flow("f", f"x{side}", f"a{side}", "end")
        diagram.flow(f"x{side}", f"b{side}", when=bound).flow(f"b{side}", "end")
    host = run(diagram.flow("start", "f").xml())
    assert [fault.element for fault in host.last.faults] == ["x1", "x2"]
    assert host.todo == ["a3"]


def test_conditions_that_fail_at_rest_do_not_hide_each_other() -> None:
    diagram = Diagram().variables("n:int=1 m:int=1").start().both("f").user("a", outputs="n:int").end()
    diagram.catch("w1", condition("10 / n > 10")).catch("w2", condition("10 / n > 10")).catch("w3", condition("n == 0"))
    diagram.flow("start", "f", "a", "end")
    for place in "123":
        diagram.user(f"b{place}").flow("f", f"w{place}", f"b{place}", "end")
    host = run(diagram.xml()).complete("a", n=0)
    assert [fault.element for fault in host.last.faults] == ["w1", "w2"]
    assert host.todo == ["b3"]


def test_a_loop_without_end_is_one_fault() -> None:
    """Where a step has grown beyond its limits nothing more of it is begun; the rest is taken up by the next one."""
    diagram = Diagram().variables("n:int=1").start().both("f").end().end("e2")
    diagram.node("task", "a").node("task", "c").xor("x", "end").xor("y", "e2")
    diagram.flow("start", "f", "a", "x", "end").flow("x", "a", when="n == 1")
    host = run(diagram.flow("f", "c", "y", "e2").flow("y", "c", when="n == 1").xml())
    assert len(host.last.faults) == 1


def test_retry_needs_something_in_error() -> None:
    host = run(_sound().xml())
    for ref_ in ("1", "999"):
        with pytest.raises(Conflict):
            host.retry(ref_)


def test_a_task_in_error_can_be_moved_past() -> None:
    host = run(_sound().xml()).deliver("go")
    assert host.last.error is not None
    assert host.move(host.last.error.ref, "a").todo == ["a", "b"]
    assert host.last.error is None


def test_a_condition_must_be_yes_or_no() -> None:
    diagram = Diagram().variables("word:str=no").start().xor("x", "end").end().end("e2")
    host = run(diagram.flow("start", "x", "end").flow("x", "e2", when="word").xml())
    assert host.last.error is not None
    assert "是" in host.last.error.sentence


def test_a_child_in_error_starts_anew_under_a_new_reference() -> None:
    diagram = Diagram().start().call("ask", over="counties").end().flow("start", "ask", "end")
    host = run(diagram.xml())
    (old,) = host.children
    host.child_raised("ask", "error", "e")
    fault = host.last.error
    assert fault is not None
    assert host.raised == [("error", "e")]
    assert host.children_done("ask").last.error == fault  # the counter filling up does not heal it
    host.retry(fault.ref)
    (new,) = host.children
    assert new != old
    assert host.last.children_gone == (old,)
    assert host.children_done("ask", total=1, done=1).ended


def test_a_call_over_measures_counts_its_children_like_one_over_units() -> None:
    diagram = Diagram().start().call("ask", **{"bihuan:measures": "tasks"}).xor("x", "end").end().end("some")
    host = run(diagram.flow("start", "ask", "x", "end").flow("x", "some", when="ask_done < ask_total").xml())
    (started,) = host.last.children
    assert (started.plan.measures, started.plan.over, started.plan.many) == ("tasks", None, True)
    assert host.children_done("ask", total=3, done=3).ended
    assert host.variables["ask_total"] == 3


def test_late_answers_are_ignored() -> None:
    diagram = Diagram().names("error", "e")
    diagram.start().call("ask").boundary("late", "ask", timer("Duration", "P1D")).service("note").end()
    host = run(diagram.flow("start", "ask", "note", "end").flow("late", "end").xml())
    (child,) = host.children
    host.tick("late")
    for late in (ChildDone(ref=child), ChildRaised(ref=child, kind="error", code="e"), ActionDone(ref=child)):
        result = host.do(late)
        assert (result.passed, result.error, result.raised) == ((), None, ())
    assert host.ended


def test_an_answer_of_the_wrong_kind_is_ignored() -> None:
    diagram = Diagram().start().both("f").call("ask").service("note").user("a").end()
    host = run(diagram.flow("start", "f", "ask", "end").flow("f", "note", "end").flow("f", "a", "end").xml())
    (child,), (action,), (task,) = host.children, host.actions, host.tasks
    for wrong in (ActionDone(ref=child), ChildDone(ref=action), ChildDone(ref=task), Tick(ref=task), Tick(ref=child)):
        assert host.do(wrong).passed == ()
    with pytest.raises(Conflict):
        host.do(Complete(ref=child))


def test_a_message_can_be_meant_for_one() -> None:
    inside = Scope().start("s").catch("wait", ref("message", "m")).end("e").flow("s", "wait", "e")
    diagram = Diagram().names("message", "m").start().sub("each", inside, many(count="3")).end()
    host = run(diagram.flow("start", "each", "end").xml())
    second = list(host.waits)[1]
    host.do(Deliver(name="m", ref=second))
    assert second not in host.waits
    assert len(host.waits) == 2
    assert host.do(Deliver(name="m", ref=second)).passed == ()


def test_a_message_that_is_taken_inside_is_not_told_outside() -> None:
    diagram = Diagram().names("message", "go")
    diagram.start().both("fork").user("a").end("told", ref("message", "go")).end()
    for place in "12":
        diagram.catch(f"wait{place}", ref("message", "go")).user(f"b{place}")
        diagram.flow("fork", f"wait{place}", f"b{place}", "end")
    host = run(diagram.flow("start", "fork", "a", "told").xml()).complete("a")
    assert (host.todo, host.pending, host.raised) == (["b1"], ["wait2"], [])


def test_a_message_is_no_signal() -> None:
    diagram = Diagram().names("message", "m").names("signal", "m").start().both("f").end()
    diagram.catch("a", ref("message", "m")).catch("b", ref("signal", "m"))
    host = run(diagram.flow("start", "f", "a", "end").flow("f", "b", "end").xml())
    host.do(Deliver(name="m", kind="signal"))
    assert host.pending == ["a"]
    assert host.deliver("m").ended


def test_withdrawing_a_repetition_counts_it() -> None:
    host = run(Diagram().start().user("a", inner=many(count="2")).end().flow("start", "a", "end").xml())
    host.move(next(iter(host.tasks)))
    assert host.todo == ["a"]
    assert host.complete("a").ended


def test_repetitions_move_together() -> None:
    diagram = Diagram().start().user("a", inner=many(count="3")).user("b").end().flow("start", "a", "b", "end")
    host = run(diagram.xml())
    assert host.move(next(iter(host.tasks)), "b").todo == ["b"]
    assert host.complete("b").ended


def test_awaited_events_move_together() -> None:
    diagram = Diagram().names("message", "m").start().node("eventBasedGateway", "g").user("b").end()
    diagram.catch("w1", timer("Duration", "P1D")).catch("w2", ref("message", "m"))
    host = run(diagram.flow("start", "g", "w1", "b", "end").flow("g", "w2", "b").xml())
    assert host.move(next(iter(host.timers)), "b").todo == ["b"]
    assert host.pending == []


def test_a_boundary_event_can_be_withdrawn_but_not_moved() -> None:
    diagram = Diagram().start().user("a").boundary("late", "a", timer("Duration", "P1D")).user("b").end()
    host = run(diagram.flow("start", "a", "end").flow("late", "b", "end").xml())
    with pytest.raises(Invalid):
        host.move(next(iter(host.timers)), "b")
    assert host.move(next(iter(host.timers))).todo == ["a"]
    assert host.pending == []


def test_open_and_withdrawn_in_one_advance_leaves_no_trace() -> None:
    diagram = Diagram().start().both("f").user("a").call("c").catch("w", timer("Duration", "P1D")).end()
    diagram.end("stop", ref("terminate")).node("task", "t1").node("task", "t2")
    host = run(
        diagram.flow("start", "f", "a", "end")
        .flow("f", "c", "end")
        .flow("f", "w", "end")
        .flow("f", "t1", "t2", "stop")
        .xml()
    )
    assert host.ended
    for field in ("opened", "closed", "timers", "timers_gone", "children", "children_gone"):
        assert getattr(host.last, field) == ()


def test_a_loop_item_is_seen_inside_its_scope_only() -> None:
    inside = Scope().start("s").user("a", unit="var:county").end("e").flow("s", "a", "e")
    diagram = Diagram().variables("county:str=outside").start()
    diagram.sub("each", inside, many(items="['甲县', '乙县']", item="county")).user("b", unit="var:county").end()
    host = run(diagram.flow("start", "each", "b", "end").xml())
    assert sorted((str(task.unit_value), str(task.item)) for task in host.tasks.values()) == [
        ("乙县", "乙县"),
        ("甲县", "甲县"),
    ]
    host.complete("a").complete("a")
    assert [task.unit_value for task in host.tasks.values()] == ["outside"]


def test_variables_are_shared_by_all_branches() -> None:
    diagram = Diagram().variables("n:int=1").start().both("f").both("j").user("a", outputs="n:int").user("b").end()
    diagram.call("c", inner='<bihuan:input variable="x" expression="n"/>')
    host = run(diagram.flow("start", "f", "a", "j", "end").flow("f", "b", "c", "j").xml())
    host.complete("a", n=7).complete("b")
    assert [child.inputs for child in host.children.values()] == [{"x": 7}]


def test_a_unit_that_is_not_known_yet_is_an_incident() -> None:
    diagram = Diagram().variables("who:str").start().user("a", unit="var:who").end().flow("start", "a", "end")
    host = run(diagram.xml())
    assert host.last.error is not None
    assert "who" in host.last.error.sentence
    host.variables = {**host.variables, "who": "u9"}
    host.retry(host.last.error.ref)
    assert [task.unit_value for task in host.tasks.values()] == ["u9"]


def test_a_slow_advance_gives_up_without_a_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    diagram = Diagram().variables("n:int=1").start().node("task", "a").xor("x", "end").end()
    process = compiled(diagram.flow("start", "a", "x", "end").flow("x", "a", when="n == 1").xml())
    host = Host(process)
    monkeypatch.setattr("engine.tokens.MAX_SECONDS", -1.0)
    with pytest.raises(Busy):
        host.start()
    assert host.state is None


def test_a_process_is_built_once() -> None:
    spec = Diagram().start().end().flow("start", "end").xml()
    assert compiled(spec) is compiled(spec)
    assert load.cache_info().hits > 0


def test_instances_of_one_process_share_nothing() -> None:
    one, two = Host(APPROVAL).start(), Host(APPROVAL).start()
    one.complete("fill", cases=1).complete("approve", outcome="yes")
    assert two.todo == ["fill"]
    assert two.variables.get("cases") is None
    assert Instance(APPROVAL).tasks == {}
