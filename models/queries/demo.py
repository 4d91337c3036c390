"""How far the demo city has come, kept as a policy row; whether somebody else's data is there."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, exists, insert, select, update

from models.directory import Person, Policy, Post, Unit
from models.records import Campaign

_KEY = "demo.city"


def state(tx: Connection) -> dict[str, Any] | None:
    """What was noted last; None before the first seeding."""
    found: Any = tx.execute(select(Policy.value).where(Policy.key == _KEY)).scalar()
    return dict(found) if found else None


def note(tx: Connection, value: dict[str, Any], at: datetime) -> None:
    """Note how far the seeding has come."""
    done = tx.execute(update(Policy).where(Policy.key == _KEY).values(value=value, changed_at=at))
    if not done.rowcount:
        tx.execute(insert(Policy).values(key=_KEY, value=value, changed_at=at))


def in_use(tx: Connection) -> bool:
    """Whether there is anything that a city has: people, units or campaigns."""
    found = [select(exists(select(column))) for column in (Person.id, Unit.id, Campaign.id)]
    return any(tx.execute(query).scalar() for query in found)


def post_id(tx: Connection, unit_code: str, kind: str) -> str | None:
    """The post of this kind of the unit with this code."""
    query = select(Post.id).join(Unit, Unit.id == Post.unit_id).where(Unit.code == unit_code, Post.kind == kind)
    return tx.execute(query).scalar()


def set_passwords(tx: Connection, password_hash: str) -> None:
    """All demo people have this password from now on."""
    values = {"password_hash": password_hash, "failures": 0, "locked_until": None}
    tx.execute(update(Person).where(Person.demo.is_(True)).values(values))


def usernames(tx: Connection) -> list[str]:
    """Login names of demo people."""
    return list(tx.execute(select(Person.username).where(Person.demo.is_(True)).order_by(Person.username)).scalars())
