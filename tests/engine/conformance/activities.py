"""Tasks, sub-processes, calls, loops."""

from __future__ import annotations

from tests.engine.conformance.table import ignored, normalised, refused, runs
from tests.engine.diagrams import Diagram, Scope, ref
from tests.engine.host import Host

GROUP = "活动"


def _task(kind: str) -> bytes:
    return Diagram().start().node(kind, "work").end().flow("start", "work", "end").xml()


@runs(GROUP, "用户任务 userTask", "OK", lambda: Diagram().start().user("fill").end().flow("start", "fill", "end").xml())
def user_task(host: Host) -> None:
    assert host.start().todo == ["fill"]
    assert host.complete("fill").ended


@ignored(GROUP, "任务 task（无类型）", "OK", "task:plain", lambda: _task("task"), "一到就通过，与 Camunda 相同")
def plain_task(host: Host) -> None:
    assert host.start().ended
    assert host.passed == ["start", "start-work", "work", "work-end", "end"]


@ignored(GROUP, "手工任务 manualTask", "OK", "task:plain", lambda: _task("manualTask"), "一到就通过，与 Camunda 相同")
def manual_task(host: Host) -> None:
    assert host.start().ended


refused(
    GROUP,
    "脚本任务 scriptTask",
    "CAV",
    "element:scriptTask",
    lambda: (
        Diagram()
        .start()
        .node("scriptTask", "work", "<bpmn:script>x = 1</bpmn:script>")
        .end()
        .flow("start", "work", "end")
        .xml()
    ),
)
refused(GROUP, "业务规则任务 businessRuleTask", "CAV", "element:businessRuleTask", lambda: _task("businessRuleTask"))


@normalised(
    GROUP,
    "服务任务 serviceTask",
    "CAV",
    lambda: (
        Diagram()
        .variables("picked:int n:int=3")
        .start()
        .service(
            "draw",
            "draw",
            '<bihuan:argument name="n" expression="n + 1"/><bihuan:result variable="picked" from="picked"/>',
        )
        .end()
        .flow("start", "draw", "end")
        .xml()
    ),
    "由系统执行登记过的动作，结果写入流程变量",
)
def service_task(host: Host) -> None:
    host.start()
    (action,) = host.actions.values()
    assert (action.name, action.arguments) == ("draw", {"n": 4})
    assert host.action_done("draw", picked=7).ended
    assert host.variables["picked"] == 7


def _message_tasks() -> bytes:
    diagram = Diagram().names("message", "ask", "answer")
    diagram.start().node("sendTask", "send", messageRef="message_ask").node(
        "receiveTask", "receive", messageRef="message_answer"
    )
    return diagram.end().flow("start", "send", "receive", "end").xml()


@runs(GROUP, "发送任务 sendTask、接收任务 receiveTask", "CAV", _message_tasks)
def message_tasks(host: Host) -> None:
    assert host.start().raised == [("message", "ask")]
    assert not host.deliver("other").ended
    assert host.deliver("answer").ended


refused(
    GROUP,
    "接收任务没有指定消息",
    "CAV",
    "message:ref",
    lambda: Diagram().start().node("receiveTask", "receive").end().flow("start", "receive", "end").xml(),
)


# -- conditional flows and splits without a gateway --------------------------------------------------------------------
def _one_condition() -> bytes:
    diagram = Diagram()
    diagram.start().user("ask", "yes", "no").user("more").end().end("stop")
    diagram.flow("start", "ask").flow("ask", "more", when="outcome == 'yes'").flow("more", "end")
    return diagram.flow("ask", "stop", when="outcome == 'no'").xml()


@normalised(GROUP, "离开任务的条件连线", "SIL", _one_condition, "条件为真的都走，都不为真走默认去向")
def conditional_flows(host: Host) -> None:
    assert host.start().complete("ask", outcome="yes").todo == ["more"]
    assert "ask-stop" not in host.passed


refused(
    GROUP,
    "离开任务的条件连线没有默认去向",
    "SIL",
    "flow:incomplete",
    lambda: (
        Diagram()
        .variables("n:int")
        .start()
        .user("ask")
        .end()
        .flow("start", "ask")
        .flow("ask", "end", when="n > 1")
        .xml()
    ),
)


def _conditions_and_default() -> bytes:
    diagram = Diagram().variables("n:int")
    diagram.start().node("task", "fork", default="fork-c").user("a").user("b").user("c").user("d").end()
    diagram.flow("start", "fork").flow("fork", "a", when="n > 1").flow("fork", "b", when="n > 2").flow("fork", "c")
    return diagram.flow("fork", "d").flow("a", "end").flow("b", "end").flow("c", "end").flow("d", "end").xml()


@normalised(GROUP, "一个任务的多条连线：有条件、无条件、默认", "ERR", _conditions_and_default)
def conditions_and_default(host: Host) -> None:
    assert Host(host.process, n=3).start().todo == ["a", "b", "d"]
    assert Host(host.process, n=2).start().todo == ["a", "d"]
    assert Host(host.process, n=0).start().todo == ["c", "d"]


def _implicit() -> bytes:
    diagram = Diagram()
    diagram.start().user("a").user("b").user("both").end()
    return diagram.flow("start", "a", "both", "end").flow("start", "b", "both").xml()


@normalised(GROUP, "隐式分支与隐式合并", "OK", _implicit, "并行到达同一任务时各执行一次，另有提示")
def implicit_split_and_merge(host: Host) -> None:
    assert host.start().todo == ["a", "b"]
    assert host.complete("a").complete("b").todo == ["both", "both"]
    assert not host.complete("both").ended
    assert host.complete("both").ended


# -- sub-processes and calls -------------------------------------------------------------------------------------------
@runs(
    GROUP,
    "子流程 subProcess",
    "CAV",
    lambda: (
        Diagram()
        .start()
        .sub("stage", Scope().start("s").user("a").end("e").flow("s", "a", "e"))
        .end()
        .flow("start", "stage", "end")
        .xml()
    ),
)
def sub_process(host: Host) -> None:
    assert host.start().todo == ["a"]
    assert host.complete("a").ended
    assert host.passed[-4:] == ["e", "stage", "stage-end", "end"]


@normalised(
    GROUP,
    "子流程没有开始、结束事件",
    "ERR",
    lambda: (
        Diagram()
        .start()
        .sub("stage", Scope().user("a").user("b").user("c").flow("a", "b"))
        .end()
        .flow("start", "stage", "end")
        .xml()
    ),
    "没有连线进入的节点同时开始，没有令牌时结束",
)
def sub_process_without_events(host: Host) -> None:
    assert host.start().todo == ["a", "c"]
    assert host.complete("c").complete("a").todo == ["b"]
    assert host.complete("b").ended


def _transaction() -> bytes:
    inside = Scope().start("s").user("a", "ok", "undo").xor("x", "e").end("e").end("c", ref("cancel"))
    inside.flow("s", "a", "x", "e").flow("x", "c", when="outcome == 'undo'")
    diagram = Diagram()
    diagram.start().sub("deal", inside, kind="transaction").boundary("undone", "deal", ref("cancel")).end().user(
        "repair"
    )
    return diagram.flow("start", "deal", "end").flow("undone", "repair", "end").xml()


@runs(GROUP, "事务子流程与取消事件", "OK", _transaction, "取消只结束事务，不做补偿")
def transaction(host: Host) -> None:
    assert Host(host.process).start().complete("a", outcome="ok").ended
    assert host.start().complete("a", outcome="undo").todo == ["repair"]
    assert "deal" not in host.passed


refused(
    GROUP,
    "即席子流程 adHocSubProcess",
    "CAV",
    "element:adHocSubProcess",
    lambda: Diagram().start().node("adHocSubProcess", "any").end().flow("start", "any", "end").xml(),
)


@runs(
    GROUP,
    "调用活动 callActivity",
    "OK",
    lambda: (
        Diagram()
        .variables("n:int=2 got:int")
        .start()
        .call(
            "ask",
            inner='<bihuan:input variable="x" expression="n * 3"/><bihuan:return variable="got" from="result"/>',
        )
        .end()
        .flow("start", "ask", "end")
        .xml()
    ),
    "子流程实例由系统另建，只传所列的输入和返回",
)
def call_activity(host: Host) -> None:
    host.start()
    (child,) = host.children.values()
    assert (child.plan.called, child.plan.over, child.inputs) == ("child", None, {"x": 6})
    assert host.children_done("ask", got=9, secret=1).ended
    assert host.variables["got"] == 9
    assert "secret" not in host.variables


@normalised(
    GROUP,
    "多实例调用活动（按单位组）",
    "OK",
    lambda: (
        Diagram()
        .start()
        .call("ask", over="counties", **{"bihuan:completion": "done >= total * 0.8"})
        .end()
        .flow("start", "ask", "end")
        .xml()
    ),
    "流程里只有一个等待的环节，与单位数无关；空的单位组立即完成",
)
def call_over_units(host: Host) -> None:
    host.start()
    (child,) = host.children.values()
    assert (child.plan.over, child.plan.completion) == ("counties", "done >= total * 0.8")
    assert Host(host.process).start().children_done("ask", total=0, done=0, failed=0).ended
    assert host.children_done("ask", total=5, done=4, failed=1).ended
    assert (host.variables["ask_total"], host.variables["ask_done"], host.variables["ask_failed"]) == (5, 4, 1)
