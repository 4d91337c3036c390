"""One directory of two cities: a plan's groups are units of its own city, though both have a 市公安局."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select

import models
from models.directory import Enterprise
from services.campaigns.definitions import ROOT, load
from services.plans.units import city_path, group_units, groups_of, unit_named
from services.rehearsal import demo_city
from tests.support.world import World, beijing

HERE, THERE = "jinzhong-hundred-day", "luliang-hundred-day"
GROUPS = ("enterprises", "counties")


@pytest.fixture(scope="module")
def world(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> World:
    """晋中, and then 吕梁 in the same tables."""
    folder = tmp_path_factory.mktemp("cities")
    world = World(database_url, folder, key=HERE, now=beijing("2021-12-27 09:00"), launch=False, enterprises=20)
    plan = load(THERE).plan
    demo_city.settle(
        demo_city.directory_for(plan, ROOT), plan, now=world.now, password_hash=demo_city.NO_PASSWORD, demo=True
    )
    return world


@pytest.mark.parametrize(("here", "there"), [(HERE, THERE), (THERE, HERE)])
def test_groups_are_those_of_the_plans_own_city(world: World, here: str, there: str) -> None:
    plan, other = load(here).plan, load(there).plan
    with models.reading() as tx:
        inside, outside = city_path(tx, plan), city_path(tx, other)
        assert inside != outside
        for name in GROUPS:
            units = group_units(tx, plan, name)
            assert units
            assert all(unit.path.startswith(inside) for unit in units)


def test_a_group_of_sectors_is_the_enterprises_that_do_that(world: World) -> None:
    plan = load(THERE).plan
    mines = replace(plan.units["enterprises"], sectors=("coal_mine", "non_coal_mine"))
    some = replace(plan, units={**plan.units, "mines": mines})
    with models.reading() as tx:
        known = {row.unit_id: row.sector for row in tx.execute(select(Enterprise.unit_id, Enterprise.sector))}
        everybody, found = group_units(tx, some, "enterprises"), group_units(tx, some, "mines")
        assert 0 < len(found) < len(everybody)
        wanted = [unit.id for unit in everybody if known[unit.id] in mines.sectors]
        assert [unit.id for unit in found] == wanted
        assert all("mines" not in groups_of(some, unit) for unit in everybody)


@pytest.mark.parametrize("key", [HERE, THERE])
def test_a_name_that_both_cities_use_means_ones_own(world: World, key: str) -> None:
    plan = load(key).plan
    with models.reading() as tx:
        found = unit_named(tx, plan, "市公安局")
        assert found is not None
        assert found.path.startswith(city_path(tx, plan))
        assert found.name.startswith(plan.jurisdiction)
