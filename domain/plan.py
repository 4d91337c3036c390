"""A campaign plan as values: what the notice says, entry by entry, each with its clause.

Built from `plan.yaml` by `catalog.plans`; `shifted` moves every date at launch. Times are aware, Asia/Shanghai.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Entry:
    """Anything a plan names: its key, its Chinese name and the clause it comes from (`product` = ours)."""

    id: str
    name: str
    clause: str


@dataclass(frozen=True, kw_only=True)
class ExitCriterion(Entry):
    """A named query that must hold before a stage gate is signed without a reason.

    `received_share` of a report, `quota_share` of a quota, `overseen_share` of a unit group and `measures_share` of a
    measure list all give 0 to 1.
    """

    query: str
    at_least: float
    of: str = ""  # the report, quota, unit group or measure list the query is about


@dataclass(frozen=True, kw_only=True)
class Stage(Entry):
    """A stage; without `starts_at` it starts with the campaign."""

    starts_at: datetime | None
    ends_at: datetime
    exit_criteria: tuple[ExitCriterion, ...] = ()
    text: str = ""
    sign_off: str | None = None  # sign_off of its gate
    gate_deadline: str | None = None  # deadline of its gate


@dataclass(frozen=True, kw_only=True)
class UnitGroup(Entry):
    """A named set of units: listed members, units of a level (and kind or sector), or the union of other groups."""

    members: tuple[str, ...] = ()
    level: str | None = None
    kind: str | None = None  # of the directory's units, only with a level: government, department ...
    sectors: tuple[str, ...] = ()  # of enterprises only: what they do, as the directory says
    union: tuple[str, ...] = ()
    called: tuple[str, ...] = ()  # what the notice calls the group where it names who does a measure


@dataclass(frozen=True, kw_only=True)
class PostKind(Entry):
    """A kind of post that tasks are addressed to; `role` decides what its holder may do."""

    role: str  # staff | leader | office | enterprise | admin | auditor
    levels: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Deadline(Entry):
    """One of: a fixed moment, n units after a start, an instance variable, the end of a stage (or n units after it).

    n units without `start` and `stage` are counted from the moment the deadline is asked for: the task's opening.
    """

    at: datetime | None = None
    n: int | None = None
    unit: str | None = None  # hour | calendar_day | working_day | month
    start: str | None = None  # instance variable the count starts from (`from` in the file)
    pause: str | None = None  # instance variable: how many further units the count stood still
    variable: str | None = None
    stage: str | None = None
    holiday: str = "stands"  # stands | next_working_day


@dataclass(frozen=True, kw_only=True)
class Report(Entry):
    """A statement owed by units, once or periodically."""

    kind: str  # once | daily | weekly | monthly | fixed | event (owed when something happens, no calendar of its own)
    owed_by: str  # unit group
    receiver: str
    post: str = "liaison"
    deadline: str | None = None  # plan deadline that governs it
    with_report: str | None = None  # handed in together with that report
    every: int = 1  # every n-th day, week or month
    process: str | None = None  # process started for every unit and period; None: a step of another process
    form: str | None = None  # the first of `forms`
    forms: tuple[str, ...] = ()  # entries of the plan's forms
    covers: str = ""  # previous_week, month ...; empty: what its kind suggests
    opens_before_hours: int = 0
    weekday: int | None = None  # 1 = Monday
    time: str = "24:00"
    first_due: datetime | None = None
    last_due: datetime | None = None
    closing: datetime | None = None  # one period more, of what the last regular one left
    begins_at: datetime | None = None  # when the campaign begins: the first period that `covers` since the last due one
    dues: tuple[datetime, ...] = ()
    holiday: str = "stands"
    minimum: Mapping[str, int] = field(default_factory=dict)
    later: bool = False  # not carried out by this version of the campaign folder
    statement: bool = True  # False: work that recurs and is no paper that somebody is owed
    rule_text: str = ""


@dataclass(frozen=True, kw_only=True)
class Quota(Entry):
    """A number the notice demands. `between` has its bounds in the raw entry, `value` is the lower one."""

    operator: str
    value: float
    unit: str = ""
    of: str = ""
    actor: str = ""
    text: str = ""


@dataclass(frozen=True, kw_only=True)
class SignOff(Entry):
    """Who signs what; `mode` joint, any_one or in_turn."""

    who: tuple[str, ...]
    object: str
    posts: tuple[str, ...] = ()  # posts that sign in the system; empty: signed outside it
    mode: str = "any_one"
    text: str = ""


@dataclass(frozen=True, kw_only=True)
class StandingProcess(Entry):
    """Work that comes one item at a time: who may start one, and the process that it runs through."""

    process: str
    started_by: str  # unit group
    post: str
    text: str = ""
    item: str = "事项名称"  # what the name of an item is called
    number: str = ""  # pattern with {serial}, and {year}; empty: year and number
    result: str | None = None  # instance variable that says how an item came out
    results: Mapping[str, str] = field(default_factory=dict)  # its values in words
    examples: tuple[str, ...] = ()  # what items are called in a rehearsal


@dataclass(frozen=True, kw_only=True)
class Rung:
    """A step of the escalation ladder, counted from the due moment (negative: before it)."""

    id: str
    name: str
    n: int
    unit: str  # hour | calendar_day | working_day
    light: str  # green | yellow | red
    notify: tuple[str, ...] = ()  # holder | principal | office | leader
    effect: str = "notice"  # notice | bulletin | escalated_verification


@dataclass(frozen=True, kw_only=True)
class Ladder(Entry):
    rungs: tuple[Rung, ...]


@dataclass(frozen=True, kw_only=True)
class Target:
    """A result that a measure must show: a number to compare with, or words that people judge."""

    id: str
    indicator: str
    value: float | str | tuple[float, float]
    operator: str | None = None
    unit: str = ""
    due_at: datetime | None = None  # None: when the measure is due
    text: str = ""
    ours: bool = False  # the number is not the notice's
    values: Mapping[str, float] = field(default_factory=dict)  # unit (short name) -> its part of `value`


@dataclass(frozen=True, kw_only=True)
class Measure(Entry):
    """A measure of the notice. One with a list is carried out here: a child instance for each unit that does it."""

    list: str | None = None
    number: str = ""
    group: str = ""  # the notice's heading above it
    text: str = ""
    lead_units: tuple[str, ...] = ()
    responsible_units: tuple[str, ...] = ()
    supporting_units: tuple[str, ...] = ()
    supervising_units: tuple[str, ...] = ()
    carried_by: tuple[str, ...] = ()  # ours: who does it where the notice names nobody whom the directory could have
    due_at: datetime
    targets: Mapping[str, Target] = field(default_factory=dict)
    detailed_in: str | None = None  # the campaign that carries it out

    def rounds(self) -> tuple[tuple[datetime, tuple[Target, ...]], ...]:
        """The moments at which it is accepted, in order: each date of a target, and its own date."""
        dues = {self.due_at, *(target.due_at for target in self.targets.values() if target.due_at)}
        return tuple(
            (due, tuple(t for t in self.targets.values() if (t.due_at or self.due_at) == due)) for due in sorted(dues)
        )


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The whole plan. `raw` keeps every further entry (sectors, mechanisms ...) as the file has it."""

    id: str
    title: str
    document_number: str
    jurisdiction: str
    issued_on: datetime
    starts_at: datetime
    ends_at: datetime
    stages: Mapping[str, Stage]
    units: Mapping[str, UnitGroup]
    posts: Mapping[str, PostKind]
    reports: Mapping[str, Report]
    deadlines: Mapping[str, Deadline]
    quotas: Mapping[str, Quota]
    sign_offs: Mapping[str, SignOff]
    escalation: Mapping[str, Ladder]
    settings: Mapping[str, Any]
    raw: Mapping[str, Any]
    standing: Mapping[str, StandingProcess] = field(default_factory=dict)
    open_ended: bool = False  # the notice sets no end; `ends_at` is how far ahead is looked
    root: str = "campaign"  # the process that runs the campaign as a whole
    children: tuple[str, ...] = ()  # folder names of the child campaigns of a programme, in order
    measure_lists: Mapping[str, Entry] = field(default_factory=dict)
    measures: Mapping[str, Measure] = field(default_factory=dict)
    shift: timedelta = timedelta(0)

    @property
    def short_title(self) -> str:
        """The campaign's everyday name."""
        return str((self.raw.get("document") or {}).get("short_title") or self.title)

    @property
    def parent(self) -> str:
        """The key of the programme that this is a child campaign of; empty for any other."""
        return self.id.rpartition("/")[0]

    @property
    def child_keys(self) -> tuple[str, ...]:
        """The keys of the child campaigns."""
        return tuple(f"{self.id}/{name}" for name in self.children)

    def shifted(self, by: timedelta) -> Plan:
        """The same plan with every date moved by `by`; whole weeks keep weekdays."""
        return replace(
            self,
            starts_at=self.starts_at + by,
            ends_at=self.ends_at + by,
            stages={k: _moved(s, by, "starts_at", "ends_at") for k, s in self.stages.items()},
            reports={k: _moved_report(r, by) for k, r in self.reports.items()},
            deadlines={k: _moved(d, by, "at") for k, d in self.deadlines.items()},
            measures={k: _moved_measure(m, by) for k, m in self.measures.items()},
            shift=self.shift + by,
        )

    def step_name(self, index: str | None, ladder: str = "default") -> str:
        """A ladder step by its position, as timers hold it."""
        rungs = self.escalation[ladder].rungs if ladder in self.escalation else ()
        position = int(index) if index and index.isdigit() else -1
        return rungs[position].name if 0 <= position < len(rungs) else ""


def _moved(entry: Any, by: timedelta, *names: str) -> Any:
    """A copy of `entry` whose moments in `names` are `by` later; an absent moment stays absent."""
    dates = {name: getattr(entry, name) for name in names}
    return replace(entry, **{name: at + by for name, at in dates.items() if at is not None})


def _moved_report(report: Report, by: timedelta) -> Report:
    moved: Report = _moved(report, by, "first_due", "last_due", "closing", "begins_at")
    return replace(moved, dues=tuple(at + by for at in moved.dues))


def _moved_measure(measure: Measure, by: timedelta) -> Measure:
    moved: Measure = _moved(measure, by, "due_at")
    return replace(moved, targets={k: _moved(t, by, "due_at") for k, t in moved.targets.items()})
