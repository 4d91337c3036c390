"""Entries of the lists that units keep up to date: one, a page of them, and what became of one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, String, and_, cast, func, or_, select, update

from models.directory import Person, Unit
from models.queries.lists import Wanted
from models.queries.running import add as insert_rows
from models.queries.scope import inside, like
from models.records import Ledger
from models.registers import ListEntry

Lists = Sequence[tuple[str, str]]  # (campaign, key of the list in its plan)


def add(tx: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    insert_rows(tx, ListEntry, rows)


def locked(tx: Connection, entry_id: str) -> Any:
    """The entry with its unit, locked."""
    return tx.execute(_one(entry_id).with_for_update(of=ListEntry)).first()


def entry(tx: Connection, entry_id: str) -> Any:
    """The entry with its unit."""
    return tx.execute(_one(entry_id)).first()


def _one(entry_id: str) -> Any:
    query = select(ListEntry.__table__, Unit.short_name.label("unit"), Unit.path.label("unit_path"))
    return query.join(Unit, Unit.id == ListEntry.unit_id).where(ListEntry.id == entry_id)


def change(tx: Connection, entry_id: str, **values: Any) -> None:
    """Write new values; the version counts them."""
    query = update(ListEntry).where(ListEntry.id == entry_id)
    tx.execute(query.values(version=ListEntry.version + 1, **values))


def page(tx: Connection, wanted: Wanted, lists: Lists) -> list[Row[Any]]:
    """Entries in the order of units and numbers."""
    query = (
        select(ListEntry.__table__, Unit.short_name.label("unit"))
        .join(Unit, Unit.id == ListEntry.unit_id)
        .where(*_conditions(wanted, lists))
        .order_by(ListEntry.campaign_id, Unit.code, ListEntry.n)
    )
    if wanted.limit is not None:
        query = query.offset(wanted.skip).limit(wanted.limit)
    return list(tx.execute(query))


def count(tx: Connection, wanted: Wanted, lists: Lists) -> int:
    """How many there are."""
    query = select(func.count()).select_from(ListEntry).join(Unit, Unit.id == ListEntry.unit_id)
    return int(tx.execute(query.where(*_conditions(wanted, lists))).scalar_one())


def last_change(tx: Connection, wanted: Wanted, lists: Lists) -> Any:
    """When the last of these entries was changed; None where there is none."""
    query = select(func.max(ListEntry.changed_at)).join(Unit, Unit.id == ListEntry.unit_id)
    return tx.execute(query.where(*_conditions(wanted, lists))).scalar()


def _conditions(wanted: Wanted, lists: Lists) -> list[Any]:
    found = [
        or_(*(and_(ListEntry.campaign_id == campaign, ListEntry.list_key == key) for campaign, key in lists)),
        inside(wanted.paths),
    ]
    if wanted.unit_path:
        found.append(inside((wanted.unit_path,)))
    if wanted.status:
        found.append(ListEntry.status == wanted.status)
    if wanted.until is not None:
        found.append(ListEntry.recorded_at < wanted.until)
    if wanted.text:
        pattern = like(wanted.text)
        cells = cast(ListEntry.cells, String)
        found.append(or_(ListEntry.content.like(pattern, escape="!"), cells.like(pattern, escape="!")))
    return found


def history(tx: Connection, campaign_id: str, entry_id: str, tags: Sequence[str]) -> list[Row[Any]]:
    """What was written about an entry, the newest first."""
    query = (
        select(Ledger.at, Ledger.tag, Ledger.data, Person.name.label("person"), Unit.short_name.label("unit"))
        .outerjoin_from(Ledger, Person, Person.id == Ledger.person_id)
        .outerjoin(Unit, Unit.id == Ledger.unit_id)
        .where(
            Ledger.campaign_id == campaign_id,
            Ledger.tag.in_(tags),
            cast(Ledger.data, String).like(f'%"{entry_id}"%'),
        )
        .order_by(Ledger.seq.desc())
    )
    return list(tx.execute(query))
