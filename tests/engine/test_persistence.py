"""What is stored after every step is all there is: an instance that is loaded each time does what a kept one does."""

from __future__ import annotations

import random
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from engine import Process, advance, check
from engine.advance import carry_out
from engine.codec import dump, restore
from engine.contract import Command, Context, Start
from engine.tokens import Instance
from tests.engine.generated import Generator, next_command
from tests.engine.host import ACTIONS, CALENDAR, PLAN, Host, compiled

MAX_COMMANDS = 60
EXPECTED = {
    "size:nodes",  # a process may also be drawn too large
    "tokens:deadlock",
    "tokens:double",
}  # an interrupted branch of a fork leaves its join waiting: chance may draw that


def generated(seed: int) -> Process | None:
    """The process of a seed, or nothing where the gate rightly sees that it may hang."""
    xml = Generator(seed).diagram()
    refused = {f.rule for f in check(xml, plan=PLAN, actions=ACTIONS, called=["child"]) if f.severity == "error"}
    assert refused <= EXPECTED, (seed, refused)
    return None if refused else compiled(xml)


def compare(process: Process, seed: int) -> Host:
    """One story, told to both at once."""
    chance = random.Random(seed)
    host, kept = Host(process), Instance(process)
    command: Command | None = Start()
    while command is not None and len(host.advances) < MAX_COMMANDS:
        context = Context(now=host.now, plan=PLAN, calendar=CALENDAR, variables=dict(host.variables))
        stored = advance(process, host.state, command, context)
        assert stored == carry_out(kept, command, context)
        assert dump(restore(process, stored.state)) == stored.state
        host.book(stored, command)
        host.now += timedelta(hours=chance.choice([0, 1, 30]))
        if chance.random() < 0.2:
            host.variables = {**host.variables, "assigned_at": "2022-01-26"}
        command = next_command(host, chance)
    return host


@given(st.integers(0, 10**6))
@settings(max_examples=150, deadline=None)
def test_stored_is_as_good_as_kept(seed: int) -> None:
    process = generated(seed)
    if process is not None:
        compare(process, seed)


@given(st.integers(0, 10**6))
@settings(max_examples=80, deadline=None)
def test_what_is_published_never_hangs(seed: int) -> None:
    """Whatever people, clocks and children do, an instance is at its end, in error or waits for something."""
    process = generated(seed)
    if process is None:
        return
    chance, host = random.Random(seed), Host(process, assigned_at="2022-01-26").start()
    for _ in range(MAX_COMMANDS):
        command = next_command(host, chance, administrators=False)
        if command is None:
            break
        host.do(command)
    assert host.ended or host.last.error is not None or host.todo or host.pending


def test_the_stories_are_worth_telling() -> None:
    """The generator must reach what it is for: else the test above proves little."""
    hosts = [compare(process, seed) for seed in range(120) if (process := generated(seed)) is not None]
    assert len(hosts) > 60
    assert sum(host.ended for host in hosts) > 30
    seen = {
        name
        for host in hosts
        for result in host.advances
        for name in ("timers", "waits", "children", "actions", "raised", "children_gone", "timers_gone", "waits_gone")
        if getattr(result, name)
    }
    assert len(seen) == 8
    assert any(result.error for host in hosts for result in host.advances)
