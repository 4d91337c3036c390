"""A host in memory: it keeps what an Advance tells it, as the services do with rows, and checks that it adds up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from domain.plan import Deadline, Entry, Plan, PostKind, Quota, Report, Stage, UnitGroup
from domain.workdays import BEIJING, Calendar
from engine import Process, advance, compile_process, load
from engine.contract import (
    Action,
    ActionDone,
    ActionSignature,
    Advance,
    ChildDone,
    ChildRaised,
    ChildStart,
    Command,
    Complete,
    Context,
    Deliver,
    Move,
    Opened,
    Retry,
    Start,
    Tick,
    TimerSet,
    Wait,
)
from tests.engine.diagrams import Diagram

NOW = datetime(2022, 1, 4, 9, tzinfo=BEIJING)
CALENDAR = Calendar()
PLAN = Plan(
    id="small",
    title="示例方案",
    document_number="示例〔2022〕1号",
    jurisdiction="示例市",
    issued_on=datetime(2021, 12, 1, tzinfo=BEIJING),
    starts_at=datetime(2022, 1, 1, tzinfo=BEIJING),
    ends_at=datetime(2022, 4, 1, tzinfo=BEIJING),
    stages={
        "s1": Stage(id="s1", name="一", clause="一", starts_at=None, ends_at=datetime(2022, 1, 11, tzinfo=BEIJING)),
        "s2": Stage(
            id="s2",
            name="二",
            clause="二",
            starts_at=datetime(2022, 1, 11, tzinfo=BEIJING),
            ends_at=datetime(2022, 4, 1, tzinfo=BEIJING),
        ),
    },
    units={"counties": UnitGroup(id="counties", name="各县", clause="二", members=("甲县", "乙县"))},
    posts={"liaison": PostKind(id="liaison", name="联络人", clause="二", role="staff")},
    reports={
        "weekly": Report(id="weekly", name="周报", clause="三", kind="weekly", owed_by="counties", receiver="office")
    },
    deadlines={
        "soon": Deadline(id="soon", name="两个工作日内", clause="三", n=2, unit="working_day"),
        "report_back": Deadline(
            id="report_back", name="反馈", clause="三", n=7, unit="working_day", start="assigned_at"
        ),
    },
    quotas={"share": Quota(id="share", name="抽查比例", clause="四", operator=">=", value=0.1)},
    sign_offs={},
    escalation={},
    settings={"reminder": "PT4H", "limit": 3},
    raw={},
    measure_lists={"tasks": Entry(id="tasks", name="主要任务", clause="二")},
)
ACTIONS = {
    "note": ActionSignature(),
    "draw": ActionSignature(arguments={"n": "int"}, results={"picked": "int"}),
}
STANDARD = {"unit_id": "u1", "unit_name": "甲县", "unit_level": "county", "unit_groups": "counties reporters"}


def compiled(xml: bytes, **given: Any) -> Process:
    """The process of a diagram that the gate lets through."""
    given = {"plan": PLAN, "actions": ACTIONS, "called": ["child"], **given}
    return load(compile_process(xml, **given).spec)


class Host:
    """One instance and what is open in it."""

    def __init__(self, process: Process | bytes, *, now: datetime = NOW, plan: Plan = PLAN, **variables: Any) -> None:
        self.process = process if isinstance(process, Process) else compiled(process)
        self.now, self.plan = now, plan
        self.variables: Mapping[str, Any] = {**STANDARD, **variables}
        self.state: str | None = None
        self.tasks: dict[str, Opened] = {}
        self.timers: dict[str, TimerSet] = {}
        self.waits: dict[str, Wait] = {}
        self.children: dict[str, ChildStart] = {}
        self.actions: dict[str, Action] = {}
        self.advances: list[Advance] = []
        self.ended = False

    # -- commands ------------------------------------------------------------------------------------------------------
    def do(self, command: Command) -> Advance:
        """One command, booked like the services do."""
        context = Context(now=self.now, plan=self.plan, calendar=CALENDAR, variables=self.variables)
        self.book(advance(self.process, self.state, command, context), command)
        return self.last

    def start(self) -> Host:
        self.do(Start())
        return self

    def complete(self, element: str, **decisions: Any) -> Host:
        self.do(Complete(ref=self.open(element), decisions=decisions))
        return self

    def tick(self, element: str) -> Host:
        self.do(Tick(ref=self._find(self.timers, element)))
        return self

    def deliver(self, name: str, **payload: Any) -> Host:
        self.do(Deliver(name=name, payload=payload))
        return self

    def children_done(self, element: str, **outputs: Any) -> Host:
        self.do(ChildDone(ref=self._find(self.children, element), outputs=outputs))
        return self

    def child_raised(self, element: str, kind: str, code: str) -> Host:
        self.do(ChildRaised(ref=self._find(self.children, element), kind=kind, code=code))
        return self

    def action_done(self, element: str, **results: Any) -> Host:
        self.do(ActionDone(ref=self._find(self.actions, element), results=results))
        return self

    def move(self, ref: str, to: str | None = None) -> Host:
        self.do(Move(ref=ref, to=to))
        return self

    def retry(self, ref: str) -> Host:
        self.do(Retry(ref=ref))
        return self

    def later(self, **step: int) -> Host:
        """Time goes by; nothing happens by it."""
        self.now += timedelta(**step)
        return self

    # -- what is open --------------------------------------------------------------------------------------------------
    def open(self, element: str) -> str:
        """The reference of the one open user task of this element."""
        return self._find(self.tasks, element)

    def _find(self, what: Mapping[str, Any], element: str) -> str:
        found = [key for key, item in what.items() if item.element == element]
        assert found, f"{element} is not open: {sorted(item.element for item in what.values())}"
        return found[0]

    @property
    def todo(self) -> list[str]:
        """The elements of the open user tasks."""
        return sorted(task.element for task in self.tasks.values())

    @property
    def pending(self) -> list[str]:
        """Whatever is waited for, but user tasks."""
        sides = (self.timers, self.waits, self.children, self.actions)
        return sorted(item.element for side in sides for item in side.values())

    @property
    def last(self) -> Advance:
        return self.advances[-1]

    @property
    def passed(self) -> list[str]:
        """Elements and flows of all advances, in order."""
        return [item.element for advance_ in self.advances for item in advance_.passed]

    @property
    def raised(self) -> list[tuple[str, str]]:
        """What left the instance."""
        return [(item.kind, item.name) for advance_ in self.advances for item in advance_.raised]

    # -- book keeping --------------------------------------------------------------------------------------------------
    def book(self, result: Advance, command: Command) -> None:
        self.state, self.variables, self.ended = result.state, result.variables, result.ended
        self.advances.append(result)
        if isinstance(command, ActionDone):
            self.actions.pop(command.ref, None)
        _close(self.tasks, result.closed)
        _close(self.timers, result.timers_gone)
        _close(self.waits, result.waits_gone)
        _close(self.children, result.children_gone)
        sides: list[tuple[dict[str, Any], tuple[Any, ...]]] = [
            (self.tasks, result.opened),
            (self.timers, result.timers),
            (self.waits, result.waits),
            (self.children, result.children),
            (self.actions, result.actions),
        ]
        for known, new in sides:
            for item in new:
                assert item.ref not in known, f"{item} is open already"
                known[item.ref] = item
        if self.ended:
            assert not (self.tasks or self.timers or self.waits or self.children), "an ended instance has nothing open"


def _close(known: dict[str, Any], refs: tuple[str, ...]) -> None:
    for ref in refs:
        assert ref in known, f"{ref} was not open"
        del known[ref]


def run(xml: bytes, **variables: Any) -> Host:
    """A started instance of a diagram."""
    return Host(xml, **variables).start()


def plan_with(**given: Any) -> Plan:
    """The sample plan with other entries."""
    return replace(PLAN, **given)


APPROVAL = compiled(
    Diagram()
    .variables("note:str")
    .start()
    .xor("merge")
    .user("fill", outputs="cases:int share:float ok:bool due:date text:str")
    .user("approve", "yes", "no")
    .xor("decide", "end")
    .end()
    .flow("start", "merge", "fill", "approve", "decide", "end")
    .flow("decide", "merge", when="outcome == 'no'")
    .xml()
)
