"""The events that statements count: each row once, with whom it is about, where, when, and how much it counts for.

Columns of every query: id, at, subject_id, subject, county_id, county, township, unit, unit_path, n, kind, text and
sector.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, String, and_, case, func, literal, select
from sqlalchemy.orm import aliased

from models.directory import Enterprise, Unit
from models.hazards import Hazard, OldClue
from models.inspections import Disposal, Finding, Inspection, Referral
from models.queries.scope import inside

_Owner = aliased(Unit)
_County = aliased(Unit)
_Subject = aliased(Unit)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Whose events count (units inside these trees; None: everybody's), and between which moments."""

    campaign_id: str
    since: datetime
    until: datetime
    paths: tuple[str, ...] | None
    sector: str = ""


def inspections(tx: Connection, wanted: Wanted) -> list[Row[Any]]:
    """Visits by when they took place; where there was nothing to inspect nobody was inspected."""
    query = _of(Inspection, Inspection.inspected_at, wanted, n=Inspection.teams, kind=Inspection.kind)
    query = query.where(Inspection.hindrance == "")
    return _rows(tx, query, Inspection.sector, wanted)


def findings(tx: Connection, wanted: Wanted, kinds: Sequence[str], *, decided: bool = False) -> list[Row[Any]]:
    """Findings by when they were found, of whoever found them; or by when they were decided, of whoever decided."""
    at, owner = (Finding.decided_at, Finding.holder_unit_id) if decided else (Finding.found_at, Finding.unit_id)
    query = _of(
        Finding, at, wanted, owner=owner, subject=Finding.enterprise_name, kind=Finding.kind, text=Finding.detail
    ).where(Finding.kind.in_(kinds))
    return _rows(tx, query, Finding.sector, wanted)


def major_hazards(tx: Connection, wanted: Wanted, *, closed: bool = False) -> list[Row[Any]]:
    """Major hazards by when they were found, or by when they were closed out."""
    at = Hazard.closed_at if closed else Hazard.found_at
    query = _of(Hazard, at, wanted, subject=Hazard.enterprise_name, kind=Hazard.grade, text=Hazard.text).where(
        Hazard.grade == "major"
    )
    if closed:
        query = query.where(Hazard.status == "closed")
    return _rows(tx, query, Hazard.sector, wanted)


def disposals(tx: Connection, wanted: Wanted, kinds: Sequence[str]) -> list[Row[Any]]:
    """What was decided against units and persons, by when; a fine counts its amount, everything else the persons."""
    query = (
        _of(
            Disposal,
            Disposal.decided_at,
            wanted,
            subject=Disposal.subject,
            n=case(
                (Disposal.kind == "fine", func.coalesce(Disposal.amount, 0)), else_=func.coalesce(Disposal.persons, 1)
            ),
            kind=Disposal.kind,
            text=Disposal.facts,
        )
        .outerjoin(Enterprise, Enterprise.unit_id == Disposal.enterprise_id)
        .where(Disposal.kind.in_(kinds))
    )
    return _rows(tx, query, func.coalesce(Enterprise.sector, ""), wanted)


def ledger_clues(tx: Connection, wanted: Wanted, *, closed: bool = False) -> list[Row[Any]]:
    """Clues of the units' ledgers by when they were entered, or by when they were closed."""
    at = OldClue.closed_at if closed else OldClue.imported_at
    query = _clues(at, wanted)
    return _rows(tx, query.where(OldClue.status == "closed") if closed else query, OldClue.sector, wanted)


def referred_clues(tx: Connection, wanted: Wanted) -> list[Row[Any]]:
    """Clues of the ledgers by when they were first handed to police or discipline inspection, each once."""
    first = (
        select(Referral.old_clue_id, func.min(Referral.referred_at).label("at"))
        .where(Referral.campaign_id == wanted.campaign_id, Referral.old_clue_id.is_not(None))
        .group_by(Referral.old_clue_id)
        .subquery()
    )
    query = _clues(first.c.at, wanted).join(first, first.c.old_clue_id == OldClue.id)
    return _rows(tx, query, OldClue.sector, wanted)


def _clues(at: Any, wanted: Wanted) -> Any:
    """Clues belong to the unit that works them off; they are about no enterprise of the directory."""
    nothing = literal(None, type_=String())
    return (
        select(
            OldClue.id,
            at.label("at"),
            nothing.label("subject_id"),
            OldClue.subject,
            case((_Owner.level == "county", _Owner.id), else_=None).label("county_id"),
            case((_Owner.level == "county", _Owner.short_name), else_=None).label("county"),
            literal("").label("township"),
            _Owner.short_name.label("unit"),
            _Owner.path.label("unit_path"),
            literal(1).label("n"),
            OldClue.status.label("kind"),
            OldClue.text,
        )
        .select_from(OldClue)
        .join(_Owner, _Owner.id == OldClue.unit_id)
        .where(
            OldClue.campaign_id == wanted.campaign_id,
            and_(at >= wanted.since, at < wanted.until),
            inside(wanted.paths, _Owner.path),
        )
        .order_by(at, OldClue.id)
    )


def _of(
    model: Any,
    at: Any,
    wanted: Wanted,
    *,
    owner: Any = None,
    subject: Any = None,
    n: Any = None,
    kind: Any = None,
    text: Any = None,
) -> Any:
    return (
        select(
            model.id,
            at.label("at"),
            model.enterprise_id.label("subject_id"),
            (subject if subject is not None else _Subject.name).label("subject"),
            model.county_id,
            _County.short_name.label("county"),
            model.township,
            _Owner.short_name.label("unit"),
            _Owner.path.label("unit_path"),
            (n if n is not None else literal(1)).label("n"),
            kind.label("kind"),
            (text if text is not None else literal("")).label("text"),
        )
        .select_from(model)
        .join(_Owner, _Owner.id == (owner if owner is not None else model.unit_id))
        .outerjoin(_County, _County.id == model.county_id)
        .outerjoin(_Subject, _Subject.id == model.enterprise_id)
        .where(
            model.campaign_id == wanted.campaign_id,
            and_(at >= wanted.since, at < wanted.until),
            inside(wanted.paths, _Owner.path),
        )
        .order_by(at, model.id)
    )


def _rows(tx: Connection, query: Any, sector: Any, wanted: Wanted) -> list[Row[Any]]:
    query = query.add_columns(sector.label("sector"))
    return list(tx.execute(query.where(sector == wanted.sector) if wanted.sector else query))


def cases(tx: Connection, wanted: Wanted, limit: int) -> list[Row[Any]]:
    """What belongs into annex 6: unlawful acts, concealed accidents and major hazards as they were found."""
    query = (
        select(
            Finding.id,
            Finding.enterprise_name,
            Finding.escalated,
            Finding.township,
            Finding.kind,
            Finding.detail,
            Finding.illegality,
            Finding.sector,
            _County.short_name.label("county"),
            Enterprise.enterprise_type,
        )
        .join(_Owner, _Owner.id == Finding.unit_id)
        .join(_County, _County.id == Finding.county_id)
        .outerjoin(Enterprise, Enterprise.unit_id == Finding.enterprise_id)
        .where(
            Finding.campaign_id == wanted.campaign_id,
            Finding.found_at >= wanted.since,
            Finding.found_at < wanted.until,
            inside(wanted.paths, _Owner.path),
            (Finding.kind != "hazard") | (Finding.grade == "major"),
        )
        .order_by(Finding.found_at, Finding.id)
        .limit(limit)
    )
    return list(tx.execute(query))


def measures(tx: Connection, finding_ids: Sequence[str]) -> dict[str, list[Row[Any]]]:
    """finding id -> what was decided on it."""
    query: Any = select(Disposal.finding_id, Disposal.kind, Disposal.amount).where(Disposal.finding_id.in_(finding_ids))
    found: dict[str, list[Row[Any]]] = {}
    for row in tx.execute(query.order_by(Disposal.decided_at, Disposal.id)):
        found.setdefault(row.finding_id, []).append(row)
    return found
