"""Checks that what diagrams name exists: forms, posts, deadlines, ladders, stages, sign-offs, unit groups, calls."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from domain.errors import Finding
from domain.plan import Plan
from engine.contract import CompiledProcess, Element


def link_findings(
    plan: Plan, processes: Mapping[str, CompiledProcess], library: Collection[str], forms: Collection[str]
) -> list[Finding]:
    """Every name in a diagram that leads nowhere, and every name in the plan that no diagram answers."""
    findings = []
    for process in processes.values():
        for element in process.elements.values():
            for kind, name, known in _names(element, plan, library, forms):
                if name not in known:
                    findings.append(_missing(process, element, kind, name))
    findings.extend(_cycles(processes))
    findings.extend(_unanswered(plan, processes))
    return findings


def _names(
    element: Element, plan: Plan, library: Collection[str], forms: Collection[str]
) -> Iterator[tuple[str, str, Collection[str]]]:
    """(what it is, the name, the names there are) for all that an element points to."""
    post = element.assignment.post if element.assignment else None
    child = element.child
    for kind, name, known in (
        ("表单", element.form, forms),
        ("时限", element.deadline, plan.deadlines),
        ("升级阶梯", element.ladder, plan.escalation),
        ("签字", element.sign_off, plan.sign_offs),
        ("阶段", element.stage, plan.stages),
        ("定期报告", element.schedule, plan.reports),
        ("岗位", post, plan.posts),
        ("单位组", child.over if child else None, plan.units),
        ("流程", child.called if child else None, library),
    ):
        if name is not None:
            yield kind, name, known


def _missing(process: CompiledProcess, element: Element, kind: str, name: str) -> Finding:
    shown = element.name or element.id
    sentence = f"流程“{process.name}”的“{shown}”引用的{kind}“{name}”不存在"
    return Finding("link.missing", sentence, element=f"{process.key}/{element.id}")


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
