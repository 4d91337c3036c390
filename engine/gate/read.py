"""XML to draft: which process, which scopes, which nodes and flows; what BPMN has and we have not is refused here."""

from __future__ import annotations

import re

from lxml import etree

from engine.gate.draft import (
    NODES,
    Draft,
    DraftFlow,
    DraftNode,
    DraftScope,
    children,
    local,
    text_of,
)
from engine.gate.events import read_event
from engine.gate.loops import read_loop
from engine.gate.report import Report, label
from engine.gate.variables import read_variables
from engine.gate.vocabulary import check_element

MAX_NODES = 300
_ID = re.compile(r"[^\W\d][\w.-]{0,99}")

REFUSED = {
    "scriptTask": "脚本任务会执行代码，请改用服务任务并指定 bihuan:action",
    "businessRuleTask": "业务规则任务不支持，请改用服务任务并指定 bihuan:action",
    "complexGateway": "复杂网关不支持，请改用排他、包容或并行网关",
    "adHocSubProcess": "即席子流程不支持，请把步骤用连线连起来",
    "choreographyTask": "编排图不支持",
    "subChoreography": "编排图不支持",
    "callChoreography": "编排图不支持",
    "callConversation": "会话图不支持",
    "implicitThrowEvent": "隐式抛出事件不支持",
    "event": "没有类型的事件不支持",
}
SILENT = {
    "documentation",
    "extensionElements",
    "incoming",
    "outgoing",
    "laneSet",
    "sequenceFlow",
    "textAnnotation",
    "association",
    "group",
    "category",
    "conditionExpression",
    "multiInstanceLoopCharacteristics",
    "standardLoopCharacteristics",
    "auditing",
    "monitoring",
}
IGNORED = {
    "dataObject": "数据对象",
    "dataObjectReference": "数据对象引用",
    "dataStoreReference": "数据存储引用",
    "dataInput": "数据输入",
    "dataOutput": "数据输出",
    "dataInputAssociation": "数据输入关联",
    "dataOutputAssociation": "数据输出关联",
    "inputSet": "输入集",
    "outputSet": "输出集",
    "ioSpecification": "输入输出说明",
    "ioBinding": "输入输出绑定",
    "property": "属性",
    "humanPerformer": "办理人",
    "performer": "办理人",
    "potentialOwner": "候选办理人",
    "resourceRole": "资源角色",
    "rendering": "界面",
    "correlationSubscription": "关联订阅",
    "supportedInterfaceRef": "接口引用",
}


def read(root: etree._Element, report: Report) -> Draft | None:
    """The one executable process of a document."""
    process = _process(root, report)
    if process is None:
        return None
    _refuse_duplicates(root, report)
    draft = Draft(top=_scope(process, None, report), lanes=_lanes(process))
    draft.variables = read_variables(process, report)
    return draft


def _process(root: etree._Element, report: Report) -> etree._Element | None:
    processes = children(root, "process")
    runnable = [process for process in processes if process.get("isExecutable", "true") != "false"]
    if not processes:
        report.refuse("process:none", "", "文件里没有流程")
    elif not runnable:
        report.refuse("process:not_executable", processes[0].get("id", ""), "流程没有标为可执行（isExecutable）")
    elif len(runnable) > 1:
        names = "、".join(process.get("id", "") for process in runnable)
        report.refuse("process:several", "", f"一个文件只能有一个可执行流程，现有：{names}")
    elif not _ID.fullmatch(runnable[0].get("id", "")):
        report.refuse("id:form", "", "流程缺少合规的 id")
    else:
        return runnable[0]
    return None


def _refuse_duplicates(root: etree._Element, report: Report) -> None:
    seen: set[str] = set()
    for element in root.iter():
        if not isinstance(element.tag, str) or not local(element):
            continue
        ident = element.get("id")
        if ident is not None and ident in seen:
            report.refuse("id:duplicate", ident, f"id“{ident[:60]}”用了不止一次")
        seen.add(ident or "")


def _lanes(process: etree._Element) -> dict[str, str]:
    """Node id -> name of the innermost lane."""
    found: dict[str, str] = {}
    level = [lane for lanes in children(process, "laneSet") for lane in children(lanes, "lane")]
    while level:
        for lane in level:
            found.update({text_of(ref): lane.get("name", "") for ref in children(lane, "flowNodeRef")})
        level = [
            inner for lane in level for lanes in children(lane, "childLaneSet") for inner in children(lanes, "lane")
        ]
    return found


def _scope(element: etree._Element, parent: DraftScope | None, report: Report) -> DraftScope:
    scope = DraftScope(element.get("id", ""), element.get("name", ""), local(element), element, parent)
    check_element(element, report)
    for child in element:
        if isinstance(child.tag, str):
            _read_child(child, scope, report)
    for flow in children(element, "sequenceFlow"):
        _read_flow(flow, scope, report)
    if len(scope.nodes) > MAX_NODES:
        report.refuse("size:nodes", scope.id, f"{scope.label}的节点超过 {MAX_NODES} 个，请拆成子流程或调用活动")
    return scope


def _read_child(child: etree._Element, scope: DraftScope, report: Report) -> None:
    kind, ident = local(child), child.get("id", "")
    named = label(kind, child.get("name", ""), ident)
    if kind in NODES:
        _read_node(child, kind, scope, report)
    elif kind in REFUSED:
        report.refuse(f"element:{kind}", ident, f"{named}：{REFUSED[kind]}")
    elif kind in IGNORED:
        report.hint("element:ignored", ident, f"{scope.label}里的{IGNORED[kind]}不起作用，数据请用流程变量")
    elif kind not in SILENT and not (scope.parent is not None and kind in ("completionCondition",)):
        name = etree.QName(child).localname
        report.refuse("element:unknown", ident, f"{scope.label}里有不支持的元素 {name[:60]}")


def _read_node(element: etree._Element, kind: str, scope: DraftScope, report: Report) -> None:
    ident = element.get("id", "")
    node = DraftNode(ident, element.get("name", "").strip(), kind, element, scope, default=element.get("default", ""))
    if not _ID.fullmatch(ident):
        report.refuse("id:form", ident, f"{node.label}缺少合规的 id（字母开头，只含字母、数字、下划线、点和横线）")
        return
    if ident in scope.nodes:
        return
    scope.nodes[ident] = node
    _refuse_attributes(node, report)
    if kind in ("task", "manualTask"):
        report.hint("task:plain", ident, f"{node.label}不派给任何人，一到就通过；要人办理的请用用户任务")
    node.attached_to = element.get("attachedToRef", "")
    if node.attached_to:
        scope.attached.setdefault(node.attached_to, []).append(node)
    node.interrupting = element.get("cancelActivity", "true").lower() == "true"
    if kind in ("subProcess", "transaction"):
        node.inner = _scope(element, scope, report)
    else:
        check_element(element, report)
        _check_content(node, report)
    read_event(node, report)
    read_loop(node, report)


def _refuse_attributes(node: DraftNode, report: Report) -> None:
    xml = node.xml
    if xml.get("triggeredByEvent") == "true":
        report.refuse("element:event_sub_process", node.id, f"{node.label}由事件触发：事件子流程不支持，请改用边界事件")
    if xml.get("isForCompensation") == "true":
        report.refuse("element:compensation", node.id, f"{node.label}用于补偿：补偿不支持，请把撤销步骤画成普通流程")
    if xml.get("instantiate") == "true":
        report.refuse("element:instantiate", node.id, f"{node.label}不能用来启动流程，请改用开始事件")
    if xml.get("eventGatewayType", "Exclusive") != "Exclusive":
        report.refuse("element:parallel_event_gateway", node.id, f"{node.label}是并行事件网关，不支持")
    for name in ("startQuantity", "completionQuantity"):
        if xml.get(name, "1") != "1":
            report.refuse("element:quantity", node.id, f"{node.label}的 {name} 只能为 1")


def _check_content(node: DraftNode, report: Report) -> None:
    """What may stand inside an element that is no scope."""
    for child in node.xml:
        kind = local(child) if isinstance(child.tag, str) else "documentation"
        if kind in IGNORED:
            report.hint(
                "element:ignored", node.id, f"{node.label}里的{IGNORED[kind]}不起作用，数据请用流程变量和声明的输出"
            )
        elif kind not in SILENT and not kind.endswith(("EventDefinition", "eventDefinitionRef")):
            name = etree.QName(child).localname
            report.refuse("element:unknown", node.id, f"{node.label}里有不支持的元素 {name[:60]}")


def _read_flow(element: etree._Element, scope: DraftScope, report: Report) -> None:
    ident, source, target = element.get("id", ""), element.get("sourceRef", ""), element.get("targetRef", "")
    named = label("sequenceFlow", element.get("name", ""), ident)
    check_element(element, report)
    if not _ID.fullmatch(ident):
        report.refuse("id:form", ident, f"{scope.label}里有连线缺少合规的 id")
        return
    missing = [end for end in (source, target) if end not in scope.nodes]
    if missing:
        report.refuse("flow:end", ident, f"{named}的一端“{missing[0][:60]}”不在{scope.label}里")
        return
    if ident in scope.flows:
        return
    flow = DraftFlow(ident, source, target, element.get("name", ""))
    for condition in children(element, "conditionExpression"):
        flow.condition = text_of(condition)
        if not flow.condition:
            report.refuse("flow:condition", ident, f"{named}的条件为空")
    scope.connect(flow)
