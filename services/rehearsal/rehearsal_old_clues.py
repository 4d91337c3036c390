"""The ledger of clues in a rehearsal: some units enter a few at the beginning and close them one by one."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from domain.ledger import Tag
from domain.old_clues import REFERRED_TO, terms_of
from domain.workdays import BEIJING, end_of
from models import Tx, reading
from models.queries import rehearsal_acts as rows
from services.clues import old_clues
from services.rehearsal.rehearsal_agenda import Act, Moments, Scene

WITH_SOME, MOST = 0.7, 5  # share of the units that find any; how many at most
WORKED_OFF = 0.7  # the part of the campaign's working days in which they are closed
WAYS = (("close", 0.70), ("hazard", 0.82), ("police", 0.90), ("discipline", 1.0))  # cumulative shares
ANSWER_WORKDAYS = 8  # within which one that was referred is closed
SOURCES = ("12350举报", "信访件", "上级交办", "行业监管记录")
SAID = {
    "close": "已依法处置，问题整改到位，回访举报人满意。",
    "hazard": "现场核查确有隐患，转入隐患台账整改。",
    "police": "涉嫌违法犯罪，案件材料移交公安机关。",
    "discipline": "涉及监管人员失职线索，移交纪检监察机关。",
}
STATED = "已依法查清并处理到位，有案卷可查。"  # of each point that the plan wants stated
CLOSED_AFTER = "受理机关已办结并反馈，予以销号。"


class OldClues:
    """What was entered is closed, referred, or becomes a hazard."""

    tags = frozenset({Tag.OLD_CLUE_ADD.value, Tag.OLD_CLUE_REFER.value})

    def __init__(self, scene: Scene) -> None:
        self._scene = scene

    def planned(self, tx: Tx) -> Moments:
        """Nothing is known beforehand: what there is, is entered with the task of building the ledger."""
        return ()

    def after(self, tx: Tx, event: Any) -> Moments:
        """Every clue has its day; one that was referred is closed when its receiver has answered."""
        scene = self._scene
        if event.tag == Tag.OLD_CLUE_REFER.value:
            clue = rows.old_clue(tx, event.data["old_clue"])
            draw = scene.habits.source("old clue", "referred", clue.number)
            last = scene.habits.calendar.add_workdays(event.at.astimezone(BEIJING).date(), ANSWER_WORKDAYS)
            yield scene.habits.when(draw, event.at, end_of(last)), self._act(clue, "close", CLOSED_AFTER)
            return
        today = event.at.astimezone(BEIJING).date()
        days = [day for day in _days(scene) if day > today] or [scene.habits.calendar.add_workdays(today, 1)]
        for clue in rows.old_clues_of(tx, scene.campaign_id, event.at):
            draw = scene.habits.source("old clue", clue.number)
            at, share = scene.habits.during(draw, draw.choice(days)), draw.random()
            known = old_clues.ways(scene.processes)
            way = next(way for way, most in WAYS if share <= most)
            way = way if way in known else "close"
            yield at, self._act(clue, way, SAID[way])

    def _act(self, clue: Any, way: str, said: str) -> Act:
        return Act(name=f"old_clue/{way}", do=partial(dispose, self._scene, clue, way, said))


def worked_off(scene: Scene) -> datetime:
    """From when on a unit may be done with its clues."""
    return end_of(_days(scene)[-1] + timedelta(days=7))


def _days(scene: Scene) -> list[Any]:
    report = scene.plan.reports.get("r_old_clues")
    last = min([scene.ends_at, *(report.dues if report else ())])
    days = scene.workdays(scene.launched_at, last)
    return days[: max(1, int(len(days) * WORKED_OFF))]


def dispose(scene: Scene, clue: Any, way: str, said: str, now: datetime) -> bool:
    """The unit's liaison deals with one clue."""
    with reading() as tx:
        known = rows.old_clue(tx, clue.id)
        about = [one for one in rows.enterprises(tx) if one.name == clue.subject]
    if known.status == "closed" or (known.status == "referred" and way in REFERRED_TO):
        return False
    found = {"enterprise_id": about[0].id, "grade": "general"} if way == "hazard" else None
    points = [STATED for _ in terms_of(scene.plan.settings).points]
    old_clues.dispose(scene.cast.of(clue.unit_id, "liaison", now), clue.id, way, said, now, found, points=points)
    return True


def build_ledger(scene: Scene, instance_id: str, _draw: random.Random, now: datetime) -> None:
    """Before a unit says that its ledger is complete, it enters what it has found."""
    with reading() as tx:
        unit = rows.unit_of(tx, instance_id)
        entries = [] if rows.has_old_clues(tx, scene.campaign_id, unit.id) else list(_entries(tx, scene, unit, now))
    if entries:
        old_clues.add(scene.cast.of(unit.id, "liaison", now), scene.campaign_id, entries, now)


def _entries(tx: Tx, scene: Scene, unit: Any, now: datetime) -> Iterator[dict[str, Any]]:
    draw = scene.habits.source("old clues", unit.code)
    own = [one for one in rows.enterprises(tx) if unit.id in (one.county_id, one.sector_unit_id)]
    if not own or draw.random() >= WITH_SOME:
        return
    for _ in range(1 + int(draw.random() * MOST)):
        about = draw.choice(own)
        sector, text = _matter(scene, draw, about)
        day = now.astimezone(BEIJING).date() - timedelta(days=60 + int(draw.random() * 900))
        yield {
            "unit_id": unit.id,
            "sector": sector,
            "subject": about.name,
            "text": text,
            "received_on": day.isoformat(),
            "times": 1 + int(draw.random() * 4),
            "source": draw.choice(SOURCES),
        }


def _matter(scene: Scene, draw: random.Random, about: Any) -> tuple[str, str]:
    """What the clue is about: the enterprise's own sector, or a point of one that the plan has instead."""
    sectors = scene.plan.raw.get("sectors") or {}
    if about.sector in sectors:
        return about.sector, f"群众反映{about.name}安全管理混乱、隐患整改不及时，要求查处。"
    pairs = [(key, item) for key, sector in sectors.items() for item in (sector.get("items") or {}).values()]
    sector, item = draw.choice(pairs) if pairs else ("", "安全管理混乱、隐患整改不及时")
    return sector, f"排查发现{about.name}涉嫌“{item}”，需核查处理。"


def work_off(scene: Scene, instance_id: str, _draw: random.Random, now: datetime) -> None:
    """Before a unit says that it is done, it closes what is left."""
    with reading() as tx:
        left = rows.old_clues_left(tx, scene.campaign_id, rows.unit_of(tx, instance_id).id)
    for clue in left:
        dispose(scene, clue, "close", CLOSED_AFTER if clue.status == "referred" else SAID["close"], now)
