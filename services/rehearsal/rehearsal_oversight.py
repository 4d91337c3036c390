"""What the office opens and units enter by themselves in a rehearsal: oversight, sanctions, good examples."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from functools import partial
from typing import Any

from domain.oversight import MODES
from models import Tx, reading
from models.queries import rehearsal_acts as rows
from services.inspections import disposals
from services.inspections.disposal_input import catalogue, usual_measure
from services.oversight import oversight
from services.rehearsal.rehearsal_agenda import Act, Moments, Scene, none

DUE = "oversight_due"
ROUNDS = (0.2, 0.45, 0.65)  # when the office opens it, as parts of the stage's working days
AGAIN = {"special_attention": (0.5, 2), "escalated_verification": (0.6, 1)}  # mode -> when, how many units
TEAMS = ("第一督导组", "第二督导组", "第三督导组")
MEDIA = "市广播电视台、市日报社"
REASON = "问题线索偏少，隐患整改率偏低，集中力量帮助补齐短板。"
# kind -> when (part of the campaign's working days), share of the units, what is entered
TYPED: Mapping[str, tuple[float, float, dict[str, Any]]] = {
    "admonition": (0.4, 0.5, {"facts": "隐患整改进展偏慢，对分管负责同志进行警示约谈。"}),
    "joint_sanction": (0.55, 0.3, {"facts": "重大隐患逾期未整改，列入安全生产失信联合惩戒对象。"}),
    "disclosure": (0.5, 0.3, {"facts": "非法违法行为典型案例在本地媒体公开曝光。"}),
    "commendation": (0.7, 0.3, {"facts": "自查自纠认真，隐患整改及时，选树为安全生产先进典型。"}),
}


class Oversight:
    """Three rounds over all who report weekly, and some units once more."""

    tags: frozenset[str] = frozenset()
    after = staticmethod(none)

    def __init__(self, scene: Scene) -> None:
        self._scene = scene

    def planned(self, tx: Tx) -> Moments:
        """The office's openings."""
        scene = self._scene
        deadline = scene.plan.deadlines.get(DUE)
        if oversight.PROCESS not in scene.processes or deadline is None or deadline.stage is None:
            return
        stage = scene.plan.stages[deadline.stage]
        days = scene.workdays(max(scene.launched_at, stage.starts_at or scene.launched_at), stage.ends_at)
        draw = scene.habits.source("oversight")
        units = oversight.targets(tx, scene.plan)
        draw.shuffle(units)
        for n, part in enumerate(ROUNDS):
            yield self._open(_at(days, part), "comprehensive", units[n :: len(ROUNDS)], TEAMS[n])
        known = oversight.modes(scene.plan)
        for mode, (part, count) in ((mode, again) for mode, again in AGAIN.items() if mode in known):
            yield self._open(_at(days, part), mode, units[:count], TEAMS[0])

    def _open(self, day: date, mode: str, units: list[Any], team: str) -> tuple[datetime, Act]:
        draw = self._scene.habits.source("oversight", mode, team)
        at = self._scene.habits.during(draw, day)
        return at, Act(name=f"oversight/{MODES[mode]}", do=partial(self._carry_out, mode, units, team))

    def _carry_out(self, mode: str, units: list[Any], team: str, now: datetime) -> bool:
        scene = self._scene
        with reading() as tx:
            known = rows.overseen(tx, scene.campaign_id, mode)
        targets = [unit.id for unit in units if unit.id not in known]
        if not targets:
            return False
        data = {"targets": targets, "mode": mode, "team": team, "media": MEDIA}
        data["reason"] = REASON if mode != "comprehensive" else ""
        oversight.open(scene.cast.of(scene.office_id, "director", now), scene.campaign_id, data, now)
        return True


class Outside:
    """What happens outside the system and is entered by hand: typed disposals."""

    tags: frozenset[str] = frozenset()
    after = staticmethod(none)

    def __init__(self, scene: Scene) -> None:
        self._scene = scene

    def planned(self, tx: Tx) -> Moments:
        """A few entries of some units."""
        scene = self._scene
        known = catalogue(scene.plan)
        days = scene.workdays(scene.launched_at, scene.ends_at)
        for unit in oversight.targets(tx, scene.plan):
            for kind, entry in TYPED.items():
                if kind in known and days:
                    yield from self._typed(unit, kind, entry, days)

    def _typed(
        self, unit: Any, kind: str, entry: tuple[float, float, dict[str, Any]], days: list[date]
    ) -> Iterator[tuple[datetime, Act]]:
        part, share, told = entry
        draw = self._scene.habits.source("typed", kind, unit.code)
        if draw.random() < share:
            at = self._scene.habits.during(draw, _at(days, part + 0.2 * draw.random()))
            yield at, Act(name=f"disposal/{kind}", do=partial(self._enter, unit, kind, told))

    def _enter(self, unit: Any, kind: str, told: dict[str, Any], now: datetime) -> bool:
        scene = self._scene
        with reading() as tx:
            if rows.was_typed(tx, scene.campaign_id, unit.id, kind):
                return False
        subject = f"{unit.short_name}有关责任单位"
        data = {"kind": kind, "subject": subject, "measure": usual_measure(scene.plan, kind), **told}
        disposals.add(scene.cast.of(unit.id, "liaison", now), scene.campaign_id, data, now)
        return True


def _at(days: list[date], part: float) -> date:
    return days[min(int(len(days) * part), len(days) - 1)]
