"""Standing processes in a rehearsal: some items of every kind a month, each started by a unit that may."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from functools import partial
from itertools import groupby
from typing import Any

from domain.plan import StandingProcess
from models import Tx, reading
from models.queries import items as rows
from services.plans.units import group_units
from services.rehearsal.rehearsal_agenda import Act, Moments, Scene, none
from services.standing import items

A_MONTH = 2  # items of a kind that somebody starts in a month
UNTIL_LAST = 60  # working days before the end in which nothing new is started, so that most are done by then


class Items:
    """Whom the plan names start items, some a month."""

    tags: frozenset[str] = frozenset()
    after = staticmethod(none)

    def __init__(self, scene: Scene) -> None:
        self._scene = scene

    def planned(self, tx: Tx) -> Moments:
        """Items of every kind over the campaign's months; of a plan without an end, over its first year."""
        scene = self._scene
        days = scene.workdays(scene.launched_at, scene.ends_at)
        days = days[: max(1, len(days) - UNTIL_LAST)]
        for entry in scene.plan.standing.values():
            yield from self._kind(entry, group_units(tx, scene.plan, entry.started_by), days)

    def _kind(self, entry: StandingProcess, units: Sequence[Any], days: list[date]) -> Iterator[tuple[datetime, Act]]:
        habits, n = self._scene.habits, 0
        for _, some in groupby(days, lambda day: (day.year, day.month)):
            month = list(some)
            for _ in range(A_MONTH):
                draw = habits.source("item", entry.id, n)
                unit, at = draw.choice(units), habits.during(draw, draw.choice(month))
                yield at, Act(name=f"item/{entry.id}", do=partial(self._start, entry, unit, _title(entry, n)))
                n += 1

    def _start(self, entry: StandingProcess, unit: Any, title: str, now: datetime) -> bool:
        scene = self._scene
        with reading() as tx:
            if rows.started_on(tx, scene.campaign_id, entry.id, title):
                return False
        actor = scene.cast.of(unit.id, entry.post, now)
        items.start(actor, scene.campaign_id, entry.id, {"title": title}, now)
        return True


def _title(entry: StandingProcess, n: int) -> str:
    """What an item is called: the plan's examples in turn, told apart where they come round again."""
    examples = entry.examples or (entry.name,)
    turn, place = divmod(n, len(examples))
    return f"{examples[place]}（{turn + 1}）" if turn or not entry.examples else examples[place]
