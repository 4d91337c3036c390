"""A diagram between XML and model: everything is read, not everything is right yet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from engine.gate.report import label
from engine.intake import BPMN
from engine.model import Loop, Trigger, Variable

BIHUAN = "urn:bihuan:bpmn:1"
ACTIVITIES = {
    "task",
    "userTask",
    "manualTask",
    "serviceTask",
    "sendTask",
    "receiveTask",
    "callActivity",
    "subProcess",
    "transaction",
}
GATEWAYS = {"exclusiveGateway", "inclusiveGateway", "parallelGateway", "eventBasedGateway"}
EVENTS = {"startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent"}
NODES = ACTIVITIES | GATEWAYS | EVENTS


@dataclass
class DraftFlow:
    """A sequence flow."""

    id: str
    source: str
    target: str
    name: str = ""
    condition: str | None = None
    drawn: bool = True


@dataclass
class DraftNode:
    """A flow node with what its XML says."""

    id: str
    name: str
    kind: str
    xml: etree._Element
    scope: DraftScope
    default: str = ""
    triggers: list[Trigger] = field(default_factory=list)
    link: str | None = None
    all_of: bool = False
    attached_to: str = ""
    interrupting: bool = True
    loop: Loop | None = None
    inner: DraftScope | None = None

    @property
    def label(self) -> str:
        """How a sentence names it."""
        return label(self.kind, self.name, self.id)

    @property
    def outgoing(self) -> list[DraftFlow]:
        """The flows that leave it, in the order of the diagram."""
        return self.scope.leaving.get(self.id, [])

    @property
    def incoming(self) -> list[DraftFlow]:
        """The flows that reach it."""
        return self.scope.reaching.get(self.id, [])


@dataclass
class DraftScope:
    """The process or a sub-process."""

    id: str
    name: str
    kind: str
    xml: etree._Element
    parent: DraftScope | None = None
    nodes: dict[str, DraftNode] = field(default_factory=dict)
    flows: dict[str, DraftFlow] = field(default_factory=dict)
    leaving: dict[str, list[DraftFlow]] = field(default_factory=dict)
    reaching: dict[str, list[DraftFlow]] = field(default_factory=dict)
    attached: dict[str, list[DraftNode]] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """How a sentence names it."""
        return label(self.kind, self.name, self.id)

    def connect(self, flow: DraftFlow) -> None:
        """Add a flow."""
        self.flows[flow.id] = flow
        self.leaving.setdefault(flow.source, []).append(flow)
        self.reaching.setdefault(flow.target, []).append(flow)

    def boundaries(self, activity: str) -> list[DraftNode]:
        """The boundary events of an activity."""
        return self.attached.get(activity, [])

    def all(self) -> Iterator[DraftScope]:
        """This scope and all inside it."""
        yield self
        for node in self.nodes.values():
            if node.inner is not None:
                yield from node.inner.all()


@dataclass
class Draft:
    """One executable process of a document."""

    top: DraftScope
    lanes: dict[str, str]
    variables: dict[str, Variable] = field(default_factory=dict)

    def scopes(self) -> list[DraftScope]:
        """Every scope, outermost first."""
        return list(self.top.all())

    def nodes(self) -> list[DraftNode]:
        """Every node of every scope."""
        return [node for scope in self.scopes() for node in scope.nodes.values()]


def local(element: etree._Element) -> str:
    """The name of a BPMN element without its namespace; of a foreign one nothing."""
    name = etree.QName(element)
    return name.localname if name.namespace == BPMN else ""


def children(element: etree._Element, *names: str) -> list[etree._Element]:
    """The BPMN children with these names."""
    return [child for child in element if isinstance(child.tag, str) and local(child) in names]


def text_of(element: etree._Element | None) -> str:
    """The whole text of an element, without the blanks around it."""
    return "".join(str(part) for part in element.itertext()).strip() if element is not None else ""


def child_text(element: etree._Element, name: str) -> str:
    """The text of the first such child."""
    found = children(element, name)
    return text_of(found[0]) if found else ""


def extensions(element: etree._Element, name: str) -> list[etree._Element]:
    """The bihuan elements of this name in an element's extensions."""
    wanted = f"{{{BIHUAN}}}{name}"
    return [item for holder in children(element, "extensionElements") for item in holder if item.tag == wanted]


def own(element: etree._Element, name: str) -> str | None:
    """A bihuan attribute; an empty one counts as absent."""
    value = element.get(f"{{{BIHUAN}}}{name}")
    return value.strip() or None if value is not None else None
