"""What people do in a rehearsal without a task: they visit enterprises, register clues, open oversight.

An agenda plans acts from plan, directory and seed alone, and further ones from what the ledger says has happened: a
finding wants a decision, a clue its classification. Every act looks first whether it was done, so that a rehearsal that
was broken off goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Protocol

from domain.plan import Plan
from domain.workdays import BEIJING
from models import Tx
from services.clues.vault import Vault
from services.plans.launched import home
from services.rehearsal.rehearsal_cast import Cast
from services.rehearsal.rehearsal_habits import Habits

A_YEAR = timedelta(days=365)  # how much of a plan without an end is played


@dataclass(frozen=True, kw_only=True)
class Scene:
    """A campaign that is played: its plan as shifted, the units it knows, the people, their habits."""

    campaign_id: str
    office_id: str
    launched_at: datetime
    plan: Plan
    processes: frozenset[str]
    habits: Habits
    vault: Vault
    cast: Cast = field(default_factory=Cast)

    @property
    def ends_at(self) -> datetime:
        """Until when it is played; of a plan without an end, a year."""
        return self.launched_at + A_YEAR if self.plan.open_ended else self.plan.ends_at

    def workdays(self, first: datetime, last: datetime) -> list[date]:
        """The working days from the first to the last moment's, both included."""
        begin, end = (at.astimezone(BEIJING).date() for at in (first, last))
        return [day for day in _days(begin, end) if self.habits.calendar.is_workday(day)]


@dataclass(frozen=True, kw_only=True)
class Act:
    """Something that somebody does; `do` says False where it was done before or is no longer to be done."""

    name: str
    do: Callable[[datetime], bool]


Moments = Iterable[tuple[datetime | None, Act]]  # None: never


class Agenda(Protocol):
    """A kind of things that people do by themselves."""

    tags: frozenset[str]  # ledger tags that bring about acts

    def planned(self, tx: Tx) -> Moments:
        """What is known beforehand, in any order."""
        ...

    def after(self, tx: Tx, event: Any) -> Moments:
        """What an event brings about."""
        ...


def scene_of(tx: Tx, campaign_id: str, habits: Habits, vault: Vault) -> Scene:
    """The campaign as agendas see it."""
    found = home(tx, campaign_id)
    return Scene(
        campaign_id=campaign_id,
        office_id=found.row.owner_unit_id,
        launched_at=found.row.launched_at,
        plan=found.plan,
        processes=frozenset(found.edition.processes),
        habits=habits,
        vault=vault,
    )


def _days(begin: date, end: date) -> Iterator[date]:
    for ordinal in range(begin.toordinal(), end.toordinal() + 1):
        yield date.fromordinal(ordinal)


def none(_tx: Tx, _event: Any) -> Moments:
    """Nothing follows."""
    return ()
