"""A decision without default must be complete: every answer that can have been given before it leads somewhere."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

import simpleeval

from engine.contract import Element
from engine.expressions import BadExpression, Evaluator, names_in, parse
from engine.gate.draft import Draft, DraftNode
from engine.gate.names import Names
from engine.gate.report import Report

MAX_COMBINATIONS = 1_000


def check_complete(draft: Draft, elements: Mapping[str, Element], names: Names, report: Report) -> None:
    """Refuse every decision that may come out with no way to go."""
    for node in draft.nodes():
        conditions = [flow.condition for flow in node.outgoing if flow.condition is not None]
        open_end = not node.default and len(conditions) == len(node.outgoing)
        if not conditions or not open_end or _is_complete(node, conditions, elements, names):
            continue
        sentence = f"{node.label}没有默认去向，条件也没有覆盖前一任务的全部办理结果，可能无路可走"
        report.refuse("flow:incomplete", node.id, sentence)


def _is_complete(node: DraftNode, conditions: list[str], elements: Mapping[str, Element], names: Names) -> bool:
    try:
        trees = [parse(condition) for condition in conditions]
    except BadExpression:
        return True  # reported as such
    used = sorted(set().union(*(names_in(tree) for tree in trees)))
    tasks = _tasks_before(node, elements)
    domains = [_domain(name, tasks, names) for name in used]
    if not tasks or any(not domain for domain in domains):
        return False
    choices = itertools.product(*domains)
    return all(
        any(_holds(tree, dict(zip(used, choice, strict=True))) for tree in trees)
        for choice in itertools.islice(choices, MAX_COMBINATIONS)
    )


def _tasks_before(node: DraftNode, elements: Mapping[str, Element]) -> list[Element]:
    """The user tasks whose answers a decision is taken on: itself, or all that lead straight to it."""
    if node.kind == "userTask":
        return [elements[node.id]]
    before = [node.scope.nodes[flow.source] for flow in node.incoming]
    if any(other.kind != "userTask" or other.loop is not None for other in before):
        return []
    return [elements[other.id] for other in before]


def _domain(name: str, tasks: list[Element], names: Names) -> list[Any]:
    """What a variable can be after each of the tasks; nothing where that is not known."""
    values: list[Any] = []
    for task in tasks:
        chosen = [outcome.value for outcome in task.outcomes if outcome.variable == name]
        flags = [output for output in task.outputs if output.variable == name and output.type == "bool"]
        if not chosen and not flags:
            return []
        values += chosen or [True, False, None]
    return list(dict.fromkeys(values))


def _holds(tree: Any, values: dict[str, Any]) -> bool:
    try:
        return bool(Evaluator({}, values)._eval(tree))
    except (BadExpression, TypeError, ValueError, ArithmeticError, simpleeval.InvalidExpression):
        return False
