"""Rules that an administrator changed: a row each, keyed by the rule's name. Values are read as the text they are."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, ScalarSelect, Text, func, select, type_coerce, update
from sqlalchemy.dialects import postgresql, sqlite

from models.directory import Person, Policy

_PREFIX = "sign_in."
_text = type_coerce(Policy.value, Text)
_name = func.substr(Policy.key, len(_PREFIX) + 1).label("name")
_INSERT = {
    "sqlite": sqlite.insert(Policy).on_conflict_do_nothing().returning(Policy.key),
    "postgresql": postgresql.insert(Policy).on_conflict_do_nothing().returning(Policy.key),
}


def _keys(names: Sequence[str]) -> list[str]:
    return [_PREFIX + name for name in names]


def changed(tx: Connection, names: Sequence[str]) -> list[Row[Any]]:
    """Those of these rules that were ever changed, with who did it last."""
    query = (
        select(_name, _text.label("value"), Policy.changed_at, Person.name.label("person"))
        .outerjoin(Person, Person.id == Policy.changed_by)
        .where(Policy.key.in_(_keys(names)))
    )
    return list(tx.execute(query))


def value_of(name: str) -> ScalarSelect[Any]:
    """A rule's value as a column of another query; NULL where it was never changed."""
    return select(_text).where(Policy.key == _PREFIX + name).scalar_subquery()


def lock(tx: Connection, names: Sequence[str]) -> set[str]:
    """Lock the rows there are: two administrators change one after the other."""
    query = select(_name).where(Policy.key.in_(_keys(names))).order_by(Policy.key)
    return set(tx.execute(query.with_for_update()).scalars())


def put(tx: Connection, name: str, value: int, *, at: datetime, by: str | None, known: bool) -> bool:
    """Write a rule; False where it was `known` to have no row and somebody has written one meanwhile."""
    values = {"value": value, "changed_at": at, "changed_by": by}
    key = _PREFIX + name
    if known:
        return tx.execute(update(Policy).where(Policy.key == key).values(**values)).rowcount > 0
    return tx.execute(_INSERT[tx.dialect.name], {"key": key, **values}).first() is not None
