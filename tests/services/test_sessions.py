"""Signing in from many threads at once, on both databases."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

import models
from domain.authority import SYSTEM
from domain.errors import Busy, Forbidden, Invalid
from models import Person
from services.access import sessions
from services.directory import directory
from tests.support.site import PASSWORD, RULES, new_person, new_post, new_unit

NOW = datetime.now(UTC)


@pytest.fixture(autouse=True)
def bound(database: models.Database) -> Iterator[models.Database]:
    yield database


def somebody() -> str:
    """A new person's login name."""
    name = f"user-{models.new_id()}"
    new = directory.NewPerson(username=name, name="某人", password=PASSWORD, must_change=False)
    directory.create_person(SYSTEM, new, min_length=10, now=NOW)
    return name


def told(username: str, password: str) -> str:
    """What a try is answered: in, wrong, locked or busy."""
    try:
        sessions.sign_in(username, password, defaults=RULES, address="", now=NOW)
    except Busy:
        return "busy"
    except Invalid as refusal:
        return "wrong" if refusal.message == sessions.WRONG else "locked"
    return "in"


def test_tries_side_by_side_cannot_outrun_the_count() -> None:
    username = somebody()
    with ThreadPoolExecutor(8) as pool:
        answers = Counter(pool.map(lambda _: told(username, "wrong-horse-9"), range(20)))
    assert answers["wrong"] == 4
    assert answers["locked"] + answers["busy"] == 16
    assert told(username, PASSWORD) == "locked"
    with models.reading() as tx:
        row = tx.execute(select(Person.failures, Person.locked_until).where(Person.username == username)).one()
    assert (row.failures, row.locked_until) == (5, NOW + timedelta(minutes=15))


def test_right_passwords_side_by_side_all_come_in() -> None:
    username = somebody()
    with ThreadPoolExecutor(3) as pool:
        assert set(pool.map(lambda _: told(username, PASSWORD), range(3))) == {"in"}


def test_a_session_knows_the_posts_held_at_that_moment() -> None:
    username = somebody()
    token = sessions.sign_in(username, PASSWORD, defaults=RULES, address="", now=NOW)
    found = sessions.find(token, NOW, RULES)
    assert found is not None and found.actor.posts == ()
    unit_id, path = new_unit("甲县")
    mine = new_post(unit_id, "liaison", "staff", str(found.actor.person_id))
    other = new_post(unit_id, "principal", "leader", new_person())
    directory.set_holding(
        SYSTEM, other, str(found.actor.person_id), NOW, kind="stand_in", until=NOW + timedelta(days=1)
    )
    now_held = sessions.find(token, NOW, RULES)
    assert now_held is not None
    assert {(post.id, post.stand_in) for post in now_held.actor.posts} == {(mine, False), (other, True)}
    assert now_held.actor.sees(f"{path}below/")
    later = sessions.find(token, NOW + timedelta(hours=12), replace(RULES, session_idle_minutes=24 * 60))
    assert later is None, "twelve hours are over"


def test_a_token_is_found_by_itself_alone() -> None:
    token = sessions.sign_in(somebody(), PASSWORD, defaults=RULES, address="", now=NOW)
    for wrong in ("", token[:-1], token.upper(), sessions.digest(token), f"{token} "):
        assert sessions.find(wrong, NOW, RULES) is None
    found = sessions.find(token, NOW, RULES)
    assert found is not None
    with pytest.raises(Forbidden):
        sessions.act_for(found, "a-post-of-somebody-else")
