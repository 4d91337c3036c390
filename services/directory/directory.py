"""The directory: people, posts and who holds which since when."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.authority import SYSTEM, Actor
from domain.errors import Forbidden, Invalid, NotFound
from domain.ledger import Tag
from models import Holding, Person, Post, Tx, Unit, new_id, transaction
from models.queries import directory as rows
from models.queries import sessions as session_rows
from services._record import record
from services.access import passwords

USERNAME = re.compile(r"[0-9A-Za-z_.\-\u4e00-\u9fff]{2,60}")
ROLES = ("staff", "leader", "office", "enterprise", "admin", "auditor")
HOLDING_KINDS = ("holder", "stand_in")


@dataclass(frozen=True, kw_only=True)
class NewPerson:
    """Somebody to be added."""

    username: str
    name: str
    password: str
    must_change: bool = True
    demo: bool = False


def create_person(actor: Actor, new: NewPerson, *, min_length: int, now: datetime) -> str:
    """Add somebody; their id."""
    refuse_bad(new, min_length)
    stored = passwords.hashed(new.password)
    with transaction() as tx:
        return add_person(tx, actor, new, stored, now)


def refuse_bad(new: NewPerson, min_length: int) -> None:
    """Refuse a login name, a name or a password that cannot be."""
    if not USERNAME.fullmatch(new.username):
        raise Invalid(fields={"username": "登录名为 2 到 60 位的字母、数字、汉字、点、横线或下划线。"})
    if not 1 <= len(new.name.strip()) <= 60:
        raise Invalid(fields={"name": "请填写姓名，不超过 60 个字。"})
    passwords.refuse_weak(new.password, new.username, min_length)


def add_person(tx: Tx, actor: Actor, new: NewPerson, stored: str, now: datetime) -> str:
    """The same inside a transaction of the caller's, with a password that is hashed already."""
    if rows.username_taken(tx, new.username):
        raise Invalid(fields={"username": f"登录名“{new.username}”已被使用。"})
    person_id = new_id()
    row = {
        "id": person_id,
        "username": new.username,
        "name": new.name.strip(),
        "password_hash": stored,
        "must_change": new.must_change,
        "demo": new.demo,
        "created_at": now,
    }
    rows.insert_rows(tx, Person, [row])
    record(tx, Tag.PERSON_CREATE, now, actor, {"person": person_id})
    return person_id


def rename_person(actor: Actor, person_id: str, name: str, now: datetime) -> None:
    """Correct somebody's name."""
    if not 1 <= len(name.strip()) <= 60:
        raise Invalid(fields={"name": "请填写姓名，不超过 60 个字。"})
    with transaction() as tx:
        _existing(tx, person_id)
        rows.update_person(tx, person_id, name=name.strip())
        record(tx, Tag.PERSON_CHANGE, now, actor, {"person": person_id, "what": "name"})


def set_active(actor: Actor, person_id: str, active: bool, now: datetime) -> None:
    """Close an account (every session ends at once) or open it again."""
    if person_id == actor.person_id and not active:
        raise Forbidden("不能停用自己的账号。")
    with transaction() as tx:
        _existing(tx, person_id)
        rows.update_person(tx, person_id, active=active, failures=0, locked_until=None)
        if not active:
            session_rows.revoke_all(tx, person_id, now)
        record(tx, Tag.PERSON_CHANGE, now, actor, {"person": person_id, "what": "active" if active else "closed"})


def unlock(actor: Actor, person_id: str, now: datetime) -> None:
    """Let somebody try again before the lock has run out."""
    with transaction() as tx:
        _existing(tx, person_id)
        session_rows.forgive(tx, person_id)
        record(tx, Tag.PERSON_CHANGE, now, actor, {"person": person_id, "what": "unlocked"})


def reset_password(actor: Actor, person_id: str, password: str, *, min_length: int, now: datetime) -> None:
    """Give somebody a first password again; they must change it, and every session of theirs ends."""
    with transaction() as tx:
        username = _existing(tx, person_id).username
    passwords.refuse_weak(password, username, min_length)
    stored = passwords.hashed(password)
    with transaction() as tx:
        session_rows.set_password(tx, person_id, stored, must_change=True)
        session_rows.revoke_all(tx, person_id, now)
        record(tx, Tag.PASSWORD_CHANGE, now, actor, {"person": person_id})


def _existing(tx: Tx, person_id: str) -> Any:
    found = rows.person(tx, person_id)
    if found is None:
        raise NotFound("没有找到这个人员。")
    return found


# -- posts -------------------------------------------------------------------------------------------------------------
def create_post(actor: Actor, unit_id: str, *, kind: str, name: str, role: str, now: datetime) -> str:
    """Add a post to a unit; its id."""
    if role not in ROLES:
        raise Invalid(fields={"role": "请选择角色。"})
    if not re.fullmatch(r"[a-z][a-z_]{1,39}", kind):
        raise Invalid(fields={"kind": "岗位代码为小写英文字母和下划线。"})
    if not 1 <= len(name.strip()) <= 80:
        raise Invalid(fields={"name": "请填写岗位名称，不超过 80 个字。"})
    with transaction() as tx:
        if rows.unit(tx, unit_id) is None:
            raise NotFound("没有找到这个单位。")
        if any(post.kind == kind for post in rows.posts_of_unit(tx, unit_id)):
            raise Invalid(fields={"kind": "该单位已有这个岗位。"})
        return _add_post(tx, actor, {"unit_id": unit_id, "kind": kind, "name": name.strip(), "role": role}, now)


def _add_post(tx: Tx, actor: Actor, values: dict[str, str], now: datetime) -> str:
    post_id = new_id()
    rows.insert_rows(tx, Post, [{"id": post_id, **values}])
    record(tx, Tag.POST_CHANGE, now, actor, {"what": "created"}, post_id=post_id, unit_id=values["unit_id"])
    return post_id


def set_holding(
    actor: Actor, post_id: str, person_id: str, now: datetime, *, kind: str = "holder", until: datetime | None = None
) -> str:
    """From now on this person holds the post (whoever held it does no more), or stands in for its holder."""
    if kind not in HOLDING_KINDS:
        raise Invalid(fields={"kind": "请选择任职方式。"})
    if until is not None and until <= now:
        raise Invalid(fields={"until": "截止时间应在现在之后。"})
    with transaction() as tx:
        if rows.post(tx, post_id) is None:
            raise NotFound("没有找到这个岗位。")
        if not _existing(tx, person_id).active:
            raise Invalid(fields={"person": "该账号已停用。"})
        return put_holding(tx, actor, post_id, person_id, now, kind=kind, until=until)


def put_holding(
    tx: Tx,
    actor: Actor,
    post_id: str,
    person_id: str,
    now: datetime,
    *,
    kind: str = "holder",
    until: datetime | None = None,
) -> str:
    """The same inside a transaction of the caller's."""
    if kind == "holder":
        rows.end_holdings(tx, now, post_id=post_id, kind="holder")
    rows.end_holdings(tx, now, post_id=post_id, person_id=person_id)
    holding_id = new_id()
    row = {"id": holding_id, "post_id": post_id, "person_id": person_id, "kind": kind, "since": now, "until": until}
    rows.insert_rows(tx, Holding, [row])
    record(tx, Tag.POST_CHANGE, now, actor, {"person": person_id, "what": kind}, post_id=post_id)
    for incident_id in rows.close_vacancies(tx, post_id, now, actor.person_id):
        record(tx, Tag.INCIDENT_CLOSE, now, actor, {"incident": incident_id}, post_id=post_id)
    return holding_id


def end_holding(actor: Actor, holding_id: str, now: datetime) -> None:
    """The person does not hold the post any longer."""
    with transaction() as tx:
        if not rows.end_holdings(tx, now, id=holding_id):
            raise NotFound("没有找到这项任职，可能已经结束。")
        record(tx, Tag.POST_CHANGE, now, actor, {"holding": holding_id, "what": "ended"})


# -- the first administrator -------------------------------------------------------------------------------------------
def create_admin(username: str, name: str, password: str, *, min_length: int, now: datetime) -> str:
    """An administrator for an installation that has nobody yet (or has locked everybody out)."""
    new = NewPerson(username=username, name=name, password=password, must_change=False)
    refuse_bad(new, min_length)
    stored = passwords.hashed(password)
    with transaction() as tx:
        person_id = add_person(tx, SYSTEM, new, stored, now)
        post_id = _admin_post(tx, now)
        # an administrator's post may be held by several
        kind = "stand_in" if rows.holdings(tx, now=now, posts=[post_id]) else "holder"
        put_holding(tx, SYSTEM, post_id, person_id, now, kind=kind)
    return person_id


def _admin_post(tx: Tx, now: datetime) -> str:
    root = rows.root_unit(tx)
    unit_id = root.id if root else _first_unit(tx)
    found = next((post.id for post in rows.posts_of_unit(tx, unit_id) if post.role == "admin"), None)
    values = {"unit_id": unit_id, "kind": "admin", "name": "系统管理员", "role": "admin"}
    return found or _add_post(tx, SYSTEM, values, now)


def _first_unit(tx: Tx) -> str:
    unit_id = new_id()
    row = {"id": unit_id, "parent_id": None, "path": f"/{unit_id}/", "code": "root", "name": "本市"}
    rows.insert_rows(tx, Unit, [{**row, "short_name": "本市", "level": "city", "kind": "government"}])
    return unit_id
