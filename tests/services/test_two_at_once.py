"""Two officers on one finding, one hazard, one objection, one number at the same moment, on both databases.

One wins; the other is told in a sentence (409); nothing is written twice.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import func, select

from domain.authority import Actor
from models import Clue, Disposal, Finding, Hazard, Instance, Ledger, Person, Task, reading, transaction
from models.queries import serials
from services.inspections import findings, inspections
from services.rehearsal.rehearsal_acts import actor_of
from services.running import jobs
from services.tasks import tasks
from tests.support import acts, clues, hazards
from tests.support.played import KEY, LAUNCH
from tests.support.races import is_conflict, race
from tests.support.world import World, beijing

ROUNDS = 5
UNLAWFUL = {"kind": "hazard", "grade": "major", "item": "o9", "detail": "无证上岗"}
CLOSURE = {"disposals": [{"kind": "closure", "measure": "em1", "basis": "《安全生产法》"}]}
FINE = {"disposals": [{"kind": "fine", "measure": "em2", "basis": "《安全生产法》", "amount": "2"}]}


@pytest.fixture(scope="module")
def world(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> World:
    world = World(database_url, tmp_path_factory.mktemp("files"), key=KEY, now=LAUNCH, enterprises=30)
    world.at(beijing("2022-01-04 09:00"))
    return world


def scalar(query: Any) -> Any:
    with reading() as tx:
        return tx.execute(query).scalar()


def count(query: Any) -> int:
    return int(scalar(select(func.count()).select_from(query.subquery())))


def told(tag: str, **about: str) -> int:
    """How often the ledger tells of something."""
    with reading() as tx:
        found = [row.data for row in tx.execute(select(Ledger.data).where(Ledger.tag == tag))]
    return sum(all(data.get(name) == value for name, value in about.items()) for data in found)


def beside(actor: Actor) -> Actor:
    """Somebody else who holds the same posts."""
    other = scalar(select(Person.id).where(Person.id != actor.person_id).order_by(Person.id).limit(1))
    return replace(actor, person_id=other, name="另一人")


def one_wins(outcomes: list[Any]) -> Any:
    """What the winner got; the other got a sentence."""
    assert sorted(map(is_conflict, outcomes)) == [False, True], outcomes
    (refused,) = filter(is_conflict, outcomes)
    assert str(refused).endswith("。")
    return next(outcome for outcome in outcomes if not is_conflict(outcome))


def both_complete(world: World, task: Any, first: dict[str, Any], second: dict[str, Any]) -> list[Any]:
    """Two holders of a task's post complete it at once, each in an own way."""
    with reading() as tx:
        actor = actor_of(tx, task.post_id, world.now)
    forms = [{"answers": world.answers(task), "outcome": None, "opinion": "", **how} for how in (first, second)]
    verbs = [
        lambda who=who, form=form: tasks.complete(who, task.id, **form, confirmed=world.now, now=world.now)
        for who, form in zip((actor, beside(actor)), forms, strict=True)
    ]
    return race(*verbs)


def test_eight_at_once_get_eight_numbers(world: World) -> None:
    campaign = hazards.campaign_id()

    def one() -> int:
        with transaction() as tx:
            return serials.next_number(tx, campaign, "race")

    assert sorted(race(*[one] * 8)) == list(range(1, 9))


@pytest.mark.parametrize("_", range(ROUNDS))
def test_two_officers_decide_one_finding(world: World, _: int) -> None:
    home = acts.campaign(world)
    (enterprise, *_rest) = world.ask(acts.uninspected, "榆次区", "county")
    data = acts.visit(home.plan, enterprise.sector, [UNLAWFUL])
    data |= {"kind": "county", "enterprise_id": enterprise.unit_id, "inspected_at": "2022-01-04"}
    done = inspections.record(acts.somebody(world, "榆次区", "liaison"), home.row.id, data, world.now)
    (finding_id,) = done["findings"]
    officer = acts.somebody(world, "榆次区", "officer")
    outcomes = race(
        lambda: findings.decide(officer, finding_id, CLOSURE, world.now),
        lambda: findings.decide(beside(officer), finding_id, FINE, world.now),
    )
    won = one_wins(outcomes)
    with reading() as tx:
        written = list(tx.execute(select(Disposal.id).where(Disposal.finding_id == finding_id)).scalars())
    assert written == won["disposals"]
    assert count(select(Hazard.id).where(Hazard.finding_id == finding_id)) == 1
    assert told("finding:decide", finding=finding_id) == 1
    assert scalar(select(Finding.status).where(Finding.id == finding_id)) == "decided"


@pytest.mark.parametrize(
    "how", [({"outcome": "pass"}, {"outcome": "pass"}), ({"outcome": "pass"}, {"outcome": "fail"})]
)
@pytest.mark.parametrize("_", range(ROUNDS))
def test_two_accept_one_hazard(world: World, how: tuple[dict[str, Any], dict[str, Any]], _: int) -> None:
    hazard_id = hazards.enter(world)
    for element in ("make_rectification_plan", "rectify_hazard"):
        world.complete(of_hazard(world, element, hazard_id))
    task = of_hazard(world, "accept_rectification", hazard_id)
    failing = {"opinion": "整改不到位", "answers": world.answers(task, due_on="2022-01-20")}
    first, second = ({**one, **failing} if one["outcome"] == "fail" else one for one in how)
    one_wins(both_complete(world, task, first, second))
    closed, returned = (told(tag, hazard=hazard_id) for tag in ("hazard:close", "hazard:acceptance:return"))
    assert closed + returned == 1
    assert hazards.row(hazard_id).status == ("closed" if closed else "returned")


def of_hazard(world: World, element: str, hazard_id: str) -> Any:
    """The open task of a hazard's rectification."""
    jobs.drain(world.now)
    instance = hazards.row(hazard_id).instance_id
    return next(task for task in world.open_tasks(element) if task.instance_id == instance)


def test_two_rule_one_objection(world: World) -> None:
    subjects = [f"异议{n}" for n in range(ROUNDS)]
    for subject in subjects:
        clues.hand_in(world, unit="平遥县", subject=subject)
    world.at(beijing("2022-01-05 09:00"))
    world.complete(world.open_tasks("confirm_list")[0])
    world.complete(world.open_tasks("seal_letters")[0])
    for task in world.open_tasks("verify_clue", unit="平遥县"):
        world.complete(task, outcome="object", opinion="该企业不在我县")
    ruled = world.open_tasks("rule_objection")
    assert len(ruled) == ROUNDS
    for task in ruled:
        clue_id = scalar(select(Clue.id).where(Clue.instance_id == task.instance_id))
        refuse, uphold = {"outcome": "refuse"}, {"outcome": "uphold", "opinion": "情况属实"}
        one_wins(both_complete(world, task, refuse, uphold))
        jobs.drain(world.now)
        clue = scalar_row(select(Clue.__table__).where(Clue.id == clue_id))
        assert told("clue:objection:rule", clue=clue_id) == 1
        upheld = clue.verdict == "upheld"
        assert clue.status == ("released" if upheld else "verified")
        status = scalar(select(Instance.status).where(Instance.id == task.instance_id))
        assert status == ("ended" if upheld else "running")
        open_ = count(select(Task.id).where(Task.instance_id == task.instance_id, Task.status == "open"))
        assert open_ == (0 if upheld else 1)


def scalar_row(query: Any) -> Any:
    with reading() as tx:
        return tx.execute(query).one()
