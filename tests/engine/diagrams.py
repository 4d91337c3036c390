"""Diagrams for tests, written in a few lines: `Diagram().start().user("fill").end().flow("start", "fill", "end")`."""

from __future__ import annotations

from typing import Self
from xml.sax.saxutils import escape, quoteattr

NAMESPACES = (
    'xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:bihuan="urn:bihuan:bpmn:1" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:camunda="http://camunda.org/schema/1.0/bpmn" '
    'xmlns:spiffworkflow="http://spiffworkflow.org/bpmn/schema/1.0/core" targetNamespace="urn:test"'
)


def attributes(given: dict[str, object]) -> str:
    """`form="x"` becomes `bihuan:form`; a name that starts with a capital letter or has a colon stays as it is."""
    return "".join(f" {name}={quoteattr(str(value))}" for name, value in given.items() if value is not None)


class Scope:
    """The content of a process or sub-process."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.edges = 0

    def raw(self, xml: str) -> Self:
        """Any XML."""
        self.parts.append(xml)
        return self

    def node(self, kind: str, ident: str, inner: str = "", **given: object) -> Self:
        """Any node."""
        name = given.pop("name", ident)
        self.parts.append(
            f"<bpmn:{kind} id={quoteattr(ident)} name={quoteattr(str(name))}{attributes(given)}>{inner}</bpmn:{kind}>"
        )
        return self

    def start(self, ident: str = "start", inner: str = "", **given: object) -> Self:
        """A start event."""
        return self.node("startEvent", ident, inner, **given)

    def end(self, ident: str = "end", inner: str = "") -> Self:
        """An end event."""
        return self.node("endEvent", ident, inner)

    def user(self, ident: str, *outcomes: str, outputs: str = "", inner: str = "", **given: object) -> Self:
        """A user task; `outcomes` are values of buttons, `outputs` is `name:type name:type`."""
        buttons = "".join(f'<bihuan:outcome value="{value}" name="{value}"/>' for value in outcomes)
        fields = "".join(
            '<bihuan:output field="{0}" variable="{0}" type="{1}"/>'.format(*pair.split(":"))
            for pair in outputs.split()
        )
        unit = given.pop("unit", "own")
        extension = f'<bihuan:assignment post="liaison" unit="{unit}"/>{buttons}{fields}'
        given = {f"bihuan:{name}": value for name, value in given.items()}
        body = f"<bpmn:extensionElements>{extension}</bpmn:extensionElements>{inner}"
        return self.node("userTask", ident, body, **given)

    def xor(self, ident: str, default: str | None = None) -> Self:
        """An exclusive gateway; `default` names the target of the default flow."""
        return self.node("exclusiveGateway", ident, default=default and f"{ident}-{default}")

    def both(self, ident: str) -> Self:
        """A parallel gateway."""
        return self.node("parallelGateway", ident)

    def some(self, ident: str, default: str | None = None) -> Self:
        """An inclusive gateway."""
        return self.node("inclusiveGateway", ident, default=default and f"{ident}-{default}")

    def service(self, ident: str, action: str = "note", inner: str = "") -> Self:
        """A service task."""
        body = f"<bpmn:extensionElements>{inner}</bpmn:extensionElements>" if inner else ""
        return self.node("serviceTask", ident, body, **{"bihuan:action": action})

    def call(
        self, ident: str, over: str | None = None, inner: str = "", called: str = "child", **given: object
    ) -> Self:
        """A call activity."""
        many = f' bihuan:over="{over}"' if over else ""
        loop = f"<bpmn:multiInstanceLoopCharacteristics{many}{attributes(given)}/>" if over or given else ""
        body = f"<bpmn:extensionElements>{inner}</bpmn:extensionElements>{loop}" if inner else loop
        return self.node("callActivity", ident, body, calledElement=called)

    def sub(self, ident: str, content: Scope, inner: str = "", kind: str = "subProcess", **given: object) -> Self:
        """A sub-process."""
        return self.node(kind, ident, inner + "".join(content.parts), **given)

    def catch(self, ident: str, definition: str, **given: object) -> Self:
        """An intermediate catch event."""
        return self.node("intermediateCatchEvent", ident, definition, **given)

    def throw(self, ident: str, definition: str = "") -> Self:
        """An intermediate throw event."""
        return self.node("intermediateThrowEvent", ident, definition)

    def boundary(self, ident: str, host: str, definition: str, cancel: bool = True) -> Self:
        """A boundary event."""
        return self.node(
            "boundaryEvent", ident, definition, attachedToRef=host, cancelActivity="true" if cancel else "false"
        )

    def flow(self, *chain: str, when: str | None = None, ident: str | None = None) -> Self:
        """Sequence flows along a chain; each is called `source-target`."""
        condition = f"<bpmn:conditionExpression>{escape(when)}</bpmn:conditionExpression>" if when is not None else ""
        for source, target in zip(chain, chain[1:], strict=False):
            self.parts.append(
                f'<bpmn:sequenceFlow id="{ident or f"{source}-{target}"}" sourceRef="{source}" targetRef="{target}">'
                f"{condition}</bpmn:sequenceFlow>"
            )
        return self


class Diagram(Scope):
    """A document with one process."""

    def __init__(self, key: str = "p", **given: object) -> None:
        super().__init__()
        self.key, self.given = key, given
        self.roots: list[str] = []

    def root(self, xml: str) -> Self:
        """Something beside the process."""
        self.roots.append(xml)
        return self

    def names(self, kind: str, *names: str) -> Self:
        """Messages, signals, errors or escalations; the id is `kind_name`, the code is the name."""
        code = f' {kind}Code="{{0}}"' if kind in ("error", "escalation") else ""
        for name in names:
            self.root(f'<bpmn:{kind} id="{kind}_{name}" name="{name}"{code.format(name)}/>')
        return self

    def variables(self, text: str) -> Self:
        """`name:type name:type=initial`."""
        found = ""
        for part in text.split():
            name, _, rest = part.partition(":")
            type_, _, initial = rest.partition("=")
            found += f'<bihuan:variable name="{name}" type="{type_}"' + (f' initial="{initial}"/>' if initial else "/>")
        return self.raw(f"<bpmn:extensionElements>{found}</bpmn:extensionElements>")

    def xml(self) -> bytes:
        """The document."""
        given = {"isExecutable": "true", **self.given}
        process = f'<bpmn:process id="{self.key}" name="测试"{attributes(given)}>{"".join(self.parts)}</bpmn:process>'
        roots = "".join(self.roots)
        return f"<bpmn:definitions {NAMESPACES}>{roots}{process}</bpmn:definitions>".encode()


def ref(kind: str, name: str = "") -> str:
    """An event definition that refers to a name: `ref("message", "m")`."""
    given = f' {kind}Ref="{kind}_{name}"' if name else ""
    return f"<bpmn:{kind}EventDefinition{given}/>"


def timer(kind: str, value: str) -> str:
    """A timer: `timer("Duration", "P1D")`."""
    return f"<bpmn:timerEventDefinition><bpmn:time{kind}>{escape(value)}</bpmn:time{kind}></bpmn:timerEventDefinition>"


def link(name: str) -> str:
    """A link event definition."""
    return f'<bpmn:linkEventDefinition name="{name}"/>'


def condition(text: str) -> str:
    """A conditional event definition."""
    inner = f"<bpmn:condition>{escape(text)}</bpmn:condition>"
    return f"<bpmn:conditionalEventDefinition>{inner}</bpmn:conditionalEventDefinition>"


def many(
    count: str | None = None, items: str | None = None, item: str = "", until: str = "", sequential: bool = False
) -> str:
    """Multi-instance characteristics."""
    inner = f"<bpmn:loopCardinality>{escape(count)}</bpmn:loopCardinality>" if count is not None else ""
    inner += f"<bpmn:loopDataInputRef>{escape(items)}</bpmn:loopDataInputRef>" if items is not None else ""
    inner += f'<bpmn:inputDataItem name="{item}"/>' if item else ""
    inner += f"<bpmn:completionCondition>{escape(until)}</bpmn:completionCondition>" if until else ""
    flag = ' isSequential="true"' if sequential else ""
    return f"<bpmn:multiInstanceLoopCharacteristics{flag}>{inner}</bpmn:multiInstanceLoopCharacteristics>"


def repeat(condition_: str = "", maximum: int | None = None, before: bool = False) -> str:
    """Standard loop characteristics."""
    given = attributes({"loopMaximum": maximum, "testBefore": "true" if before else None})
    inner = f"<bpmn:loopCondition>{escape(condition_)}</bpmn:loopCondition>" if condition_ else ""
    return f"<bpmn:standardLoopCharacteristics{given}>{inner}</bpmn:standardLoopCharacteristics>"
