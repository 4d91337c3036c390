"""Hand-over letters (附件3)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, select, update

from models.directory import Person
from models.publications import Letter


def one(tx: Connection, letter_id: str) -> Row[Any] | None:
    """A letter as it was issued."""
    return tx.execute(select(Letter.__table__).where(Letter.id == letter_id)).first()


def change(tx: Connection, letter_id: str, **values: Any) -> None:
    """Write columns of a letter; what was issued stays."""
    tx.execute(update(Letter).where(Letter.id == letter_id).values(**values))


def person_name(tx: Connection, person_id: str | None) -> str:
    """Who handles a letter, by name."""
    found = tx.execute(select(Person.name).where(Person.id == person_id)).scalar() if person_id else None
    return str(found or "")
