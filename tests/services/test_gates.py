"""A gate sent back, answered and signed; an incident a person must look at; what a first password looks like."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import select

from domain import signs
from domain.authority import SYSTEM
from domain.errors import Forbidden, Invalid, NotFound
from models import Campaign, Holding, Incident, Post, Stage, Unit, reading
from services.campaigns import campaign_page
from services.directory import directory, people
from services.tasks import gates, instance_page, tasks
from services.upkeep import incidents
from tests.support.played import KEY, LAUNCH, office, somebody
from tests.support.world import World, beijing

OPENS = beijing("2022-01-11 00:00")


@pytest.fixture(scope="module")
def world(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> World:
    """Nobody has handed in anything when the first stage ends; 左权县's liaison has left before the first statement."""
    world = World(database_url, tmp_path_factory.mktemp("files"), key=KEY, now=LAUNCH, enterprises=2)
    directory.set_active(SYSTEM, liaison_of("左权县"), False, LAUNCH)
    world.at(OPENS)
    return world


def liaison_of(unit: str) -> str:
    query = (
        select(Holding.person_id)
        .join(Post, Post.id == Holding.post_id)
        .join(Unit, Unit.id == Post.unit_id)
        .where(Unit.short_name == unit, Post.kind == "liaison")
    )
    return str(scalar(query))


def scalar(query: Any) -> Any:
    with reading() as tx:
        return tx.execute(query).scalars().first()


def gate_task() -> str:
    return str(scalar(select(Stage.gate_task_id).where(Stage.key == "s1")))


def test_a_gate_is_sent_back_answered_and_signed(world: World) -> None:
    leader = office("city_leader")
    first = gate_task()
    shown = gates.page(leader, first, world.now)
    assert (shown.mine, shown.sign, shown.unmet) == (True, signs.GATE_OPEN, 3)
    assert gates.lines(leader, world.now)[0].mine
    assert not gates.page(office(), first, world.now).mine
    with pytest.raises(Forbidden):
        gates.page(somebody("榆次区", "liaison"), first, world.now)
    with pytest.raises(Invalid):
        tasks.complete(
            leader, first, answers=gates.answers_of(shown, ""), outcome="return", confirmed=world.now, now=world.now
        )
    returned = "差额太大，请督促后重报"
    answers = gates.answers_of(shown, returned)
    tasks.complete(
        leader, first, answers=answers, outcome="return", opinion=returned, confirmed=world.now, now=world.now
    )
    world.complete(world.open_tasks("rework_stage_1")[0], measures="已逐一电话督促，差额单位本周内报齐")
    second = gate_task()
    assert second != first
    with pytest.raises(NotFound):
        gates.page(leader, first, world.now)
    again = gates.page(leader, second, world.now)
    assert [(o.what, o.text) for o in again.opinions] == [
        ("退回", returned),
        ("补充后重报", "已逐一电话督促，差额单位本周内报齐"),
    ]
    reason = "同意带差额转入下一阶段"
    answers = gates.answers_of(again, reason)
    tasks.complete(leader, second, answers=answers, outcome="sign", opinion=reason, confirmed=world.now, now=world.now)
    signed = gates.page(office(), second, world.now)
    assert (signed.sign, signed.mine, len(signed.opinions)) == (signs.GATE_PASSED, False, 3)


def test_who_is_missing_stands_with_their_county(world: World) -> None:
    found = campaign_page.page(office(), str(scalar(select(Campaign.id))), world.now)
    checks = next(c for c in found.gates["s1"] if c.id == "self_checks_received")
    assert [place for place, _ in gates.by_place(checks.missing)] == ["榆次区"]
    assert {unit.note for _, units in gates.by_place(checks.missing) for unit in units} == {"未报送"}


def test_a_post_without_holder_is_an_incident_in_words(world: World) -> None:
    found = incidents.page(False, "no_holder", "")
    assert found.counts[0][:2] == ("no_holder", "岗位无人任职")
    shown = incidents.one(found.rows[0].id)
    assert "人员与岗位" in shown.advice
    assert "左权县" in (shown.row.unit or "") + shown.row.sentence
    with reading() as tx:
        instance_id = tx.execute(select(Incident.instance_id)).scalars().first()
    page = instance_page.page(office(), str(instance_id), world.now)
    assert [i.id for i in page.incidents]
    assert instance_page.diagram(office(), str(instance_id)).failed


def test_a_vacant_post_is_found_by_its_level(world: World) -> None:
    found = people.posts("", "county", True, "", world.now)
    assert {row.unit_name for row, _ in found.lines} == {"左权县"}
    assert people.posts("", "township", True, "", world.now).lines == ()
    assert any(not row.held for row, _ in people.posts("左权县", "", False, "", world.now).lines)


def test_posts_page_by_page_without_gap_or_double(world: World) -> None:
    seen: list[str] = []
    after = ""
    while True:
        found = people.posts("", "", False, after, world.now)
        seen += [row.id for row, _ in found.lines]
        after = found.next_after
        if not after:
            break
    with reading() as tx:
        assert sorted(seen) == sorted(tx.execute(select(Post.id)).scalars())


@pytest.mark.parametrize("length", [8, 10, 12, 13, 40])
def test_a_first_password_is_long_enough_and_readable(length: int) -> None:
    words = {people.one_time_password(length) for _ in range(20)}
    assert len(words) == 20
    assert all(len(word) >= length and re.fullmatch(r"[a-hjkmnp-z2-9-]+", word) for word in words)
