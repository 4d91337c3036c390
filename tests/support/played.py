"""A small city in its second week: who has handed in what is chosen so that every state of a page occurs once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select

import models
from domain.authority import Actor
from models import reading
from services.rehearsal.rehearsal_acts import actor_of
from tests.support import events
from tests.support.world import World, beijing

KEY = "jinzhong-hundred-day"
LAUNCH = beijing("2021-12-27 09:00")
TODAY = beijing("2022-01-04 12:00")
WEEK = "2021-12-27~2022-01-02"
FIGURES: Mapping[str, float] = {"inspection_teams": 10, "inspected_units": 10, "fines": 1.25, "criminal_liability": 1}


def played(url: str, folder: Path, *, enterprises: int = 30, **more: Any) -> World:
    """On time: 榆次区, 市应急局. Too few cases, undecided: 太谷区. Late: 平遥县. Missing: 祁县 and the rest."""
    world = World(url, folder, key=KEY, now=LAUNCH, enterprises=enterprises, **more)
    _stage_one(world)
    world.at(beijing("2021-12-31 10:00"))
    _hand_in(world, "榆次区", cases=2)
    _hand_in(world, "市应急局", cases=0)
    _hand_in(world, "太谷区", cases=1)
    world.at(beijing("2022-01-04 11:00"))
    _hand_in(world, "平遥县", cases=2)
    world.at(TODAY)
    return world


def _stage_one(world: World) -> None:
    """Plans: 榆次区 accepted, 太谷区 returned. Commitments: 榆次区, half of 祁县, an enterprise. Another reports."""
    world.at(beijing("2021-12-28 09:00"))
    for unit in ("榆次区", "太谷区"):
        world.complete(world.open_tasks("file_plan", unit=unit)[0])
    first, second = world.open_tasks("receive_plan")
    world.complete(first)
    world.complete(second, outcome="return", opinion="缺少责任分工，请补充")
    for element in ("sign_party_commitment", "sign_government_commitment"):
        world.complete(world.open_tasks(element, unit="榆次区")[0])
    world.complete(world.open_tasks("sign_party_commitment", unit="祁县")[0])
    task = world.open_tasks("make_scheme")[0]
    world.complete(task)
    world.complete(world.open_tasks("report_self_inspection", unit=task.unit)[0])
    other = next(t for t in world.open_tasks("sign_commitment") if t.unit not in ("太谷区", task.unit) and _private(t))
    world.complete(other)


def _private(task: Any) -> bool:
    return bool(task.unit.endswith("（示范）"))


def _hand_in(world: World, unit: str, *, cases: int) -> None:
    _happen(unit)
    task = world.open_tasks("fill_statement", unit=unit, period=WEEK)[0]
    world.complete(task, cases=cases)


def _happen(unit: str) -> None:
    """What makes the figures of a unit's week."""
    at = beijing("2021-12-29 10:00")
    for enterprise in events.enterprises()[: int(FIGURES["inspected_units"])]:
        events.inspection(unit, at, enterprise)
    events.disposal(unit, at, "fine", amount=FIGURES["fines"])
    events.disposal(unit, at, "criminal", persons=int(FIGURES["criminal_liability"]))


def somebody(unit: str, post: str) -> Actor:
    """Whoever holds a post of a unit, by the unit's short name."""
    query = (
        select(models.Post.id)
        .join(models.Unit, models.Unit.id == models.Post.unit_id)
        .where(models.Unit.short_name == unit, models.Post.kind == post)
    )
    with reading() as tx:
        return actor_of(tx, tx.execute(query).scalar_one(), TODAY)


def office(post: str = "director", now: datetime | None = None) -> Actor:
    """Somebody of the campaign office, as of a moment of the campaign."""
    with reading() as tx:
        query = (
            select(models.Post.id)
            .join(models.Unit, models.Unit.id == models.Post.unit_id)
            .where(models.Unit.kind == "office", models.Post.kind == post)
            .order_by(models.Unit.code)
            .limit(1)
        )
        return actor_of(tx, tx.execute(query).scalar_one(), now or TODAY)
