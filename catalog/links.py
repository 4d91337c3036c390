"""Checks between the files of a folder: what the engine's gate, which sees one diagram and the plan, cannot know."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from catalog.forms import outputs
from domain.errors import Finding
from domain.periods import periods
from domain.plan import Plan
from domain.workdays import Calendar
from engine.contract import CompiledProcess, Element

Forms = Mapping[str, Mapping[str, Any]]
# type of a form field -> the types a diagram may read it as; what an expression gives is known only when it runs
_READ_AS: Mapping[str, set[str]] = {
    "bool": {"bool"},
    "int": {"int", "float"},
    "float": {"float"},
    "str": {"str"},
    "date": {"date", "str"},
    "list": set(),
}
LONGEST_NAME = 120
LONGEST_OUTCOME = 40
RECURRING = ("daily", "weekly", "monthly", "yearly", "fixed")


def link_findings(plan: Plan, processes: Mapping[str, CompiledProcess], forms: Forms) -> list[Finding]:
    """Forms and fields that are not there, wrong signers, endless calls, plan entries that no diagram answers."""
    findings: list[Finding] = []
    for process in processes.values():
        if len(process.name) > LONGEST_NAME:
            sentence = f"流程“{process.name[:40]}…”的名称超过 {LONGEST_NAME} 个字"
            findings.append(Finding("link.name", sentence, element=process.key))
        for element in process.elements.values():
            findings.extend(_lengths(process, element))
            findings.extend(_form(process, element, forms))
            findings.extend(_signer(process, element, plan))
            findings.extend(_schedule(process, element, plan))
    findings.extend(_cycles(processes))
    findings.extend(_unanswered(plan, processes))
    findings.extend(_standing(plan, processes))
    findings.extend(_children(plan, processes))
    findings.extend(_measures(plan, processes))
    findings.extend(_consequences(plan, processes))
    return findings


def form_fields(node: Mapping[str, Any]) -> set[str]:
    """Keys of all fields of a form, those of groups and repeated rows included."""
    fields: set[str] = set()
    for component in node.get("components") or ():
        if isinstance(component, Mapping):
            fields |= {str(component[name]) for name in ("key", "path") if name in component}
            fields |= form_fields(component)
    return fields


def _at(process: CompiledProcess, element: Element, rule: str, sentence: str) -> Finding:
    shown = element.name or element.id
    return Finding(rule, f"流程“{process.name}”的“{shown}”{sentence}", element=f"{process.key}/{element.id}")


def _lengths(process: CompiledProcess, element: Element) -> Iterator[Finding]:
    """What rows keep of an element has its limits there."""
    if len(element.name) > LONGEST_NAME:
        yield _at(process, element, "link.name", f"的名称超过 {LONGEST_NAME} 个字")
    for outcome in element.outcomes:
        if len(outcome.value) > LONGEST_OUTCOME:
            sentence = f"的办理结果“{outcome.name}”的取值超过 {LONGEST_OUTCOME} 个字符"
            yield _at(process, element, "link.outcome", sentence)


def _form(process: CompiledProcess, element: Element, forms: Forms) -> Iterator[Finding]:
    if element.form is None:
        return
    if element.form not in forms:
        yield _at(process, element, "link.form", f"引用的表单“{element.form}”不存在")
        return
    if not forms[element.form]:
        return  # it failed its own checks and has been reported with them
    fields = outputs(forms[element.form])
    for output in element.outputs:
        if output.field not in fields:
            yield _at(process, element, "link.field", f"取用的字段“{output.field}”不在表单“{element.form}”中")
        elif output.type not in _READ_AS.get(fields[output.field], {output.type}):
            sentence = f"把表单“{element.form}”的字段“{output.field}”当作 {output.type}，它是 {fields[output.field]}"
            yield _at(process, element, "link.field", sentence)


def _signer(process: CompiledProcess, element: Element, plan: Plan) -> Iterator[Finding]:
    """A signature must be asked of a post that signs it; a sign-off made outside the system is asked of nobody."""
    if element.sign_off is None or element.assignment is None or element.sign_off not in plan.sign_offs:
        return
    posts = plan.sign_offs[element.sign_off].posts
    if element.assignment.post not in posts:
        sentence = f"由岗位“{element.assignment.post}”签字，方案的签字“{element.sign_off}”没有这个岗位"
        yield _at(process, element, "link.signer", sentence)


def _schedule(process: CompiledProcess, element: Element, plan: Plan) -> Iterator[Finding]:
    report = plan.reports.get(element.schedule or "")
    if report is None:
        return
    if report.kind not in RECURRING and not report.dues:
        yield _at(process, element, "link.schedule", f"由报告“{report.name}”定期启动，但它不是定期报告")
        return
    labels = [period.label for period in periods(report, Calendar())]
    if not labels:
        sentence = (
            f"由报告“{report.name}”定期启动，但方案没有写明它的各期（first_due 和 last_due，或 dues），永远不会开期"
        )
        yield _at(process, element, "link.schedule", sentence)
    alike = next((label for label, count in Counter(labels).items() if count > 1), None)
    if alike:
        sentence = f"由报告“{report.name}”定期启动，但它有几期所报的日子相同（{alike}），只会开一期：请改 covers 或日期"
        yield _at(process, element, "link.schedule", sentence)


def _standing(plan: Plan, processes: Mapping[str, CompiledProcess]) -> Iterator[Finding]:
    """What is started by hand needs a process that nothing else starts, and a result that it knows."""
    for entry in plan.standing.values():
        process = processes.get(entry.process)
        place = f"standing.{entry.id}"
        if process is None:
            yield Finding("link.standing", f"事项“{entry.name}”的流程“{entry.process}”没有流程图", element=place)
            continue
        if process.schedule or process.key == plan.root:
            sentence = f"事项“{entry.name}”不能用流程“{process.name}”：它由系统启动"
            yield Finding("link.standing", sentence, element=place)
        if entry.result is not None and entry.result not in _written(process):
            sentence = f"事项“{entry.name}”的结果取自变量“{entry.result}”，流程“{process.name}”没有这个变量"
            yield Finding("link.standing", sentence, element=place)


def _written(process: CompiledProcess) -> set[str]:
    """Variables that the steps of the process write."""
    written: set[str] = set()
    for element in process.elements.values():
        written |= {output.variable for output in element.outputs}
        written |= {outcome.variable for outcome in element.outcomes}
        written |= set(element.results) | set(element.child.returns if element.child else ())
    return written


def _cycles(processes: Mapping[str, CompiledProcess]) -> Iterator[Finding]:
    """A process that reaches itself by calls would start children without end."""
    for key, process in processes.items():
        reached: set[str] = set()
        waiting = list(process.called)
        while waiting:
            name = waiting.pop()
            if name not in reached and name in processes:
                reached.add(name)
                waiting.extend(processes[name].called)
        if key in reached:
            yield Finding("link.cycle", f"流程“{process.name}”经调用又回到自身", element=key)


def _unanswered(plan: Plan, processes: Mapping[str, CompiledProcess]) -> Iterator[Finding]:
    """A report that names its process must be that process's schedule; a stage's gate must be drawn."""
    for report in plan.reports.values():
        if report.process is None or report.later:
            continue
        process = processes.get(report.process)
        if process is None or process.schedule != report.id:
            sentence = f"报告“{report.name}”写明由流程“{report.process}”办理，但没有这样的定期流程"
            yield Finding("link.report", sentence, element=f"reports.{report.id}")
    gates = {
        element.stage
        for process in processes.values()
        for element in process.elements.values()
        if element.kind == "userTask" and element.stage
    }
    for stage in plan.stages.values():
        if stage.sign_off is not None and stage.id not in gates:
            sentence = f"阶段“{stage.name}”写明有阶段关口，但流程图中没有"
            yield Finding("link.gate", sentence, element=f"stages.{stage.id}")


def _children(plan: Plan, processes: Mapping[str, CompiledProcess]) -> Iterator[Finding]:
    """The child campaigns of a programme are started by one call, in the process that runs it."""
    calls = [
        process.key
        for process in processes.values()
        for element in process.elements.values()
        if element.child is not None and element.child.campaigns
    ]
    if plan.children and calls != [plan.root]:
        sentence = f"下级行动（children）应由主流程“{plan.root}”的一个调用活动（bihuan:campaigns）启动"
        yield Finding("link.children", sentence, element="children")


def _measures(plan: Plan, processes: Mapping[str, CompiledProcess]) -> Iterator[Finding]:
    """A list of measures is handed out by one call: a second would ask everybody twice."""
    calls = Counter(
        element.child.measures
        for process in processes.values()
        for element in process.elements.values()
        if element.child is not None and element.child.measures
    )
    for name, entry in plan.measure_lists.items():
        if calls[name] != 1:
            said = "没有流程下达" if not calls[name] else f"由 {calls[name]} 个调用活动下达，只能有一个"
            sentence = f"措施清单“{entry.name}”{said}（bihuan:measures）"
            yield Finding("link.measures", sentence, element=f"measure_lists.{name}")


def _consequences(plan: Plan, processes: Mapping[str, CompiledProcess]) -> Iterator[Finding]:
    """A disposal that sets a process going must name one that the campaign has."""
    for key, entry in (plan.raw.get("disposals") or {}).items():
        if "process" in entry and entry["process"] not in processes:
            sentence = f"处置方式“{entry['name']}”写明发起流程“{entry['process']}”，但没有这个流程（列入 diagrams）"
            yield Finding("link.disposal", sentence, element=f"disposals.{key}")
