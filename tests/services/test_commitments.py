"""A county's commitment bears two signatures; nobody finds another's promise or an old opinion in the form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from sqlalchemy import select

from catalog.campaigns import load_campaign
from domain import signs
from domain.errors import NotFound
from models import Task, Unit, reading
from services.campaigns import campaigns, commitments
from services.campaigns.definitions import ROOT
from services.rehearsal.rehearsal_acts import actor_of
from services.tasks import task_page
from services.upkeep import incidents
from tests.support.actions import ACTIONS
from tests.support.played import KEY, LAUNCH, office
from tests.support.world import World, beijing

NOW = beijing("2021-12-29 10:00")
BOTH = ("sign_party_commitment", "sign_government_commitment")


@pytest.fixture(scope="module")
def world(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> World:
    """祁县 has signed for the party alone; the plan of 左权县 came back and was mended."""
    world = World(database_url, tmp_path_factory.mktemp("files"), key=KEY, now=LAUNCH, enterprises=2)
    world.at(NOW)
    world.complete(at_hand(world, "sign_party_commitment", "祁县"))
    world.complete(at_hand(world, "file_plan", "左权县"), plan_title="左权县集中行动实施方案")
    world.complete(world.open_tasks("receive_plan")[0], outcome="return", opinion="请补充责任分工")
    return world


def at_hand(world: World, element: str, unit: str) -> Any:
    return world.open_tasks(element, unit=unit)[0]


def task_ids(unit: str) -> list[str]:
    query = select(Task.id).join(Unit, Unit.id == Task.unit_id)
    with reading() as tx:
        return list(tx.execute(query.where(Unit.short_name == unit, Task.element.in_(BOTH))).scalars())


def listed(unit: str, **filters: str) -> list[tuple[commitments.Commitment, signs.Sign]]:
    found = commitments.page(office(), commitments.Filters(kind="county", text=unit, **filters), NOW)
    assert found is not None
    return list(found.lines)


def shown(world: World, element: str, unit: str | None = None) -> task_page.TaskPage:
    """The page of an open task as its holder sees it."""
    task = world.open_tasks(element, unit=unit)[0]
    with reading() as tx:
        actor = actor_of(tx, task.post_id, world.now)
    return task_page.page(actor, task.id, world.now)


def test_every_unit_that_signs_twice_has_somebody_for_both(world: World) -> None:
    assert [task.unit for task in world.open_tasks(BOTH[0])] == [
        task.unit for task in world.open_tasks(BOTH[1]) if task.unit != "祁县"
    ]
    assert {task.post for task in world.open_tasks(BOTH[1])} == {"government_principal"}
    assert len(world.open_tasks(BOTH[1])) == 12
    assert incidents.page(False, "", "").rows == ()


def test_one_of_two_signatures_is_no_commitment_yet(world: World) -> None:
    ((paper, sign),) = listed("祁县")
    assert (sign, paper.progress, paper.signed_at) == (signs.UNSIGNED, "已签 1/2", None)
    assert [(s.post, bool(s.signed_at)) for s in paper.signers] == [("党委主要负责人", True), ("政府主要负责人", False)]
    assert listed("祁县", state="signed") == []
    assert len(listed("祁县", state="unsigned")) == 1
    for task_id in task_ids("祁县"):
        with pytest.raises(NotFound):
            commitments.public(task_id, NOW)
        assert commitments.one(office(), task_id, NOW).sign is signs.UNSIGNED


def test_the_second_signer_promises_for_himself(world: World) -> None:
    page = shown(world, BOTH[1], "祁县")
    assert (page.prefilled_from, dict(page.data)) == (None, {})
    assert [one.title for one in page.before] == ["党委签署承诺书"]


def test_one_s_own_paper_comes_back_filled_in_and_a_decision_does_not(world: World) -> None:
    assert shown(world, "supplement_plan", "左权县").data["plan_title"] == "左权县集中行动实施方案"
    world.complete(at_hand(world, "supplement_plan", "左权县"))
    assert dict(shown(world, "receive_plan").data) == {}


def test_with_both_signatures_it_is_complete_and_public(world: World) -> None:
    world.complete(at_hand(world, BOTH[1], "祁县"))
    ((paper, sign),) = listed("祁县", state="signed")
    assert (sign, paper.progress) == (signs.SIGNED, "")
    assert paper.signed_at == max(signer.signed_at for signer in paper.signers)
    for task_id in task_ids("祁县"):
        assert len(commitments.public(task_id, NOW).paper.signers) == 2
    assert len(world.open_tasks("record_publication", unit="祁县")) == 1


def test_kinds_of_units_are_counted_apart(world: World) -> None:
    found = commitments.page(office(), commitments.Filters(kind="county_department"), NOW)
    assert found is not None
    assert {tally.kind: tally.owed for tally in found.tallies} == {
        "county": 12, "county_department": 72, "department": 11, "enterprise": 2,
    }  # fmt: skip
    assert len(found.lines) == commitments.PAGE
    rest = commitments.page(office(), commitments.Filters(kind="county_department", after=found.next_after), NOW)
    assert rest is not None
    assert len(rest.lines) == 72 - commitments.PAGE
    assert all(len(paper.signers) == 1 for paper, _ in [*found.lines, *rest.lines])


def test_the_preview_counts_who_signs_what(world: World) -> None:
    found = campaigns.preview(KEY, past="keep", now=NOW)
    counts = {(task.task, task.group): task.units for task in found.tasks}
    folders = ROOT / "processes" / KEY, ROOT / "processes" / "shared", ROOT / "forms"
    group = load_campaign(*folders, actions=ACTIONS).plan.units
    committers = group["committers"].name
    assert counts["党委签署承诺书", committers] == counts["政府签署承诺书", committers] == 12
    assert counts["签署安全承诺书", committers] == 72 + 11
    assert counts["登记公开承诺情况", committers] == 12 + 72 + 11
    # a department has no party principal, and none is missed
    assert not any("无人任职" in hint for hint in found.hints)
    assert _times(found.tasks)["审核案例不足"] == 23


def _times(tasks: Any) -> Mapping[str, int]:
    return {task.task: task.units for task in tasks}
