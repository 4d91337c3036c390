"""Signing in and out: sessions as rows, failed tries counted where all processes see them."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from domain.authority import Actor, HeldPost
from domain.errors import Forbidden, Invalid, NotFound
from domain.ledger import Tag
from models import Tx, reading, transaction
from models.queries import sessions as rows
from services._record import record
from services.access import passwords, policies
from services.access.policies import SignInPolicy
from services.plans.launched import campaigns_of

WRONG = "登录名或口令不正确。"


@dataclass(frozen=True, kw_only=True)
class Signed:
    """A session that is in force, with the person behind it."""

    token_hash: str
    csrf: str
    seen_at: datetime
    actor: Actor
    confirmed_at: datetime | None = None  # when the password was last given to sign something


def digest(token: str) -> str:
    """What of a token is stored."""
    return hashlib.sha256(token.encode()).hexdigest()


def find(token: str, now: datetime, defaults: SignInPolicy, *, demo: bool = True) -> Signed | None:
    """The session of this token if it is in force; accounts of the demo city have none where `demo` is off."""
    token_hash = digest(token)
    with reading() as tx:
        found = rows.find(tx, token_hash, now)
    if not found or (found[0].demo and not demo) or _is_over(found[0], defaults, now):
        return None
    return Signed(
        token_hash=token_hash,
        csrf=found[0].csrf,
        seen_at=found[0].seen_at,
        actor=_actor(found),
        confirmed_at=found[0].confirmed_at,
    )


def _is_over(row: Any, defaults: SignInPolicy, now: datetime) -> bool:
    """Idle for too long, or older than the rules in force allow (it may have begun under others)."""
    changed = {"session_idle_minutes": row.session_idle_minutes, "session_hours": row.session_hours}
    rules = policies.with_values(defaults, changed)
    idle, longest = timedelta(minutes=rules.session_idle_minutes), timedelta(hours=rules.session_hours)
    return bool(row.seen_at <= now - idle or row.created_at <= now - longest)


def _actor(found: Sequence[Any]) -> Actor:
    first = found[0]
    posts = tuple({row.held_id: _held(row) for row in reversed(found) if row.held_id}.values())[::-1]
    return Actor(
        person_id=first.person_id,
        name=first.person_name,
        posts=posts,
        acting=next((post for post in posts if post.id == first.post_id), None),
        must_change_password=first.must_change,
        campaign_id=first.campaign_id,
    )


def _held(row: Any) -> HeldPost:
    return HeldPost(
        id=row.held_id,
        kind=row.held_kind,
        role=row.held_role,
        name=row.held_name,
        unit_id=row.unit_id,
        unit_name=row.unit_name,
        unit_path=row.unit_path,
        unit_level=row.unit_level,
        stand_in=row.held_as == "stand_in",
    )


def sign_in(
    username: str, password: str, *, defaults: SignInPolicy, demo: bool = True, address: str, now: datetime
) -> str:
    """A new token for this person. One sentence for an unknown name, a wrong password and a closed account."""
    with reading() as tx:
        person = rows.person_by_username(tx, username)
        rules = policies.current(tx, defaults)
    if person is None or not person.active or (person.demo and not demo):
        passwords.matches(None, password)
        raise Invalid(WRONG)
    last_try = _count_try(person.id, rules, now)
    if not passwords.matches(person.password_hash, password):
        raise Invalid(_locked(rules) if last_try else WRONG)
    grown = passwords.hashed(password) if passwords.needs_rehash(person.password_hash) else None
    with transaction() as tx:
        rows.forgive(tx, person.id)
        if grown:
            rows.set_hash(tx, person.id, grown)
        return _open(tx, Actor(person_id=person.id, name=person.name), rules, address, now)


def _count_try(person_id: str, rules: SignInPolicy, now: datetime) -> bool:
    """Count a try before the password is looked at: tries side by side cannot outrun the count.

    True if it was the last one before the lock; refuses while the account is locked.
    """
    until = now + timedelta(minutes=rules.lockout_minutes)
    with transaction() as tx:
        counted = rows.count_try(tx, person_id, limit=rules.login_attempts, lock_until=until, now=now)
        last = counted is not None and counted.locked_until is not None
        if last:
            record(tx, Tag.PERSON_LOCK, now, data={"person": person_id, "minutes": rules.lockout_minutes})
    if counted is None:
        raise Invalid(_locked(rules))
    return last


def _locked(rules: SignInPolicy) -> str:
    return f"连续输错口令，账号已锁定，请 {rules.lockout_minutes} 分钟后再试。"


def _open(tx: Tx, actor: Actor, rules: SignInPolicy, address: str, now: datetime) -> str:
    token = secrets.token_urlsafe(32)
    row = {
        "token_hash": digest(token),
        "person_id": actor.person_id,
        "post_id": None,
        "csrf": secrets.token_urlsafe(32),
        "created_at": now,
        "seen_at": now,
        "expires_at": now + timedelta(hours=rules.session_hours),
        "address": address[:60],
    }
    rows.add(tx, row)
    record(tx, Tag.SESSION_OPEN, now, actor)
    return token


def sign_out(signed: Signed, now: datetime) -> None:
    """End this session."""
    with transaction() as tx:
        if rows.revoke(tx, signed.token_hash, now):
            record(tx, Tag.SESSION_CLOSE, now, signed.actor)


def touch(signed: Signed, now: datetime) -> None:
    """The browser is still there."""
    with transaction() as tx:
        rows.touch(tx, signed.token_hash, now)


def act_for(signed: Signed, post_id: str | None) -> None:
    """From now on act for this post alone, or (None) for all one's posts."""
    if post_id is not None and post_id not in {post.id for post in signed.actor.posts}:
        raise Forbidden("您不担任这个岗位。")
    with transaction() as tx:
        rows.act_for(tx, signed.token_hash, post_id)


def look_at(signed: Signed, campaign_id: str) -> None:
    """From now on pages show this campaign, one of those of one's own city."""
    with transaction() as tx:
        if campaign_id not in {row.id for row in campaigns_of(tx, signed.actor)}:
            raise NotFound("没有找到该行动。")
        rows.look_at(tx, signed.token_hash, campaign_id)


def confirmation(signed: Signed, password: str, *, defaults: SignInPolicy, now: datetime) -> datetime | None:
    """When the person behind a session last showed who they are, for a signature: now, if the password is given.

    None where that is too long ago or never was. A wrong password is counted like one at the door.
    """
    if password:
        return _confirm(signed, password, defaults, now)
    return signed.confirmed_at if not must_confirm(signed, defaults=defaults, now=now) else None


def must_confirm(signed: Signed, *, defaults: SignInPolicy, now: datetime) -> bool:
    """Whether a signature needs the password again."""
    if signed.confirmed_at is None:
        return True
    minutes = policies.in_force(defaults).sign_reauth_minutes
    return signed.confirmed_at <= now - timedelta(minutes=minutes)


def _confirm(signed: Signed, password: str, defaults: SignInPolicy, now: datetime) -> datetime:
    person_id = str(signed.actor.person_id)
    with reading() as tx:
        person = rows.person(tx, person_id)
        rules = policies.current(tx, defaults)
    if person is None:
        raise Forbidden
    last_try = _count_try(person_id, rules, now)
    if not passwords.matches(person.password_hash, password):
        sentence = _locked(rules) if last_try else "口令不正确，没有签署。请重新输入您的登录口令。"
        raise Invalid(sentence, fields={"password": sentence})
    with transaction() as tx:
        rows.forgive(tx, person_id)
        rows.confirm(tx, signed.token_hash, now)
        record(tx, Tag.SIGN_CONFIRM, now, signed.actor)
    return now


def change_password(signed: Signed, old: str, new: str, *, defaults: SignInPolicy, now: datetime) -> str:
    """Choose a new password: every session ends, this one goes on under the token that is returned."""
    person_id = str(signed.actor.person_id)
    with reading() as tx:
        person = rows.person(tx, person_id)
        rules = policies.current(tx, defaults)
    if person is None:
        raise Forbidden
    passwords.refuse_weak(new, person.username, rules.password_min_length, "new")
    if old == new:
        raise Invalid(fields={"new": "新口令不能与原口令相同。"})
    _count_try(person_id, rules, now)
    if not passwords.matches(person.password_hash, old):
        raise Invalid(fields={"old": "原口令不正确。"})
    chosen = passwords.hashed(new)
    with transaction() as tx:
        rows.set_password(tx, person_id, chosen, must_change=False)
        record(tx, Tag.PASSWORD_CHANGE, now, signed.actor)
        return _renew(tx, signed, now)


def _renew(tx: Tx, signed: Signed, now: datetime) -> str:
    row = rows.row_of(tx, signed.token_hash)
    rows.revoke_all(tx, str(signed.actor.person_id), now)
    token = secrets.token_urlsafe(32)
    rows.add(tx, row | {"token_hash": digest(token), "csrf": secrets.token_urlsafe(32), "seen_at": now})
    return token
