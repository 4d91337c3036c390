"""Clues in a rehearsal: six a county over the campaign, by different channels, and what becomes of each.

What becomes of a clue is dealt out beforehand, in exact shares; the rest is done as its people do their tasks.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from domain import clues as words
from domain import inspections as rules
from domain.ledger import Tag
from domain.workdays import BEIJING, end_of
from engine.contract import Element
from models import Tx, reading
from models.queries import clues as clue_rows
from models.queries import rehearsal_acts as rows
from services.clues import clues
from services.clues.clue_actions import LOOP
from services.counting.inspection_progress import COUNTIES
from services.plans.units import group_units
from services.rehearsal.rehearsal_agenda import Act, Moments, Scene

PER_COUNTY = 6
OBJECTED, UPHELD, IDLE, FALSE = 0.20, 0.20, 0.10, 0.05  # shares of all clues; upheld: of those objected to
LAST = 0.78  # the part of the campaign's working days in which clues come in
NAMED = 0.5  # of those that people report
BY_PEOPLE = ("phone", "letter", "web", "internal")
PLAIN, REFUSED, RELEASED = "plain", "refused", "released"
Key = tuple[str, int]  # code of the county, and which of its clues


class Clues:
    """People report, the office classifies; the loop itself is made of tasks."""

    tags = frozenset({Tag.CLUE_REGISTER.value, Tag.CLUE_RULE.value})

    def __init__(self, scene: Scene) -> None:
        self._scene = scene

    def planned(self, tx: Tx) -> Moments:
        """The clues of every county, spread over the campaign."""
        scene = self._scene
        if LOOP not in scene.processes:
            return
        enterprises: dict[str, list[Any]] = {}
        for one in rows.enterprises(tx):
            enterprises.setdefault(one.county_id, []).append(one)
        for county in group_units(tx, scene.plan, COUNTIES):
            for n, at in enumerate(moments(scene, county.code)):
                if county.id in enterprises:
                    yield at, registration(scene, county, enterprises[county.id], n)

    def after(self, tx: Tx, event: Any) -> Moments:
        """A clue that is new, or whose unit objected with success, is given to a unit, on the same day if in time."""
        if event.tag == Tag.CLUE_RULE.value and event.data["verdict"] != "upheld":
            return
        clue = clue_rows.one(tx, event.data["clue"])
        if clue is None or clue.status not in ("registered", "released"):
            return
        habits = self._scene.habits
        draw = habits.source("classify", clue.number, event.tag)
        at = habits.when(draw, event.at, end_of(event.at.astimezone(BEIJING).date()))
        yield at, Act(name="clue/classify", do=partial(self._classify, clue))

    def _classify(self, clue: Any, now: datetime) -> bool:
        scene = self._scene
        with reading() as tx:
            if rows.clue_status(tx, clue.id) != clue.status:
                return False
            unit_id = clue.county_id if clue.status == "registered" else self._department(tx, clue)
        office = scene.cast.of(scene.office_id, "dispatcher", now)
        clues.classify(office, clue.id, unit_id=unit_id, county_id=clue.county_id, sector=clue.sector, now=now)
        return True

    def _department(self, tx: Tx, clue: Any) -> str:
        """Who gets a clue that its county had rightly refused: the department that leads the sector."""
        lead = (self._scene.plan.raw.get("sectors") or {})[clue.sector]["lead_department"]
        return next(str(u.id) for u in clues.responsible_units(tx, self._scene.plan) if lead in (u.name, u.short_name))


def moments(scene: Scene, county: str) -> list[datetime]:
    """When the clues of a county come in: one in every sixth part of the time."""
    days = scene.workdays(scene.launched_at + timedelta(days=1), scene.ends_at)
    days = days[: int(len(days) * LAST)]
    parts = [days[len(days) * n // PER_COUNTY :][: len(days) // PER_COUNTY] for n in range(PER_COUNTY)]
    draws = [scene.habits.source("clue", "moment", county, n) for n in range(PER_COUNTY)]
    return [scene.habits.during(draw, draw.choice(part)) for draw, part in zip(draws, parts, strict=True)]


def registration(scene: Scene, county: Any, enterprises: Sequence[Any], n: Any) -> Act:
    """Somebody reports an enterprise of a county, the n-th time."""
    draw = scene.habits.source("clue", county.code, n)
    about, channel = draw.choice(enterprises), draw.choice(list(words.CHANNELS))
    kind, text = _matter(scene, draw, about)
    intake = clues.Intake(
        channel=channel,
        kind=kind,
        subject=about.name,
        text=text,
        place=about.township,
        county_id=county.id,
        sector=about.sector,
    )
    named = channel in BY_PEOPLE and draw.random() < NAMED
    reporter = {"name": f"{county.short_name}举报人{n + 1}（示范）"} if named else {}
    return Act(name="clue/register", do=partial(_register, scene, county, intake, reporter))


def _register(scene: Scene, county: Any, intake: clues.Intake, reporter: Mapping[str, str], now: datetime) -> bool:
    with reading() as tx:
        if rows.was_registered(tx, scene.campaign_id, county.id, now):
            return False
    unit_id, post = (county.id, "officer") if intake.channel in words.FOUND else (scene.office_id, "dispatcher")
    actor = scene.cast.of(unit_id, post, now)
    clues.register(actor, intake, reporter, scene.vault, now, campaign_id=scene.campaign_id)
    return True


def _matter(scene: Scene, draw: Any, about: Any) -> tuple[str, str]:
    """The kind of a clue, and what it says: a matter of the plan's checklists."""
    share = draw.random()
    own = [item for item in rules.checklist(scene.plan, about.sector) if item.key.startswith(f"{about.sector}.")]
    common = list(rules.common_items(scene.plan))
    kind = "concealed_accident" if share < 0.05 else "hazard" if share < 0.4 and own else "illegal_act"
    item = draw.choice(own if kind == "hazard" else common)
    if kind == "concealed_accident":
        return kind, f"反映{about.name}发生事故后没有按规定报告，请核查。"
    return kind, f"反映{about.name}存在问题，涉及“{item.text}”，请核查处理。"


# -- what becomes of each ----------------------------------------------------------------------------------------------
def fates(scene: Scene, counties: Iterable[str]) -> dict[Key, str]:
    """What becomes of every clue: exact shares, dealt out by the seed."""
    keys = [(code, n) for code in sorted(counties) for n in range(PER_COUNTY)]
    scene.habits.source("fates").shuffle(keys)
    return dict(zip(keys, _hands(len(keys)), strict=True))


def _hands(total: int) -> Iterator[str]:
    objected, idle, false = (round(total * share) for share in (OBJECTED, IDLE, FALSE))
    upheld = math.ceil(objected * UPHELD)
    for fate, count in ((RELEASED, upheld), (REFUSED, objected - upheld), ("idle", idle), ("false", false)):
        yield from [fate] * count
    yield from [PLAIN] * (total - objected - idle - false)


def fate_of(tx: Tx, scene: Scene, clue: Any) -> str:
    """What becomes of this clue; plain where it is none of those that were planned."""
    counties = {unit.id: unit.code for unit in group_units(tx, scene.plan, COUNTIES)}
    code = counties.get(clue.county_id)
    if code is None:
        return PLAIN
    planned = moments(scene, code)
    known = clue.registered_at in planned
    return fates(scene, counties.values())[code, planned.index(clue.registered_at)] if known else PLAIN


def outcome(tx: Tx, scene: Scene, element: Element, clue_id: str, now: datetime) -> tuple[str, dict[str, str]] | None:
    """The button at a task of the loop, and what is written; None where the usual habits decide."""
    chooser = CHOOSERS.get(element.form or "")
    clue = clue_rows.one(tx, clue_id) if chooser else None
    if chooser is None or clue is None:
        return None
    return chooser(tx, clue, fate_of(tx, scene, clue), now)


Choice = tuple[str, dict[str, str]]


def _verification(tx: Tx, clue: Any, fate: str, now: datetime) -> Choice:
    """An objection is possible in time only, and made once."""
    in_time = clue.objection_due is None or now <= clue.objection_due
    if fate in (REFUSED, RELEASED) and in_time and len(clue_rows.letters_of(tx, clue.id)) == 1:
        other = fate == RELEASED
        opinion = (
            "该企业由市级部门直接监管，请交有关部门办理。" if other else "反映的地点与实际不符，请重新确定责任单位。"
        )
        return "object", {"opinion": opinion, "verification": opinion}
    return "accept", {"verification": "已派员到现场核实，反映的问题由本单位办理。"}


def _ruling(_tx: Tx, _clue: Any, fate: str, _now: datetime) -> Choice:
    if fate == RELEASED:
        return "uphold", {"opinion": "经核，异议成立，由牵头部门办理。"}
    return "refuse", {"opinion": "经核，线索所涉地点在你单位辖区，请继续办理。"}


def _check(_tx: Tx, _clue: Any, fate: str, _now: datetime) -> Choice:
    found = {
        "idle": "电话回访，举报的问题仍未处理，属“接而不办”。",
        "false": "现场复核，反馈的整改情况与实际不符，属“虚假办结”。",
    }
    if fate in found:
        return fate, {"opinion": found[fate], "basis": found[fate]}
    return "satisfied", {}


CHOOSERS = {"clue_verification": _verification, "clue_ruling": _ruling, "clue_check": _check}
