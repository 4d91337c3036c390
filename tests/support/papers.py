"""A city with everything that is printed: letters, commitments, typical cases, a long detail table, liaisons."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import select, update

import models
from models import Clue, Letter, Period, Task, Unit
from tests.support import clues
from tests.support.played import WEEK, played
from tests.support.world import World, beijing

ISSUED = beijing("2022-01-06 10:00")
LONG = "群众多次反映该公司夜间以检修名义组织多班次入井，瓦斯监控探头被人为遮挡。" * 6
ROWS = 30
# subject, unit, sector, kind, channel
MATTERS = (
    ("平遥某煤业有限公司", "平遥县", "coal_mine", "illegal_act", "phone"),
    ("祁县某加油站", "祁县", "hazardous_chemicals", "hazard", "inspection"),
    ("灵石某化工有限公司", "灵石县", "hazardous_chemicals", "concealed_accident", "web"),
    ("开发区某机械厂", "晋中开发区", "metal_smelting", "illegal_act", "letter"),
    ("榆次某煤矿", "市应急局", "coal_mine", "illegal_act", "phone"),
    ("介休某商场", "介休市", "fire_safety", "hazard", "phone"),
)


def city(url: str, folder: Path) -> World:
    """Handed in: weekly statements (介休市 with thirty findings), six letters on the morning of 6 January."""
    world = played(url, folder, enterprises=12)
    for unit in ("榆次区", "平遥县", "市应急局"):
        world.complete(world.open_tasks("file_liaison", unit=unit)[0])
    task = world.open_tasks("fill_statement", unit="介休市", period=WEEK)[0]
    world.complete(task, answers={**world.answers(task, cases=2), "detail_rows": [_found(n) for n in range(ROWS)]})
    for subject, unit, sector, kind, channel in MATTERS:
        county = unit if unit != "市应急局" else "榆次区"
        clues.hand_in(world, unit=unit, county=county, subject=subject, sector=sector, kind=kind, channel=channel)
    with models.transaction() as tx:
        tx.execute(update(Clue).where(Clue.subject == "灵石某化工有限公司").values(text=LONG))
    world.at(ISSUED)
    for element in ("confirm_list", "seal_letters"):
        for task in world.open_tasks(element):
            world.complete(task)
    return world


def _found(n: int) -> dict[str, Any]:
    return {
        "unit_name": f"介休市第{n + 1}煤焦化工有限责任公司",
        "escalated": "no",
        "location": "介休市义安镇",
        "enterprise_type": "危险化学品",
        "kind": "major_hazard",
        "illegality_nature": "未落实安全防范措施",
        "detail": "安全出口堵塞、消防设施停用，未按期整改。" * (1 + n % 4),
        "measures_taken": "责令停产整顿，行政处罚。",
    }


def first(query: Any) -> str:
    """One id."""
    with models.reading() as tx:
        return str(tx.execute(query).scalars().first())


def letter_about(subject: str) -> str:
    """A letter by the unit that its matter is about."""
    return first(select(Letter.id).join(Clue, Clue.id == Letter.clue_id).where(Clue.subject == subject))


def statement_of(unit: str) -> str:
    """A unit's statement of the week."""
    query = select(Period.id).join(Unit, Unit.id == Period.unit_id)
    return first(query.where(Period.period == WEEK, Unit.short_name == unit))


def commitment_of(unit: str) -> str:
    """A task by which a unit signs its commitment."""
    query = select(Task.id).join(Unit, Unit.id == Task.unit_id)
    signs = Task.element.in_(("sign_commitment", "sign_party_commitment"))
    return first(query.where(Unit.short_name == unit, signs))


def unit_id(name: str) -> str:
    return first(select(Unit.id).where(Unit.short_name == name))
