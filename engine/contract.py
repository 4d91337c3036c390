"""What goes into the engine and what comes out: values only, no rows, no SpiffWorkflow objects.

`advance(process, state, command, context) -> Advance` is the whole interface at run time;
`compile_process(xml, ...) -> CompiledProcess` and `load(spec) -> Process` prepare it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from domain.plan import Plan
from domain.workdays import Calendar

Scalar = str | int | float | bool | None


@dataclass(frozen=True, kw_only=True)
class ActionSignature:
    """What a host action takes and gives: names with their types (bool, int, float, str, date)."""

    arguments: Mapping[str, str] = field(default_factory=dict)
    results: Mapping[str, str] = field(default_factory=dict)
    optional: frozenset[str] = frozenset()  # arguments that may be left out


# -- static facts of an element, read from the diagram once ------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class Assignment:
    """Who gets a user task: a post, by name, of a unit, by rule."""

    post: str
    unit: str = "own"  # own | parent | office | sector_lead | var:NAME | group:NAME


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """A button under the form: sets `variable` to `value`."""

    value: str
    name: str
    variable: str = "outcome"


@dataclass(frozen=True, kw_only=True)
class Output:
    """A form field that the process may know; everything else of a form stays outside the engine."""

    field: str
    variable: str
    type: str  # bool | int | float | str | date


@dataclass(frozen=True, kw_only=True)
class ChildPlan:
    """A call activity: which process, over which units, measures or child campaigns, and when that is complete."""

    called: str  # process id; empty where child campaigns are started, each by its own plan's root
    over: str | None = None  # a unit group of the plan; None = exactly one child, or a child for each measure and unit
    measures: str | None = None  # a measure list of the plan: one child for each measure and unit that does it
    campaigns: str | None = None  # `children`: the child campaigns of the plan
    unit: str = "own"  # the unit of a single child: own | parent | office | var:NAME
    sequential: bool = False
    completion: str | None = None  # expression over done, total, failed, cancelled
    inputs: Mapping[str, str] = field(default_factory=dict)  # child variable -> expression in the parent
    returns: Mapping[str, str] = field(default_factory=dict)  # parent variable -> child variable (single child only)

    @property
    def many(self) -> bool:
        """Whether it starts a group of children that is counted."""
        return self.over is not None or self.measures is not None or self.campaigns is not None


@dataclass(frozen=True, kw_only=True)
class Element:
    """One node of the diagram, as the host needs it."""

    id: str
    name: str
    kind: str  # BPMN local name: userTask, callActivity, serviceTask, startEvent ...
    lane: str = ""
    form: str | None = None
    clause: str | None = None
    documentation: str = ""
    assignment: Assignment | None = None
    deadline: str | None = None  # name of a plan deadline
    again: str | None = None  # name of the plan deadline that holds when the task is done once more, if it is later
    ladder: str | None = None  # name of a plan escalation ladder; None = the plan's default
    outcomes: tuple[Outcome, ...] = ()
    outputs: tuple[Output, ...] = ()
    sign_off: str | None = None  # plan sign_off id: completing this task is a signature
    stage: str | None = None  # plan stage this element (sub-process or gate) stands for
    schedule: str | None = None  # plan report of a timer start event
    child: ChildPlan | None = None
    action: str | None = None  # host action of a service task
    arguments: Mapping[str, str] = field(default_factory=dict)  # argument -> expression
    results: Mapping[str, str] = field(default_factory=dict)  # variable -> result key


@dataclass(frozen=True, kw_only=True)
class CompiledProcess:
    """A checked diagram: what is stored, once a version, and never changed."""

    key: str  # BPMN process id
    name: str
    spec: str  # JSON text; `load(spec)` gives the Process
    digest: str  # sha256 of spec
    xml: str  # the diagram as drawn, for display
    elements: Mapping[str, Element]
    called: tuple[str, ...]  # process ids it calls
    schedule: str | None  # plan report that starts it


# -- commands ----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class Start:
    """Create the instance and run to rest. `state` is None."""


@dataclass(frozen=True, kw_only=True)
class Complete:
    """A person completed a user task. `decisions` are the declared outputs and the outcome, scalars only."""

    ref: str
    decisions: Mapping[str, Scalar] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Tick:
    """A timer row is due. Only this fires a timer; the engine never compares a clock."""

    ref: str


@dataclass(frozen=True, kw_only=True)
class Deliver:
    """A message or signal for this instance."""

    name: str
    payload: Mapping[str, Scalar] = field(default_factory=dict)
    ref: str | None = None  # only the wait with this reference; else a signal reaches all, a message the oldest wait
    kind: str | None = None  # message | signal; None = either


@dataclass(frozen=True, kw_only=True)
class ChildDone:
    """The counter of a call activity is full (or its completion condition true).

    `outputs`: for a group `total`, `done`, `failed`, `cancelled`; for a single child its returns under our names.
    """

    ref: str
    outputs: Mapping[str, Scalar] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class ChildRaised:
    """A child threw an error or an escalation that it did not catch itself: only this call's boundaries see it."""

    ref: str
    kind: str  # error | escalation
    code: str


@dataclass(frozen=True, kw_only=True)
class ActionDone:
    """The host carried out the action of a service task."""

    ref: str
    results: Mapping[str, Scalar] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Move:
    """An administrator moves the token: cancels `ref` and (if given) re-enters `to`, an element id of the same scope.

    Without `to` the element is withdrawn and things go on as if it were done where something waits for it (a
    repetition of a loop, the last token of a sub-process or process). With `to` all repetitions move together.
    """

    ref: str
    to: str | None = None


@dataclass(frozen=True, kw_only=True)
class Retry:
    """Run a task that stands in error again, with the variables as they are now."""

    ref: str


Command = Start | Complete | Tick | Deliver | ChildDone | ChildRaised | ActionDone | Move | Retry


@dataclass(frozen=True, kw_only=True)
class Context:
    """All that an advance may know of the world."""

    now: datetime  # aware
    plan: Plan
    calendar: Calendar
    variables: Mapping[str, Scalar] = field(default_factory=dict)  # of the instance, all branches share them


# -- results -----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class Opened:
    """A user task became ready."""

    ref: str
    element: str
    due_at: datetime | None = None
    unit_value: Scalar = None  # value of NAME for `unit="var:NAME"`
    item: Scalar = None  # loop item of an embedded multi-instance


@dataclass(frozen=True, kw_only=True)
class TimerSet:
    """A timer waits: the host stores it and sends `Tick(ref)` when it is due."""

    ref: str
    element: str
    due_at: datetime


@dataclass(frozen=True, kw_only=True)
class Wait:
    """A message or signal catch waits."""

    ref: str
    element: str
    kind: str  # message | signal
    name: str


@dataclass(frozen=True, kw_only=True)
class ChildStart:
    """A call activity was entered: the host starts its children and answers with `ChildDone(ref)`."""

    ref: str
    element: str
    plan: ChildPlan
    inputs: Mapping[str, Scalar] = field(default_factory=dict)
    unit_value: Scalar = None


@dataclass(frozen=True, kw_only=True)
class Action:
    """A service task was entered: the host carries it out in the same transaction and answers `ActionDone`."""

    ref: str
    element: str
    name: str
    arguments: Mapping[str, Scalar] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Raised:
    """Thrown out of the instance: a message, error or escalation that nothing inside caught, and every signal.

    Of a signal whoever waits inside the instance has heard already.
    """

    kind: str  # message | signal | error | escalation
    name: str
    element: str
    payload: Mapping[str, Scalar] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Passed:
    """An element was finished or a flow taken in this advance, for the drawn history."""

    element: str  # element id or sequence flow id
    kind: str  # element | flow


@dataclass(frozen=True, kw_only=True)
class EngineFault:
    """The instance cannot go on by itself: an incident for a person."""

    element: str
    ref: str
    sentence: str  # Chinese, for the administrator
    detail: str  # technical


@dataclass(frozen=True, kw_only=True)
class Advance:
    """What an advance changed. Lists hold changes only, in the order in which they happened."""

    state: str  # compressed text; give it back unchanged next time
    variables: Mapping[str, Scalar]
    opened: tuple[Opened, ...] = ()
    closed: tuple[str, ...] = ()  # refs of user tasks no longer open (completed or withdrawn)
    timers: tuple[TimerSet, ...] = ()
    timers_gone: tuple[str, ...] = ()
    waits: tuple[Wait, ...] = ()
    waits_gone: tuple[str, ...] = ()
    children: tuple[ChildStart, ...] = ()
    children_gone: tuple[str, ...] = ()  # calls finished or interrupted: cancel what still runs below
    actions: tuple[Action, ...] = ()
    raised: tuple[Raised, ...] = ()
    passed: tuple[Passed, ...] = ()
    ended: bool = False
    faults: tuple[EngineFault, ...] = ()  # all that stand after this advance, new or not, the oldest token first
    state_size_warning: bool = False  # the state is over 100 kB; at 200 kB it is refused

    @property
    def error(self) -> EngineFault | None:
        """The oldest fault."""
        return self.faults[0] if self.faults else None
