"""The small campaign of measures (tests/journeys/measures-city) with the shared library beside it, and its rows."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import select

from config import ROOT
from domain.workdays import BEIJING
from models import MeasureWork, Tx, Unit
from tests.support.world import World, beijing

KEY = "measures-city"
FOLDER = ROOT / "tests" / "journeys" / KEY
LAUNCH = beijing("2022-01-04 09:00")
QUOTAS = {"离石区": 500, "汾阳市": 600, "孝义市": 400}


def root(folder: Path, change: Callable[[dict[str, Any]], None] | None = None, source: Path = FOLDER) -> Path:
    """A place with this campaign, the shared diagrams, units and forms; `change` edits the plan."""
    place = folder / "root"
    for name in ("processes/shared", "processes/units", "forms"):
        shutil.copytree(ROOT / name, place / name, dirs_exist_ok=True)
    target = place / "processes" / source.name
    shutil.copytree(source, target, dirs_exist_ok=True)
    if change is not None:
        plan = yaml.safe_load((target / "plan.yaml").read_text(encoding="utf-8"))
        change(plan)
        (target / "plan.yaml").write_text(yaml.safe_dump(plan, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return place


def city(url: str, folder: Path, change: Callable[[dict[str, Any]], None] | None = None, **more: Any) -> World:
    """The campaign launched in 吕梁."""
    return World(url, folder / "files", key=KEY, now=LAUNCH, enterprises=0, root=root(folder, change), **more)


def allocate(plan: dict[str, Any]) -> None:
    """m_2 becomes a number of people, allocated among the counties."""
    plan["measures"]["m_2"]["targets"] = {
        "t01": {"indicator": "培训人数", "operator": ">=", "value": 1500, "unit": "人", "values": QUOTAS}
    }


def works(tx: Tx, measure: str = "", unit: str = "") -> list[Any]:
    """What is handed out, by measure, unit and date."""
    query = select(*MeasureWork.__table__.c, Unit.short_name.label("unit")).join(Unit, Unit.id == MeasureWork.unit_id)
    if measure:
        query = query.where(MeasureWork.measure == measure)
    if unit:
        query = query.where(Unit.short_name == unit)
    return list(tx.execute(query.order_by(MeasureWork.measure, Unit.code, MeasureWork.round)))


def stand(world: World, where: str, expected: Mapping[str, Mapping[str, Any]]) -> None:
    """How measures stand in units: columns of the row, of its first date; a list of them for several dates."""
    for measure, units in expected.items():
        for unit, wanted in units.items():
            found = world.ask(works, measure, unit)
            dates = wanted if isinstance(wanted, list) else [wanted]
            assert [seen(row, one) for row, one in zip(found, dates, strict=False)] == dates, (
                f"{where}: {measure} {unit}"
            )


def seen(row: Any, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of a row that somebody asked for: moments as day and hour, persons as whether there is one."""
    return {name: _shown(getattr(row, name), value) for name, value in wanted.items()}


def _shown(value: Any, wanted: Any) -> Any:
    if isinstance(value, datetime) and not isinstance(wanted, bool):
        return value.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M")
    return (value is not None) if isinstance(wanted, bool) and not isinstance(value, bool) else value
