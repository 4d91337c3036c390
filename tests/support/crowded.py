"""A city in which there is something of everything, in two counties: what is of one is foreign to the other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import select, update

from models import Broadcast, Clue, Disposal, Finding, Hazard, OldClue, Responsibility, Task, Unit, reading, transaction
from services.clues import clues as clue_verbs
from services.publications import publicity, responsibility
from tests.support import acts, clues, events, hazards, rows
from tests.support import old_clues as old
from tests.support.played import played
from tests.support.world import World, beijing

HOME, ABROAD = "榆次区", "太谷区"
SECRET = "外县机密"


def crowded(url: str, folder: Path) -> World:
    """Both counties have inspected, found, registered; draws, a ranking, letters and publications are there."""
    world = played(url, folder, enterprises=30)
    for county in (HOME, ABROAD):
        _work(world, county)
        for task in world.open_tasks("hand_in_lists", unit=county):
            world.complete(task)
    world.at(beijing("2022-01-05 09:00"))
    for element in ("confirm_list", "seal_letters", "review_ranking", "approve_ranking"):
        for task in world.open_tasks(element):
            world.complete(task)
    for county in (HOME, ABROAD):
        clue = world.ask(clues.id_of, f"{county}某采石场")
        clue_verbs.refer(hazards.holder(county, "liaison", world.now), clue, "police", "涉嫌非法采矿", world.now)
    acts.oversee(world, [HOME, ABROAD], mode="comprehensive", team="第一督导组")
    rows.vacate(HOME, "deputy", world.now)
    # the next draw, the week's statements, the day's publications
    world.at(beijing("2022-01-10 10:30"))
    for element in ("approve_county", "approve_office"):
        for task in world.open_tasks(element)[:2]:
            world.complete(task, outcome="approve")
    _mark(ABROAD)
    return world


def _work(world: World, county: str) -> None:
    for grade in ("general", "major"):
        hazards.enter(world, by=(county, "officer"), county=county, grade=grade)
    problem = [{"item": "o3", "kind": "illegal_act", "detail": "无证生产"}]
    acts.inspect_own(world, county, count=2, found=problem)
    acts.transfer(world, county, "liaison", "市应急局", "属于市级监管")
    acts.inspect_own(world, county, count=1, found=problem)
    _clues(world, county)
    _registers(world, county)


def _clues(world: World, county: str) -> None:
    for place in ("某采石场", "某加油站"):
        clues.hand_in(world, unit=county, subject=f"{county}{place}", reporter=clues.REPORTER)
    lines = [[f"{county}-{n}", county, "煤矿", "某公司", "超层越界", "2021-05-18", 2, "来信"] for n in (1, 2)]
    old.take(world, unit=county, lines=lines, added=2)
    old.dispose(world, number=f"{county}-1", by=(county, "liaison"), way="police", said="涉嫌非法采矿")


def _registers(world: World, county: str) -> None:
    actor, campaign = hazards.holder(county, "liaison", world.now), hazards.campaign_id()
    with reading() as tx:
        township = tx.execute(
            select(Unit.id).where(Unit.level == "township", Unit.parent_id == hazards.unit_id(county))
        ).scalars().first()  # fmt: skip
    answers = {"level": "2", "unit_id": township, "post": "副县长"}
    responsibility.add(actor, campaign, answers, world.now)
    aired = {"kind": "column", "medium": "县电视台", "title": "百日攻坚在行动"}
    publicity.add(actor, campaign, aired, world.now)
    events.disposal(county, world.now, "fine", amount=1.5)


def _mark(county: str) -> None:
    """The words of a county's rows are known when they turn up where they must not."""
    with reading() as tx:
        path = tx.execute(select(Unit.path).where(Unit.short_name == county)).scalar_one()
    inside = select(Unit.id).where(Unit.path.startswith(path))
    marks: tuple[tuple[Any, Any, dict[str, str]], ...] = (
        (Hazard, Hazard.county_id, {"text": SECRET, "enterprise_name": SECRET}),
        (Finding, Finding.county_id, {"detail": SECRET, "enterprise_name": SECRET}),
        (Clue, Clue.unit_id, {"subject": SECRET, "text": SECRET}),
        (OldClue, OldClue.unit_id, {"subject": SECRET, "text": SECRET}),
        (Disposal, Disposal.unit_id, {"subject": SECRET}),
        (Responsibility, Responsibility.unit_id, {"post": SECRET}),
        (Broadcast, Broadcast.county_id, {"title": SECRET}),
        (Task, Task.unit_id, {"title": SECRET}),
    )
    with transaction() as tx:
        for model, column, values in marks:
            done = tx.execute(update(model).where(column.in_(inside)).values(values))
            assert done.rowcount, model
