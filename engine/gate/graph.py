"""Paths through one scope, boundary events included."""

from __future__ import annotations

from collections.abc import Iterable

from engine.gate.draft import DraftNode, DraftScope


def successors(node: DraftNode) -> list[str]:
    """The nodes that a token here may come to next."""
    return [flow.target for flow in node.outgoing] + [b.id for b in node.scope.boundaries(node.id)]


def forward(scope: DraftScope, roots: Iterable[str]) -> set[str]:
    """Everything that can be reached."""
    following = {node.id: successors(node) for node in scope.nodes.values()}
    return _closure(roots, following)


def backward(scope: DraftScope, roots: Iterable[str]) -> set[str]:
    """Everything from which one of the roots can be reached."""
    before: dict[str, list[str]] = {}
    for node in scope.nodes.values():
        for target in successors(node):
            before.setdefault(target, []).append(node.id)
    return _closure(roots, before)


def _closure(roots: Iterable[str], edges: dict[str, list[str]]) -> set[str]:
    found: set[str] = set()
    left = list(roots)
    while left:
        place = left.pop()
        if place not in found:
            found.add(place)
            left += edges.get(place, [])
    return found


def before_flows(scope: DraftScope, gateway: DraftNode) -> dict[str, set[str]]:
    """For each incoming flow of a gateway the nodes from which it can be reached without passing the gateway."""
    sources: dict[str, list[str]] = {}
    for node in scope.nodes.values():
        if node.id != gateway.id:
            for target in successors(node):
                sources.setdefault(target, []).append(node.id)
    return {
        flow.id: _closure([flow.source], sources) if flow.source != gateway.id else set() for flow in gateway.incoming
    }
