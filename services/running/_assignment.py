"""Who gets a task: the unit by the diagram's rule, the post by its kind, the principal where nobody holds it.

An enterprise that takes no part in the system (nobody holds its posts) is acted for by the officer of its county.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.plan import Plan
from engine.contract import Element, Opened
from models import Tx
from models.queries import posts as rows
from services.plans.units import first_of_group

SUBSTITUTE = "principal"
ACTS_FOR_ENTERPRISES = "officer"
FROM_GROUP = "group:"


@dataclass(frozen=True)
class Opening:
    """A user task to be opened, before its post is known."""

    instance: Mapping[str, Any]
    opened: Opened
    element: Element
    plan: Plan
    office_unit_id: str | None

    @property
    def kind(self) -> str:
        """The kind of post the diagram names, itself or by a variable of the process."""
        named = self.element.assignment.post if self.element.assignment else SUBSTITUTE
        if not named.startswith("var:"):
            return named
        return str(self.instance["variables"].get(named.removeprefix("var:")) or SUBSTITUTE)

    @property
    def rule(self) -> str:
        return self.element.assignment.unit if self.element.assignment else "own"

    @property
    def own(self) -> str | None:
        return self.instance["unit_id"] or self.office_unit_id


@dataclass(frozen=True)
class Assigned:
    """The outcome for one opening. `post_id` is None where not even a principal's post exists."""

    unit_id: str
    post_id: str | None
    vacancy: str | None = None  # why the named post did not get it, a Chinese sentence
    wanted: tuple[str, str] = ("", "")


def assign(tx: Tx, openings: Sequence[Opening], now: datetime) -> list[Assigned]:
    """Resolve units and posts of all openings: two statements, and one more for units that the plan names."""
    asked = sorted({o.own for o in openings if o.rule in ("parent", "sector_lead") and o.own})
    places = rows.places(tx, asked)
    units = [_unit(tx, opening, places) for opening in openings]
    pairs = [
        pair
        for opening, unit in zip(openings, units, strict=True)
        for pair in ((str(unit or opening.own), opening.kind), (str(unit or opening.own), SUBSTITUTE))
    ]
    found = rows.posts(tx, dict.fromkeys(pairs), now)
    assigned = [_assigned(opening, unit, found) for opening, unit in zip(openings, units, strict=True)]
    absent = [n for n, to in enumerate(assigned) if _is_absent(openings[n], to, found)]
    if absent:
        _act_for(tx, now, openings, assigned, absent)
    return assigned


def _is_absent(opening: Opening, to: Assigned, found: Mapping[tuple[str, str], Any]) -> bool:
    """Whether the post is one of enterprises and nobody there holds it nor the principal's."""
    entry = opening.plan.posts.get(opening.kind)
    if to.vacancy is None or entry is None or not (entry.role == "enterprise" or "enterprise" in entry.levels):
        return False
    stand_in = found.get((to.unit_id, SUBSTITUTE))
    return stand_in is None or not stand_in.held or (to.unit_id, opening.kind) not in found


def _act_for(
    tx: Tx, now: datetime, openings: Sequence[Opening], assigned: list[Assigned], absent: Sequence[int]
) -> None:
    """Give these to the officers of the counties, of the unit itself where it is no enterprise, if anybody is there."""
    places = rows.places(tx, sorted({assigned[n].unit_id for n in absent}))
    counties = {unit_id: place.county_id or unit_id for unit_id, place in places.items()}
    wanted = dict.fromkeys((counties[assigned[n].unit_id], ACTS_FOR_ENTERPRISES) for n in absent)
    found = rows.posts(tx, wanted, now)
    for n in absent:
        to = assigned[n]
        post = found.get((counties[to.unit_id], ACTS_FOR_ENTERPRISES))
        if post is not None and post.held:
            vacancy = f"企业没有人在系统中任职，任务“{openings[n].element.name}”已转属地承办人员代办"
            assigned[n] = Assigned(to.unit_id, post.id, vacancy, to.wanted)


def _unit(tx: Tx, opening: Opening, places: Mapping[str, Any]) -> str | None:
    if opening.rule == "own":
        return opening.own
    if opening.rule == "office":
        return opening.office_unit_id or opening.own
    if opening.rule.startswith(FROM_GROUP):
        return first_of_group(tx, opening.plan, opening.rule.removeprefix(FROM_GROUP))
    place = places.get(opening.own or "")
    if opening.rule == "parent":
        return place.parent_id if place else None
    if opening.rule == "sector_lead":
        return place.sector_unit_id if place else None
    return str(opening.opened.unit_value) if opening.opened.unit_value else None


def _assigned(opening: Opening, unit: str | None, found: Mapping[tuple[str, str], Any]) -> Assigned:
    unit_id = str(unit or opening.own)
    post = found.get((unit_id, opening.kind))
    wanted = (unit_id, opening.kind)
    if unit is not None and post is not None and post.held:
        return Assigned(unit_id, post.id)
    substitute = found.get((unit_id, SUBSTITUTE)) or post
    title = opening.plan.posts[opening.kind].name if opening.kind in opening.plan.posts else opening.kind
    if substitute is None:
        vacancy = f"办理单位没有“{title}”的岗位，也没有主要负责人的岗位，任务“{opening.element.name}”未能下达"
    elif unit is None:
        vacancy = f"任务“{opening.element.name}”找不到办理单位，已转本单位主要负责人"
    else:
        vacancy = f"岗位“{title}”无人任职，任务“{opening.element.name}”已转本单位主要负责人"
    return Assigned(unit_id, substitute.id if substitute else None, vacancy, wanted)
