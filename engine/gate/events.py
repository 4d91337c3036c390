"""Event definitions to triggers, with the names that they refer to."""

from __future__ import annotations

from lxml import etree

from engine.expressions import BadExpression
from engine.gate.draft import DraftNode, child_text, children, local, own, text_of
from engine.gate.report import Report
from engine.gate.vocabulary import check_element
from engine.model import Trigger
from engine.timers import read_cycle, read_duration, read_moment, unquoted

ALLOWED = {
    "startEvent": {"timer"},
    "intermediateCatchEvent": {"message", "signal", "timer", "conditional", "link"},
    "intermediateThrowEvent": {"message", "signal", "escalation", "link"},
    "endEvent": {"message", "signal", "error", "escalation", "terminate", "cancel"},
    "boundaryEvent": {"message", "signal", "timer", "error", "escalation", "conditional", "cancel"},
}
WORDS = {
    "message": "消息",
    "signal": "信号",
    "timer": "定时",
    "error": "错误",
    "escalation": "升级",
    "terminate": "终止",
    "cancel": "取消",
    "conditional": "条件",
    "link": "链接",
    "compensate": "补偿",
}
INSTEAD = {
    "compensate": "补偿不支持，请把撤销步骤画成普通流程",
    "conditional": "这里不支持条件事件",
    "error": "这里不支持错误事件",
    "escalation": "这里不支持升级事件",
    "message": "不支持由消息启动流程，请由人发起，或用调用活动、报表计划启动",
    "signal": "不支持由信号启动流程，请由人发起，或用调用活动、报表计划启动",
}


def read_event(node: DraftNode, report: Report) -> None:
    """Fill a node's triggers."""
    if node.kind in ("sendTask", "receiveTask"):
        _read_message_task(node, report)
    if node.kind not in ALLOWED:
        return
    node.all_of = node.xml.get("parallelMultiple") == "true"
    if own(node.xml, "schedule") is not None and not children(node.xml, "timerEventDefinition"):
        report.refuse("timer:schedule", node.id, f"{node.label}写了 bihuan:schedule，须是定时开始事件")
    for definition in node.xml:
        kind = local(definition) if isinstance(definition.tag, str) else ""
        if kind == "eventDefinitionRef":
            report.refuse("event:ref", node.id, f"{node.label}引用了公共的事件定义，请直接写在事件里")
        elif kind.endswith("EventDefinition"):
            check_element(definition, report)
            _read_definition(node, definition, kind.removesuffix("EventDefinition"), report)
    _check_counts(node, report)


def _read_definition(node: DraftNode, definition: etree._Element, kind: str, report: Report) -> None:
    inner = node.scope.parent is not None and node.kind == "startEvent"
    if kind not in ALLOWED[node.kind] or inner:
        why = INSTEAD.get(kind) or f"这里不支持{WORDS.get(kind, kind)}事件"
        if inner:
            why = "子流程的开始事件不能带触发条件"
        report.refuse(f"event:{node.kind}:{kind}", node.id, f"{node.label}：{why}")
        return
    if kind == "link":
        node.link = definition.get("name", "").strip()
        if not node.link:
            report.refuse("link:name", node.id, f"{node.label}的链接没有名称")
        return
    trigger = READERS[kind](node, definition, report)
    if trigger is not None:
        node.triggers.append(trigger)


def _check_counts(node: DraftNode, report: Report) -> None:
    definitions = [c for c in node.xml if isinstance(c.tag, str) and local(c).endswith("EventDefinition")]
    if node.kind in ("intermediateCatchEvent", "boundaryEvent") and not definitions:
        report.refuse("event:untyped", node.id, f"{node.label}没有说明等待什么")
    if len(definitions) > 1 and (node.link is not None or node.kind in ("boundaryEvent", "startEvent")):
        report.refuse("event:multiple", node.id, f"{node.label}只能有一个触发条件")


def _read_message_task(node: DraftNode, report: Report) -> None:
    if not node.xml.get("messageRef"):
        report.refuse("message:ref", node.id, f"{node.label}没有指定消息（messageRef），会一到就通过")
        return
    trigger = _message(node, node.xml, report)
    if trigger is not None:
        node.triggers.append(trigger)


def _referred(node: DraftNode, definition: etree._Element, kind: str, report: Report) -> etree._Element | None:
    ref = definition.get(f"{kind}Ref", "").rpartition(":")[2]
    root = node.xml.getroottree().getroot()
    for element in children(root, kind):
        if element.get("id") == ref:
            return element
    report.refuse(f"{kind}:ref", node.id, f"{node.label}没有指定存在的{WORDS[kind]}（{kind}Ref）")
    return None


def _message(node: DraftNode, definition: etree._Element, report: Report) -> Trigger | None:
    return _by_name(node, definition, "message", report)


def _signal(node: DraftNode, definition: etree._Element, report: Report) -> Trigger | None:
    return _by_name(node, definition, "signal", report)


def _by_name(node: DraftNode, definition: etree._Element, kind: str, report: Report) -> Trigger | None:
    element = _referred(node, definition, kind, report)
    if element is None:
        return None
    name = element.get("name", "").strip() or element.get("id", "")
    if len(name) > 200:
        report.refuse(f"{kind}:name", node.id, f"{node.label}的{WORDS[kind]}名称过长")
    return Trigger(kind=kind, name=name)


def _error(node: DraftNode, definition: etree._Element, report: Report) -> Trigger | None:
    return _by_code(node, definition, "error", report)


def _escalation(node: DraftNode, definition: etree._Element, report: Report) -> Trigger | None:
    return _by_code(node, definition, "escalation", report)


def _by_code(node: DraftNode, definition: etree._Element, kind: str, report: Report) -> Trigger | None:
    if node.kind == "boundaryEvent" and not definition.get(f"{kind}Ref"):
        return Trigger(kind=kind)
    element = _referred(node, definition, kind, report)
    if element is None:
        return None
    code = element.get(f"{kind}Code", "").strip()
    if not code:
        report.refuse(f"{kind}:code", node.id, f"{node.label}的{WORDS[kind]}没有代码（{kind}Code）")
    return Trigger(kind=kind, name=code)


def _plain(kind: str, node: DraftNode, report: Report) -> Trigger:
    in_transaction = node.scope.kind == "transaction"
    if kind == "cancel" and node.kind == "endEvent" and not in_transaction:
        report.refuse("cancel:scope", node.id, f"{node.label}：取消结束事件只能放在事务子流程里")
    return Trigger(kind=kind)


def _conditional(node: DraftNode, definition: etree._Element, report: Report) -> Trigger | None:
    condition = child_text(definition, "condition")
    if not condition:
        report.refuse("conditional:empty", node.id, f"{node.label}没有写条件")
        return None
    return Trigger(kind="conditional", expression=condition)


def _timer(node: DraftNode, definition: etree._Element, report: Report) -> Trigger | None:
    given = children(definition, "timeDate", "timeDuration", "timeCycle")
    if node.kind == "startEvent":
        _check_start_timer(node, given, report)
        return Trigger(kind="timer")
    if len(given) != 1:
        report.refuse("timer:empty", node.id, f"{node.label}须写且只写一个时间：时刻、时长或循环")
        return None
    kind, text = local(given[0]).removeprefix("time").lower(), text_of(given[0])
    if kind == "cycle" and (node.kind != "boundaryEvent" or node.interrupting):
        sentence = f"{node.label}：循环定时只能用在不中断的边界事件上，周期工作请用报表计划（bihuan:schedule）"
        report.refuse("timer:cycle", node.id, sentence)
        return None
    try:
        return Trigger(kind="timer", timer=kind, expression=_literal(kind, text))
    except BadExpression as error:
        report.refuse("timer:value", node.id, f"{node.label}：{error}")
        return None


def _literal(kind: str, text: str) -> str:
    """A literal without the quotes some modellers add; an expression stays as it is."""
    bare = unquoted(text)
    if not bare:
        raise BadExpression("定时的时间为空")
    if kind == "cycle":
        read_cycle(bare)
        return bare
    if kind == "duration" and bare.startswith("P"):
        read_duration(bare)
        return bare
    if kind == "date" and read_moment(bare) is not None:
        return bare
    return text


def _check_start_timer(node: DraftNode, given: list[etree._Element], report: Report) -> None:
    if given:
        sentence = f"{node.label}：开始的定时不在图上写，请留空并用 bihuan:schedule 指明报表计划"
        report.refuse("timer:start", node.id, sentence)
    if own(node.xml, "schedule") is None:
        report.refuse("timer:schedule", node.id, f"{node.label}是定时开始，须用 bihuan:schedule 指明报表计划")


READERS = {
    "message": _message,
    "signal": _signal,
    "error": _error,
    "escalation": _escalation,
    "timer": _timer,
    "conditional": _conditional,
    "terminate": lambda node, definition, report: _plain("terminate", node, report),
    "cancel": lambda node, definition, report: _plain("cancel", node, report),
}
