"""Draft to model: what is stored and run."""

from __future__ import annotations

from engine.contract import Element
from engine.gate.draft import Draft, DraftNode, DraftScope
from engine.gate.names import Names
from engine.gate.normalise import starts_of
from engine.model import Flow, Model, Node, Scope, Variable


def build(draft: Draft, elements: dict[str, Element], names: Names) -> Model:
    """The checked model of one process."""
    (start,) = starts_of(draft.top)
    declared = {name: names.initial.get(name) or Variable(name=name, type=type_) for name, type_ in names.types.items()}
    return Model(
        key=draft.top.id,
        name=draft.top.name or draft.top.id,
        scopes={scope.id: _scope(scope) for scope in draft.scopes()},
        elements=elements,
        variables=declared,
        schedule=elements[start.id].schedule,
    )


def _scope(scope: DraftScope) -> Scope:
    nodes = {node.id: _node(node) for node in scope.nodes.values()}
    return Scope(id=scope.id, starts=tuple(node.id for node in starts_of(scope)), nodes=nodes)


def _node(node: DraftNode) -> Node:
    return Node(
        id=node.id,
        kind=node.kind,
        flows=tuple(Flow(id=f.id, target=f.target, condition=f.condition, drawn=f.drawn) for f in node.outgoing),
        incoming=tuple(flow.id for flow in node.incoming),
        default=node.default,
        triggers=tuple(node.triggers),
        all_of=node.all_of,
        attached_to=node.attached_to,
        interrupting=node.interrupting,
        boundaries=tuple(boundary.id for boundary in node.scope.boundaries(node.id)),
        loop=node.loop,
        scope=node.inner.id if node.inner else "",
    )
