"""Which elements of a process a unit can come to, as far as what every unit starts with decides the way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from domain.plan import Plan
from domain.workdays import Calendar
from engine import Process
from engine.contract import Context
from engine.expressions import BadExpression, Language, names_in, parse
from engine.model import Flow, Node
from services.plans.units import start_variables


class Reach:
    """The way of units through one process; a condition on what somebody will answer may turn out either way."""

    def __init__(self, process: Process, plan: Plan, calendar: Calendar, now: datetime) -> None:
        self._process, self._plan, self._calendar, self._now = process, plan, calendar, now
        self._asked = sorted(_names(process) & start_variables(plan, None).keys())
        self._known: dict[tuple[Any, ...], frozenset[str]] = {}

    def of(self, unit: Any) -> frozenset[str]:
        """The elements this unit can come to; units that the conditions do not tell apart are asked about once."""
        variables = start_variables(self._plan, unit) if self._asked else {}
        own = {name: variables[name] for name in self._asked}
        key = tuple(own.values())
        if key not in self._known:
            context = Context(now=self._now, plan=self._plan, calendar=self._calendar, variables=own)
            self._known[key] = _reached(self._process, Language(context, own))
        return self._known[key]


def _nodes(process: Process) -> dict[str, Node]:
    return {node.id: node for scope in process.model.scopes.values() for node in scope.nodes.values()}


def _names(process: Process) -> set[str]:
    conditions = [flow.condition for node in _nodes(process).values() for flow in node.flows if flow.condition]
    return {name for condition in conditions for name in names_in(parse(condition))}


def _reached(process: Process, language: Language) -> frozenset[str]:
    nodes = _nodes(process)
    found: set[str] = set()
    left = list(process.model.top.starts)
    while left:
        node = nodes[left.pop()]
        if node.id not in found:
            found.add(node.id)
            left += [flow.target for flow in _taken(node, language)]
            left += node.boundaries
            left += process.model.scopes[node.scope].starts if node.scope else ()
    return frozenset(found)


def _taken(node: Node, language: Language) -> Iterator[Flow]:
    """The flows that may be taken: none that certainly does not hold, none after one that certainly does."""
    if node.kind != "exclusiveGateway":
        yield from node.flows
        return
    for flow in _default_last(node):
        answer = _answer(flow, language)
        if answer is not False:
            yield flow
        if answer is True:
            return


def _default_last(node: Node) -> Iterable[Flow]:
    return sorted(node.flows, key=lambda flow: flow.id == node.default)


def _answer(flow: Flow, language: Language) -> bool | None:
    if flow.condition is None:
        return True
    try:
        value = language.value(flow.condition, {})
    except BadExpression:
        return None
    return value if isinstance(value, bool) else None
