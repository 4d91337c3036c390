"""A city is larger than a statement: more ids than either database takes parameters are no fault."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

import models
from bench import city
from models import ChildGroup, Incident, Instance, Task, Timer, Unit, Wait, new_id
from models.queries import posts, running, units
from services import handlers
from services.plans import versions
from services.running import jobs, processes
from tests.support.seats import actor_of_seat

assert handlers  # registers what a drain carries out

NOW = datetime.now(UTC)
MANY = 70_000  # PostgreSQL takes 65,535


@pytest.fixture(scope="module")
def people(database: models.Database) -> city.City:
    versions.forget()
    return city.build(largest=13)


@pytest.fixture(scope="module")
def strangers() -> list[str]:
    return [f"{number:020d}" for number in range(MANY)]


def ask(query: Any) -> list[Any]:
    with models.reading() as tx:
        return list(tx.execute(query))


def test_a_wide_tree_is_cancelled(people: city.City, strangers: list[str]) -> None:
    office = actor_of_seat(people.office, NOW)
    root = processes.start(office, "campaign", unit_id=people.office.unit_id, now=NOW)["instance"]
    jobs.drain(NOW)
    with models.transaction() as tx:
        children = running.children_of(tx, [*strangers, root])
        assert len(children) == 13
        assert children == sorted(children)
        for child_id in children:
            about = {"instance_id": child_id, "ref": "1", "element": "x"}
            running.add(tx, Timer, [{"id": new_id(), "kind": "engine", "due_at": NOW, **about}])
            running.add(tx, Wait, [{"id": new_id(), "kind": "signal", "name": "s", **about}])
            group = {"id": new_id(), "parent_id": child_id, "ref": "1", "element": "x", "called": "x", "plan": {}}
            running.add(tx, ChildGroup, [group])
        running.cancel_instances(tx, [*children[:6], *strangers, *children[6:]], NOW)
    assert {row.status for row in ask(select(Instance.status).where(Instance.parent_id == root))} == {"cancelled"}
    below = select(Instance.id).where(Instance.parent_id == root)
    assert {row.status for row in ask(select(Task.status).where(Task.instance_id.in_(below)))} == {"withdrawn"}
    assert ask(select(Timer.id).where(Timer.instance_id.in_(below))) == []
    assert ask(select(Wait.id).where(Wait.instance_id.in_(below))) == []
    groups = ask(select(ChildGroup.status).where(ChildGroup.parent_id.in_(below)))
    assert [row.status for row in groups] == ["cancelled"] * 13


def test_incidents_of_many_instances_are_found_and_closed(people: city.City, strangers: list[str]) -> None:
    office = actor_of_seat(people.office, NOW)
    held = [
        processes.start(office, "approval", unit_id=people.seats["county"][0].unit_id, now=NOW)["instance"]
        for _ in range(2)
    ]
    about = {"kind": "engine", "sentence": "异常", "opened_at": NOW}
    vacancy = {"kind": "no_holder", "sentence": "空缺", "opened_at": NOW, "source_id": "u" * 20, "ref": "liaison"}
    with models.transaction() as tx:
        running.add(tx, Incident, [{"id": new_id(), "instance_id": one, **about} for one in held])
        running.add(tx, Incident, [{"id": new_id(), **vacancy}])
        found = running.open_incidents(tx, [held[1], *strangers, held[0]])
        assert [row.id for row in found] == sorted(row.id for row in found)
        assert {row.instance_id for row in found} == set(held)
        assert running.close_incidents(tx, [found[0].id, *strangers, found[1].id], NOW, by=None) == 2
        assert running.open_incidents(tx, held) == []
        assert running.known_vacancies(tx, [*strangers, "u" * 20]) == {("u" * 20, "liaison")}


def test_units_and_posts_of_a_large_group_are_found(people: city.City, strangers: list[str]) -> None:
    named = ask(select(Unit.id, Unit.name, Unit.code).where(Unit.level == "county").order_by(Unit.code))
    with models.reading() as tx:
        names = (named[3].name, *strangers, named[1].name, named[2].name)
        assert [row.id for row in units.by_names(tx, names)] == [row.id for row in named[1:4]]
        assert set(units.by_ids(tx, [named[0].id, *strangers, named[1].id])) == {named[0].id, named[1].id}
        wanted = [(unit_id, "liaison") for unit_id in (named[0].id, *strangers, named[1].id)]
        assert set(posts.posts(tx, wanted, NOW)) == {(named[0].id, "liaison"), (named[1].id, "liaison")}
        assert set(posts.places(tx, [named[0].id, *strangers, named[1].id])) == {named[0].id, named[1].id}
