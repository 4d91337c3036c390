"""Diagrams with one thing wrong each, and the rule that says so."""

from __future__ import annotations

from collections.abc import Callable

from tests.engine.diagrams import Diagram, Scope, many, ref, repeat, timer


def simple(**given: object) -> Diagram:
    """Start, one user task, end."""
    return Diagram().start().user("a", **given).end().flow("start", "a", "end")  # type: ignore[arg-type]


def service(inner: str, action: str = "draw") -> bytes:
    """Start, one service task, end."""
    diagram = Diagram().variables("n:int").start().service("s", action, inner).end()
    return diagram.flow("start", "s", "end").xml()


def call(inner: str = "", over: str | None = None, **given: object) -> bytes:
    """Start, one call activity, end."""
    diagram = Diagram().variables("n:int").start().call("c", over, inner, **given).end()  # type: ignore[arg-type]
    return diagram.flow("start", "c", "end").xml()


def campaigns(more: str = "", inner: str = "", called: str = "") -> bytes:
    """A call that starts child campaigns."""
    loop = f'<bpmn:multiInstanceLoopCharacteristics {more}bihuan:campaigns="children"/></bpmn:callActivity>'
    return call(inner, called=called).replace(b"</bpmn:callActivity>", loop.encode())


def decision(condition: str, *outcomes: str, outputs: str = "", variables: str = "n:int") -> bytes:
    """A decision after a user task, with a default."""
    diagram = Diagram().variables(variables).start().user("ask", *outcomes, outputs=outputs).xor("x", "end").end()
    return diagram.end("e2").flow("start", "ask", "x", "end").flow("x", "e2", when=condition).xml()


def two_ways(one: str, other: str) -> bytes:
    """A decision without default."""
    diagram = Diagram().variables("n:int").start().user("ask", "a", "b", "c", outputs="ok:bool").xor("x").end()
    diagram.end("e2").flow("start", "ask", "x")
    return diagram.flow("x", "end", when=one).flow("x", "e2", when=other).xml()


def extended(text: str) -> bytes:
    """The user task with something more in its extensions."""
    return simple().xml().replace(b"</bpmn:extensionElements>", text.encode() + b"</bpmn:extensionElements>", 1)


REFUSED: dict[str, tuple[str, Callable[[], bytes]]] = {
    "no assignment": (
        "assignment:missing",
        lambda: Diagram().start().node("userTask", "a").end().flow("start", "a", "end").xml(),
    ),
    "two assignments": ("assignment:missing", lambda: extended('<bihuan:assignment post="liaison"/>')),
    "unit rule": ("assignment:unit", lambda: simple(unit="somewhere").xml()),
    "unit variable": ("assignment:variable", lambda: simple(unit="var:nobody").xml()),
    "post variable": (
        "assignment:variable",
        lambda: simple().xml().replace(b'"liaison"', b'"var:nobody"'),
    ),
    "post of the plan": ("plan:posts", lambda: simple().xml().replace(b'"liaison"', b'"king"')),
    "deadline of the plan": ("plan:deadlines", lambda: simple(deadline="never").xml()),
    "deadline without its variable": ("plan:deadline_variable", lambda: simple(deadline="report_back").xml()),
    "deadline for doing it again": ("plan:deadlines", lambda: simple(deadline="soon", again="never").xml()),
    "only a deadline for doing it again": ("deadline:again", lambda: simple(again="soon").xml()),
    "ladder of the plan": ("plan:escalation", lambda: simple(ladder="steep").xml()),
    "sign-off of the plan": ("plan:sign_offs", lambda: simple(signOff="so").xml()),
    "stage of the plan": ("plan:stages", lambda: simple(stage="s9").xml()),
    "group of the plan": ("plan:units", lambda: call(over="planets")),
    "measure list of the plan": ("plan:measure_lists", lambda: call(**{"bihuan:measures": "wishes"})),
    "units and measures": ("loop:over", lambda: call(over="counties", **{"bihuan:measures": "tasks"})),
    "measures one after the other": (
        "loop:sequential",
        lambda: call(**{"bihuan:measures": "tasks", "isSequential": "true"}),
    ),
    "return of measures": (
        "call:return",
        lambda: call('<bihuan:return variable="n" from="x"/>', **{"bihuan:measures": "tasks"}),
    ),
    "report of the plan": (
        "plan:reports",
        lambda: (
            Diagram()
            .start("start", "<bpmn:timerEventDefinition/>", **{"bihuan:schedule": "yearly"})
            .end()
            .flow("start", "end")
            .xml()
        ),
    ),
    "timer start without schedule": (
        "timer:schedule",
        lambda: Diagram().start("start", "<bpmn:timerEventDefinition/>").end().flow("start", "end").xml(),
    ),
    "schedule without timer": (
        "timer:schedule",
        lambda: Diagram().start(**{"bihuan:schedule": "weekly"}).end().flow("start", "end").xml(),
    ),
    "timer start with a cycle": (
        "timer:start",
        lambda: (
            Diagram()
            .start("start", timer("Cycle", "R/P1W"), **{"bihuan:schedule": "weekly"})
            .end()
            .flow("start", "end")
            .xml()
        ),
    ),
    "unknown attribute": ("extension:attribute", lambda: simple(color="red").xml()),
    "forgotten prefix": (
        "extension:prefix",
        lambda: simple().xml().replace(b'<bpmn:userTask id="a"', b'<bpmn:userTask deadline="soon" id="a"'),
    ),
    "attribute of a loop": ("extension:attribute", lambda: call(over="counties", **{"bihuan:completoin": "done > 1"})),
    "attribute of an event definition": (
        "extension:attribute",
        lambda: (
            Diagram()
            .start()
            .catch("w", timer("Duration", "P1D").replace("Definition>", 'Definition bihuan:schedule="weekly">', 1))
            .end()
            .flow("start", "w", "end")
            .xml()
        ),
    ),
    "attribute of another element": (
        "extension:attribute",
        lambda: Diagram().start().node("task", "a", **{"bihuan:form": "f"}).end().flow("start", "a", "end").xml(),
    ),
    "unknown extension": ("extension:element", lambda: extended("<bihuan:magic/>")),
    "extension of another element": ("extension:element", lambda: extended('<bihuan:argument name="n"/>')),
    "attribute of an extension": ("extension:attribute", lambda: extended('<bihuan:output feild="x"/>')),
    "content of an extension": ("extension:element", lambda: extended("<bihuan:output>x</bihuan:output>")),
    "foreign extension": (
        "extension:foreign",
        lambda: extended("<spiffworkflow:preScript>x</spiffworkflow:preScript>"),
    ),
    "foreign attribute": (
        "extension:foreign",
        lambda: simple().xml().replace(b'<bpmn:userTask id="a"', b'<bpmn:userTask spiffworkflow:x="1" id="a"'),
    ),
    "outcome without name": ("outcome:incomplete", lambda: extended('<bihuan:outcome value="x"/>')),
    "outcome twice": ("outcome:twice", lambda: simple().user("b", "x", "x").flow("start", "b", "end").xml()),
    "output type": ("variable:name", lambda: simple(outputs="n:number").xml()),
    "output name": ("variable:name", lambda: simple(outputs="unit_id:str").xml()),
    "output called like a function": ("variable:name", lambda: simple(outputs="deadline:str").xml()),
    "two types": (
        "variable:types",
        lambda: Diagram().variables("n:str").start().user("a", outputs="n:int").end().flow("start", "a", "end").xml(),
    ),
    "declared twice": ("variable:declaration", lambda: simple().variables("n:int n:int").xml()),
    "initial value": ("variable:initial", lambda: simple().variables("n:int=three").xml()),
    "call of nothing": ("call:unknown", lambda: call(called="nobody")),
    "call without element": ("call:element", lambda: call(called="")),
    "return of a group": ("call:return", lambda: call('<bihuan:return variable="n" from="x"/>', over="counties")),
    "children of a plan without any": ("plan:children", lambda: campaigns()),
    "children and a process": ("call:element", lambda: campaigns(called="child")),
    "children and units": ("loop:over", lambda: campaigns('bihuan:over="counties" ')),
    "children with inputs": ("call:campaigns", lambda: campaigns(inner='<bihuan:input variable="n" expression="n"/>')),
    "completion of a single child": (
        "loop:over",
        lambda: call().replace(
            b"</bpmn:callActivity>",
            b'<bpmn:multiInstanceLoopCharacteristics bihuan:completion="done"/></bpmn:callActivity>',
        ),
    ),
    "completion over other names": ("expression:name", lambda: call(over="counties", **{"bihuan:completion": "n > 1"})),
    "unit of a call": ("assignment:unit", lambda: call().replace(b'id="c"', b'id="c" bihuan:unit="sector_lead"')),
    "unknown action": ("action:unknown", lambda: service("", "launch")),
    "no action": (
        "action:missing",
        lambda: Diagram().start().node("serviceTask", "s").end().flow("start", "s", "end").xml(),
    ),
    "missing argument": ("action:argument", lambda: service("")),
    "unknown argument": ("action:argument", lambda: service('<bihuan:argument name="m" expression="1"/>')),
    "unknown result": (
        "action:result",
        lambda: service('<bihuan:argument name="n" expression="1"/><bihuan:result variable="n" from="m"/>'),
    ),
    "unknown name": ("expression:name", lambda: decision("m > 1")),
    "lower-case true": ("expression:name", lambda: decision("n == true")),
    "scheduled name": ("expression:name", lambda: decision("period == '1'")),
    "unknown function": ("expression:form", lambda: decision("today() > 1")),
    "plan entry in a condition": ("plan:quotas", lambda: decision("n > quota('x')")),
    "plan entry from a variable": ("expression:literal", lambda: decision("n > quota(n)")),
    "unit of after": ("expression:unit", lambda: decision("after(1, 'year') == n")),
    "misspelt outcome": ("expression:outcome", lambda: decision("outcome == 'acept'", "accept", "return")),
    "misspelt outcome in a list": ("expression:outcome", lambda: decision("outcome in ['accept', 'x']", "accept")),
    "item of a variable": ("expression:attribute", lambda: decision("n.real == 1")),
    "a flag not covered": ("flow:incomplete", lambda: two_ways("ok", "ok and n > 1")),
    "an outcome not covered": ("flow:incomplete", lambda: two_ways("outcome == 'a'", "outcome == 'b'")),
    "default with a condition": (
        "flow:default",
        lambda: (
            decision("n > 1")
            .replace(b"x-end", b"y")
            .replace(b'"x-e2"', b'"x-end"')
            .replace(b'default="y"', b'default="x-end"')
        ),
    ),
    "default of another": (
        "flow:default",
        lambda: decision("n > 1").replace(b'default="x-end"', b'default="start-ask"'),
    ),
    "condition after a fork": (
        "flow:condition_place",
        lambda: (
            Diagram().variables("n:int").start().both("f").end().flow("start", "f").flow("f", "end", when="n > 1").xml()
        ),
    ),
    "condition after an event": (
        "flow:condition_place",
        lambda: Diagram().variables("n:int").start().end().flow("start", "end", when="n > 1").xml(),
    ),
    "empty condition": ("flow:condition", lambda: decision(" ")),
    "flow without condition": ("flow:no_condition", lambda: decision("n > 1").replace(b' default="x-end"', b"")),
    "duplicate id": ("id:duplicate", lambda: simple().user("a").xml()),
    "boundary on nothing": (
        "boundary:host",
        lambda: simple().boundary("b", "gone", timer("Duration", "P1D")).flow("b", "end").xml(),
    ),
    "boundary on a gateway": (
        "boundary:host",
        lambda: (
            Diagram()
            .start()
            .both("g")
            .boundary("b", "g", timer("Duration", "P1D"))
            .end()
            .flow("start", "g", "end")
            .flow("b", "end")
            .xml()
        ),
    ),
    "boundary without flow": ("flow:dead_end", lambda: simple().boundary("b", "a", timer("Duration", "P1D")).xml()),
    "error that does not interrupt": (
        "boundary:interrupting",
        lambda: (
            Diagram()
            .names("error", "e")
            .start()
            .call("c")
            .boundary("b", "c", ref("error", "e"), cancel=False)
            .end()
            .flow("start", "c", "end")
            .flow("b", "end")
            .xml()
        ),
    ),
    "error on a task": (
        "boundary:host_kind",
        lambda: simple().names("error", "e").boundary("b", "a", ref("error", "e")).flow("b", "end").xml(),
    ),
    "two triggers on a boundary": (
        "event:multiple",
        lambda: simple().boundary("b", "a", timer("Duration", "P1D") * 2).flow("b", "end").xml(),
    ),
    "untyped catch": ("event:untyped", lambda: Diagram().start().catch("w", "").end().flow("start", "w", "end").xml()),
    "message without reference": (
        "message:ref",
        lambda: Diagram().start().catch("w", ref("message", "gone")).end().flow("start", "w", "end").xml(),
    ),
    "error without code": (
        "error:code",
        lambda: (
            Diagram()
            .root('<bpmn:error id="error_e"/>')
            .start()
            .end("end", ref("error", "e"))
            .flow("start", "end")
            .xml()
        ),
    ),
    "cancel outside a transaction": (
        "cancel:scope",
        lambda: Diagram().start().end("end", ref("cancel")).flow("start", "end").xml(),
    ),
    "cancel that nobody catches": (
        "cancel:boundary",
        lambda: (
            simple()
            .sub("s", Scope().start("i").end("o", ref("cancel")).flow("i", "o"), kind="transaction")
            .flow("a", "s", "end")
            .xml()
        ),
    ),
    "unreachable": ("flow:unreachable", lambda: simple().user("b").flow("b", "end").xml()),
    "dead end": ("flow:dead_end", lambda: simple().user("b").flow("start", "b").xml()),
    "loop without exit": (
        "flow:no_exit",
        lambda: simple().user("b").user("c").flow("start", "b", "c", "b").xml(),
    ),
    "no start": ("start:none", lambda: Diagram().user("a").end().flow("a", "end").xml()),
    "no end": ("end:none", lambda: Diagram().start().user("a").flow("start", "a").xml()),
    "flow into the start": ("flow:into_start", lambda: simple().flow("a", "start").xml()),
    "flow from the end": ("flow:from_end", lambda: simple().flow("end", "a").xml()),
    "flow across scopes": (
        "flow:end",
        lambda: simple().sub("s", Scope().start("i").end("o").flow("i", "o")).flow("a", "o").xml(),
    ),
    "event gateway before a task": (
        "event_gateway:target",
        lambda: (
            Diagram()
            .start()
            .node("eventBasedGateway", "g")
            .user("a")
            .user("b")
            .end()
            .flow("start", "g", "a", "end")
            .flow("g", "b", "end")
            .xml()
        ),
    ),
    "event gateway with one way": (
        "event_gateway:few",
        lambda: (
            Diagram()
            .start()
            .node("eventBasedGateway", "g")
            .catch("w", timer("Duration", "P1D"))
            .end()
            .flow("start", "g", "w", "end")
            .xml()
        ),
    ),
    "start of a sub-process that waits": (
        "event:startEvent:timer",
        lambda: (
            simple()
            .sub("s", Scope().start("i", timer("Duration", "P1D")).end("o").flow("i", "o"))
            .flow("a", "s", "end")
            .xml()
        ),
    ),
    "loop without bound": ("loop:endless", lambda: simple(inner=repeat()).xml()),
    "loop over and count": ("loop:source", lambda: simple(inner=many(count="2", items="[1]")).xml()),
    "too many repetitions": ("loop:count", lambda: simple(inner=many(count="2001")).xml()),
    "too many rounds": ("loop:maximum", lambda: simple(inner=repeat(maximum=5000)).xml()),
    "loop on a gateway": (
        "loop:place",
        lambda: decision("n > 1").replace(
            b"</bpmn:exclusiveGateway>", many("2").encode() + b"</bpmn:exclusiveGateway>"
        ),
    ),
    "call many without group": (
        "loop:over",
        lambda: call().replace(b"</bpmn:callActivity>", many("2").encode() + b"</bpmn:callActivity>"),
    ),
    "name of the loop item": ("loop:item", lambda: simple(inner=many(items="[1]", item="not a name")).xml()),
    "name in a loop": ("expression:name", lambda: simple(inner=many(count="m")).xml()),
    "item outside its loop": (
        "expression:name",
        lambda: decision("loopItem == 1"),
    ),
    "not executable": (
        "process:not_executable",
        lambda: Diagram(isExecutable="false").start().end().flow("start", "end").xml(),
    ),
    "unknown element": ("element:unknown", lambda: simple().raw("<bpmn:teleport/>").xml()),
    "for compensation": (
        "element:compensation",
        lambda: simple().xml().replace(b'id="a"', b'id="a" isForCompensation="true"'),
    ),
    "receive task that starts": (
        "element:instantiate",
        lambda: (
            Diagram()
            .names("message", "m")
            .start()
            .node("receiveTask", "r", messageRef="message_m", instantiate="true")
            .end()
            .flow("start", "r", "end")
            .xml()
        ),
    ),
}
