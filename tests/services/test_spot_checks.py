"""Spot checks: drawn once, found out when anything of a draw is changed, the secret opened when all is over."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, select, update

import models
from domain import sampling
from domain.authority import SYSTEM
from domain.errors import NotFound
from models import DrawSeal, Inspection, Ledger, SpotCheck, SpotCheckPick
from services.campaigns import campaigns
from services.counting import criteria
from services.oversight import spot_check_account, spot_check_proof, spot_checks
from services.oversight.spot_check_report import verify
from services.plans.launched import chosen_home
from services.running import instances, jobs
from tests.support import visits
from tests.support.site import new_app
from tests.support.world import World, beijing

KEY = "jinzhong-hundred-day"
DEPARTMENT = "市应急局"


@pytest.fixture(scope="module")
def world(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> World:
    """Two counties have inspected: twelve and one; the second Monday is drawn."""
    world = World(database_url, tmp_path_factory.mktemp("spot"), key=KEY, now=beijing("2021-12-27 09:00"))
    world.at(beijing("2022-01-05 10:00"))
    visits.by_county(DEPARTMENT, "榆社县", 12, world.now, items=["o1"])
    visits.by_county(DEPARTMENT, "榆次区", 1, world.now)
    world.at(beijing("2022-01-10 09:30"))
    return world


@pytest.fixture(scope="module")
def app(world: World, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    url = world.database.url.render_as_string(hide_password=False)
    return new_app(url, tmp_path_factory.mktemp("var"))


def differences() -> list[str]:
    with models.reading() as tx:
        found = chosen_home(tx, None)
        return [text for proof in spot_check_proof.proofs(tx, found.row.id, found.plan) for text in proof.differences]


@pytest.fixture
def tampered(world: World) -> Any:
    """`tampered(statement, ...)` changes rows behind the program's back; everything is put back afterwards."""
    saved: dict[Any, list[Any]] = {}
    with models.reading() as tx:
        for model in (SpotCheckPick, SpotCheck, DrawSeal):
            saved[model] = [row._asdict() for row in tx.execute(select(model.__table__))]

    def change(*statements: Any) -> list[str]:
        with models.transaction() as tx:
            for statement in statements:
                tx.execute(statement)
        return differences()

    yield change
    with models.transaction() as tx:
        for model in (SpotCheckPick, SpotCheck, DrawSeal):
            tx.execute(delete(model))
        for model in (DrawSeal, SpotCheck, SpotCheckPick):
            tx.execute(models.base.Base.metadata.tables[model.__tablename__].insert(), saved[model])


def large() -> Any:
    """The draw of the county with twelve."""
    with models.reading() as tx:
        return next(row for row in tx.execute(select(SpotCheck.__table__)) if len(row.population) == 12)


def drawn_of(draw_id: str) -> list[str]:
    with models.reading() as tx:
        return [pick.code for pick in spot_checks.rows.picks(tx, [draw_id])]


def test_two_of_twelve_and_the_only_one(world: World) -> None:
    with models.reading() as tx:
        sizes = sorted((len(row.population), row.size) for row in tx.execute(select(SpotCheck.__table__)))
    assert sizes == [(1, 1), (12, 2)]
    assert differences() == []


def test_another_list(tampered: Any) -> None:
    """One that was not drawn is taken off the list: the draw is the same, the ledger and the inspections are not."""
    row = large()
    rest = next(code for code, _ in row.population if code not in drawn_of(row.id))
    shorter = [one for one in row.population if one[0] != rest]
    found = tampered(update(SpotCheck).where(SpotCheck.id == row.id).values(population=shorter))
    assert "名单与抽取时台账所记不一致" in found
    assert f"县级检查过而不在名单中：{rest}" in found


def test_a_list_with_one_that_nobody_inspected(tampered: Any) -> None:
    row = large()
    longer = [*row.population, ["140702-e999", "coal_mine"]]
    found = tampered(update(SpotCheck).where(SpotCheck.id == row.id).values(population=longer))
    assert "名单中的企业没有县级检查记录：140702-e999" in found


def test_another_size(tampered: Any) -> None:
    row = large()
    found = tampered(update(SpotCheck).where(SpotCheck.id == row.id).values(size=1))
    assert "应抽 2 家，记录为 1 家" in found
    assert "抽取数量与抽取时台账所记不一致" in found


def test_another_seed(tampered: Any) -> None:
    """Also a seed that draws the same."""
    row = large()
    population = spot_checks.strata_of(_plan(), row.population)
    same = next(
        seed
        for seed in (f"{number:064x}" for number in range(100_000))
        if sampling.draw(population, seed, row.size) == drawn_of(row.id)
    )
    found = tampered(update(SpotCheck).where(SpotCheck.id == row.id).values(seed=same))
    assert found == ["种子与封存的密钥不符", "种子与抽取时台账所记不一致"]


def _plan() -> Any:
    with models.reading() as tx:
        return chosen_home(tx, None).plan


def test_another_pick(tampered: Any) -> None:
    row = large()
    with models.reading() as tx:
        picks = list(tx.execute(select(SpotCheckPick.__table__).where(SpotCheckPick.spot_check_id == row.id)))
        picked = {pick.enterprise_id for pick in picks}
        here = select(Inspection.enterprise_id).where(Inspection.county_id == row.county_id)
        other = next(enterprise for enterprise in tx.execute(here).scalars().all() if enterprise not in picked)
    statement = update(SpotCheckPick).where(SpotCheckPick.id == picks[0].id).values(enterprise_id=other)
    found = tampered(statement)
    assert any("应抽到而没有" in text and "不应抽到" in text for text in found), found
    assert "抽中企业与抽取时台账所记不一致" in found


def test_a_pick_that_vanished(tampered: Any) -> None:
    found = tampered(
        delete(SpotCheckPick).where(SpotCheckPick.spot_check_id == large().id, SpotCheckPick.position == 2)
    )
    assert any("应抽到而没有" in text for text in found)


def test_another_secret(tampered: Any) -> None:
    found = tampered(update(DrawSeal).values(secret="f" * 64))
    assert found.count("种子与封存的密钥不符") == 2
    assert found.count("封存值与台账记载不符") == 2


def test_another_secret_with_its_seal_and_seeds(tampered: Any) -> None:
    """Whoever changes the secret, the seal and a seed together still has the ledger against them."""
    row, secret = large(), "e" * 64
    with models.reading() as tx:
        one = spot_checks.rows.one(tx, row.id)
    seed = sampling.seed_of(secret, one.department_code, one.county_code, row.period)
    seal = sampling.seal_of(secret)
    found = tampered(
        update(DrawSeal).values(secret=secret, seal=seal),
        update(SpotCheck).where(SpotCheck.id == row.id).values(seed=seed, seal=seal),
    )
    assert "封存值与台账记载不符" in found
    assert "种子与抽取时台账所记不一致" in found


def test_the_command_says_so_and_exits_with_1(app: Flask, tampered: Any) -> None:
    row = large()
    run = app.test_cli_runner().invoke
    good = run(args=["spot-check", "verify"])
    assert good.exit_code == 0, good.output
    assert "复核 2 次抽取，全部一致。" in good.output
    assert "市应急局 抽 榆社县：名单 12 家，抽中 2 家，一致" in good.output
    tampered(update(SpotCheck).where(SpotCheck.id == row.id).values(size=5))
    bad = run(args=["spot-check", "verify", "--campaign", KEY, "--draw", row.id])
    assert bad.exit_code == 1
    assert "应抽 2 家，记录为 5 家" in bad.output
    assert "复核 1 次抽取，1 次不一致。" in bad.output
    lost = run(args=["spot-check", "verify", "--draw", "nothing"])
    assert lost.exit_code == 1
    assert "没有编号为“nothing”的抽取。" in lost.output


def test_what_there_is_not(world: World) -> None:
    with pytest.raises(NotFound):
        verify("another-campaign")


def test_the_ten_lines_of_the_documentation_draw_the_same(world: World) -> None:
    """What the page hands out is enough, with the lines as they are printed in the module."""
    lines = re.search(r"    import hashlib\n(?:    .*\n)+", str(sampling.__doc__))
    assert lines is not None
    space: dict[str, Any] = {}
    exec("\n".join(line[4:] for line in lines.group().splitlines()), space)  # noqa: S102 - what we print, we run
    with models.reading() as tx:
        found = chosen_home(tx, None)
        proof = next(p for p in spot_check_proof.proofs(tx, found.row.id, found.plan) if len(p.population) == 12)
        paper = spot_check_proof.document(proof, found.plan, spot_checks.rows.seal(tx, found.row.id))
    again = {
        code
        for stratum in paper["strata"]
        for code in space["again"](
            [one["code"] for one in paper["population"] if one["stratum"] == stratum["stratum"]],
            paper["seed"],
            stratum["size"],
        )
    }
    assert again == set(paper["drawn"])
    assert paper["secret"] is None


def test_a_period_is_drawn_once(world: World) -> None:
    row = large()
    with models.transaction() as tx:
        found = chosen_home(tx, None)
        fx = instances.effects(tx, SYSTEM, world.now)
        again = spot_checks.draw(tx, fx, found.facts, found.plan, row.department_id, row.period, None)
        fx.flush(tx)
    assert sorted(one.population for one in again) == [1, 12]
    assert sorted(len(one.picked) for one in again) == [1, 2]
    assert differences() == []


def test_the_rehearsals_document(world: World) -> None:
    with models.reading() as tx:
        found = spot_check_account.account(tx, chosen_home(tx, None).row.id)
    by_county = {one["county"]: one for one in found}
    one = by_county["榆社县"]
    assert (one["department"], one["population"], one["drawn"], one["visited"]) == (DEPARTMENT, 12, 2, 0)
    assert one["drawn_at"] == "2022-01-10T09:00:00+08:00"
    assert len(one["population_codes"]) == 12
    assert set(one["drawn_codes"]) < set(one["population_codes"])
    json.dumps(found)


def test_the_gate_counts_visits_over_inspected(world: World) -> None:
    def share() -> criteria.CriterionResult:
        with models.reading() as tx:
            facts = chosen_home(tx, None).facts
            return next(one for one in criteria.criteria(tx, facts, "s2", world.now) if one.id == "spot_checked")

    before = share()
    assert (before.have, before.owed, before.met) == (0, 13, False)
    assert [(one.name, one.note) for one in before.missing] == [(DEPARTMENT, "还有 3 家抽中的单位未检查")]
    visits.answer(DEPARTMENT, world.now, items=["o1", "o2"])
    after = share()
    assert (after.have, after.owed, after.met, after.missing_count) == (3, 13, True, 0)


def test_what_the_county_had_not_found(world: World) -> None:
    """The county found o1 in twelve of the thirteen; the department finds o1 and o2 everywhere."""
    task = world.open_tasks("check_picks", unit=DEPARTMENT)[0]
    with models.reading() as tx:
        found = spot_checks.compared(
            tx, chosen_home(tx, None).row.id, spot_checks.rows.picks_of_instance(tx, task.instance_id)
        )
    by_county = {one.pick.county: one for one in found}
    assert (by_county["榆次区"].county_found, by_county["榆次区"].found) == (0, 2)
    assert sorted(one.item for one in by_county["榆次区"].missed) == ["o1", "o2"]
    assert [one.item for one in by_county["榆社县"].missed] == ["o2"]


def test_an_inspection_that_was_being_written_comes_into_the_next_list(world: World) -> None:
    """Recorded before the draw, committed behind it: it is in no list yet, and no difference either."""
    world.at(beijing("2022-01-17 08:50"))
    late = visits.by_county(DEPARTMENT, "榆社县", 1, beijing("2022-01-10 08:59"))
    assert differences() == []
    world.at(beijing("2022-01-17 09:30"))
    with models.reading() as tx:
        newest = tx.execute(select(SpotCheck.__table__).order_by(SpotCheck.drawn_at.desc()).limit(1)).one()
        picked = tx.execute(
            select(SpotCheckPick.enterprise_id).where(SpotCheckPick.spot_check_id == newest.id)
        ).scalar_one()
    assert (len(newest.population), newest.size, picked) == (1, 1, late[0])
    assert differences() == []


def test_the_secret_is_opened_once_and_everybody_can_compute_the_seeds(world: World) -> None:
    with models.transaction() as tx:
        campaign_id = chosen_home(tx, None).row.id
        spot_checks.open_seal(tx, campaign_id, world.now)
        spot_checks.open_seal(tx, campaign_id, world.now)
    with models.reading() as tx:
        found = chosen_home(tx, None)
        opened = list(tx.execute(select(Ledger.data).where(Ledger.tag == "spot_check:seed:open")).scalars())
        seal = spot_checks.rows.seal(tx, campaign_id)
        papers = [
            spot_check_proof.document(proof, found.plan, seal)
            for proof in spot_check_proof.proofs(tx, campaign_id, found.plan)
        ]
    assert len(opened) == 1
    assert hashlib.sha256(opened[0]["secret"].encode()).hexdigest() == opened[0]["seal"]
    for paper in papers:
        codes = paper["department"]["code"], paper["county"]["code"]
        assert sampling.seed_of(paper["secret"], *codes, paper["period"]) == paper["seed"]


def test_a_campaign_launched_before_there_were_seals(new_database: Callable[..., str], tmp_path: Path) -> None:
    """Its secret is made at the first draw."""
    world = World(new_database("sqlite"), tmp_path, key=KEY, now=beijing("2021-12-27 09:00"), enterprises=300)
    with models.transaction() as tx:
        tx.execute(delete(DrawSeal))
    world.at(beijing("2022-01-05 10:00"))
    visits.by_county(DEPARTMENT, "榆次区", 2, world.now)
    world.at(beijing("2022-01-10 09:00"))
    assert differences() == []
    with models.reading() as tx:
        assert len(tx.execute(select(DrawSeal.__table__)).all()) == 1


def test_the_same_secret_draws_the_same(new_database: Callable[..., str], tmp_path: Path) -> None:
    found = []
    for _ in range(2):
        world = World(new_database("sqlite"), tmp_path, key=KEY, now=beijing("2021-12-27 09:00"), launch=False)
        campaigns.launch(SYSTEM, KEY, past="keep", draw_secret="a" * 64, now=world.now)
        jobs.drain(world.now)
        world.at(beijing("2022-01-05 10:00"))
        visits.by_county(DEPARTMENT, "昔阳县", 12, world.now)
        world.at(beijing("2022-01-10 09:00"))
        with models.reading() as tx:
            found.append(spot_check_account.account(tx, chosen_home(tx, None).row.id))
    assert found[0] == found[1]
    assert found[0][0]["drawn"] == 2
