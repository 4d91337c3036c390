"""Random processes and random hosts: blocks inside blocks, and somebody who presses whatever can be pressed."""

from __future__ import annotations

import random

from engine.contract import (
    ActionDone,
    ChildDone,
    ChildRaised,
    Command,
    Complete,
    Deliver,
    Move,
    Retry,
    Tick,
)
from tests.engine.diagrams import Diagram, Scope, many, ref, repeat, timer
from tests.engine.host import Host

MESSAGES = ("m1", "m2")
CODES = ("e1", "e2")
Part = tuple[str, str]  # the first and the last node of a block


class Generator:
    """Writes one diagram; the same seed writes the same."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.count = 0

    def diagram(self) -> bytes:
        """A whole process."""
        diagram = Diagram().names("message", *MESSAGES).names("signal", *MESSAGES).names("error", *CODES)
        diagram.names("escalation", *CODES).variables("picked:int n:int=2 assigned_at:date")
        head, tail = self.sequence(diagram, 3)
        diagram.start().end().flow("start", head).flow(tail, "end")
        return diagram.xml()

    def name(self, kind: str) -> str:
        """A new id."""
        self.count += 1
        return f"{kind}{self.count}"

    def sequence(self, scope: Scope, depth: int) -> Part:
        """Some blocks in a row."""
        parts = [self.block(scope, depth) for _ in range(self.random.randint(1, 3))]
        for (_, tail), (head, _) in zip(parts, parts[1:], strict=False):
            scope.flow(tail, head)
        return parts[0][0], parts[-1][1]

    def block(self, scope: Scope, depth: int) -> Part:
        """One block."""
        if depth == 0 or self.random.random() < 0.4:
            name = self.random.choice([self.user, self.user, self.wait, self.service, self.throw, self.call])(scope)
            return name, name
        inner = [self.split, self.choice, self.sub, self.rework, self.first_of]
        return self.random.choice(inner)(scope, depth - 1)

    # -- leaves --------------------------------------------------------------------------------------------------------
    def user(self, scope: Scope) -> str:
        name = self.name("u")
        loop = self.random.choice(["", "", "", many(count="n"), many(count="2", sequential=True), repeat(maximum=2)])
        scope.user(name, deadline=self.random.choice([None, None, "soon", "report_back"]), inner=loop)
        if self.random.random() < 0.3:
            self.attach(scope, name)
        return name

    def wait(self, scope: Scope) -> str:
        name = self.name("w")
        moments = [timer("Duration", "P1D"), timer("Date", "stage_end('s1')")]
        scope.catch(name, self.random.choice([*moments, ref("message", "m1"), ref("signal", "m2")]))
        return name

    def service(self, scope: Scope) -> str:
        name = self.name("a")
        inner = '<bihuan:argument name="n" expression="n"/><bihuan:result variable="picked" from="picked"/>'
        scope.service(name, "draw", inner)
        return name

    def throw(self, scope: Scope) -> str:
        name = self.name("t")
        scope.throw(name, self.random.choice([ref("message", "m2"), ref("signal", "m2"), ref("escalation", "e1"), ""]))
        return name

    def call(self, scope: Scope) -> str:
        name = self.name("c")
        scope.call(name, over=self.random.choice([None, "counties"]))
        if self.random.random() < 0.6:
            self.attach(scope, name, ref("error", "e1"), ref("escalation", "e1"))
        return name

    def attach(self, scope: Scope, host: str, *more: str) -> None:
        """A boundary event whose path ends by itself."""
        kinds = [timer("Duration", "PT5H"), ref("message", "m1"), timer("Cycle", "R2/P1D"), *more]
        definition = self.random.choice(kinds)
        cancel = "errorEvent" in definition or ("timeCycle" not in definition and self.random.random() < 0.5)
        event, task, end = self.name("b"), self.name("h"), self.name("z")
        scope.boundary(event, host, definition, cancel).user(task)
        scope.end(end).flow(event, task, end)

    # -- blocks with blocks inside -------------------------------------------------------------------------------------
    def split(self, scope: Scope, depth: int) -> Part:
        inclusive = self.random.random() < 0.3
        fork, join = self.name("f"), self.name("j")
        parts = [self.sequence(scope, depth) for _ in range(self.random.randint(2, 3))]
        for number, (head, tail) in enumerate(parts):
            condition = self.random.choice(["n > 1", "n > 0"]) if inclusive and number else None
            scope.flow(fork, head, when=condition).flow(tail, join)
        if inclusive:
            scope.some(fork, default=parts[0][0]).some(join)
        else:
            scope.both(fork).both(join)
        return fork, join

    def choice(self, scope: Scope, depth: int) -> Part:
        ask, fork, merge = self.name("q"), self.name("x"), self.name("y")
        scope.user(ask, "left", "right").xor(fork).xor(merge).flow(ask, fork)
        for side in ("left", "right"):
            head, tail = self.sequence(scope, depth)
            scope.flow(fork, head, when=f"outcome == '{side}'").flow(tail, merge)
        return ask, merge

    def rework(self, scope: Scope, depth: int) -> Part:
        merge, judge, fork, after = self.name("r"), self.name("q"), self.name("x"), self.name("k")
        head, tail = self.sequence(scope, depth)
        scope.xor(merge).user(judge, "again", "left").xor(fork, after).node("task", after)
        scope.flow(merge, head).flow(tail, judge, fork, after).flow(fork, merge, when="outcome == 'again'")
        return merge, after

    def sub(self, scope: Scope, depth: int) -> Part:
        name, inside = self.name("s"), Scope()
        start, end = self.name("i"), self.name("o")
        thrown = self.random.choice(["", "", ref("escalation", "e1"), ref("error", "e1"), ref("terminate")])
        head, tail = self.sequence(inside, depth)
        inside.start(start).end(end, thrown).flow(start, head).flow(tail, end)
        loop = self.random.choice(["", "", many(count="n"), many(items="['a', 'b']", item="who")])
        scope.sub(name, inside, loop)
        if self.random.random() < 0.6:
            self.attach(scope, name, ref("error", "e1"), ref("escalation", "e1"))
        return name, name

    def first_of(self, scope: Scope, depth: int) -> Part:
        fork, merge = self.name("g"), self.name("y")
        scope.node("eventBasedGateway", fork).xor(merge)
        for definition in (timer("Duration", "P2D"), ref("message", "m1")):
            event = self.name("w")
            head, tail = self.sequence(scope, depth)
            scope.catch(event, definition).flow(fork, event, head).flow(tail, merge)
        return fork, merge


def next_command(host: Host, chance: random.Random, administrators: bool = True) -> Command | None:
    """Something that can be done now; nothing where the instance is at its end."""
    if host.ended:
        return None
    found: list[Command] = [_complete(host, item.ref) for item in host.tasks.values()]
    found += [Tick(ref=item_ref) for item_ref in host.timers]
    found += [Deliver(name=item.name) for item in host.waits.values()]
    found += [ChildDone(ref=item_ref, outputs={"total": 2, "done": 2}) for item_ref in host.children]
    found += [ActionDone(ref=item_ref, results={"picked": 3}) for item_ref in host.actions]
    if host.last.error is not None and administrators:
        found.append(Retry(ref=host.last.error.ref))
        found.append(Move(ref=host.last.error.ref))
    if chance.random() < 0.1:
        found += [
            ChildRaised(ref=ref_, kind=chance.choice(["error", "escalation"]), code="e1") for ref_ in host.children
        ]
        found += [Move(ref=ref_) for ref_ in host.tasks if administrators]
        found.append(Tick(ref="9999"))
    return chance.choice(found) if found else None


def _complete(host: Host, task: str) -> Complete:
    outcomes = host.process.elements[host.tasks[task].element].outcomes
    pressed = outcomes[len(host.advances) % len(outcomes)] if outcomes else None
    return Complete(ref=task, decisions={pressed.variable: pressed.value} if pressed else {})
