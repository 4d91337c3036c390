"""A checked diagram as values: what the spec text holds and the run-time specs are built from.

The text is ours and not the library's serialisation, so a stored version outlives an upgrade of the library.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import orjson

from engine.contract import Assignment, ChildPlan, Element, Outcome, Output, Scalar

FORMAT = 1
FORMER = ("start_kind", "start_name")  # of messages and signals that started a process; older versions have them


@dataclass(frozen=True, kw_only=True)
class Flow:
    """A sequence flow, seen from its source. A flow that the gate made is not drawn and leaves no history."""

    id: str
    target: str
    condition: str | None = None
    drawn: bool = True


@dataclass(frozen=True, kw_only=True)
class Trigger:
    """What an event waits for or throws."""

    kind: str = "none"  # none | message | signal | timer | error | escalation | terminate | cancel | conditional
    name: str = ""  # message or signal name, error or escalation code; an empty code catches every code
    timer: str = ""  # date | duration | cycle
    expression: str = ""  # of the timer or the condition


@dataclass(frozen=True, kw_only=True)
class Loop:
    """How often an activity is repeated inside this instance."""

    kind: str  # parallel | sequential | standard
    count: str | None = None  # expression giving a number
    items: str | None = None  # expression giving a list
    item: str | None = None  # name under which the item is seen
    condition: str | None = None  # completion condition; of a standard loop: go on while it holds
    maximum: int | None = None  # of a standard loop
    test_before: bool = False


@dataclass(frozen=True, kw_only=True)
class Node:
    """A flow node of a scope."""

    id: str
    kind: str  # BPMN local name
    flows: tuple[Flow, ...] = ()
    incoming: tuple[str, ...] = ()  # ids of the flows that end here
    default: str = ""  # id of the default flow
    triggers: tuple[Trigger, ...] = ()
    all_of: bool = False  # a parallel multiple event waits for every trigger
    attached_to: str = ""
    interrupting: bool = True
    boundaries: tuple[str, ...] = ()
    loop: Loop | None = None
    scope: str = ""  # the scope that a sub-process contains


@dataclass(frozen=True, kw_only=True)
class Scope:
    """The process itself or a sub-process: its nodes, and those that get a token when it starts."""

    id: str
    starts: tuple[str, ...]
    nodes: Mapping[str, Node]


@dataclass(frozen=True, kw_only=True)
class Variable:
    """A declared instance variable."""

    name: str
    type: str  # bool | int | float | str | date
    initial: Scalar = None


@dataclass(frozen=True, kw_only=True)
class Model:
    """One process, checked and normalised."""

    key: str
    name: str
    scopes: Mapping[str, Scope]
    elements: Mapping[str, Element]
    variables: Mapping[str, Variable] = field(default_factory=dict)
    schedule: str | None = None

    @property
    def top(self) -> Scope:
        """The scope of the process itself."""
        return self.scopes[self.key]

    @property
    def called(self) -> tuple[str, ...]:
        """The process ids that its call activities name, each once."""
        return tuple(dict.fromkeys(e.child.called for e in self.elements.values() if e.child and e.child.called))


def dump_model(model: Model) -> str:
    """The spec text: equal models give equal texts."""
    content = {"format": FORMAT, **{name: _plain(value) for name, value in vars(model).items()}}
    return orjson.dumps(content).decode()


def load_model(spec: str) -> Model:
    """The model of a spec text."""
    content = orjson.loads(spec)
    if content.pop("format", None) != FORMAT:
        raise ValueError("unknown spec format")
    for name in FORMER:
        content.pop(name, None)
    content["scopes"] = {key: _scope(value) for key, value in content["scopes"].items()}
    content["elements"] = {key: _element(value) for key, value in content["elements"].items()}
    content["variables"] = {key: Variable(**value) for key, value in content["variables"].items()}
    return Model(**content)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return asdict(value) if hasattr(value, "__dataclass_fields__") else value


def _scope(content: dict[str, Any]) -> Scope:
    nodes = {key: _node(value) for key, value in content["nodes"].items()}
    return Scope(id=content["id"], starts=tuple(content["starts"]), nodes=nodes)


def _node(content: dict[str, Any]) -> Node:
    content["flows"] = tuple(Flow(**flow) for flow in content["flows"])
    content["triggers"] = tuple(Trigger(**trigger) for trigger in content["triggers"])
    content["loop"] = Loop(**content["loop"]) if content["loop"] else None
    content["incoming"], content["boundaries"] = tuple(content["incoming"]), tuple(content["boundaries"])
    return Node(**content)


def _element(content: dict[str, Any]) -> Element:
    content["assignment"] = Assignment(**content["assignment"]) if content["assignment"] else None
    content["outcomes"] = tuple(Outcome(**outcome) for outcome in content["outcomes"])
    content["outputs"] = tuple(Output(**output) for output in content["outputs"])
    content["child"] = ChildPlan(**content["child"]) if content["child"] else None
    return Element(**content)
