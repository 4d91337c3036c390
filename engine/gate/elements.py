"""The static facts of each node, read from its bihuan attributes and elements."""

from __future__ import annotations

from lxml import etree

from engine.contract import Assignment, ChildPlan, Element, Outcome, Output
from engine.gate.draft import Draft, DraftNode, child_text, children, extensions, own
from engine.gate.report import Report
from engine.gate.variables import bad_name, bad_type

FROM_VARIABLE, FROM_GROUP = "var:", "group:"
UNITS = ("own", "parent", "office", "sector_lead")
CHILD_UNITS = ("own", "parent", "office")


def read_elements(draft: Draft, report: Report) -> dict[str, Element]:
    """Element id -> its facts."""
    return {node.id: _element(node, draft, report) for node in draft.nodes()}


def _element(node: DraftNode, draft: Draft, report: Report) -> Element:
    service = node.kind == "serviceTask"
    return Element(
        id=node.id,
        name=node.name,
        kind=node.kind,
        lane=draft.lanes.get(node.id, ""),
        form=own(node.xml, "form"),
        clause=own(node.xml, "clause"),
        documentation=child_text(node.xml, "documentation"),
        assignment=_assignment(node, report) if node.kind == "userTask" else None,
        deadline=own(node.xml, "deadline"),
        again=own(node.xml, "again"),
        ladder=own(node.xml, "ladder"),
        outcomes=_outcomes(node, report),
        outputs=_outputs(node, report),
        sign_off=own(node.xml, "signOff"),
        stage=own(node.xml, "stage"),
        schedule=own(node.xml, "schedule"),
        child=_child(node, report) if node.kind == "callActivity" else None,
        action=_action(node, report) if service else None,
        arguments=_pairs(node, "argument", "name", "expression", report) if service else {},
        results=_pairs(node, "result", "variable", "from", report) if service else {},
    )


def _assignment(node: DraftNode, report: Report) -> Assignment | None:
    found = extensions(node.xml, "assignment")
    if len(found) != 1 or not found[0].get("post"):
        report.refuse("assignment:missing", node.id, f"{node.label}须写且只写一处 bihuan:assignment，指明承办岗位")
        return None
    return Assignment(post=found[0].get("post", ""), unit=_unit(node, found[0].get("unit", "own"), UNITS, report))


def _unit(node: DraftNode, unit: str, known: tuple[str, ...], report: Report) -> str:
    if unit not in known and not unit.startswith((FROM_VARIABLE, FROM_GROUP)):
        choices = "、".join(known)
        report.refuse(
            "assignment:unit",
            node.id,
            f"{node.label}的单位“{unit[:40]}”不存在，只能是 {choices}、var:变量 或 group:单位组",
        )
    return unit


def _outcomes(node: DraftNode, report: Report) -> tuple[Outcome, ...]:
    found = []
    for item in extensions(node.xml, "outcome"):
        value, name, variable = item.get("value", ""), item.get("name", ""), item.get("variable", "outcome")
        if not value or not name:
            report.refuse("outcome:incomplete", node.id, f"{node.label}的办理结果须写 value 和 name")
        if complaint := bad_name(variable):
            report.refuse("variable:name", node.id, f"{node.label}的办理结果：{complaint}")
        found.append(Outcome(value=value, name=name, variable=variable))
    if len({(outcome.variable, outcome.value) for outcome in found}) < len(found):
        report.refuse("outcome:twice", node.id, f"{node.label}的同一办理结果写了两次")
    return tuple(found)


def _outputs(node: DraftNode, report: Report) -> tuple[Output, ...]:
    found = []
    for item in extensions(node.xml, "output"):
        field, type_ = item.get("field", ""), item.get("type", "")
        variable = item.get("variable", field)
        if not field:
            report.refuse("output:field", node.id, f"{node.label}的输出没有写表单字段（field）")
        if complaint := bad_name(variable) or bad_type(variable, type_):
            report.refuse("variable:name", node.id, f"{node.label}的输出：{complaint}")
        found.append(Output(field=field, variable=variable, type=type_))
    if len({output.variable for output in found}) < len(found):
        report.refuse("output:twice", node.id, f"{node.label}有两个输出写入同一个变量")
    return tuple(found)


def _child(node: DraftNode, report: Report) -> ChildPlan:
    called = node.xml.get("calledElement", "").strip()
    loops = children(node.xml, "multiInstanceLoopCharacteristics")
    loop: etree._Element | None = loops[0] if loops else None
    over = own(loop, "over") if loop is not None else None
    measures = own(loop, "measures") if loop is not None else None
    campaigns = own(loop, "campaigns") if loop is not None else None
    returns = _pairs(node, "return", "variable", "from", report)
    _check_called(node, called, campaigns, report)
    if (over or measures or campaigns) is not None and returns:
        report.refuse("call:return", node.id, f"{node.label}有多个下级，没有单个返回值，请去掉 bihuan:return")
    return ChildPlan(
        called=called,
        over=over,
        measures=measures,
        campaigns=campaigns,
        unit=_unit(node, own(node.xml, "unit") or "own", CHILD_UNITS, report),
        sequential=loop is not None and loop.get("isSequential") == "true",
        completion=own(loop, "completion") if loop is not None else None,
        inputs=_pairs(node, "input", "variable", "expression", report),
        returns=returns,
    )


def _check_called(node: DraftNode, called: str, campaigns: str | None, report: Report) -> None:
    """A process is named, except where child campaigns are started: each has a root of its own."""
    if campaigns is None and not called:
        report.refuse("call:element", node.id, f"{node.label}没有写调用哪个流程（calledElement）")
    elif campaigns is not None and called:
        sentence = f"{node.label}启动下级行动，各用自己的主流程，不写 calledElement"
        report.refuse("call:element", node.id, sentence)
    if campaigns is not None and (own(node.xml, "unit") or children(node.xml, "extensionElements")):
        sentence = f"{node.label}启动下级行动，由各自的办公室办理，不写办理单位和传入变量"
        report.refuse("call:campaigns", node.id, sentence)


def _action(node: DraftNode, report: Report) -> str | None:
    action = own(node.xml, "action")
    if action is None:
        report.refuse("action:missing", node.id, f"{node.label}没有指定动作（bihuan:action）")
    return action


def _pairs(node: DraftNode, name: str, key: str, value: str, report: Report) -> dict[str, str]:
    found: dict[str, str] = {}
    for item in extensions(node.xml, name):
        left, right = item.get(key, "").strip(), item.get(value, "").strip()
        if not left or not right:
            report.refuse(f"{name}:incomplete", node.id, f"{node.label}的 bihuan:{name} 须写 {key} 和 {value}")
        elif left in found:
            report.refuse(f"{name}:twice", node.id, f"{node.label}的 bihuan:{name}“{left[:40]}”写了两次")
        elif key == "variable" and (complaint := bad_name(left)):
            report.refuse("variable:name", node.id, f"{node.label}的 bihuan:{name}：{complaint}")
        else:
            found[left] = right
    return found
