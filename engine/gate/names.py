"""Every expression is read and every name in it is looked up before anything runs."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from domain.plan import Deadline, Plan
from engine.contract import ActionSignature, ChildPlan, Element
from engine.expressions import PLAN_FUNCTIONS, UNITS, BadExpression, names_in, parse
from engine.gate.draft import Draft, DraftNode, DraftScope, children
from engine.gate.elements import FROM_GROUP
from engine.gate.report import Report, label
from engine.gate.variables import SCHEDULED, STANDARD
from engine.loops import counters
from engine.model import Loop, Variable
from engine.timers import read_moment, unquoted

GROUP_COUNTS = {"done", "total", "failed", "cancelled"}
PLAN_WORDS = {"deadlines": "时限", "stages": "阶段", "quotas": "指标", "settings": "设置项"}


@dataclass
class Names:
    """The variables of a process: their types, and for outcomes the values they can have."""

    types: dict[str, str] = field(default_factory=dict)
    values: dict[str, set[str]] = field(default_factory=dict)
    initial: dict[str, Variable] = field(default_factory=dict)
    free: set[str] = field(default_factory=set)  # variables that not only buttons write

    def declare(self, name: str, type_: str, element: str, report: Report, button: bool = False) -> None:
        """One more place that writes the variable."""
        if not button:
            self.free.add(name)
        known = self.types.setdefault(name, type_)
        if "" in (known, type_):
            self.types[name] = known or type_
        elif known != type_:
            report.refuse("variable:types", element, f"变量“{name}”在一处是 {known}，在“{element}”是 {type_}")


def collect(
    draft: Draft, elements: Mapping[str, Element], actions: Mapping[str, ActionSignature], report: Report
) -> Names:
    """All variables that anything in the process declares or writes."""
    names = Names(initial=dict(draft.variables))
    for variable in draft.variables.values():
        names.declare(variable.name, variable.type, draft.top.id, report)
    for element in elements.values():
        for output in element.outputs:
            names.declare(output.variable, output.type, element.id, report)
        for outcome in element.outcomes:
            names.declare(outcome.variable, "str", element.id, report, button=True)
            names.values.setdefault(outcome.variable, set()).add(outcome.value)
        signature = actions.get(element.action or "")
        for target, key in element.results.items():
            names.declare(target, signature.results.get(key, "") if signature else "", element.id, report)
        if element.child is not None:
            _declare_call(names, element, element.child, report)
    return names


def _declare_call(names: Names, element: Element, child: ChildPlan, report: Report) -> None:
    for variable in child.returns:
        names.declare(variable, "", element.id, report)
    if child.many:
        for count in sorted(GROUP_COUNTS):
            names.declare(f"{element.id}_{count}", "int", element.id, report)


@dataclass(frozen=True)
class Use:
    """One expression, where it stands and what it may see besides the variables."""

    element: str
    where: str
    source: str
    local: frozenset[str] = frozenset()


def uses(draft: Draft, elements: Mapping[str, Element]) -> Iterator[Use]:
    """Every expression of a diagram."""
    for scope in draft.scopes():
        outer = _loop_names(scope)
        for node in scope.nodes.values():
            yield from _of_node(node, elements[node.id], outer)


def _loop_names(scope: DraftScope) -> frozenset[str]:
    """What the loops around a scope make visible."""
    found: set[str] = set()
    inside: DraftScope | None = scope
    while inside is not None and inside.parent is not None:
        found |= _items(inside.parent.nodes[inside.id])
        inside = inside.parent
    return frozenset(found)


def _items(node: DraftNode) -> set[str]:
    if node.loop is None:
        return set()
    return {"loopCounter", "loopItem"} | ({node.loop.item} if node.loop.item else set())


def _of_node(node: DraftNode, element: Element, outer: frozenset[str]) -> Iterator[Use]:
    for flow in node.outgoing:
        if flow.condition is not None:
            yield Use(flow.id, f"{label('sequenceFlow', flow.name, flow.id)}的条件", flow.condition, outer)
    for trigger in node.triggers:
        if trigger.expression and not _is_literal(trigger.timer, trigger.expression):
            yield Use(node.id, f"{node.label}的时间或条件", trigger.expression, outer)
    if node.loop is not None:
        yield from _of_loop(node, node.loop, outer)
    for name, source in element.arguments.items():
        yield Use(node.id, f"{node.label}的参数“{name}”", source, outer | _items(node))
    for name, source in (element.child.inputs if element.child else {}).items():
        yield Use(node.id, f"{node.label}的输入“{name}”", source, outer)


def _of_loop(node: DraftNode, loop: Loop, outer: frozenset[str]) -> Iterator[Use]:
    for source in filter(None, (loop.count, loop.items)):
        yield Use(node.id, f"{node.label}的多实例", source, outer)
    if loop.condition:
        seen = outer | set(counters(0, 0)) | {"loopCounter"}
        yield Use(node.id, f"{node.label}的完成条件", loop.condition, seen)


def _is_literal(timer: str, text: str) -> bool:
    if timer == "cycle" or (timer == "duration" and unquoted(text).startswith("P")):
        return True
    return timer == "date" and read_moment(text) is not None


class Checker:
    """Looks every expression's names and plan entries up."""

    def __init__(self, names: Names, plan: Plan | None, scheduled: bool, report: Report) -> None:
        self.names, self.plan, self.report = names, plan, report
        self.visible = {*names.types, *STANDARD, *(SCHEDULED if scheduled else ())}

    def check(self, use: Use) -> None:
        """One expression."""
        try:
            tree = parse(use.source)
        except BadExpression as error:
            self.report.refuse("expression:form", use.element, f"{use.where}：{error}")
            return
        for name in sorted(names_in(tree) - self.visible - use.local):
            self._unknown(use, name)
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                self._check_call(use, node, node.func.id)
            elif isinstance(node, ast.Compare):
                self._check_outcome(use, node)
            elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                self.report.refuse(
                    "expression:attribute", use.element, f"{use.where}：变量没有“{node.attr[:40]}”这样的项"
                )

    def _unknown(self, use: Use, name: str) -> None:
        hint = "；只有定时启动的流程才有这个变量" if name in SCHEDULED else "，请先声明变量、输出或办理结果"
        if name in ("true", "false", "null"):
            hint = f"，请写作 {'None' if name == 'null' else name.capitalize()}"
        self.report.refuse("expression:name", use.element, f"{use.where}用了未知的名称“{name}”{hint}")

    def _check_call(self, use: Use, call: ast.Call, function: str) -> None:
        kind = PLAN_FUNCTIONS.get(function)
        place = 0 if kind else 1 if function == "after" else None
        if place is None:
            return
        argument = call.args[place]
        if not isinstance(argument, ast.Constant) or not isinstance(argument.value, str):
            self.report.refuse("expression:literal", use.element, f"{use.where}：{function} 的名称须直接写在引号里")
        elif kind is None and argument.value not in UNITS:
            self.report.refuse("expression:unit", use.element, f"{use.where}：after 的单位只能是 {'、'.join(UNITS)}")
        elif kind is not None and self.plan is not None:
            self.check_entry(use.element, use.where, kind, argument.value, self.plan)

    def check_entry(self, element: str, where: str, kind: str, name: str, plan: Plan) -> None:
        """A name must be an entry of the plan; a deadline's start must be a variable here."""
        if name not in getattr(plan, kind):
            self.report.refuse(f"plan:{kind}", element, f"{where}：方案中没有名为“{name[:40]}”的{PLAN_WORDS[kind]}")
        elif kind == "deadlines":
            self._check_deadline(element, where, name, plan.deadlines[name])

    def _check_deadline(self, element: str, where: str, name: str, entry: Deadline) -> None:
        for variable in filter(None, (entry.start, entry.variable)):
            if variable not in self.visible:
                sentence = f"{where}：时限“{name}”从变量“{variable}”起算，而流程里没有这个变量"
                self.report.refuse("plan:deadline_variable", element, sentence)

    def _check_outcome(self, use: Use, compare: ast.Compare) -> None:
        """`outcome == 'acept'`: a value that no button has."""
        sides = [compare.left, *compare.comparators]
        judged = self.names.values.keys() - self.names.free
        for name in [side.id for side in sides if isinstance(side, ast.Name) and side.id in judged]:
            for text in _texts(sides):
                if text not in self.names.values[name]:
                    known = "、".join(sorted(self.names.values[name]))
                    sentence = f"{use.where}：“{text[:40]}”不是“{name}”的取值（{known}）"
                    self.report.refuse("expression:outcome", use.element, sentence)


def _texts(sides: list[ast.expr]) -> list[str]:
    found = []
    for side in sides:
        for part in side.elts if isinstance(side, (ast.List, ast.Tuple)) else [side]:
            if isinstance(part, ast.Constant) and isinstance(part.value, str):
                found.append(part.value)
    return found


def check_names(
    draft: Draft,
    elements: Mapping[str, Element],
    names: Names,
    plan: Plan | None,
    report: Report,
) -> None:
    """Look up the names of every expression and of every unit rule."""
    scheduled = any(element.schedule for element in elements.values())
    checker = Checker(names, plan, scheduled, report)
    for use in uses(draft, elements):
        checker.check(use)
    for node in draft.nodes():
        element = elements[node.id]
        rules = [element.assignment.unit if element.assignment else "", element.child.unit if element.child else ""]
        local = _loop_names(node.scope) | _items(node)
        for rule in rules:
            name = rule.removeprefix("var:")
            if rule.startswith("var:") and name not in checker.visible | local:
                report.refuse("assignment:variable", node.id, f"{node.label}的单位取自变量“{name[:40]}”，流程里没有它")
        post = element.assignment.post if element.assignment else ""
        if post.startswith("var:") and post.removeprefix("var:") not in checker.visible | local:
            report.refuse("assignment:variable", node.id, f"{node.label}的岗位取自变量“{post[4:44]}”，流程里没有它")
        for entry in (element.deadline, element.again):
            if plan is not None and entry:
                checker.check_entry(node.id, node.label, "deadlines", entry, plan)
        if element.again and (element.deadline is None or children(node.xml, "multiInstanceLoopCharacteristics")):
            sentence = "退回重办期限（bihuan:again）用于另有时限的单个任务"
            report.refuse("deadline:again", node.id, f"{node.label}：{sentence}")


def check_completion(elements: Mapping[str, Element], report: Report) -> None:
    """The completion condition of a call is evaluated on its counter, so it sees nothing else."""
    for element in elements.values():
        plan = element.child
        if plan is None or plan.completion is None:
            continue
        where = f"{label(element.kind, element.name, element.id)}的完成条件"
        if not plan.many:
            report.refuse("call:completion", element.id, f"{where}只用于启动多个下级的多实例调用")
            continue
        try:
            unknown = names_in(parse(plan.completion)) - GROUP_COUNTS
        except BadExpression as error:
            report.refuse("expression:form", element.id, f"{where}：{error}")
            continue
        for name in sorted(unknown):
            report.refuse(
                "expression:name", element.id, f"{where}只能用 done、total、failed、cancelled，不能用“{name}”"
            )


def check_host(
    draft: Draft,
    elements: Mapping[str, Element],
    plan: Plan | None,
    actions: Mapping[str, ActionSignature],
    called: Collection[str] | None,
    report: Report,
) -> None:
    """What only the host knows: plan entries, processes, actions."""
    for node in draft.nodes():
        element = elements[node.id]
        if plan is not None:
            _check_plan(node, element, plan, report)
        child = element.child.called if element.child else ""
        if child == draft.top.id:
            report.hint("call:self", node.id, f"{node.label}调用的就是本流程，须确认不会无限调用下去")
        if called is not None and child and child not in called:
            report.refuse("call:unknown", node.id, f"{node.label}调用的流程“{child[:60]}”不存在")
        if element.action is not None:
            _check_action(node, element, actions, report)


def _check_plan(node: DraftNode, element: Element, plan: Plan, report: Report) -> None:
    post = element.assignment.post if element.assignment else None
    wanted = [
        ("posts", "岗位", None if post is None or post.startswith("var:") else post, plan.posts),
        ("escalation", "督促阶梯", element.ladder, plan.escalation),
        ("sign_offs", "签署事项", element.sign_off, plan.sign_offs),
        ("stages", "阶段", element.stage, plan.stages),
        ("reports", "报表", element.schedule, plan.reports),
        ("units", "单位组", element.child.over if element.child else None, plan.units),
        ("units", "单位组", _group(element), plan.units),
        ("measure_lists", "措施清单", element.child.measures if element.child else None, plan.measure_lists),
    ]
    for kind, word, name, known in wanted:
        if name is not None and name not in known:
            report.refuse(f"plan:{kind}", node.id, f"{node.label}：方案中没有名为“{name[:40]}”的{word}")
    campaigns = element.child.campaigns if element.child else None
    if campaigns is not None and not (campaigns == "children" and plan.children):
        report.refuse("plan:children", node.id, f'{node.label}：方案中没有下级行动（bihuan:campaigns="children"）')


def _group(element: Element) -> str | None:
    """The group of the plan whose first unit does it, where the diagram names one."""
    who = element.assignment or element.child
    return who.unit.removeprefix(FROM_GROUP) if who and who.unit.startswith(FROM_GROUP) else None


def _check_action(node: DraftNode, element: Element, actions: Mapping[str, ActionSignature], report: Report) -> None:
    signature = actions.get(element.action or "")
    if signature is None:
        report.refuse("action:unknown", node.id, f"{node.label}：没有名为“{(element.action or '')[:60]}”的动作")
        return
    for name in element.arguments:
        if name not in signature.arguments:
            report.refuse("action:argument", node.id, f"{node.label}：动作没有参数“{name[:40]}”")
    for name in signature.arguments:
        if name not in element.arguments and name not in signature.optional:
            report.refuse("action:argument", node.id, f"{node.label}：动作缺少参数“{name}”")
    for key in element.results.values():
        if key not in signature.results:
            report.refuse("action:result", node.id, f"{node.label}：动作没有结果“{key[:40]}”")
