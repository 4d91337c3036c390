"""A programme launches its child campaigns, counts them as they end, and takes them along when it is cancelled."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select

import models
from domain.authority import SYSTEM
from domain.errors import Conflict, Invalid, NotFound
from domain.ledger import Tag
from models import Campaign, ChildGroup, Instance, Ledger, MeasureWork, Schedule, Stage, Task, Unit
from services.campaigns import campaigns, definitions, programmes
from services.plans.launched import home
from services.rehearsal import rehearsal_run
from services.running import instances, jobs
from tests.support.programmes import FIRE, KEY, LEARNING, installed
from tests.support.world import World, beijing
from web.rehearsal_table import tables

LAUNCH = beijing("2022-01-04 09:00")
WEEKS = 3


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return installed(tmp_path)


@pytest.fixture(params=["sqlite", "postgresql"])
def world(request: pytest.FixtureRequest, new_database: Callable[..., str], tmp_path: Path, root: Path) -> World:
    """The programme published in a city with a few enterprises; nothing launched."""
    url = new_database(request.param)
    return World(url, tmp_path, key=KEY, now=LAUNCH, launch=False, enterprises=2, root=root)


@pytest.fixture
def small(new_database: Callable[..., str], tmp_path: Path, root: Path) -> World:
    """The same where one database is enough."""
    return World(new_database("sqlite"), tmp_path, key=KEY, now=LAUNCH, launch=False, enterprises=2, root=root)


def ask(query: Any) -> list[Any]:
    with models.reading() as tx:
        return list(tx.execute(query))


def launched(key: str = KEY, **how: Any) -> str:
    how = {"past": "keep", **how}
    found = str(campaigns.launch(SYSTEM, key, now=LAUNCH, **how)["campaign"])
    jobs.drain(LAUNCH)
    return found


def campaign(key: str) -> Any:
    (row,) = ask(select(Campaign.__table__).where(Campaign.key == key))
    return row


def instance(instance_id: str) -> Any:
    (row,) = ask(select(Instance.__table__).where(Instance.id == instance_id))
    return row


def group() -> Any:
    (row,) = ask(select(ChildGroup.__table__).where(ChildGroup.element == "run_children"))
    return row


def test_the_children_are_launched_as_their_programme(world: World) -> None:
    launched(past="shift", shift_days=7 * WEEKS)
    above = campaign(KEY)
    assert (above.parent_id, above.status) == (None, "running")
    assert (group().total, group().started, group().done) == (2, 2, 0)
    for key in (LEARNING, FIRE):
        child = campaign(key)
        assert (child.parent_id, child.shift_days, child.past) == (above.id, 7 * WEEKS, "shift")
        assert (child.owner_unit_id, child.launched_at) == (above.owner_unit_id, LAUNCH)
        first, *_ = ask(select(Stage.__table__).where(Stage.campaign_id == child.id).order_by(Stage.position))
        assert (first.name, first.ends_at) == ("动员部署", beijing("2022-02-22 00:00"))
        run = instance(child.instance_id)
        assert (run.parent_id, run.campaign_id, run.title) == (above.instance_id, child.id, child.name)
        assert run.root_id == run.id, "signals of one child are not heard by another"
        events = ask(select(Ledger.data).where(Ledger.campaign_id == child.id, Ledger.tag == Tag.CAMPAIGN_LAUNCH.value))
        assert events == [({"past": "shift", "shift_days": 21, "edition": 1},)]
    (monthly,) = ask(select(Schedule.__table__))
    assert (monthly.campaign_id, monthly.report) == (campaign(LEARNING).id, "r_monthly")


def test_each_child_does_its_own_work(world: World) -> None:
    """Both have the process `annex_plan`; fire's own is another one."""
    launched()
    tasks = world.open_tasks("issue_plan")
    names = {(task.campaign_id, task.name) for task in tasks}
    assert names == {(campaign(LEARNING).id, "印发子方案"), (campaign(FIRE).id, "印发消防子方案")}
    assert sorted(task.unit for task in tasks) == ["太谷区", "太谷区", "榆次区", "榆次区"]


def finish(world: World, key: str) -> None:
    """Do all that is to be done in a child campaign."""
    for element in ("issue_plan", "sign_stage"):
        for task in world.open_tasks(element):
            if task.campaign_id == campaign(key).id:
                world.complete(task)


def test_the_programme_goes_on_when_its_last_child_has_ended(world: World) -> None:
    launched()
    world.at(beijing("2022-02-01 08:00"))
    finish(world, FIRE)
    assert (campaign(FIRE).status, campaign(LEARNING).status, campaign(KEY).status) == ("ended", "running", "running")
    assert group().done == 1
    finish(world, LEARNING)
    assert (campaign(LEARNING).status, group().status, group().done) == ("ended", "done", 2)
    (gate,) = world.open_tasks("sign_stage")
    assert gate.campaign_id == campaign(KEY).id
    world.complete(gate)
    (summary,) = world.open_tasks("report_all")
    world.complete(summary)
    assert campaign(KEY).status == "ended"
    ended = {row.campaign_id for row in ask(select(Ledger.campaign_id).where(Ledger.tag == Tag.CAMPAIGN_END.value))}
    assert ended == {campaign(key).id for key in (KEY, LEARNING, FIRE)}
    (monthly,) = ask(select(Schedule.due_at))
    assert monthly.due_at is None, "no further month of a child that is over"


def test_a_cancelled_programme_takes_its_children_along(world: World) -> None:
    launched()
    world.at(beijing("2022-01-19 08:00"))
    assert len(world.open_tasks("report")) == 2, "the month is open"
    above = campaign(KEY)
    with models.transaction() as tx:
        fx = instances.effects(tx, SYSTEM, world.now)
        found = instances.lock(tx, above.instance_id)
        assert found is not None
        instances.cancel(tx, fx, found)
        fx.flush(tx)
    jobs.drain(world.now)
    assert {campaign(key).status for key in (KEY, LEARNING, FIRE)} == {"cancelled"}
    assert {row.status for row in ask(select(Instance.status))} == {"cancelled"}
    assert ask(select(Task.id).where(Task.status == "open")) == []
    assert ask(select(Schedule.id).where(Schedule.due_at.is_not(None))) == []
    told = ask(select(Ledger.campaign_id).where(Ledger.tag == Tag.CAMPAIGN_CANCEL.value))
    assert len(told) == 3
    world.at(beijing("2022-03-01 08:00"))
    assert ask(select(Task.id).where(Task.status == "open")) == []


def test_a_child_that_is_over_stays_ended_when_its_programme_is_cancelled(small: World) -> None:
    launched()
    small.at(beijing("2022-02-01 08:00"))
    finish(small, FIRE)
    with models.transaction() as tx:
        fx = instances.effects(tx, SYSTEM, small.now)
        found = instances.lock(tx, campaign(KEY).instance_id)
        assert found is not None
        instances.cancel(tx, fx, found)
        fx.flush(tx)
    assert (campaign(FIRE).status, campaign(LEARNING).status) == ("ended", "cancelled")


def test_measures_of_the_children_are_rolled_up(world: World) -> None:
    """Accepted, still to do, and of those overdue, in the units somebody sees."""
    launched()
    done, late, ahead = ("accepted", "2022-01-10"), ("open", "2022-01-10"), ("waiting", "2022-03-01")
    work(FIRE, "榆次区", done, late, ahead)
    work(LEARNING, "太谷区", late)
    now = beijing("2022-02-01 09:00")
    assert rolled_up(None, now) == {"三年行动": (0, 0, 0), "学习专题": (0, 1, 1), "消防专项": (1, 2, 1)}
    (path,) = ask(select(Unit.path).where(Unit.short_name == "太谷区"))
    assert rolled_up((path.path,), now) == {"三年行动": (0, 0, 0), "学习专题": (0, 1, 1), "消防专项": (0, 0, 0)}


def work(key: str, unit: str, *rows: tuple[str, str]) -> None:
    """Measures that a unit does, each with its status and its day."""
    (of,) = ask(select(Unit.id).where(Unit.short_name == unit))
    with models.transaction() as tx:
        for n, (status, day) in enumerate(rows, 1):
            row = {"id": models.new_id(), "campaign_id": campaign(key).id, "unit_id": of.id, "measure": f"m_{n}"}
            fixed = {"list_key": "l", "role": "lead", "round": 1, "last": True, "target": False, "reported": {}}
            when = beijing(f"{day} 00:00")
            tx.execute(insert(MeasureWork), {**row, **fixed, "status": status, "due_at": when, "returns": 0})


def rolled_up(paths: tuple[str, ...] | None, now: Any) -> dict[str, tuple[int, int, int]]:
    with models.reading() as tx:
        found = programmes.family(tx, home(tx, campaign(KEY).id), paths, now)
    return {line.name: (line.measures.done, line.measures.open, line.measures.overdue) for line in found.lines}


# -- refusals ----------------------------------------------------------------------------------------------------------
def test_a_child_is_not_launched_alone_by_mistake(small: World) -> None:
    with pytest.raises(Invalid) as refused:
        launched(FIRE)
    sentence = "“消防专项实施方案”是“示例专项整治三年行动方案”的下级行动，随上级行动一并启动，不能单独启动。"
    assert refused.value.message == sentence
    launched(FIRE, alone=True)
    assert (campaign(FIRE).parent_id, campaign(FIRE).status) == (None, "running")
    assert len(small.open_tasks("issue_plan")) == 2


def test_a_programme_whose_child_was_never_published(
    root: Path, new_database: Callable[..., str], tmp_path: Path
) -> None:
    world = World(new_database("sqlite"), tmp_path, key=FIRE, now=LAUNCH, launch=False, enterprises=2, root=root)
    definitions.store(SYSTEM, definitions.load(KEY, root), LAUNCH)
    with pytest.raises(NotFound) as refused:
        launched()
    assert refused.value.message == "没有找到行动方案“action/01-learning”，可能尚未发布。"
    assert campaigns.preview(KEY, now=world.now).problems == (refused.value.message,)
    assert ask(select(Campaign.id)) == []


def test_a_programme_whose_child_lacks_a_unit(small: World, root: Path) -> None:
    plan = root / "processes" / "action" / "02-fire" / "plan.yaml"
    plan.write_text(plan.read_text("utf-8").replace("太谷区]", "天外县]"), "utf-8")
    definitions.publish(SYSTEM, KEY, LAUNCH, root=root)
    assert campaigns.preview(KEY, now=LAUNCH).problems == ("消防专项：单位目录中没有：天外县（单位组“试点县”）",)


def test_a_child_that_runs_already_is_a_clash(small: World) -> None:
    launched(FIRE, alone=True)
    (clash,) = campaigns.preview(KEY, past="keep", now=LAUNCH).clashes
    assert clash == "“消防专项实施方案”（2022-01-04 至 2022-03-31）"
    with pytest.raises(Conflict) as refused:
        launched()
    assert clash in refused.value.message
    assert len(ask(select(Campaign.id))) == 1
    launched(again=True)
    assert len(ask(select(Campaign.id))) == 4


def test_publishing_a_programme_publishes_its_children(small: World, root: Path) -> None:
    before = definitions.publish(SYSTEM, FIRE, LAUNCH, root=root)
    plan = root / "processes" / "action" / "02-fire" / "plan.yaml"
    plan.write_text(plan.read_text("utf-8").replace("消防专项实施方案", "消防安全实施方案"), "utf-8")
    definitions.publish(SYSTEM, KEY, LAUNCH, root=root)
    assert definitions.publish(SYSTEM, FIRE, LAUNCH, root=root) != before
    shutil.rmtree(plan.parent)
    with pytest.raises(Exception, match="下级行动"):
        definitions.publish(SYSTEM, KEY, LAUNCH, root=root)


# -- preview and rehearsal ---------------------------------------------------------------------------------------------
def test_the_preview_has_the_tasks_of_all(small: World) -> None:
    found = campaigns.preview(KEY, past="keep", now=LAUNCH)
    lines = {(task.campaign, task.task): (task.units, task.times) for task in found.tasks}
    assert lines == {
        ("", "签署第一阶段关口"): (1, 1),
        ("", "总结全部工作"): (1, 1),
        ("学习专题", "印发子方案"): (2, 1),
        ("学习专题", "签署专项关口"): (1, 1),
        ("学习专题", "报送本月进展"): (2, 3),
        ("消防专项", "印发消防子方案"): (2, 1),
        ("消防专项", "签署专项关口"): (1, 1),
    }
    assert (found.problems, found.clashes) == ((), ())


def test_a_programme_is_rehearsed_with_its_children(root: Path) -> None:
    played = rehearsal_run.run(rehearsal_run.Order(campaign=KEY, root=root, enterprises=2, on_time=1.0))
    assert played.stuck == ()
    account = played.account
    assert [child["campaign"] for child in account["children"]] == [LEARNING, FIRE]
    assert {task["status"] for child in account["children"] for task in child["tasks"]} == {"done"}
    assert [one["started"] for one in account["children"][0]["instances"] if one["process"] == "monthly"] == [2]
    assert account["ledger"]["campaign:end"] == 1
    shown = tables(account, played.stuck)
    assert "【下级行动】" in shown
    assert "学习专题（action/01-learning）" in shown
    again = rehearsal_run.run(rehearsal_run.Order(campaign=KEY, root=root, enterprises=2, on_time=1.0))
    assert again.account == account


def test_a_child_is_rehearsed_alone(root: Path) -> None:
    played = rehearsal_run.run(rehearsal_run.Order(campaign=FIRE, root=root, enterprises=2))
    assert (played.stuck, played.account["campaign"], played.account["children"]) == ((), FIRE, [])
