"""Photos of what was seen."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, or_, select, update

from models.directory import Person, Unit
from models.photos import Photo


def add(tx: Connection, row: dict[str, Any]) -> None:
    tx.execute(insert(Photo), row)


def one(tx: Connection, photo_id: str) -> Row[Any] | None:
    """A photo's row, unless it was removed."""
    return tx.execute(select(Photo.__table__).where(Photo.id == photo_id, Photo.removed_at.is_(None))).first()


def count(tx: Connection, subject: str, subject_id: str) -> int:
    query = select(func.count()).where(Photo.subject == subject, Photo.subject_id == subject_id)
    return int(tx.execute(query.where(Photo.removed_at.is_(None))).scalar_one())


def of_subjects(tx: Connection, subjects: Sequence[tuple[str, str]]) -> list[Row[Any]]:
    """Photos of these things, the first taken first, with who added them."""
    if not subjects:
        return []
    each = [(Photo.subject == subject) & (Photo.subject_id == subject_id) for subject, subject_id in subjects]
    query: Any = (
        select(Photo.__table__, Unit.short_name.label("unit"), Person.name.label("person"))
        .join(Unit, Unit.id == Photo.unit_id)
        .outerjoin(Person, Person.id == Photo.added_by)
        .where(or_(*each), Photo.removed_at.is_(None))
    )
    return list(tx.execute(query.order_by(Photo.added_at, Photo.id)))


def remove(tx: Connection, photo_id: str, now: datetime) -> bool:
    """Take a photo off; the bytes stay. False where it was off already."""
    query = update(Photo).where(Photo.id == photo_id, Photo.removed_at.is_(None))
    return tx.execute(query.values(removed_at=now)).rowcount > 0
