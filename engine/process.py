"""A stored spec text as something that runs: the library's process specs, filled with our nodes, cached by digest."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import lru_cache

from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec

from engine import model
from engine.contract import Element, Scalar
from engine.events import Boundary, Catch, EventGateway, Throw
from engine.loops import Loop
from engine.nodes import (
    CallActivity,
    ExclusiveGateway,
    InclusiveGateway,
    Node,
    ParallelGateway,
    ServiceTask,
    SubProcess,
    UserTask,
)

CLASSES: dict[str, type[Node]] = {
    "startEvent": Node,
    "task": Node,
    "manualTask": Node,
    "userTask": UserTask,
    "serviceTask": ServiceTask,
    "sendTask": Throw,
    "receiveTask": Catch,
    "callActivity": CallActivity,
    "subProcess": SubProcess,
    "transaction": SubProcess,
    "exclusiveGateway": ExclusiveGateway,
    "inclusiveGateway": InclusiveGateway,
    "parallelGateway": ParallelGateway,
    "eventBasedGateway": EventGateway,
    "intermediateCatchEvent": Catch,
    "intermediateThrowEvent": Throw,
    "boundaryEvent": Boundary,
    "endEvent": Throw,
}


class ScopeSpec(BpmnProcessSpec):
    """The library's process spec for one scope: the process itself or a sub-process."""

    def __init__(self, scope: model.Scope, elements: Mapping[str, Element]) -> None:
        super().__init__(name=scope.id)
        self.task_specs.clear()  # the library's own join and end are not used, and an element may be called Start
        self.starts = scope.starts
        self.nodes = scope.nodes
        self._reach: dict[str, dict[str, frozenset[str]]] = {}
        for node in scope.nodes.values():
            element = elements[node.id]
            if node.loop is None:
                CLASSES[node.kind](self, node.id, node=node, element=element)
            else:
                Loop(self, node.id, node=node, element=element)
                CLASSES[node.kind](self, f"{node.id}#", node=node, element=element, body=True)

    def reach(self, gateway: str) -> dict[str, frozenset[str]]:
        """For each incoming flow of a gateway the nodes from which it can be reached without passing the gateway."""
        if gateway not in self._reach:
            self._reach[gateway] = {flow: self._before(flow, gateway) for flow in self.nodes[gateway].incoming}
        return self._reach[gateway]

    def _before(self, flow: str, gateway: str) -> frozenset[str]:
        sources = {item.id: node.id for node in self.nodes.values() for item in node.flows}
        found: set[str] = set()
        left = [sources[flow]]
        while left:
            place = left.pop()
            if place == gateway or place in found:
                continue
            found.add(place)
            node = self.nodes[place]
            left += [sources[incoming] for incoming in node.incoming]
            if node.attached_to:
                left.append(node.attached_to)
        return frozenset(found)


class Process:
    """A published version of a diagram, ready to run. It is shared by all its instances and never changes."""

    def __init__(self, content: model.Model, digest: str) -> None:
        self.key = content.key
        self.name = content.name
        self.digest = digest
        self.model = content
        self.elements = content.elements
        self.called = content.called
        self.schedule = content.schedule
        self.specs = {key: ScopeSpec(scope, content.elements) for key, scope in content.scopes.items()}
        self.defaults: dict[str, Scalar] = {name: item.initial for name, item in content.variables.items()}
        self.stages = _stages(content)  # element -> plan stage that it, or a scope around it, stands for
        self.watched = any(_is_watched(node) for scope in content.scopes.values() for node in scope.nodes.values())

    def node(self, element: str) -> model.Node | None:
        """The node with this id, in whatever scope."""
        return next((scope.nodes[element] for scope in self.model.scopes.values() if element in scope.nodes), None)


def _stages(content: model.Model) -> dict[str, str]:
    """The plan stage of every element that a stage's sub-process contains."""
    around = {node.scope: scope.id for scope in content.scopes.values() for node in scope.nodes.values() if node.scope}

    def stage_of(scope: str) -> str | None:
        own = content.elements[scope].stage if scope in content.elements else None
        return own or (stage_of(around[scope]) if scope in around else None)

    found = {}
    for scope in content.scopes.values():
        stage = stage_of(scope.id)
        found.update({node: content.elements[node].stage or stage for node in scope.nodes})
    return {node: stage for node, stage in found.items() if stage}


def _is_watched(node: model.Node) -> bool:
    """Whether a token here may go on because of what happens elsewhere."""
    joins = node.kind == "inclusiveGateway" and len(node.incoming) > 1
    return joins or any(trigger.kind == "conditional" for trigger in node.triggers)


@lru_cache(maxsize=256)
def load(spec: str) -> Process:
    """The process of a spec text. Cached: a worker builds each version once."""
    return Process(model.load_model(spec), digest_of(spec))


def digest_of(spec: str) -> str:
    """What a stored version is known by."""
    return hashlib.sha256(spec.encode()).hexdigest()
