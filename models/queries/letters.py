"""Hand-over letters with the units they are addressed to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, or_, select
from sqlalchemy.orm import aliased

from models.directory import Unit
from models.publications import Letter
from models.queries.scope import inside
from models.records import Campaign

_To, _Supervisor = aliased(Unit), aliased(Unit)


def _letters() -> Any:
    return (
        select(
            Letter.id,
            Letter.number,
            Letter.clue_id,
            Letter.content,
            Letter.issued_at,
            Campaign.version_id,
            _To.name.label("addressee"),
            _To.path,
            _Supervisor.name.label("supervisor"),
            _Supervisor.path.label("supervisor_path"),
        )
        .join_from(Letter, Campaign, Campaign.id == Letter.campaign_id)
        .join(_To, _To.id == Letter.addressee_id)
        .outerjoin(_Supervisor, _Supervisor.id == Letter.supervisor_id)
    )


def one(tx: Connection, letter_id: str) -> Any:
    """A letter; None if there is none."""
    return tx.execute(_letters().where(Letter.id == letter_id)).first()


def page(
    tx: Connection, paths: Sequence[str] | None, before: tuple[datetime, str] | None, limit: int
) -> list[Row[Any]]:
    """Letters to units of these trees, the latest first."""
    query = _letters().where(or_(inside(paths, _To.path), inside(paths, _Supervisor.path)))
    if before is not None:
        at, letter_id = before
        query = query.where(or_(Letter.issued_at < at, and_(Letter.issued_at == at, Letter.id < letter_id)))
    return list(tx.execute(query.order_by(Letter.issued_at.desc(), Letter.id.desc()).limit(limit)))
