"""Bad models cannot hurt: whatever comes in ends in findings or in a process, quickly, and runs no code."""

from __future__ import annotations

import random
import resource
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from lxml import etree

from domain.errors import Refused
from engine import check, compile_process, load
from tests.engine.diagrams import NAMESPACES, Diagram, Scope, many, ref, timer
from tests.engine.generated import Generator, next_command
from tests.engine.host import ACTIONS, PLAN, Host, run
from tests.engine.test_expressions import HOSTILE

GIVEN = {"plan": PLAN, "actions": ACTIONS, "called": ["child"]}
GOOD = Diagram().start().user("a").end().flow("start", "a", "end").xml().decode()
MAX_SECONDS = 2.0
MAX_GROWTH = 256 * 1024  # kB of memory over the whole corpus


def with_doctype(subset: str, text: str) -> bytes:
    """The good diagram with a DTD and an entity in a name."""
    return f'<?xml version="1.0"?><!DOCTYPE x [{subset}]>{GOOD.replace("测试", text)}'.encode()


def laughs() -> bytes:
    """Ten entities, each ten times the one before."""
    lines = '<!ENTITY a0 "哈">' + "".join(f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, 10))
    return with_doctype(lines, "&a9;")


def nested(depth: int) -> bytes:
    """Sub-processes inside each other."""
    scope = Scope().start("s0").end("e0").flow("s0", "e0")
    for level in range(1, depth):
        outer = Scope().start(f"s{level}").sub(f"p{level}", scope).end(f"e{level}")
        scope = outer.flow(f"s{level}", f"p{level}", f"e{level}")
    return Diagram().start().sub("p0", scope).end().flow("start", "p0", "end").xml()


def forks(width: int, stages: int) -> bytes:
    """Forks and joins in a row: width ** stages paths."""
    diagram = Diagram().start().end()
    before = "start"
    for stage in range(stages):
        diagram.both(f"f{stage}").both(f"j{stage}").flow(before, f"f{stage}")
        for branch in range(width):
            diagram.node("task", f"t{stage}_{branch}").flow(f"f{stage}", f"t{stage}_{branch}", f"j{stage}")
        before = f"j{stage}"
    return diagram.flow(before, "end").xml()


def doubling(stages: int) -> bytes:
    """Every stage doubles the tokens: implicit merges in a row."""
    diagram = Diagram().start().node("task", "m0").end().flow("start", "m0")
    for stage in range(stages):
        diagram.node("task", f"a{stage}").node("task", f"b{stage}").node("task", f"m{stage + 1}")
        diagram.flow(f"m{stage}", f"a{stage}", f"m{stage + 1}").flow(f"m{stage}", f"b{stage}", f"m{stage + 1}")
    return diagram.flow(f"m{stages}", "end").xml()


def choices(count: int) -> bytes:
    """Parallel branches with decisions and boundary events in each."""
    diagram = Diagram().names("message", "m").start().both("f").both("j").end().flow("start", "f").flow("j", "end")
    for i in range(count):
        diagram.user(f"u{i}", "x", "y").xor(f"d{i}").xor(f"e{i}").flow("f", f"u{i}", f"d{i}")
        for side in "xy":
            diagram.user(f"v{i}{side}").flow(f"d{i}", f"v{i}{side}", when=f"outcome == '{side}'")
            diagram.flow(f"v{i}{side}", f"e{i}")
            diagram.boundary(f"b{i}{side}", f"v{i}{side}", ref("message", "m")).flow(f"b{i}{side}", f"e{i}")
        diagram.flow(f"e{i}", "j")
    return diagram.xml()


def chain(length: int) -> bytes:
    """Tasks in a row."""
    diagram = Diagram().start().end()
    names = [f"t{i}" for i in range(length)]
    for name in names:
        diagram.node("task", name)
    return diagram.flow("start", *names, "end").xml()


def tangle(size: int) -> bytes:
    """Every task leads to every task."""
    diagram = Diagram().start().end()
    for i in range(size):
        diagram.node("task", f"t{i}")
    for i in range(size):
        for j in range(size):
            diagram.flow(f"t{i}", f"t{j}")
    return diagram.flow("start", "t0").flow(f"t{size - 1}", "end").xml()


def in_expression(source: str) -> bytes:
    """A hostile expression where a condition stands."""
    diagram = Diagram().variables("n:int name:str empty:str yes:bool").start().user("a").xor("x", "end").end().end("e2")
    source = "".join(char for char in source if char.isprintable() and not "\ud800" <= char <= "\udfff") or "("
    return diagram.flow("start", "a", "x", "end").flow("x", "e2", when=source).xml()


def many_of(count: str) -> bytes:
    """A repeated task."""
    return Diagram().start().user("a", inner=many(count=count)).end().flow("start", "a", "end").xml()


def waiting(kind: str, text: str) -> bytes:
    """A timer with this text."""
    return Diagram().start().catch("w", timer(kind, text)).end().flow("start", "w", "end").xml()


REFUSED: dict[str, Callable[[], bytes]] = {
    "nothing": lambda: b"",
    "binary": lambda: bytes(range(256)) * 10,
    "archive": lambda: b"PK\x03\x04" + b"\x00" * 100,
    "text": lambda: "流程".encode(),
    "half": lambda: GOOD.encode()[: len(GOOD) // 2],
    "other document": lambda: b"<html/>",
    "other namespace": lambda: b'<definitions xmlns="urn:x"/>',
    "empty definitions": lambda: f"<bpmn:definitions {NAMESPACES}/>".encode(),
    "xxe file": lambda: with_doctype('<!ENTITY x SYSTEM "file:///etc/passwd">', "&x;"),
    "xxe net": lambda: with_doctype('<!ENTITY x SYSTEM "http://127.0.0.1:1/x">', "&x;"),
    "xxe parameter": lambda: with_doctype('<!ENTITY % x SYSTEM "file:///etc/passwd"> %x;', "y"),
    "external dtd": lambda: b'<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x.dtd">' + GOOD.encode(),
    "public dtd": lambda: b'<!doctype x PUBLIC "a" "b">' + GOOD.encode(),
    "laughs": laughs,
    "quadratic": lambda: with_doctype(f'<!ENTITY x "{"x" * 50_000}">', "&x;" * 2_000),
    "utf-16 doctype": lambda: f'<!DOCTYPE x [<!ENTITY y "z">]>{GOOD}'.encode("utf-16"),
    "utf-7": lambda: b'<?xml version="1.0" encoding="UTF-7"?>' + GOOD.encode(),
    "ebcdic": lambda: '<?xml version="1.0" encoding="IBM037"?><a/>'.encode("cp037"),
    "instruction before": lambda: b'<?xml-stylesheet href="file:///etc/passwd"?>' + GOOD.encode(),
    "instruction inside": lambda: GOOD.replace("<bpmn:endEvent", "<?php x ?><bpmn:endEvent", 1).encode(),
    "undefined entity": lambda: GOOD.replace("测试", "&nbsp;").encode(),
    "too large": lambda: GOOD.replace("测试", "x" * 3_000_000).encode(),
    "long attribute": lambda: GOOD.replace("测试", "x" * 50_000).encode(),
    "many elements": lambda: Diagram().raw("<bpmn:textAnnotation/>" * 21_000).xml(),
    "deep xml": lambda: Diagram().raw("<bpmn:group>" * 100 + "</bpmn:group>" * 100).xml(),
    "very deep xml": lambda: Diagram().raw("<bpmn:group>" * 5_000 + "</bpmn:group>" * 5_000).xml(),
    "deep sub-processes": lambda: nested(80),
    "too many nodes": lambda: chain(299),
    "tangle without joins": lambda: Diagram().start().end().xml(),
    "hostile ids": lambda: GOOD.replace('"a"', '"a#b"').encode(),
    "id with markup": lambda: GOOD.replace('"a"', '"&lt;script&gt;"').encode(),
    "endless id": lambda: GOOD.replace('"a"', f'"{"a" * 3000}"').encode(),
    "cardinality": lambda: many_of("1000000000"),
    "cardinality of digits": lambda: many_of("9" * 5000),
    "negative": lambda: many_of("open('/etc/passwd')"),
    "script": lambda: Diagram().start().node("scriptTask", "s", "<bpmn:script>import os</bpmn:script>").end().xml(),
    "prescript": lambda: (
        Diagram()
        .start()
        .node(
            "manualTask",
            "a",
            "<bpmn:extensionElements><spiffworkflow:preScript>x = 1</spiffworkflow:preScript></bpmn:extensionElements>",
        )
        .end()
        .flow("start", "a", "end")
        .xml()
    ),
    "xinclude": lambda: (
        Diagram().raw('<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="/etc/passwd"/>').xml()
    ),
    "timer": lambda: (
        Diagram()
        .start()
        .catch("w", timer("Date", "__import__('os').system('id')"))
        .end()
        .flow("start", "w", "end")
        .xml()
    ),
    "duration of nines": lambda: (
        Diagram().start().catch("w", timer("Duration", "P" + "9" * 200 + "D")).end().flow("start", "w", "end").xml()
    ),
    "endless duration": lambda: waiting("Duration", "P" + "1" * 1_800_000),
    "endless cycle": lambda: waiting("Cycle", "R1/P" + "1D" * 900_000),
    "endless date": lambda: waiting("Date", "2022-01-01T00:00:00" + "0" * 1_800_000),
    "endless condition": lambda: in_expression("n > 1 and " * 180_000 + "n"),
    "endless name": lambda: in_expression("n" * 1_900_000),
    "flow to nowhere": lambda: GOOD.replace('targetRef="end"', 'targetRef="gone"').encode(),
    "boundary on itself": lambda: (
        Diagram().start().boundary("b", "b", timer("Duration", "P1D")).end().flow("start", "end").flow("b", "end").xml()
    ),
    "called nothing": lambda: Diagram().start().node("callActivity", "c").end().flow("start", "c", "end").xml(),
    "engine loop": lambda: Diagram().start().node("task", "a").xor("x", "a").flow("start", "a", "x", "a").end().xml(),
}
REFUSED |= {
    f"expression {number}": lambda source=source: in_expression(source)  # type: ignore[misc]
    for number, source in enumerate(HOSTILE[:41])
    if "* 10000000000" not in source and source != "name * n"  # only their values are wrong
}

ACCEPTED: dict[str, Callable[[], bytes]] = {
    "good": lambda: GOOD.encode(),
    "byte order mark": lambda: b"\xef\xbb\xbf" + GOOD.encode(),
    "utf-16": lambda: f'<?xml version="1.0" encoding="UTF-16"?>{GOOD}'.encode("utf-16"),
    "gbk": lambda: f'<?xml version="1.0" encoding="GBK"?>{GOOD}'.encode("gbk"),
    "character data": lambda: (
        Diagram()
        .variables("n:int=1")
        .start()
        .xor("x", "end")
        .end()
        .end("e2")
        .flow("start", "x", "end")
        .flow("x", "e2", when="n > 2")
        .xml()
        .replace(b"n &gt; 2", b"<![CDATA[n > 2]]>")
    ),
    "a comment in an expression": lambda: in_expression("n > 1").replace(
        b"n &gt; 1", b"n &gt; 1 <!-- x --> or n &lt; 0"
    ),
    "lines in an expression": lambda: in_expression("n > 1").replace(b"n &gt; 1", b"\n n &gt; 1\n and n &lt; 9\n"),
    "comments": lambda: GOOD.replace("<bpmn:endEvent", "<!-- & < ' --><bpmn:endEvent", 1).encode(),
    "forks": lambda: forks(9, 20),
    "one wide fork": lambda: forks(290, 1),
    "choices": lambda: choices(25),
    "long chain": lambda: chain(298),
    "nested": lambda: nested(25),
}


@pytest.fixture(scope="module", autouse=True)
def memory() -> object:
    """The corpus may not need much memory."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    yield
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < MAX_GROWTH


@pytest.mark.parametrize("name", REFUSED)
def test_is_refused_in_time(name: str) -> None:
    xml, before = REFUSED[name](), time.process_time()
    with pytest.raises(Refused) as refused:
        compile_process(xml, **GIVEN)  # type: ignore[arg-type]
    assert time.process_time() - before < MAX_SECONDS
    for finding in refused.value.findings:
        assert any("\u4e00" <= char <= "\u9fff" for char in finding.sentence), finding
        assert len(finding.sentence) < 500, finding
        assert "passwd" not in finding.sentence or name.startswith(("expression", "negative", "timer")), finding
    assert [f.severity for f in check(xml, **GIVEN) if f.severity == "error"]  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ACCEPTED)
def test_is_accepted_and_runs_in_time(name: str) -> None:
    xml, before = ACCEPTED[name](), time.process_time()
    host = run(xml)
    assert time.process_time() - before < MAX_SECONDS
    assert host.last.error is None


def test_the_root_must_be_reachable_by_no_one() -> None:
    """A file that an entity points to is never read: its text is nowhere in what comes back."""
    secret = Path(__file__).read_text("utf-8")[:40]
    xml = with_doctype(f'<!ENTITY x SYSTEM "file://{__file__}">', "&x;")
    assert all(secret not in finding.sentence for finding in check(xml))


def test_doubling_stops_at_run_time() -> None:
    """What only running shows is stopped there: 2 ** 40 tokens become one incident."""
    before = time.process_time()
    host = run(doubling(40))
    assert time.process_time() - before < MAX_SECONDS
    assert host.last.error is not None
    assert "流程" in host.last.error.sentence


def test_a_tangle_is_checked_in_time() -> None:
    before = time.process_time()
    check(tangle(60), **GIVEN)  # type: ignore[arg-type]
    assert time.process_time() - before < MAX_SECONDS


@pytest.mark.parametrize("source", ["'a' * 10000000000 == 'b'", "[0] * 10000000000 == [0]", "'a' * n == 'aa'"])
def test_repetition_is_an_incident(source: str) -> None:
    host = run(in_expression(source), n=2).complete("a")
    assert host.last.error is not None
    assert host.last.error.element == "x"
    assert not host.ended


@pytest.mark.parametrize("count", ["n", "n * 1000"])
def test_cardinality_is_bounded_when_it_is_known(count: str) -> None:
    diagram = Diagram().variables("n:int=5000").start().user("a", inner=many(count=count)).end()
    host = run(diagram.flow("start", "a", "end").xml())
    assert host.last.error is not None
    assert "2000" in host.last.error.sentence
    assert host.todo == []


def test_an_endless_loop_of_the_engine_becomes_an_incident() -> None:
    diagram = Diagram().variables("n:int=1").start().node("task", "a").xor("x", "end").end()
    host = run(diagram.flow("start", "a", "x", "end").flow("x", "a", when="n == 1").xml())
    assert host.last.error is not None
    assert "步" in host.last.error.sentence
    assert len(host.state or "") < 1_000
    assert len(host.last.passed) < 100_000


# -- mutants -----------------------------------------------------------------------------------------------------------
SAMPLES = sorted((Path(__file__).parents[2] / "processes").rglob("*.bpmn"))
MUTANTS = 1_500


class Mutator:
    """Changes one thing in a diagram's tree or bytes."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def mutant(self, xml: bytes) -> bytes:
        """One to three changes."""
        if self.random.random() < 0.1:
            return self._bytes(xml)
        root = etree.fromstring(xml)
        for _ in range(self.random.randint(1, 3)):
            elements = [
                e for e in root.iter() if isinstance(e.tag, str) and e is not root and "BPMN/20100524/DI" not in e.tag
            ]
            change = self.random.choice(
                [self._drop, self._twice, self._rename, self._attribute, self._swap, self._text]
            )
            change(self.random.choice(elements), self.random.choice(elements))
        return etree.tostring(root)

    def _bytes(self, xml: bytes) -> bytes:
        place = self.random.randrange(len(xml))
        return xml[:place] + bytes([self.random.randrange(256)]) + xml[place + self.random.randint(0, 3) :]

    def _drop(self, one: etree._Element, _: etree._Element) -> None:
        parent = one.getparent()
        if parent is not None:
            parent.remove(one)

    def _twice(self, one: etree._Element, other: etree._Element) -> None:
        if one not in other.iter() and other not in one.iter():
            other.append(etree.fromstring(etree.tostring(one)))

    def _rename(self, one: etree._Element, other: etree._Element) -> None:
        one.tag = other.tag

    def _attribute(self, one: etree._Element, other: etree._Element) -> None:
        for name in list(one.attrib)[:1]:
            values = ["", "x", "0", "-1", "true", "流程", "a" * 300, "n ** n", *other.attrib.values()]
            one.set(name, self.random.choice(values))

    def _swap(self, one: etree._Element, other: etree._Element) -> None:
        for name, value in other.attrib.items():
            if self.random.random() < 0.5:
                one.set(name, value)

    def _text(self, one: etree._Element, other: etree._Element) -> None:
        one.text = self.random.choice(["", "x", "1 +", "n > 0", "P1D", "R3/PT1H", other.text, "\u202e"])


def test_mutants_are_refused_or_run() -> None:
    """Only Refused ever comes out of the gate, and what is accepted runs without an internal error."""
    mutator, ran = Mutator(7), 0
    small = [Generator(seed).diagram() for seed in range(40)]
    for number in range(MUTANTS):
        source = small[number % 40] if number % 25 else SAMPLES[number // 25 % len(SAMPLES)].read_bytes()
        try:
            process = load(compile_process(mutator.mutant(source), actions=ACTIONS).spec)
        except Refused:
            continue
        ran += 1
        host = Host(process, period="p", period_due="2022-01-10").start()
        for _ in range(6):
            command = next_command(host, mutator.random)
            if command is None:
                break
            host.do(command)
            assert host.last.error is None or "内部出错" not in host.last.error.sentence, host.last.error
    assert 100 < ran < MUTANTS
