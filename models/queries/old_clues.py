"""The ledger of clues of the last three years."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, case, func, insert, or_, select, update
from sqlalchemy.orm import aliased

from models.batches import batches
from models.directory import Person, Unit
from models.hazards import Hazard, OldClue
from models.inspections import Referral
from models.queries.scope import inside, like

_ROWS = 500
_Closer = aliased(Person)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What the list is to hold; `paths` None: everything."""

    campaign_id: str
    paths: tuple[str, ...] | None
    text: str = ""
    status: str = ""
    unit_id: str = ""


def add(tx: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Many rows, in batches that both databases take."""
    for start in range(0, len(rows), _ROWS):
        tx.execute(insert(OldClue), list(rows[start : start + _ROWS]))


def known_numbers(tx: Connection, campaign_id: str, numbers: Sequence[str]) -> set[str]:
    """Which of these numbers the ledger has already."""
    found: set[str] = set()
    for some in batches(numbers):
        query = select(OldClue.number).where(OldClue.campaign_id == campaign_id, OldClue.number.in_(some))
        found |= set(tx.execute(query).scalars())
    return found


def locked(tx: Connection, clue_id: str) -> Any:
    """One clue, held until the end of the transaction."""
    return tx.execute(select(OldClue.__table__).where(OldClue.id == clue_id).with_for_update()).first()


def change(tx: Connection, clue_id: str, **values: Any) -> None:
    tx.execute(update(OldClue).where(OldClue.id == clue_id).values(**values))


def refer(tx: Connection, row: dict[str, Any]) -> None:
    tx.execute(insert(Referral), row)


def referrals(tx: Connection, clue_id: str) -> list[Row[Any]]:
    query = select(Referral.__table__).where(Referral.old_clue_id == clue_id)
    return list(tx.execute(query.order_by(Referral.referred_at)))


def hazard_number(tx: Connection, hazard_id: str) -> str:
    """What the register calls a hazard."""
    return str(tx.execute(select(Hazard.number).where(Hazard.id == hazard_id)).scalar_one())


def not_closed(tx: Connection, campaign_id: str, unit_id: str) -> int:
    """How many of a unit's clues are not closed."""
    query = select(func.count()).where(OldClue.campaign_id == campaign_id, OldClue.unit_id == unit_id)
    return int(tx.execute(query.where(OldClue.status != "closed")).scalar_one())


_LINE = (OldClue.__table__, Unit.short_name.label("unit"), Unit.path.label("unit_path"))


def _of(wanted: Wanted, *columns: Any) -> Any:
    query = select(*columns).select_from(OldClue).join(Unit, Unit.id == OldClue.unit_id)
    query = query.where(OldClue.campaign_id == wanted.campaign_id, inside(wanted.paths))
    if wanted.text:
        texts = (OldClue.number, OldClue.subject, OldClue.text)
        query = query.where(or_(*(column.like(like(wanted.text), escape="!") for column in texts)))
    if wanted.status:
        query = query.where(OldClue.status == wanted.status)
    if wanted.unit_id:
        query = query.where(OldClue.unit_id == wanted.unit_id)
    return query


def page(tx: Connection, wanted: Wanted, *, after: str, limit: int) -> list[Row[Any]]:
    """Clues by number, from after `after` on."""
    query = _of(wanted, *_LINE).where(OldClue.number > after)
    return list(tx.execute(query.order_by(OldClue.number).limit(limit)))


def progress(tx: Connection, wanted: Wanted) -> list[Row[Any]]:
    """unit -> clues in all, closed, referred."""

    def total(status: str) -> Any:
        return func.sum(case((OldClue.status == status, 1), else_=0)).label(status)

    query = _of(wanted, Unit.id, Unit.short_name, func.count().label("found"), total("closed"), total("referred"))
    return list(tx.execute(query.group_by(Unit.id, Unit.short_name, Unit.code).order_by(Unit.code)))


def clue(tx: Connection, clue_id: str) -> Any:
    """One clue with the names around it."""
    query = (
        select(*_LINE, _Closer.name.label("closer"))
        .select_from(OldClue)
        .join(Unit, Unit.id == OldClue.unit_id)
        .outerjoin(_Closer, _Closer.id == OldClue.closed_by)
    )
    return tx.execute(query.where(OldClue.id == clue_id)).first()
