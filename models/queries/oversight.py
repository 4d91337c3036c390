"""Oversight: who looked at whom, in which way, with what result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, or_, select, tuple_, update
from sqlalchemy.orm import aliased

from models.directory import Person, Unit
from models.inspections import Oversight
from models.queries.running import add
from models.queries.scope import inside, like

DEPARTMENT = "department"
_Target = aliased(Unit)
_By = aliased(Unit)


def write(tx: Connection, found: Sequence[Mapping[str, Any]]) -> None:
    """New rows."""
    add(tx, Oversight, found)


def change(tx: Connection, oversight_id: str, **values: Any) -> None:
    """Write columns of one row."""
    tx.execute(update(Oversight).where(Oversight.id == oversight_id).values(**values))


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What the list is to hold. `paths` None: everything; else what oversees or is overseen in these trees."""

    campaign_id: str
    paths: tuple[str, ...] | None
    mode: str = ""
    unit_id: str = ""
    target_id: str = ""
    state: str = ""  # open | answering | finished
    text: str = ""


def _base(*columns: Any) -> Any:
    return (
        select(*columns)
        .select_from(Oversight)
        .join(_Target, _Target.id == Oversight.target_id)
        .join(_By, _By.id == Oversight.unit_id)
    )


_LINE = (
    Oversight.__table__,
    _Target.short_name.label("target"),
    _Target.path.label("target_path"),
    _By.short_name.label("unit"),
    _By.path.label("unit_path"),
)
_STATES: dict[str, list[Any]] = {
    "open": [Oversight.conclusion == ""],
    "answering": [Oversight.conclusion != "", Oversight.finished_at.is_(None)],
    "finished": [Oversight.finished_at.is_not(None)],
}


def _conditions(wanted: Wanted) -> list[Any]:
    found: list[Any] = [Oversight.campaign_id == wanted.campaign_id]
    if wanted.paths is not None:
        found.append(or_(inside(wanted.paths, _Target.path), inside(wanted.paths, _By.path)))
    columns = {
        Oversight.mode: wanted.mode,
        Oversight.unit_id: wanted.unit_id,
        Oversight.target_id: wanted.target_id,
    }
    found += [column == value for column, value in columns.items() if value]
    found += _STATES.get(wanted.state, [])
    if wanted.text:
        found.append(_Target.name.like(like(wanted.text), escape="!"))
    return found


def page(tx: Connection, wanted: Wanted, after: tuple[datetime, str] | None, limit: int) -> list[Row[Any]]:
    """The newest first, from behind `after` on."""
    query = _base(*_LINE).where(*_conditions(wanted))
    if after is not None:
        query = query.where(tuple_(Oversight.began_at, Oversight.id) < after)
    return list(tx.execute(query.order_by(Oversight.began_at.desc(), Oversight.id.desc()).limit(limit)))


def states(tx: Connection, wanted: Wanted) -> list[Row[Any]]:
    """The same without pages, as far as counts need them."""
    query = _base(Oversight.mode, Oversight.conclusion, Oversight.finished_at, Oversight.problems)
    return list(tx.execute(query.where(*_conditions(wanted))))


def one(tx: Connection, oversight_id: str) -> Any:
    """One row; None if there is none."""
    query = _base(*_LINE, Person.name.label("person")).outerjoin(Person, Person.id == Oversight.recorded_by)
    return tx.execute(query.where(Oversight.id == oversight_id)).first()


def overseen(tx: Connection, campaign_id: str) -> dict[str, Any]:
    """unit id -> the office's oversight of it that has a result, the newest."""
    query = select(Oversight.target_id, Oversight.began_at, Oversight.mode).where(
        Oversight.campaign_id == campaign_id, Oversight.mode != DEPARTMENT, Oversight.conclusion != ""
    )
    return {row.target_id: row for row in tx.execute(query.order_by(Oversight.began_at))}


def opened(tx: Connection, campaign_id: str) -> set[str]:
    """Units that the office has under oversight without a result yet."""
    query = select(Oversight.target_id).where(
        Oversight.campaign_id == campaign_id, Oversight.mode != DEPARTMENT, Oversight.conclusion == ""
    )
    return set(tx.execute(query).scalars())
