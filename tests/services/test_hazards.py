"""Hazards: how they enter the register, who rectifies, lists and accepts, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

import models
from domain.authority import SYSTEM
from domain.errors import Conflict, Forbidden, Invalid
from models import Campaign, Disposal, Finding, Hazard, new_id, reading, transaction
from services.inspections import hazard_pages, hazards
from services.running import instances, jobs
from tests.support.hazards import campaign_id, enter, enterprise_of, leave, row, take_over, unit_id
from tests.support.played import LAUNCH, office, somebody
from tests.support.world import World, beijing

NOW = beijing("2022-01-05 10:00")


@pytest.fixture
def world(backend: str, new_database: Callable[..., str], tmp_path: Path) -> World:
    """A city in its second week, on both databases."""
    world = World(new_database(backend), tmp_path, key="jinzhong-hundred-day", now=LAUNCH, enterprises=30)
    world.at(NOW)
    return world


def do(world: World, *elements: str, **how: Any) -> None:
    for element in elements:
        world.complete(world.open_tasks(element)[0], **how)


def finding(grade: str, unit: str, **more: Any) -> dict[str, Any]:
    """A finding as an inspection writes it."""
    enterprise = enterprise_of("榆次区")
    return {
        "id": new_id(),
        "campaign_id": campaign_id(),
        "enterprise_id": enterprise,
        "enterprise_name": "某企业",
        "county_id": unit_id("榆次区"),
        "township": "乌金山镇",
        "sector": "coal_mine",
        "kind": "hazard",
        "grade": grade,
        "item": "",
        "detail": "瓦斯抽采系统失效",
        "found_by": "expert",
        "found_at": NOW,
        "unit_id": unit_id(unit),
        "holder_unit_id": unit_id(unit),
        "status": "decided",
        "illegality": "",
        "escalated": False,
        **more,
    }


def from_finding(world: World, **of: Any) -> str:
    with transaction() as tx:
        written = finding(**of)
        tx.execute(models.Finding.__table__.insert(), written)
        fx = instances.effects(tx, SYSTEM, world.now)
        hazard_id = hazards.register(tx, fx, finding=written, now=world.now)
        fx.flush(tx)
    jobs.drain(world.now)
    return hazard_id


def test_a_finding_enters_the_register_and_its_rectification_begins(world: World) -> None:
    hazard_id = from_finding(world, grade="major", unit="市应急局")
    found = row(hazard_id)
    assert (found.number, found.source, found.grade, found.status) == (
        "隐患2022-00001",
        "inspection",
        "major",
        "registered",
    )
    assert found.unit_id == unit_id("市应急局")
    assert found.instance_id is not None
    with reading() as tx:
        assert tx.execute(select(Finding.hazard_id)).scalar_one() == hazard_id
    (task,) = world.open_tasks("make_rectification_plan")
    assert task.post == "safety_officer"
    # a city department's own deputy lists what the department found
    (task,) = world.open_tasks("list_supervision")
    assert (task.unit, task.post) == ("市应急局", "deputy")


def test_numbers_follow_each_other(world: World) -> None:
    numbers = [row(enter(world)).number for _ in range(3)]
    assert numbers == ["隐患2022-00001", "隐患2022-00002", "隐患2022-00003"]


def test_an_enterprise_nobody_acts_for_is_acted_for_by_its_county(world: World) -> None:
    leave(world, county="榆次区")
    hazard_id = enter(world)
    (task,) = world.open_tasks("make_rectification_plan")
    assert (task.post, task.unit_id) == ("officer", enterprise_of("榆次区"))
    do(world, "make_rectification_plan", "rectify_hazard")
    # the county's officer handed it in, so another of the county accepts
    assert world.open_tasks("accept_rectification") == []
    (task,) = world.open_tasks("accept_by_deputy")
    assert (task.unit, task.post) == ("榆次区", "deputy")
    do(world, "accept_by_deputy")
    assert row(hazard_id).status == "closed"


def test_a_place_outside_the_directory_is_rectified_by_its_county(world: World) -> None:
    where = {"enterprise_id": "", "enterprise_name": "路边无证加油点", "county_id": unit_id("榆次区")}
    hazard_id = enter(world, **where)
    (task,) = world.open_tasks("make_rectification_plan")
    assert (task.unit, task.post) == ("榆次区", "officer")
    assert row(hazard_id).enterprise_id is None


def test_what_the_office_enters_is_accepted_by_the_county(world: World) -> None:
    data = {"enterprise_id": enterprise_of("榆次区"), "grade": "general", "text": "消防通道堵塞"}
    hazard_id = hazards.register_direct(office("dispatcher"), campaign_id(), data, world.now)
    jobs.drain(world.now)
    assert row(hazard_id).unit_id == unit_id("榆次区")
    do(world, "make_rectification_plan", "rectify_hazard")
    (task,) = world.open_tasks("accept_rectification")
    assert (task.unit, task.post) == ("榆次区", "officer")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"text": ""}, "text"),
        ({"grade": "huge"}, "grade"),
        ({"sector": "no_such_sector"}, "sector"),
        ({"enterprise_id": "", "enterprise_name": ""}, "enterprise_name"),
        ({"enterprise_id": "", "enterprise_name": "某加油点", "county_id": ""}, "county_id"),
        ({"found_at": beijing("2022-02-01 09:00")}, "found_at"),
    ],
)
def test_what_is_entered_wrongly_is_refused(world: World, wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        enter(world, **wrong)
    assert field in refused.value.fields
    with reading() as tx:
        assert tx.execute(select(Hazard.id)).all() == []


def test_a_county_enters_nothing_in_another_county(world: World) -> None:
    with pytest.raises(Forbidden):
        enter(world, by=("太谷区", "officer"))


def test_the_due_date_lies_between_today_and_the_campaigns_end(world: World) -> None:
    enter(world)
    (task,) = world.open_tasks("make_rectification_plan")
    with pytest.raises(Invalid) as refused:
        world.complete(task, due_on="2022-01-04")
    assert "due_on" in refused.value.fields
    with pytest.raises(Invalid) as refused:  # a slip of the pen
        world.complete(task, due_on="2199-12-31", due_reason="设备采购周期较长")
    assert "due_on" in refused.value.fields
    with pytest.raises(Invalid) as refused:
        world.complete(task, due_on="2022-04-01", due_reason=None)
    assert "due_reason" in refused.value.fields
    world.complete(task, due_on="2022-04-01", due_reason="设备采购周期较长")
    (task,) = world.open_tasks("rectify_hazard")
    assert task.due_at == beijing("2022-04-02 00:00")


def test_nobody_accepts_what_they_handed_in(world: World) -> None:
    hazard_id = enter(world)
    do(world, "make_rectification_plan", "rectify_hazard")
    (task,) = world.open_tasks("accept_rectification")
    take_over(world, post=("榆次区", "officer"), number=row(hazard_id).number)
    with pytest.raises(Forbidden, match="不能验收自己的整改"):
        world.complete(task)
    assert row(hazard_id).status == "submitted"


def test_a_closed_hazard_is_opened_again_by_its_finder_or_the_office(world: World) -> None:
    hazard_id = enter(world, grade="major")
    finder = somebody("榆次区", "officer")
    with pytest.raises(Conflict):
        hazards.reopen(finder, hazard_id, "回头看发现反弹", world.now)
    do(world, "make_rectification_plan", "list_supervision", "rectify_hazard", "accept_listed")
    with pytest.raises(Forbidden):
        hazards.reopen(somebody("太谷区", "officer"), hazard_id, "回头看发现反弹", world.now)
    with pytest.raises(Invalid):
        hazards.reopen(finder, hazard_id, " ", world.now)
    hazards.reopen(finder, hazard_id, "回头看发现反弹", world.now)
    jobs.drain(world.now)
    found = row(hazard_id)
    assert (found.status, found.rounds, found.plate, found.closed_at) == ("registered", 2, "", None)
    assert found.former[0]["plate"] == "挂牌督办〔2022〕1号"
    assert len(world.open_tasks("make_rectification_plan")) == 1
    do(world, "list_supervision")
    assert row(hazard_id).plate == "挂牌督办〔2022〕2号"
    do(world, "make_rectification_plan", "rectify_hazard", "accept_listed")
    hazards.reopen(office(), hazard_id, "群众再次举报", world.now)
    assert row(hazard_id).rounds == 3


def test_nothing_is_opened_again_once_the_campaign_is_over(world: World) -> None:
    hazard_id, finder = enter(world), somebody("榆次区", "officer")
    do(world, "make_rectification_plan", "rectify_hazard", "accept_rectification")
    assert hazard_pages.one(finder, hazard_id, world.now).may_reopen
    with transaction() as tx:
        tx.execute(update(Campaign).values(status="ended"))
    assert not hazard_pages.one(finder, hazard_id, world.now).may_reopen
    for actor in (finder, office()):
        with pytest.raises(Conflict, match="行动已经结束"):
            hazards.reopen(actor, hazard_id, "回头看发现反弹", world.now)
    assert (row(hazard_id).status, row(hazard_id).rounds) == ("closed", 1)


def suspensions() -> list[Any]:
    query = select(Disposal.__table__).where(Disposal.kind == "suspension")
    with reading() as tx:
        return list(tx.execute(query))


def test_who_lists_a_hazard_may_order_production_to_stop_which_enters_the_register_once(world: World) -> None:
    hazard_id = enter(world, grade="major")
    do(world, "list_supervision", suspended="no")
    assert suspensions() == []
    with pytest.raises(Invalid) as refused:
        finding_hazard = from_finding(world, grade="major", unit="榆次区")
        do(world, "list_supervision", answers={"demands": "立即停产整改。", "suspended": "yes", "contact": "承办人员"})
    assert list(refused.value.fields) == ["suspension_basis"]
    basis = "《中华人民共和国安全生产法》第六十五条"
    do(world, "list_supervision", suspended="yes", suspension_basis=basis)
    (one,) = suspensions()
    assert (one.measure, one.basis, one.unit_id) == ("em3", basis, unit_id("榆次区"))
    assert one.finding_id == row(finding_hazard).finding_id
    assert one.facts == row(finding_hazard).text != row(hazard_id).text
    # opened again and listed again: it was ordered already
    do(world, "make_rectification_plan", "make_rectification_plan", "rectify_hazard", "rectify_hazard")
    do(world, "accept_listed", "accept_listed")
    hazards.reopen(office(), finding_hazard, "群众再次举报", world.now)
    jobs.drain(world.now)
    do(world, "list_supervision", suspended="yes", suspension_basis=basis)
    assert len(suspensions()) == 1
