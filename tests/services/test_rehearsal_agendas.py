"""What people do in a rehearsal by themselves: dealt out by the seed, the same however it is asked, done once."""

from __future__ import annotations

import random
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import func, select

from config import ROOT
from domain.workdays import BEIJING, Calendar
from models import Base, reading
from models.queries import rehearsal_acts as rows
from services.clues.vault import Vault
from services.rehearsal import rehearsal_clues
from services.rehearsal.rehearsal import AGENDAS
from services.rehearsal.rehearsal_agenda import Act, Scene, scene_of
from services.rehearsal.rehearsal_decisions import decision
from services.rehearsal.rehearsal_habits import OFFICE_HOURS, Habits
from tests.support.played import KEY, LAUNCH
from tests.support.world import World

ENTERPRISES = 60
COUNTIES = [f"{n:02d}" for n in range(12)]
Plan = list[tuple[datetime | None, Act]]


@pytest.fixture(scope="module")
def world(sqlite_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = World(sqlite_url, tmp_path_factory.mktemp("files"), key=KEY, now=LAUNCH, enterprises=ENTERPRISES)
    yield made
    made.database.dispose()


def scene(world: World, *, seed: int = 1, on_time: float = 1.0) -> Scene:
    with reading() as tx:
        (campaign_id,) = rows.running(tx)
        habits = Habits(seed=seed, on_time=on_time, calendar=Calendar())
        return scene_of(tx, campaign_id, habits, Vault(world.store.folder / "reporters.key"))


def planned(some: Scene) -> Plan:
    with reading() as tx:
        return [pair for make in AGENDAS for pair in make(some).planned(tx)]


def told(plan: Plan) -> list[tuple[str, str]]:
    return sorted((str(at), act.name) for at, act in plan)


def counts() -> dict[str, int]:
    with reading() as tx:
        return {
            table.name: tx.execute(select(func.count()).select_from(table)).scalar_one()
            for table in Base.metadata.sorted_tables
        }


def test_every_enterprise_is_visited_by_its_county_in_office_hours(world: World) -> None:
    plan = planned(scene(world))
    names = Counter(act.name for _, act in plan)
    assert names["inspection/county"] == ENTERPRISES
    assert 0 < names["inspection/city"] < ENTERPRISES
    for at, _ in plan:
        assert at is not None
        local = at.astimezone(BEIJING)
        assert at > LAUNCH
        assert Calendar().is_workday(local.date())
        assert any(opens <= local.time() <= closes for opens, closes in OFFICE_HOURS)


def test_whoever_is_seldom_on_time_leaves_some_out(world: World) -> None:
    left = [act.name for at, act in planned(scene(world, on_time=0.0)) if at is None]
    assert set(left) <= {"inspection/county", "inspection/city"}
    assert 0 < len(left) < 0.3 * ENTERPRISES


def test_the_seed_decides_and_nothing_else(world: World) -> None:
    assert told(planned(scene(world))) == told(planned(scene(world)))
    assert told(planned(scene(world))) != told(planned(scene(world, seed=2)))


def test_what_was_done_is_not_done_again(world: World) -> None:
    """A rehearsal that was broken off plans its last moment again."""
    some = scene(world)
    first: dict[str, tuple[datetime, Act]] = {}
    for at, act in sorted(((at, act) for at, act in planned(some) if at), key=lambda pair: pair[0]):
        first.setdefault(act.name, (at, act))
    for at, act in sorted(first.values(), key=lambda pair: pair[0]):
        assert act.do(at)
        before = counts()
        again = next(one for moment, one in planned(scene(world)) if one.name == act.name and moment == at)
        assert again.do(at) is False
        assert counts() == before
    assert {name.partition("/")[0] for name in first} == {"inspection", "clue", "oversight", "disposal", "publicity"}


# -- clues -------------------------------------------------------------------------------------------------------------
def test_fates_are_dealt_out_in_exact_shares_in_any_order(world: World) -> None:
    one = rehearsal_clues.fates(scene(world), COUNTIES)
    assert one == rehearsal_clues.fates(scene(world), reversed(COUNTIES))
    assert one != rehearsal_clues.fates(scene(world, seed=2), COUNTIES)
    assert Counter(one.values()) == {"plain": 47, "refused": 11, "released": 3, "idle": 7, "false": 4}


def test_a_county_hears_of_something_in_every_part_of_the_time(world: World) -> None:
    found = rehearsal_clues.moments(scene(world), "140702")
    assert len(found) == 6
    assert found == sorted(found)
    assert all(later - earlier > timedelta(days=1) for earlier, later in zip(found, found[1:], strict=False))


# -- decisions ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("kind", "grade", "measure"),
    [("illegal_act", "general", "em2"), ("hazard", "major", "em3"), ("hazard", "general", "")],
)
def test_a_decision_has_what_the_notice_demands(world: World, kind: str, grade: str, measure: str) -> None:
    finding: Any = SimpleNamespace(kind=kind, grade=grade)
    for n in range(50):
        found = decision(scene(world).plan, random.Random(n), finding, LAUNCH)
        assert found["disposals"]
        assert measure in {line["measure"] for line in found["disposals"]}
        assert not found["referrals"] or kind == "illegal_act"


def test_whoever_imports_the_rehearsal_has_all_that_it_carries_out() -> None:
    """In a process of its own: here others have imported the handlers."""
    asked = (
        "from services.rehearsal import rehearsal; from services.running import jobs, hosts;"
        "print(sorted(jobs.HANDLERS), sorted(hosts.signatures()))"
    )
    done = subprocess.run([sys.executable, "-c", asked], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "children:start" in done.stdout
    assert "spot_check.draw" in done.stdout
