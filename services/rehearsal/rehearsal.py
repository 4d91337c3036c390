"""A whole campaign played on its own calendar, by the same verbs as the web and the worker: 推演.

The ledger says which tasks opened; every one is given a moment at which somebody does it. The next moment is the next
due row or the next such act, whichever comes first: the clock jumps there. Nothing here knows a campaign.
"""

from __future__ import annotations

import hashlib
import heapq
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import services.handlers  # noqa: F401  registers every job handler
from domain.authority import Actor
from domain.errors import DomainError
from domain.ledger import Tag
from domain.plan import Plan
from domain.workdays import Calendar
from models import Tx, reading
from models.queries import clock
from models.queries import rehearsal as rows
from models.queries import rehearsal_acts as act_rows
from services.campaigns import campaigns, launching
from services.clues.vault import Vault
from services.plans.calendar import calendar
from services.rehearsal import rehearsal_account
from services.rehearsal.rehearsal_acts import Performer, Planned
from services.rehearsal.rehearsal_agenda import A_YEAR, Act, Agenda, Scene, scene_of
from services.rehearsal.rehearsal_clues import Clues
from services.rehearsal.rehearsal_habits import Habits, made_from
from services.rehearsal.rehearsal_inspections import Inspections
from services.rehearsal.rehearsal_items import Items
from services.rehearsal.rehearsal_old_clues import OldClues
from services.rehearsal.rehearsal_oversight import Outside, Oversight
from services.rehearsal.rehearsal_ready import ready_at
from services.rehearsal.rehearsal_registers import Publicity
from services.running import jobs
from services.tasks.attachments import Store

LAUNCH_HOUR = timedelta(hours=9)
SETTLING_DAYS = 21  # after the plan's last date: late papers, their return, the last signature

AGENDAS: tuple[Callable[[Scene], Agenda], ...] = (Inspections, Clues, OldClues, Oversight, Outside, Publicity, Items)
Progress = Callable[[datetime, int], None]
LeaveOpen = Callable[[Any], bool]


@dataclass(frozen=True, kw_only=True)
class Style:
    """How a rehearsal is played; `store` takes what is uploaded, `vault` seals who reports clues, `leave_open` names
    tasks kept for somebody else."""

    store: Store
    vault: Vault
    seed: int = 1
    on_time: float = 0.9
    leave_open: LeaveOpen = lambda _opened: False
    agendas: tuple[Callable[[Scene], Agenda], ...] = ()  # beside those that every rehearsal has
    progress: Progress = lambda _now, _acts: None


@dataclass(frozen=True, kw_only=True)
class Rehearsal:
    """What came of it. `account` is the JSON document, `stuck` the sentences of what cannot go on by itself."""

    campaign_id: str
    acts: int
    account: dict[str, Any]
    stuck: tuple[str, ...] = ()

    @property
    def sound(self) -> bool:
        return not self.stuck


def rehearse(key: str, actor: Actor, style: Style, *, until: datetime | None = None) -> Rehearsal:
    """Launch the newest edition of a campaign on the bound database at nine of its first day, and play it to the end.

    `until`: where to stop; by default some weeks after the plan's last date.
    """
    plan, *children = _plans_of(key)
    starts_at = plan.starts_at + LAUNCH_HOUR
    ends_at = until or max(map(last_date, (plan, *children))) + timedelta(days=SETTLING_DAYS)
    campaign_id = _launch(key, actor, style.seed, starts_at)
    play = play_on(style, starts_at, ends_at)
    with reading() as tx:
        account = rehearsal_account.account(tx, campaign_id, seed=style.seed, begun=starts_at, until=ends_at)
        stuck = [*(f"办理被拒绝：{one}" for one in play.refusals), *rehearsal_account.stuck(tx, ends_at)]
    return Rehearsal(campaign_id=campaign_id, acts=play.acts, account=account, stuck=tuple(stuck))


def _launch(key: str, actor: Actor, seed: int, now: datetime) -> str:
    """The same seed draws the same enterprises: the secret of the draws is made of it."""
    secret = hashlib.sha256(f"rehearsal|{seed}".encode()).hexdigest()
    return str(campaigns.launch(actor, key, past="keep", alone=True, draw_secret=secret, now=now)["campaign"])


def play_on(style: Style, now: datetime, until: datetime) -> _Play:
    """Play whatever is going on in the bound database from `now` to `until`, also what was begun and broken off."""
    play = _Play(style, now)
    play.run(until)
    return play


def last_date(plan: Plan) -> datetime:
    """The last moment the plan names; a year on where the notice sets no end."""
    if plan.open_ended:
        return plan.starts_at + A_YEAR
    moments = [plan.ends_at, *(stage.ends_at for stage in plan.stages.values())]
    moments += [deadline.at for deadline in plan.deadlines.values() if deadline.at is not None]
    for report in plan.reports.values():
        moments += [at for at in (report.last_due, report.closing, *report.dues) if at is not None]
    return max(moments)


def _plans_of(key: str) -> list[Plan]:
    """The plan, and those of the child campaigns."""
    with reading() as tx:
        plan = launching.newest(tx, key).plan
        return [plan, *(launching.newest(tx, child).plan for child in plan.child_keys)]


@dataclass
class _Play:
    """The loop: `now` only grows. What is planned stands in a heap: tasks that opened, and acts of the agendas."""

    style: Style
    now: datetime
    acts: int = 0
    refusals: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        with reading() as tx:
            habits = Habits(seed=self.style.seed, on_time=self.style.on_time, calendar=_whole(calendar(tx)))
        self._habits = habits
        self._scenes: dict[str, Scene] = {}
        self._agendas: dict[str, list[Agenda]] = {}
        self._tags: set[str] = set()
        self._performer = Performer(self._scenes, self.style.store)
        self._planned: list[tuple[datetime, int, int, Planned | Act]] = []
        self._times: Counter[tuple[str, ...]] = Counter()
        self._seq = self._told = self._pushed = 0
        self._drained = False
        self._join()

    def run(self, until: datetime) -> None:
        """Go from moment to moment until nothing is left to do by `until`."""
        self._look()
        while True:
            due = self._next_due()
            act_at = self._planned[0][0] if self._planned else None
            if due is not None and (act_at is None or due <= max(act_at, self.now)):
                if due > until:
                    break
                self._carry_out(due)
            elif act_at is not None and act_at <= until:
                self._act()
            else:
                break
        self.now = max(self.now, until)

    def _next_due(self) -> datetime | None:
        with reading() as tx:
            due = clock.next_due(tx)
            if due is not None and due <= self.now and self._drained:
                # what is still there after everything was carried out has failed and waits for its next attempt
                return rows.next_release(tx, self.now)
            return due

    def _carry_out(self, due: datetime) -> None:
        self.now = max(self.now, due)
        jobs.drain(self.now)
        self._drained = True
        self._join()
        self._look()

    def _act(self) -> None:
        at, _, _, planned = heapq.heappop(self._planned)
        self.now = max(self.now, at)
        try:
            done = planned.do(self.now) if isinstance(planned, Act) else self._performer.perform(planned, self.now)
            self.acts += done
        except DomainError as fault:
            self.refusals.append(f"{planned.name}：{fault.message}{_fields(fault)}")
        self._drained = False
        self._look()
        self.style.progress(self.now, self.acts)

    # -- planning ------------------------------------------------------------------------------------------------------
    def _join(self) -> None:
        """Every campaign that runs is played; those of a programme's children begin later."""
        with reading() as tx:
            for campaign_id in act_rows.running(tx):
                if campaign_id not in self._scenes:
                    self._take_in(tx, scene_of(tx, campaign_id, self._habits, self.style.vault))

    def _take_in(self, tx: Tx, scene: Scene) -> None:
        """What is known beforehand; what lies before `now` was done by the rehearsal that was broken off."""
        found = [make(scene) for make in (*AGENDAS, *self.style.agendas)]
        self._scenes[scene.campaign_id], self._agendas[scene.campaign_id] = scene, found
        self._tags |= {tag for one in found for tag in one.tags}
        for one in found:
            for at, act in one.planned(tx):
                if at is not None and at >= self.now:
                    self._push(at, 0, act)

    def _look(self) -> None:
        """Plan the tasks that opened since the last look, and what else has happened leads to."""
        with reading() as tx:
            for opened in rows.opened_since(tx, self._seq, Tag.TASK_OPEN.value):
                self._seq = opened.seq
                self._plan(opened)
            for event in act_rows.events_since(tx, self._told, self._tags) if self._tags else ():
                self._told = event.seq
                for one in self._agendas.get(event.campaign_id, ()):
                    self._plan_after(tx, one, event)
        # whatever stands before the last task that was seen has been looked at, else each look begins far behind
        self._told = max(self._told, self._seq)

    def _plan_after(self, tx: Tx, one: Agenda, event: Any) -> None:
        if event.tag in one.tags:
            for at, act in one.after(tx, event):
                if at is not None:
                    self._push(at, event.seq, act)

    def _plan(self, opened: Any) -> None:
        what = (opened.process, opened.unit or "", opened.element)
        self._times[what] += 1
        self._times[opened.instance_id, opened.element] += 1
        if opened.status != "open" or self.style.leave_open(opened):
            return
        draw = self._habits.source(*what, self._times[what])
        at = self._habits.when(draw, self._ready_at(opened), opened.due_at)
        if at is None:
            return
        planned = Planned(
            task_id=opened.id,
            post_id=opened.post_id,
            name=f"{opened.process}/{opened.element}",
            draw=draw,
            time_in_instance=self._times[opened.instance_id, opened.element],
            element=opened.element,
            instance_id=opened.instance_id,
            campaign_id=opened.campaign_id,
        )
        self._push(at, opened.seq, planned)

    def _ready_at(self, opened: Any) -> datetime:
        """From when on a task can be done: a statement when what it covers is over; not what is due long before."""
        found: datetime = opened.opened_at
        covered_until = (opened.variables or {}).get("period_end")
        if covered_until:
            made = made_from(datetime.fromisoformat(covered_until), opened.due_at)
            found = max(found, made) if opened.due_at is None or made < opened.due_at else found
        scene: Scene | None = self._scenes.get(opened.campaign_id)
        return ready_at(scene, opened.element, found) if scene else found

    def _push(self, at: datetime, seq: int, planned: Planned | Act) -> None:
        self._pushed += 1
        heapq.heappush(self._planned, (at, seq, self._pushed, planned))


def _whole(known: Calendar) -> Calendar:
    """The calendar without its way back to a transaction that will be over."""
    return Calendar(overrides=dict(known.overrides), entered_years=frozenset(known.entered_years))


def _fields(fault: DomainError) -> str:
    fields = getattr(fault, "fields", None)
    return f"（{'；'.join(f'{name} {text}' for name, text in fields.items())}）" if fields else ""


__all__ = ["LeaveOpen", "Rehearsal", "Style", "last_date", "play_on", "rehearse"]
