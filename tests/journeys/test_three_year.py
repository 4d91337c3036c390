"""The three-year action with one of its thirteen child campaigns: what is owed by months, quarters and years.

The folder is the real one but for the children, which have scenarios of their own.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import func, select

import models
from config import ROOT
from domain.errors import Invalid
from models import Campaign, MeasureWork, Submission, Unit
from services.campaigns.definitions import load
from tests.support import rows, standing
from tests.support.world import World, beijing

KEY, CHILD = "luliang-three-year", "12-special-equipment"
OFFICE = "市专项整治行动工作专班办公室"
FOLDER = ROOT / "processes" / KEY


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root whose programme has one child."""
    root = tmp_path_factory.mktemp("three-year")
    own = root / "processes" / KEY
    shutil.copytree(FOLDER, own, ignore=lambda folder, names: [n for n in names if n[:2].isdigit() and n != CHILD])
    text = (own / "plan.yaml").read_text(encoding="utf-8")
    begin, end = text.index("children:\n"), text.index("\n\n", text.index("children:\n"))
    (own / "plan.yaml").write_text(f"{text[:begin]}children: [{CHILD}]{text[end:]}", encoding="utf-8")
    for name in ("shared", "units"):
        shutil.copytree(ROOT / "processes" / name, root / "processes" / name)
    shutil.copytree(ROOT / "forms", root / "forms")
    return root


@pytest.fixture
def launched(root: Path, new_database: Callable[..., str], tmp_path: Path) -> Callable[[str], World]:
    return lambda now: World(new_database("sqlite"), tmp_path, key=KEY, now=beijing(now), enterprises=3, root=root)


def first(world: World, element: str, unit: str | None = None) -> Any:
    return world.open_tasks(element, unit=unit)[0]


def campaigns() -> dict[str, str]:
    with models.reading() as tx:
        return {row.key: row.id for row in tx.execute(select(Campaign.key, Campaign.id))}


def test_children_begin_with_the_programme_and_nothing_runs_twice(launched: Callable[[str], World]) -> None:
    launched("2020-06-01 09:00")
    found = campaigns()
    assert set(found) == {KEY, f"{KEY}/{CHILD}"}
    with models.reading() as tx:
        query = select(MeasureWork.campaign_id, MeasureWork.measure).distinct()
        handed_out = {(row.campaign_id, row.measure) for row in tx.execute(query)}
    plan = load(KEY).plan
    main = {measure for campaign, measure in handed_out if campaign == found[KEY]}
    assert main == {key for key, measure in plan.measures.items() if measure.list == "main"}
    assert "m_12_3" in main
    assert "m_12_1" not in main


def test_the_first_year(launched: Callable[[str], World]) -> None:
    world = launched("2020-06-01 09:00")
    _mobilise(world)
    _month(world)
    _special_meeting(world)
    _quarter(world)
    _year(world)


def _mobilise(world: World) -> None:
    world.at(beijing("2020-06-02 10:00"))
    world.complete(first(world, "record_issue"))
    world.complete(first(world, "hold_mobilisation"))
    gate = first(world, "sign_phase_1", unit=OFFICE)
    assert gate.post == "city_leader"
    world.complete(gate, outcome="return", opinion="请写明各专项的牵头部门")
    world.complete(first(world, "rework_phase_1"))
    world.complete(first(world, "sign_phase_1"))


def _month(world: World) -> None:
    """One statement a unit and month, over all its measures of the programme and its child campaigns."""
    world.at(beijing("2020-07-02 10:00"))
    owed = world.open_tasks("file_progress")
    assert len({task.unit for task in owed}) == len(owed) > 50
    county = first(world, "file_progress", unit="中阳县")
    assert county.due_at == beijing("2020-07-11 00:00")
    world.complete(county)
    with models.reading() as tx:
        path = tx.execute(select(Unit.path).where(Unit.short_name == "中阳县")).scalar_one()
        below = (
            select(func.count())
            .select_from(MeasureWork)
            .join(Unit, Unit.id == MeasureWork.unit_id)
            .where(Unit.path.startswith(path), MeasureWork.due_at < beijing("2020-07-01 00:00"))
        )
        expected = tx.execute(below).scalar_one()
        data = tx.execute(select(Submission.data).where(Submission.task_id == county.id)).scalar_one()
    assert data["measures_due"] == expected
    world.complete(first(world, "receive_progress"), outcome="return", opinion="没有写存在的问题")
    again = first(world, "supplement_progress", unit="中阳县")
    world.complete(again)
    world.complete(first(world, "receive_progress"))
    world.at(beijing("2020-07-13 10:00"))
    assert first(world, "file_progress", unit="兴县").light == "yellow"


def _special_meeting(world: World) -> None:
    standing.start(world, "special_meeting", OFFICE, "研究特种设备隐患", post="dispatcher")
    world.complete(first(world, "propose_topic"))
    with pytest.raises(Invalid):
        world.complete(first(world, "approve_special"), outcome="decline")
    world.complete(first(world, "approve_special"), outcome="decline", opinion="并入本季专班会议")
    assert world.open_tasks("record_special") == []
    assert world.ask(rows.instance_counts, "special_meeting") == {"ended": 1}


def _quarter(world: World) -> None:
    world.at(beijing("2020-09-28 10:00"))
    world.complete(first(world, "draft_bulletin"))
    world.complete(first(world, "sign_bulletin"), outcome="return", opinion="点名要有依据")
    world.complete(first(world, "revise_bulletin"))
    world.complete(first(world, "sign_bulletin"))
    world.complete(first(world, "send_bulletin"))
    world.complete(first(world, "prepare_minutes"))
    assert first(world, "sign_minutes").post == "city_leader"
    world.complete(first(world, "sign_minutes"))
    world.complete(first(world, "follow_decisions"))
    assert world.ask(rows.instance_counts, "quarterly_bulletin") == {"ended": 1}
    assert world.ask(rows.instance_counts, "task_force_meeting") == {"ended": 1}


def _year(world: World) -> None:
    world.at(beijing("2020-11-20 10:00"))
    county = first(world, "file_annual", unit="岚县")
    assert county.due_at == beijing("2020-12-01 00:00")
    world.complete(county)
    world.complete(first(world, "receive_annual"))
    world.at(beijing("2020-12-10 10:00"))
    assert first(world, "file_annual", unit="兴县").light in ("yellow", "red")
    world.complete(first(world, "compile_annual"))
    world.complete(first(world, "sign_annual"), outcome="return", opinion="没有写逾期任务")
    world.complete(first(world, "revise_report"))
    world.complete(first(world, "sign_annual"))
    world.complete(first(world, "report_annual"))
    world.at(beijing("2020-12-29 10:00"))
    world.complete(first(world, "propose_appraisal"))
    world.complete(first(world, "sign_appraisal"))
    assert world.ask(rows.instance_counts, "annual_report") == {"ended": 1}
    assert world.ask(rows.instance_counts, "annual_appraisal") == {"ended": 1}


def test_the_evaluation_is_reviewed_by_the_task_force(launched: Callable[[str], World]) -> None:
    world = launched("2022-10-24 09:00")
    assert world.open_tasks("file_summary") == []
    world.at(beijing("2022-11-02 10:00"))
    owed = len(world.open_tasks("file_summary"))
    assert owed > 50
    for task in world.open_tasks("file_summary")[:-1]:
        world.complete(task)
    world.at(beijing("2022-12-01 09:00"))
    # one summary is missing, and the evaluation does not wait for it
    assert len(world.open_tasks("file_summary")) == 1
    world.complete(first(world, "evaluate_action"))
    review = first(world, "review_evaluation", unit=OFFICE)
    assert review.post == "city_leader"
    with pytest.raises(Invalid):
        world.complete(review, outcome="return")
    world.complete(review, outcome="return", opinion="补充事故起数、死亡人数的比较")
    world.complete(first(world, "revise_evaluation"))
    world.complete(first(world, "review_evaluation"))
    world.complete(first(world, "report_evaluation"))
    assert world.open_tasks("review_evaluation") == []
    assert world.ask(rows.instance_counts, "three_year_evaluation") == {"running": 1}


# -- the folders themselves --------------------------------------------------------------------------------------------
def _plans() -> dict[str, Any]:
    return {
        path.parent.name: yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.rglob("plan.yaml"))
    }


def test_all_tasks_of_the_annexes_are_carried_out_and_those_of_the_main_text_once() -> None:
    plans = _plans()
    main = plans.pop(KEY)["measures"]
    numbered = [m for plan in plans.values() for m in plan["measures"].values() if m.get("number", "目标") != "目标"]
    assert len(numbered) == 717
    assert all(m["list"] == "annex" for m in numbered)
    leaves = [m for m in main.values() if m.get("number", "（")[0].isdigit()]
    assert len(leaves) == 105
    assert all(("list" in m) != ("detailed_in" in m) for m in leaves)
    assert {m["detailed_in"].split("/")[1] for m in leaves if "detailed_in" in m} == set(plans)


def test_each_conflict_says_what_was_chosen_and_names_its_measures_on_both_sides() -> None:
    plans = _plans()
    main = plans[KEY]["conflicts"]
    for n in range(1, 16):
        key = f"c{n:02}"
        assert main[key]["choice"]
        assert any(key in plan.get("conflicts", {}) for name, plan in plans.items() if name != KEY), key


def test_what_was_overdue_when_it_was_issued_is_said() -> None:
    early = {
        name: sorted(key for key, m in plan["measures"].items() if m.get("list") and m.get("due", "9") < "2020-08-27")
        for name, plan in _plans().items()
    }
    said = {name: plan["conflicts"]["overdue_at_issue"]["measures"] for name, plan in _plans().items() if early[name]}
    assert {name: sorted(found) for name, found in said.items()} == {name: e for name, e in early.items() if e}
    assert {name: len(found) for name, found in said.items()} == {
        "03-hazardous-chemicals": 6, "06-fire-safety": 1, "11-hazardous-waste": 1
    }  # fmt: skip
