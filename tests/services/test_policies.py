"""The rules for signing in: bounds, who was first, rows that somebody spoilt by hand. On both databases."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Text, delete, insert, literal, select, update

import models
from config import Settings
from domain.authority import Actor
from domain.errors import Conflict, DomainError, Invalid
from models import Answered, Ledger, Policy
from services.access import policies
from services.upkeep import audit
from tests.support.site import RULES, new_person
from web.session import sign_in_defaults

NOW = datetime.now(UTC)
REASON = "按上级通知调整"


@pytest.fixture(autouse=True)
def bound(database: models.Database) -> Iterator[None]:
    yield
    with models.transaction() as tx:
        tx.execute(delete(Policy))


@pytest.fixture
def admin(database: models.Database) -> Actor:
    return Actor(person_id=new_person("管理员"), name="管理员")


def changed(admin: Actor, values: Mapping[str, Any], reason: str = REASON, seen: str = "", at: datetime = NOW) -> None:
    policies.change(admin, policies.Change(values=values, reason=reason, seen=seen), defaults=RULES, now=at)


def events(of: Actor) -> list[Any]:
    query = select(Ledger.data).where(Ledger.tag == "policy:change", Ledger.person_id == of.person_id)
    with models.reading() as tx:
        return list(tx.execute(query.order_by(Ledger.seq)).scalars())


def test_what_nobody_changed_is_as_the_settings_say() -> None:
    defaults = sign_in_defaults(Settings.from_env({"LOGIN_ATTEMPTS": "7"}))
    assert policies.in_force(defaults) == replace(RULES, login_attempts=7)
    assert {rule.name for rule in policies.RULES} == set(asdict(RULES))
    assert all(rule.fits(getattr(RULES, rule.name)) for rule in policies.RULES)


def test_a_change_is_in_force_with_who_when_and_why(admin: Actor) -> None:
    changed(admin, {"login_attempts": 3, "session_hours": 8, "lockout_minutes": RULES.lockout_minutes})
    assert policies.in_force(RULES) == replace(RULES, login_attempts=3, session_hours=8)
    lines = {line.rule.name: line for line in policies.page(RULES).lines}
    assert (lines["login_attempts"].changed_by, lines["login_attempts"].changed_at) == ("管理员", NOW)
    assert lines["lockout_minutes"].changed_at is None, "what was sent unchanged is not a change"
    before, after = {"login_attempts": 5, "session_hours": 12}, {"login_attempts": 3, "session_hours": 8}
    assert events(admin) == [{"before": before, "after": after, "reason": REASON}]
    told = dict(audit.told(events(admin)[0]))
    assert told["修改后"] == "连续输错多少次锁定账号 3；登录后最长有效时间 8"
    changed(admin, {"login_attempts": 4}, at=NOW + timedelta(minutes=1))
    assert events(admin)[1]["before"] == {"login_attempts": 3}


@pytest.mark.parametrize("rule", policies.RULES, ids=lambda rule: str(rule.name))
def test_a_value_out_of_bounds_is_refused_with_a_sentence(admin: Actor, rule: policies.Rule) -> None:
    for value in (rule.low - 1, rule.high + 1, -1, 10**30, None):
        with pytest.raises(Invalid) as refused:
            changed(admin, {rule.name: value})
        assert refused.value.fields == {rule.name: rule.sentence}
        assert f"{rule.low} 至 {rule.high}" in rule.sentence
    for value in (rule.low, rule.high):
        changed(admin, {rule.name: value})
        assert getattr(policies.in_force(RULES), rule.name) == value
    assert len(events(admin)) == 2


def test_a_setting_outside_the_bounds_can_be_left_as_it_is(admin: Actor) -> None:
    wide = replace(RULES, session_hours=168)
    line = next(line for line in policies.page(wide).lines if line.rule.name == "session_hours")
    assert (line.low, line.high, line.rule.high) == (1, 168, 72)
    wanted = policies.Change(values={"session_hours": 168, "login_attempts": 6}, reason=REASON)
    policies.change(admin, wanted, defaults=wide, now=NOW)
    assert policies.in_force(wide) == replace(wide, login_attempts=6)


@pytest.mark.parametrize(("values", "reason"), [({"login_attempts": 6}, "无"), ({"login_attempts": 6}, "长" * 201)])
def test_a_change_says_why(admin: Actor, values: dict[str, int], reason: str) -> None:
    with pytest.raises(Invalid) as refused:
        changed(admin, values, reason)
    assert set(refused.value.fields) == {"reason"}


def test_no_change_is_refused(admin: Actor) -> None:
    with pytest.raises(Invalid, match="没有修改"):
        changed(admin, asdict(RULES))
    assert events(admin) == []


def test_whoever_saw_other_values_is_refused(admin: Actor) -> None:
    seen = policies.page(RULES).seen
    changed(admin, {"session_idle_minutes": 10}, seen=seen)
    with pytest.raises(Conflict, match="他人修改"):
        changed(admin, {"login_attempts": 6, "session_idle_minutes": 30}, seen=seen)
    assert policies.in_force(RULES).session_idle_minutes == 10


def test_a_repeated_command_is_carried_out_once(admin: Actor) -> None:
    twice = admin.with_key("k" * 20)
    seen = policies.page(RULES).seen
    for _ in range(2):
        changed(twice, {"login_attempts": 6}, seen=seen)
    assert len(events(admin)) == 1
    with pytest.raises(Conflict):
        changed(twice, {"login_attempts": 7}, seen=seen)


def test_a_refused_command_may_be_sent_again_with_its_key(admin: Actor) -> None:
    keyed = admin.with_key("r" * 20)
    with pytest.raises(Invalid):
        changed(keyed, {"login_attempts": 99})
    with models.reading() as tx:
        assert not tx.execute(select(Answered.key).where(Answered.person_id == admin.person_id)).all()
    changed(keyed, {"login_attempts": 9})


def test_of_two_at_the_same_moment_each_is_told_the_truth(admin: Actor) -> None:
    """Every event says what was in force before it; who came second on the same page is refused."""
    for turn in range(8):
        seen, together = policies.page(RULES).seen, threading.Barrier(2)
        outcomes: list[str] = []

        def press(value: int, seen: str = seen, together: Any = together, told: list[str] = outcomes) -> None:
            together.wait()
            try:
                changed(admin, {"lockout_minutes": value}, seen=seen)
            except DomainError as error:
                told.append(error.message)
            else:
                told.append("")

        threads = [threading.Thread(target=press, args=(100 + 2 * turn + n,)) for n in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(outcomes) == ["", policies.MOVED]
    told = events(admin)
    assert [one["before"]["lockout_minutes"] for one in told[1:]] == [
        one["after"]["lockout_minutes"] for one in told[:-1]
    ]


@pytest.mark.parametrize(
    "text", ['"ten"', "0", "1000000000", "true", "7.5", "null", "[1]", "{}", "not JSON", "", "9" * 5000]
)
def test_a_row_spoilt_by_hand_keeps_nobody_out(admin: Actor, text: str) -> None:
    with models.transaction() as tx:
        for key in ("sign_in.session_idle_minutes", "something.else"):
            tx.execute(insert(Policy), {"key": key, "value": 1, "changed_at": NOW})
        tx.execute(update(Policy).values({Policy.value: literal(text, Text)}))
    assert policies.in_force(RULES) == RULES
    changed(admin, {"session_idle_minutes": 10})
    assert policies.in_force(RULES).session_idle_minutes == 10
