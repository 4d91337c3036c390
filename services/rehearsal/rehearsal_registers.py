"""The two registers in a rehearsal: posts that answer for an area, entered before the task is done; broadcasts."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, datetime
from functools import partial
from typing import Any

from domain.workdays import BEIJING
from models import Tx, reading
from models.queries import registers as register_rows
from models.queries import rehearsal_acts as rows
from models.queries import units as unit_rows
from services.plans.units import group_units
from services.publications import publicity, responsibility
from services.rehearsal.rehearsal_agenda import Act, Moments, Scene, none

LEFT_OUT = 0.04  # share of what a unit has to name that it leaves open, and gives a reason for
EVERY = {"progress": 9, "example": 17, "exposure": 13}  # working days between two broadcasts of a kind
CITY_POSTS = (
    "市委副书记",
    "常务副市长",
    "市委政法委书记",
    "副市长（分管工业）",
    "副市长（分管建设）",
    "副市长（分管公安）",
)
COUNTY_POSTS = (
    "委书记",
    "长",
    "委副书记",
    "委常委、常务副职",
    "委政法委书记",
    "副职（分管安全生产）",
    "人大常委会主任",
)
TOWNSHIP_POSTS = ("党（工）委书记", "镇长（主任）", "党（工）委副书记", "分管安全生产的副职")
AREAS = ("东片各村", "西片各村", "镇区和沿街商铺")
TITLES = {
    "progress": "“百日攻坚”集中行动推进情况（第{n}期）",
    "example": "安全生产先进典型巡礼（第{n}期）",
    "exposure": "安全生产曝光台：一批隐患整改不力的单位（第{n}期）",
}


# -- who answers for what ----------------------------------------------------------------------------------------------
def record_responsibilities(scene: Scene, instance_id: str, draw: random.Random, now: datetime) -> None:
    """Before a unit says that 四级包保 is in place, it enters the posts: each for its own level."""
    with reading() as tx:
        unit = unit_rows.unit(tx, rows.unit_of(tx, instance_id).id)
        lines = list(_lines(tx, scene, unit, draw))
    post = {"county": "liaison", "township": "officer"}.get(unit.level, "dispatcher")  # type: ignore[union-attr]
    actor = scene.cast.of(unit.id, post, now) if lines else None  # type: ignore[union-attr]
    for line in lines:
        responsibility.add(actor, scene.campaign_id, line, now)  # type: ignore[arg-type]


def _lines(tx: Tx, scene: Scene, unit: Any, draw: random.Random) -> Iterator[dict[str, Any]]:
    """What is not in the register yet, a few places left out."""
    if unit.level == "township":
        named = register_rows.levels_named(tx, scene.campaign_id, unit.id)
        yield from _inside(unit, draw, named)
        return
    county = unit.level == "county"
    level = responsibility.TOWNSHIP if county else responsibility.COUNTY
    units = register_rows.townships(tx, unit.id) if county else group_units(tx, scene.plan, "inspecting_units")
    named_units = register_rows.units_named(tx, scene.campaign_id, level)
    kind = unit.short_name[-1]
    for one in units:
        post = kind + draw.choice(COUNTY_POSTS) if county else draw.choice(CITY_POSTS)
        if one.id not in named_units and draw.random() >= LEFT_OUT:
            yield {"level": level, "unit_id": one.id, "post": post}


def _inside(unit: Any, draw: random.Random, named: set[int]) -> Iterator[dict[str, Any]]:
    villages, households = responsibility.TOWNSHIP + 1, responsibility.TOWNSHIP + 2
    for area in AREAS:
        post = f"{unit.short_name}{draw.choice(TOWNSHIP_POSTS)}"
        if villages not in named:
            yield {"level": villages, "unit_id": unit.id, "post": post, "area": area}
    if households not in named and draw.random() >= LEFT_OUT:
        for area in AREAS:
            post = "村党支部书记、网格员"
            yield {"level": households, "unit_id": unit.id, "post": post, "area": f"{area}的生产经营单位和住户"}


# -- what was shown ----------------------------------------------------------------------------------------------------
class Publicity:
    """Counties report on the work, on good examples and on bad ones, each kind at its own pace."""

    tags: frozenset[str] = frozenset()
    after = staticmethod(none)

    def __init__(self, scene: Scene) -> None:
        self._scene = scene

    def planned(self, tx: Tx) -> Moments:
        """Broadcasts of every county over the campaign's working days."""
        scene = self._scene
        kinds = publicity.kinds(scene.plan)
        days = scene.workdays(scene.launched_at, scene.ends_at)
        if not kinds or not days or "counties" not in scene.plan.units:
            return
        for county in group_units(tx, scene.plan, "counties"):
            for kind, every in EVERY.items():
                if kind in kinds:
                    yield from self._kind(county, kind, days[every // 2 :: every])

    def _kind(self, county: Any, kind: str, days: list[date]) -> Iterator[tuple[datetime, Act]]:
        habits = self._scene.habits
        for n, day in enumerate(days, 1):
            draw = habits.source("publicity", county.code, kind, n)
            at = habits.during(draw, day)
            title = TITLES[kind].format(n=n)
            yield at, Act(name=f"publicity/{kind}", do=partial(self._show, county, kind, title))

    def _show(self, county: Any, kind: str, title: str, now: datetime) -> bool:
        scene = self._scene
        with reading() as tx:
            if rows.was_shown(tx, scene.campaign_id, county.id, title):
                return False
        day = now.astimezone(BEIJING).date().isoformat()
        data = {"kind": kind, "aired_on": day, "medium": f"{county.short_name}融媒体中心", "title": title}
        publicity.add(scene.cast.of(county.id, "liaison", now), scene.campaign_id, data, now)
        return True
