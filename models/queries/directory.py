"""Units, posts, people and who holds which post."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, func, insert, or_, select, update

from models.directory import Enterprise, Holding, Person, Post, Unit
from models.queries.scope import called
from models.running import Incident

_BATCH = 500


def insert_rows(tx: Connection, model: Any, rows: Sequence[dict[str, Any]]) -> None:
    """Insert many rows, in batches that both databases take."""
    for start in range(0, len(rows), _BATCH):
        tx.execute(insert(model.__table__), list(rows[start : start + _BATCH]))


def unit_ids_by_code(tx: Connection) -> dict[str, tuple[str, str]]:
    """code -> (id, path) of every unit."""
    return {row.code: (row.id, row.path) for row in tx.execute(select(Unit.code, Unit.id, Unit.path))}


def post_ids(tx: Connection) -> dict[tuple[str, str], str]:
    """(unit id, kind) -> post id of every post."""
    return {(row.unit_id, row.kind): row.id for row in tx.execute(select(Post.unit_id, Post.kind, Post.id))}


def units_by_code(tx: Connection) -> dict[str, Any]:
    """code -> the whole row of every unit."""
    return {row.code: row for row in tx.execute(select(Unit.__table__))}


def posts_by_kind(tx: Connection) -> dict[tuple[str, str], Any]:
    """(unit id, kind) -> id, name and role of every post."""
    query = select(Post.unit_id, Post.kind, Post.id, Post.name, Post.role)
    return {(row.unit_id, row.kind): row for row in tx.execute(query)}


def update_unit(tx: Connection, unit_id: str, **values: Any) -> None:
    tx.execute(update(Unit).where(Unit.id == unit_id).values(**values))


def update_post(tx: Connection, post_id: str, **values: Any) -> None:
    tx.execute(update(Post).where(Post.id == post_id).values(**values))


def enterprise_ids(tx: Connection) -> set[str]:
    return set(tx.execute(select(Enterprise.unit_id)).scalars())


def root_unit(tx: Connection) -> Any:
    """The top of the tree."""
    query = select(Unit.id, Unit.name).where(Unit.parent_id.is_(None)).order_by(Unit.path).limit(1)
    return tx.execute(query).first()


def unit(tx: Connection, unit_id: str) -> Any:
    return tx.execute(select(Unit.__table__).where(Unit.id == unit_id)).first()


def units_by_name(tx: Connection, text: str, limit: int) -> list[Row[Any]]:
    """Units whose name holds the text, the short names first."""
    query = select(Unit.id, Unit.name, Unit.level, Unit.path).where(Unit.active, called(text))
    return list(tx.execute(query.order_by(func.length(Unit.name), Unit.name).limit(limit)))


_LISTED = (Unit.id, Unit.code, Unit.name, Unit.short_name, Unit.level, Unit.category, Unit.other_names)


def units(tx: Connection, *, text: str, level: str, after: str, limit: int) -> list[Row[Any]]:
    """Active units by code, from after `after` on."""
    query = select(*_LISTED).where(Unit.code > after, *_of_units(text, level))
    return list(tx.execute(query.order_by(Unit.code).limit(limit)))


def unit_count(tx: Connection, *, text: str, level: str) -> int:
    return tx.execute(select(func.count()).select_from(Unit).where(*_of_units(text, level))).scalar_one()


def _of_units(text: str, level: str) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [Unit.active.is_(True)]
    if text:
        found.append(called(text))
    if level:
        found.append(Unit.level == level)
    return found


# -- people ------------------------------------------------------------------------------------------------------------
_PERSON = (
    Person.id,
    Person.username,
    Person.name,
    Person.active,
    Person.demo,
    Person.must_change,
    Person.locked_until,
    Person.created_at,
)


def person(tx: Connection, person_id: str) -> Any:
    return tx.execute(select(*_PERSON).where(Person.id == person_id)).first()


def username_taken(tx: Connection, username: str) -> bool:
    return tx.execute(select(Person.id).where(Person.username == username)).first() is not None


def people(tx: Connection, *, text: str, unit_path: str, after: str, limit: int) -> list[Row[Any]]:
    """People by login name, from after `after` on; with a text in name, login name or unit, or below a unit."""
    query = select(*_PERSON).where(Person.username > after).order_by(Person.username).limit(limit)
    if text:
        unit_named = _holders_in(called(text))
        in_person = [column.contains(text, autoescape=True) for column in (Person.name, Person.username)]
        query = query.where(or_(*in_person, Person.id.in_(unit_named)))
    if unit_path:
        query = query.where(Person.id.in_(_holders_in(Unit.path.startswith(unit_path, autoescape=True))))
    return list(tx.execute(query))


def _holders_in(where: Any) -> Any:
    return (
        select(Holding.person_id)
        .join(Post, Post.id == Holding.post_id)
        .join(Unit, Unit.id == Post.unit_id)
        .where(where, Holding.until.is_(None))
    )


def update_person(tx: Connection, person_id: str, **values: Any) -> None:
    tx.execute(update(Person).where(Person.id == person_id).values(**values))


# -- posts -------------------------------------------------------------------------------------------------------------
def post(tx: Connection, post_id: str) -> Any:
    query = (
        select(Post.id, Post.unit_id, Post.kind, Post.name, Post.role, Unit.name.label("unit_name"))
        .join(Unit, Unit.id == Post.unit_id)
        .where(Post.id == post_id)
    )
    return tx.execute(query).first()


def close_vacancies(tx: Connection, post_id: str, at: datetime, by: str | None) -> list[str]:
    """The post is held again: close the open incidents that it was not; their ids."""
    vacant = (
        Incident.kind == "no_holder",
        Incident.closed_at.is_(None),
        Incident.source_id == select(Post.unit_id).where(Post.id == post_id).scalar_subquery(),
        Incident.ref == select(Post.kind).where(Post.id == post_id).scalar_subquery(),
    )
    query = update(Incident).where(*vacant).values(closed_at=at, closed_by=by).returning(Incident.id)
    return sorted(tx.execute(query).scalars())


def posts_of_unit(tx: Connection, unit_id: str) -> list[Row[Any]]:
    query = select(Post.id, Post.kind, Post.name, Post.role).where(Post.unit_id == unit_id)
    return list(tx.execute(query.order_by(Post.name)))


def posts_found(tx: Connection, text: str, limit: int) -> list[Row[Any]]:
    """Posts by a text in the post's or its unit's name."""
    query = (
        select(Post.id, Post.name, Post.role, Unit.id.label("unit_id"), Unit.name.label("unit_name"))
        .join(Unit, Unit.id == Post.unit_id)
        .where(or_(Post.name.contains(text, autoescape=True), called(text)))
    )
    return list(tx.execute(query.order_by(func.length(Unit.name), Unit.name, Post.name).limit(limit)))


# -- holdings ----------------------------------------------------------------------------------------------------------
def holdings(
    tx: Connection, *, now: datetime, persons: Sequence[str] = (), posts: Sequence[str] = (), past: bool = False
) -> list[Row[Any]]:
    """Who holds what, of these people or these posts; with `past` also what has ended."""
    query = (
        select(
            Holding.id,
            Holding.person_id,
            Holding.post_id,
            Holding.kind,
            Holding.since,
            Holding.until,
            Person.name.label("person_name"),
            Person.active.label("person_active"),
            Post.name.label("post_name"),
            Post.role,
            Unit.id.label("unit_id"),
            Unit.name.label("unit_name"),
        )
        .join(Person, Person.id == Holding.person_id)
        .join(Post, Post.id == Holding.post_id)
        .join(Unit, Unit.id == Post.unit_id)
        .where(or_(Holding.person_id.in_(persons), Holding.post_id.in_(posts)))
    )
    if not past:
        query = query.where(or_(Holding.until.is_(None), Holding.until > now))
    return list(tx.execute(query.order_by(Holding.since, Holding.id)))


def end_holdings(tx: Connection, now: datetime, **which: str) -> int:
    """End holdings in force: by id, or by post_id and kind, or by person_id."""
    same = [getattr(Holding, name) == value for name, value in which.items()]
    in_force = or_(Holding.until.is_(None), Holding.until > now)
    return tx.execute(update(Holding).where(and_(*same), in_force).values(until=now)).rowcount
