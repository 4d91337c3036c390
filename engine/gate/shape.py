"""The shape of each scope: starts and ends, what hangs loose, which flow may leave what."""

from __future__ import annotations

from engine.gate.draft import ACTIVITIES, Draft, DraftNode, DraftScope
from engine.gate.graph import backward, forward
from engine.gate.normalise import starts_of
from engine.gate.report import Report

CATCHABLE = {"message", "signal", "timer", "conditional"}


def check_shape(draft: Draft, report: Report) -> None:
    """Check every scope; the paths only where the parts are right."""
    for scope in draft.scopes():
        before = len(report.errors)
        _check_starts(scope, report)
        _check_ends(scope, report)
        for node in scope.nodes.values():
            for check in (_check_flows, _check_default, _check_boundary, _check_event_gateway, _check_transaction):
                check(node, report)
        if len(report.errors) == before:
            _check_paths(scope, report)


def _check_starts(scope: DraftScope, report: Report) -> None:
    starts = [node for node in scope.nodes.values() if node.kind == "startEvent"]
    if len(starts) > 1:
        names = "、".join(node.id for node in starts)
        report.refuse("start:several", scope.id, f"{scope.label}有多个开始事件（{names}），只能有一个")
    if not starts_of(scope):
        report.refuse("start:none", scope.id, f"{scope.label}没有开始事件")


def _check_ends(scope: DraftScope, report: Report) -> None:
    ends = [node for node in scope.nodes.values() if node.kind == "endEvent"]
    if not ends and scope.parent is None:
        report.refuse("end:none", scope.id, f"{scope.label}没有结束事件")
    if not ends:
        return  # a sub-process without one ends where nothing follows
    for node in scope.nodes.values():
        if not node.outgoing and node.kind != "endEvent":
            report.refuse("flow:dead_end", node.id, f"{node.label}没有后续连线")


def _check_flows(node: DraftNode, report: Report) -> None:
    if node.kind in ("startEvent", "boundaryEvent") and node.incoming:
        report.refuse("flow:into_start", node.id, f"{node.label}不能有连线进入")
    if node.kind == "endEvent" and node.outgoing:
        report.refuse("flow:from_end", node.id, f"{node.label}不能有连线离开")
    deciding = node.kind in ("exclusiveGateway", "inclusiveGateway") or node.kind in ACTIVITIES
    for flow in node.outgoing:
        if flow.condition is not None and not deciding:
            report.refuse("flow:condition_place", flow.id, f"{node.label}的连线（{flow.id}）不能有条件")


def _check_default(node: DraftNode, report: Report) -> None:
    flows = {flow.id: flow for flow in node.outgoing}
    if node.default:
        if node.default not in flows:
            report.refuse("flow:default", node.id, f"{node.label}的默认去向“{node.default[:60]}”不是它的连线")
        elif flows[node.default].condition is not None:
            report.refuse("flow:default", node.id, f"{node.label}的默认去向（{node.default}）不应再有条件")
    if node.kind not in ("exclusiveGateway", "inclusiveGateway") or len(flows) < 2:
        return
    for flow in node.outgoing:
        if flow.condition is None and flow.id != node.default:
            report.refuse("flow:no_condition", flow.id, f"{node.label}的连线（{flow.id}）既没有条件，也不是默认去向")


def _check_boundary(node: DraftNode, report: Report) -> None:
    if node.kind != "boundaryEvent":
        return
    host = node.scope.nodes.get(node.attached_to)
    if host is None or host.kind not in ACTIVITIES:
        report.refuse("boundary:host", node.id, f"{node.label}没有附着在同一层的任务或子流程上")
        return
    if not node.outgoing:
        report.refuse("flow:dead_end", node.id, f"{node.label}没有后续连线")
    kinds = {trigger.kind for trigger in node.triggers}
    if "error" in kinds and not node.interrupting:
        report.refuse("boundary:interrupting", node.id, f"{node.label}：错误边界事件必须中断所附的活动")
    if "cancel" in kinds and (host.kind != "transaction" or not node.interrupting):
        report.refuse("cancel:scope", node.id, f"{node.label}：取消边界事件只能附在事务子流程上，并且中断它")
    if kinds & {"error", "escalation"} and host.kind not in ("subProcess", "transaction", "callActivity"):
        report.refuse("boundary:host_kind", node.id, f"{node.label}：{host.label}里不会抛出错误或升级")


def _check_event_gateway(node: DraftNode, report: Report) -> None:
    if node.kind != "eventBasedGateway":
        return
    if len(node.outgoing) < 2:
        report.refuse("event_gateway:few", node.id, f"{node.label}至少要有两条去向")
    for flow in node.outgoing:
        target = node.scope.nodes[flow.target]
        waits = target.kind in ("intermediateCatchEvent", "receiveTask") and target.link is None
        if not waits or any(trigger.kind not in CATCHABLE for trigger in target.triggers):
            report.refuse(
                "event_gateway:target", target.id, f"{node.label}后面只能是捕获事件或接收任务，不能是{target.label}"
            )
        elif len(target.incoming) > 1:
            report.refuse("event_gateway:shared", target.id, f"{target.label}在{node.label}之后，不能再有别的连线进入")
        elif target.loop or node.scope.boundaries(target.id):
            report.refuse("event_gateway:target", target.id, f"{target.label}在{node.label}之后，不能带循环或边界事件")


def _check_transaction(node: DraftNode, report: Report) -> None:
    if node.kind != "transaction" or node.inner is None:
        return
    cancels = any(_is_cancel(inner) for inner in node.inner.nodes.values())
    if cancels and not any(_is_cancel(boundary) for boundary in node.scope.boundaries(node.id)):
        report.refuse("cancel:boundary", node.id, f"{node.label}里有取消结束事件，须附一个取消边界事件")


def _is_cancel(node: DraftNode) -> bool:
    return any(trigger.kind == "cancel" for trigger in node.triggers)


def _check_paths(scope: DraftScope, report: Report) -> None:
    reached = forward(scope, [node.id for node in starts_of(scope)])
    for node in scope.nodes.values():
        if node.id not in reached:
            report.refuse("flow:unreachable", node.id, f"{node.label}从开始事件到不了")
    exits = [node.id for node in scope.nodes.values() if not node.outgoing]
    leaving = backward(scope, exits)
    stuck = [node for node in scope.nodes.values() if node.id in reached and node.id not in leaving]
    if stuck:
        report.refuse("flow:no_exit", stuck[0].id, f"{stuck[0].label}所在的环路没有出口，永远到不了结束")
