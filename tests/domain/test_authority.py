"""Who sees what: the tree is the data scope, and only some posts of the city look at everything."""

from __future__ import annotations

import pytest

from domain.authority import Actor, HeldPost

COUNTY, OTHER = "/city/c1/", "/city/c2/"


def holder(role: str, level: str, path: str = COUNTY) -> Actor:
    post = HeldPost(id="p", kind="x", role=role, name="x", unit_id="u", unit_name="x", unit_path=path, unit_level=level)
    return Actor(person_id="a", name="a", posts=(post,))


@pytest.mark.parametrize(
    ("role", "level", "everything"),
    [
        ("office", "city", True),
        ("auditor", "city", True),
        ("leader", "city", True),
        ("leader", "county", False),
        ("leader", "township", False),
        ("leader", "enterprise", False),
        ("leader", "", False),
        ("staff", "city", False),
        ("enterprise", "enterprise", False),
        ("admin", "city", False),
    ],
)
def test_everything_or_ones_own_tree(role: str, level: str, everything: bool) -> None:
    actor = holder(role, level)
    assert (actor.sees_all, actor.sees(OTHER), actor.sees(COUNTY + "t1/")) == (everything, everything, True)


def test_a_chosen_post_narrows_what_one_sees() -> None:
    city, county = holder("leader", "city").posts[0], holder("leader", "county").posts[0]
    both = Actor(person_id="a", name="a", posts=(city, county))
    acting = Actor(person_id="a", name="a", posts=(city, county), acting=county)
    assert (both.sees(OTHER), acting.sees(OTHER)) == (True, False)
