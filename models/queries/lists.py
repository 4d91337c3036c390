"""The six lists (六（二）) over the registers of hazards and disposals, and the lists as they were handed in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, or_, select
from sqlalchemy.orm import aliased

from models.directory import Post, Unit
from models.hazards import Hazard
from models.inspections import Disposal
from models.publications import ListSnapshot
from models.queries.scope import inside, like

_Owner = aliased(Unit)
_ListedAt = aliased(Unit)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Whose entries (units inside these trees; None: everybody's), until when, which text, from where on."""

    campaign_id: str
    paths: tuple[str, ...] | None
    until: datetime | None = None
    text: str = ""
    unit_path: str = ""  # of one unit's tree among them
    skip: int = 0
    limit: int | None = None
    also: tuple[str, ...] = ()  # further campaigns: a programme's list takes in its children's
    status: str = ""  # of entries that units keep: open, closed; empty: both

    @property
    def campaigns(self) -> tuple[str, ...]:
        return (self.campaign_id, *self.also)


def hazards(tx: Connection, wanted: Wanted, *, listed: bool = False) -> list[Row[Any]]:
    """Hazards in the order they were found; `listed`: those under listed supervision."""
    query = (
        select(
            Hazard.__table__,
            _Owner.short_name.label("unit"),
            Post.name.label("listed_by_post"),
            _ListedAt.short_name.label("listed_by_unit"),
        )
        .join(_Owner, _Owner.id == Hazard.unit_id)
        .outerjoin(Post, Post.id == Hazard.listed_by_post_id)
        .outerjoin(_ListedAt, _ListedAt.id == Post.unit_id)
        .order_by(Hazard.found_at, Hazard.id)
    )
    return list(tx.execute(_cut(query.where(*_of_hazards(wanted, listed)), wanted)))


def count_hazards(tx: Connection, wanted: Wanted, *, listed: bool = False) -> int:
    """How many there are."""
    query = select(func.count()).select_from(Hazard).join(_Owner, _Owner.id == Hazard.unit_id)
    return int(tx.execute(query.where(*_of_hazards(wanted, listed))).scalar_one())


def disposals(tx: Connection, wanted: Wanted, kinds: Sequence[str]) -> list[Row[Any]]:
    """Disposals of these kinds in the order of their decision."""
    query = (
        select(Disposal.__table__, _Owner.short_name.label("unit"))
        .join(_Owner, _Owner.id == Disposal.unit_id)
        .order_by(Disposal.decided_at, Disposal.id)
    )
    return list(tx.execute(_cut(query.where(*_of_disposals(wanted, kinds)), wanted)))


def count_disposals(tx: Connection, wanted: Wanted, kinds: Sequence[str]) -> int:
    """How many there are."""
    query = select(func.count()).select_from(Disposal).join(_Owner, _Owner.id == Disposal.unit_id)
    return int(tx.execute(query.where(*_of_disposals(wanted, kinds))).scalar_one())


def _of_hazards(wanted: Wanted, listed: bool) -> list[Any]:
    at = Hazard.listed_at if listed else Hazard.found_at
    found: list[Any] = [Hazard.campaign_id.in_(wanted.campaigns), at.is_not(None), *_common(wanted, at)]
    if wanted.text:
        pattern = like(wanted.text)
        found.append(or_(Hazard.enterprise_name.like(pattern, escape="!"), Hazard.text.like(pattern, escape="!")))
    return found


def _of_disposals(wanted: Wanted, kinds: Sequence[str]) -> list[Any]:
    found = [
        Disposal.campaign_id.in_(wanted.campaigns),
        Disposal.kind.in_(kinds),
        *_common(wanted, Disposal.decided_at),
    ]
    if wanted.text:
        pattern = like(wanted.text)
        found.append(or_(Disposal.subject.like(pattern, escape="!"), Disposal.facts.like(pattern, escape="!")))
    return found


def _common(wanted: Wanted, at: Any) -> list[Any]:
    found = [inside(wanted.paths, _Owner.path)]
    if wanted.unit_path:
        found.append(inside((wanted.unit_path,), _Owner.path))
    if wanted.until is not None:
        found.append(at < wanted.until)
    return found


def _cut(query: Any, wanted: Wanted) -> Any:
    return query.offset(wanted.skip).limit(wanted.limit) if wanted.limit is not None else query


# -- as handed in ------------------------------------------------------------------------------------------------------
def put_snapshots(tx: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Lists as a unit hands them in; handed in again after a return they take the place of the first ones."""
    for row in rows:
        tx.execute(
            delete(ListSnapshot).where(
                ListSnapshot.campaign_id == row["campaign_id"],
                ListSnapshot.unit_id == row["unit_id"],
                ListSnapshot.period == row["period"],
                ListSnapshot.list_key == row["list_key"],
            )
        )
    tx.execute(insert(ListSnapshot), list(rows))


def snapshots(tx: Connection, campaign_id: str, paths: Sequence[str] | None) -> list[Row[Any]]:
    """Which lists were handed in, with how many entries, the newest month first."""
    query = (
        select(
            ListSnapshot.id,
            ListSnapshot.list_key,
            ListSnapshot.period,
            ListSnapshot.count,
            ListSnapshot.frozen_at,
            ListSnapshot.unit_id,
            Unit.short_name.label("unit"),
            Unit.code,
        )
        .join(Unit, Unit.id == ListSnapshot.unit_id)
        .where(ListSnapshot.campaign_id == campaign_id, inside(paths))
        .order_by(ListSnapshot.period.desc(), Unit.code, ListSnapshot.list_key)
    )
    return list(tx.execute(query))


def snapshot_rows(
    tx: Connection, campaign_id: str, key: str, period: str, paths: Sequence[str] | None
) -> list[Row[Any]]:
    """One list of a month as each unit handed it in."""
    query = (
        select(ListSnapshot.rows, Unit.short_name.label("unit"), Unit.id.label("unit_id"))
        .join(Unit, Unit.id == ListSnapshot.unit_id)
        .where(
            ListSnapshot.campaign_id == campaign_id,
            ListSnapshot.list_key == key,
            ListSnapshot.period == period,
            inside(paths),
        )
        .order_by(Unit.code)
    )
    return list(tx.execute(query))
