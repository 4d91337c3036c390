"""Publications: what they are made of, their rows, and the lists that the public and the offices see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, func, insert, or_, select, update
from sqlalchemy.orm import aliased

from models.clues import Clue
from models.directory import Person, Unit
from models.publications import Publication
from models.queries.scope import inside
from models.records import Campaign

_County = aliased(Unit)
_CLUE = (
    Clue.id,
    Clue.campaign_id,
    Clue.number,
    Clue.kind,
    Clue.subject,
    Clue.sector,
    Clue.status,
    Clue.assigned_at,
    Clue.result_due,
    Clue.reported_at,
    Clue.escalated_at,
    Clue.escalated_for,
    Clue.concluded_at,
    Clue.result,
    Clue.unit_id,
    Unit.short_name.label("unit"),
    Unit.code,
    _County.short_name.label("county"),
)
NOT_HANDED_OVER = ("released", "rejected")


def _clues(campaign_id: str) -> Any:
    """Clues as they may be published: neither who reported them nor in what words."""
    return (
        select(*_CLUE)
        .select_from(Clue)
        .join(Unit, Unit.id == Clue.unit_id)
        .outerjoin(_County, _County.id == Clue.county_id)
        .where(Clue.campaign_id == campaign_id)
    )


def handed_over(
    tx: Connection, campaign_id: str, since: datetime | None, until: datetime, unit_id: str | None
) -> list[Row[Any]]:
    """Clues handed over within a time, to one unit or to all; one whose objection was upheld was handed to nobody."""
    query = _clues(campaign_id).where(Clue.assigned_at < until, Clue.status.not_in(NOT_HANDED_OVER))
    if since is not None:
        query = query.where(Clue.assigned_at >= since)
    if unit_id is not None:
        query = query.where(Clue.unit_id == unit_id)
    return list(tx.execute(query.order_by(Clue.assigned_at, Clue.number)))


def clue(tx: Connection, clue_id: str) -> Any:
    """One clue with its campaign's edition and office."""
    query = (
        select(*_CLUE, Campaign.version_id, Campaign.owner_unit_id)
        .select_from(Clue)
        .join(Campaign, Campaign.id == Clue.campaign_id)
        .join(Unit, Unit.id == Clue.unit_id)
        .outerjoin(_County, _County.id == Clue.county_id)
        .where(Clue.id == clue_id)
    )
    return tx.execute(query).first()


# -- rows --------------------------------------------------------------------------------------------------------------
def add(tx: Connection, row: Mapping[str, Any]) -> None:
    tx.execute(insert(Publication), dict(row))


def locked(tx: Connection, publication_id: str) -> Any:
    """The row, locked until the end of the transaction."""
    query = select(Publication.__table__).where(Publication.id == publication_id).with_for_update()
    return tx.execute(query).first()


def change(tx: Connection, publication_id: str, **values: Any) -> None:
    tx.execute(update(Publication).where(Publication.id == publication_id).values(**values))


_LINE = (
    Publication.id,
    Publication.campaign_id,
    Publication.kind,
    Publication.title,
    Publication.period,
    Publication.status,
    Publication.audience,
    Publication.compiled_at,
    Publication.published_at,
    Publication.withdrawn_at,
    Publication.withdrawn_for,
    Publication.clue_id,
    Publication.instance_id,
    Publication.unit_id,
    Unit.short_name.label("unit"),
    Unit.path,
)


def one(tx: Connection, publication_id: str) -> Any:
    """A publication, whole."""
    query = (
        select(
            *_LINE,
            Publication.content,
            Publication.body,
            Publication.media,
            Publication.content_hash,
            Person.name.label("approved_by"),
        )
        .join_from(Publication, Unit, Unit.id == Publication.unit_id)
        .outerjoin(Person, Person.id == Publication.approved_by)
        .where(Publication.id == publication_id)
    )
    return tx.execute(query).first()


def of_instance(tx: Connection, instance_id: str) -> Any:
    """What a process is about to publish, or has."""
    found = tx.execute(select(Publication.id).where(Publication.instance_id == instance_id)).scalar()
    return one(tx, found) if found else None


def page(
    tx: Connection,
    kinds: Sequence[str],
    *,
    paths: Sequence[str] | None = None,
    public: bool,
    kind: str = "",
    unit_id: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
    before: tuple[datetime, str] | None = None,
    limit: int,
) -> list[Row[Any]]:
    """Publications, the latest first: for the public the published ones, for the offices (`paths`) theirs."""
    at = Publication.published_at if public else Publication.compiled_at
    query = select(*_LINE).join_from(Publication, Unit, Unit.id == Publication.unit_id)
    query = query.where(Publication.kind.in_(kinds))
    if public:
        query = query.where(Publication.status == "published", Publication.audience == "public")
    query = query.where(inside(paths))
    if kind:
        query = query.where(Publication.kind == kind)
    if unit_id:
        query = query.where(Publication.unit_id == unit_id)
    if since is not None:
        query = query.where(at >= since)
    if until is not None:
        query = query.where(at < until)
    if before is not None:
        query = query.where(or_(at < before[0], and_(at == before[0], Publication.id < before[1])))
    return list(tx.execute(query.order_by(at.desc(), Publication.id.desc()).limit(limit)))


def publishers(tx: Connection, kinds: Sequence[str]) -> list[Row[Any]]:
    """The units that have published something that stands."""
    query = (
        select(Unit.id, Unit.short_name.label("name"), func.count().label("count"))
        .join_from(Publication, Unit, Unit.id == Publication.unit_id)
        .where(Publication.kind.in_(kinds), Publication.status == "published", Publication.audience == "public")
        .group_by(Unit.id, Unit.short_name, Unit.code)
        .order_by(Unit.code)
    )
    return list(tx.execute(query))
