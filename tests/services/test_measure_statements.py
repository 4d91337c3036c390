"""A statement counts its unit's measures by when they were due, reported, accepted; child campaigns included."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import insert, select, update

import models
from models import Campaign, MeasureWork, new_id
from services.counting import figures
from tests.support import events, measures
from tests.support.measures import LAUNCH, works
from tests.support.world import World, beijing

FIELDS = ("measures_due", "measures_reported", "measures_accepted")
FIRE, COUNTY = "市消防救援支队", "孝义市"
BEGUN, LATER, ENDED = beijing("2021-12-01 00:00"), beijing("2022-01-15 00:00"), beijing("2023-01-01 00:00")


@pytest.fixture
def world(backend: str, new_database: Callable[..., str], tmp_path: Path) -> World:
    return measures.city(new_database(backend), tmp_path)


def counted(unit: str, since: object = BEGUN, until: object = ENDED) -> tuple[float, ...]:
    with models.reading() as tx:
        campaign = tx.execute(select(Campaign.id).where(Campaign.parent_id.is_(None))).scalar_one()
        wanted = figures.of_unit(campaign, events.unit(unit).path, since, until)  # type: ignore[arg-type]
        found = figures.count(tx, wanted, FIELDS).figures
    return tuple(found[field] for field in FIELDS)


def test_each_date_of_a_measure_in_a_unit_is_one(world: World) -> None:
    owed = len([row for row in world.ask(works) if row.unit == FIRE])
    assert counted(FIRE) == (owed, 0, 0)
    task = next(one for one in world.open_tasks("report_measure") if one.title == f"制定年度检查计划 · {FIRE}")
    world.complete(task)
    assert counted(FIRE) == (owed, 1, 0)
    world.complete(next(one for one in world.open_tasks("office_check")))
    assert counted(FIRE) == (owed, 1, 1)
    assert counted(FIRE, since=LATER)[1:] == (0, 0)
    assert LAUNCH < LATER


def test_nobody_counts_what_others_do(world: World) -> None:
    owed = len([row for row in world.ask(works) if row.unit == COUNTY])
    task = next(one for one in world.open_tasks("report_measure") if one.title == f"制定年度检查计划 · {FIRE}")
    world.complete(task)
    assert counted(COUNTY) == (owed, 0, 0)


def test_measures_of_child_campaigns_count_for_the_programme(world: World) -> None:
    before = counted(COUNTY)
    with models.transaction() as tx:
        row = tx.execute(select(Campaign.__table__)).one()._asdict()
        child = {**row, "id": new_id(), "key": f"{row['key']}/child", "parent_id": row["id"]}
        tx.execute(insert(Campaign).values(child))
        tx.execute(update(MeasureWork).where(MeasureWork.measure == "m_2").values(campaign_id=child["id"]))
        moved = tx.execute(select(MeasureWork.id).where(MeasureWork.campaign_id == child["id"])).all()
    assert moved
    assert counted(COUNTY) == before
    with models.transaction() as tx:
        tx.execute(update(Campaign).where(Campaign.id == child["id"]).values(parent_id=None, status="ended"))
        campaign = row["id"]
    with models.reading() as tx:
        wanted = figures.of_unit(campaign, events.unit(COUNTY).path, BEGUN, ENDED)
        assert figures.count(tx, wanted, FIELDS).figures["measures_due"] == before[0] - 1
