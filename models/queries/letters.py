"""Hand-over letters (附件3): one, and the list of those whose clues the reader may see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, case, func, or_, select, update
from sqlalchemy.orm import aliased

from models.clues import Clue
from models.directory import Person, Unit
from models.publications import Letter
from models.queries import clues as clue_rows
from models.queries.scope import like

_Addressee, _Supervisor = aliased(Unit), aliased(Unit)


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


def unit_kind(tx: Connection, unit_id: str) -> str:
    """Whether a letter goes to a government, a department or a zone."""
    return str(tx.execute(select(Unit.kind).where(Unit.id == unit_id)).scalar() or "")


# -- the list ----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What the list is to hold, among the letters of the clues that the reader may see."""

    clues: clue_rows.Wanted
    text: str = ""
    state: str = ""
    unit_id: str = ""
    since: datetime | None = None
    until: datetime | None = None


def _state(now: datetime) -> Any:
    """How a letter stands; one whose clue came back or was handed over anew is withdrawn."""
    gone = or_(
        Clue.letter_id.is_(None), Clue.letter_id != Letter.id, Clue.status.in_(("released", "rejected", "classified"))
    )
    return case(
        (gone, "withdrawn"),
        (or_(Clue.reported_at.is_not(None), Clue.status == "concluded"), "answered"),
        (Clue.result_due < now, "late"),
        (Clue.received_at.is_(None), "waiting"),
        else_="in_hand",
    )


def _from(*columns: Any) -> Any:
    return (
        select(*columns)
        .select_from(Letter)
        .join(Clue, Clue.id == Letter.clue_id)
        .join(_Addressee, _Addressee.id == Letter.addressee_id)
        .outerjoin(_Supervisor, _Supervisor.id == Letter.supervisor_id)
    )


def _conditions(wanted: Wanted, now: datetime) -> list[Any]:
    found: list[Any] = [Letter.clue_id.in_(clue_rows.seen(wanted.clues))]
    if wanted.text:
        pattern = like(wanted.text)
        searched = (Letter.number, Clue.number, Clue.subject, _Addressee.short_name, _Supervisor.short_name)
        found.append(or_(*(column.like(pattern, escape="!") for column in searched)))
    if wanted.state:
        found.append(_state(now) == wanted.state)
    if wanted.unit_id:
        found.append(or_(Letter.addressee_id == wanted.unit_id, Letter.supervisor_id == wanted.unit_id))
    if wanted.since:
        found.append(Letter.issued_at >= wanted.since)
    if wanted.until:
        found.append(Letter.issued_at < wanted.until)
    return found


def page(
    tx: Connection, wanted: Wanted, *, now: datetime, after: tuple[datetime, str] | None, limit: int
) -> list[Row[Any]]:
    """Letters, the newest first, from behind `after` (moment of issue, id) on."""
    current = Clue.letter_id == Letter.id
    query = _from(
        *Letter.__table__.c,
        _state(now).label("state"),
        Clue.number.label("clue_number"),
        Clue.subject,
        Clue.sector,
        case((current, Clue.received_at)).label("received_at"),
        case((current, Clue.result_due)).label("result_due"),
        case((current, Clue.reported_at)).label("reported_at"),
        _Addressee.short_name.label("addressee"),
        _Supervisor.short_name.label("supervisor"),
    ).where(*_conditions(wanted, now))
    if after is not None:
        at, letter_id = after
        query = query.where(or_(Letter.issued_at < at, and_(Letter.issued_at == at, Letter.id < letter_id)))
    return list(tx.execute(query.order_by(Letter.issued_at.desc(), Letter.id.desc()).limit(limit)))


def counts(tx: Connection, wanted: Wanted, now: datetime) -> dict[str, int]:
    """state -> how many, among all that the reader may see."""
    state = _state(now).label("state")
    seen = _from(state).where(Letter.clue_id.in_(clue_rows.seen(wanted.clues))).subquery()
    query = select(seen.c.state, func.count().label("n")).group_by(seen.c.state)
    return {row.state: row.n for row in tx.execute(query)}


def addressees(tx: Connection, wanted: Wanted) -> list[Row[Any]]:
    """Whom letters were written to among those the reader may see, for a filter."""
    query = _from(_Addressee.id, _Addressee.short_name, _Addressee.code)
    query = query.where(Letter.clue_id.in_(clue_rows.seen(wanted.clues))).distinct()
    return list(tx.execute(query.order_by(_Addressee.code)))


def clues_of(tx: Connection, clue_ids: Sequence[str]) -> dict[str, Row[Any]]:
    """clue id -> number and place, as letters name them."""
    county = aliased(Unit)
    query: Any = select(Clue.id, Clue.number, Clue.place, county.short_name.label("county"))
    query = query.outerjoin(county, county.id == Clue.county_id).where(Clue.id.in_(clue_ids))
    return {row.id: row for row in tx.execute(query)}
