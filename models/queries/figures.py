"""The events that statements count: each row once, with whom it is about, where, when, and how much it counts for.

Columns of every query: id, at, subject_id, subject, county_id, county, township, unit, unit_path, n, kind, text and
sector.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Row, String, and_, bindparam, case, false, func, literal, null, or_, select
from sqlalchemy.orm import aliased

from models.directory import Enterprise, Unit
from models.hazards import Hazard, OldClue
from models.inspections import Disposal, Finding, Inspection, Referral
from models.measures import MeasureWork
from models.queries.scope import behind, inside
from models.records import Campaign

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
    return _rows(tx, _inspections, wanted)


def findings(tx: Connection, wanted: Wanted, kinds: Sequence[str], *, decided: bool = False) -> list[Row[Any]]:
    """Findings by when they were found, of whoever found them; or by when they were decided, of whoever decided."""
    return _rows(tx, _decided if decided else _found, wanted, tuple(kinds))


def major_hazards(tx: Connection, wanted: Wanted, *, closed: bool = False) -> list[Row[Any]]:
    """Major hazards by when they were found, or by when they were closed out."""
    return _rows(tx, _closed_hazards if closed else _hazards, wanted)


def measures_of(tx: Connection, wanted: Wanted, moment: str) -> list[Row[Any]]:
    """Measures of the campaign and its child campaigns by when they were due, last reported or accepted."""
    return _rows(tx, _measures, wanted, (moment,))


def disposals(tx: Connection, wanted: Wanted, kinds: Sequence[str]) -> list[Row[Any]]:
    """What was decided against units and persons, by when; a fine counts its amount, everything else the persons."""
    return _rows(tx, _disposals, wanted, tuple(kinds))


def ledger_clues(tx: Connection, wanted: Wanted, *, closed: bool = False) -> list[Row[Any]]:
    """Clues of the units' ledgers by when they were entered, or by when they were closed."""
    return _rows(tx, _closed_clues if closed else _clues, wanted)


def referred_clues(tx: Connection, wanted: Wanted) -> list[Row[Any]]:
    """Clues of the ledgers by when they were first handed to police or discipline inspection, each once."""
    return _rows(tx, _referred_clues, wanted)


# -- the statements, written once for each shape: a statement of figures asks all of them ------------------------------
_Shaped = tuple[Any, Any]  # the query and its column of the sector


def _inspections() -> _Shaped:
    query = _of(Inspection, Inspection.inspected_at, n=Inspection.teams, kind=Inspection.kind)
    return query.where(Inspection.hindrance == ""), Inspection.sector


def _found(kinds: tuple[str, ...]) -> _Shaped:
    return _findings(Finding.found_at, Finding.unit_id, kinds)


def _decided(kinds: tuple[str, ...]) -> _Shaped:
    return _findings(Finding.decided_at, Finding.holder_unit_id, kinds)


def _findings(at: Any, owner: Any, kinds: tuple[str, ...]) -> _Shaped:
    query = _of(Finding, at, owner=owner, subject=Finding.enterprise_name, kind=Finding.kind, text=Finding.detail)
    return query.where(Finding.kind.in_(kinds)), Finding.sector


def _hazards(at: Any = Hazard.found_at) -> _Shaped:
    query = _of(Hazard, at, subject=Hazard.enterprise_name, kind=Hazard.grade, text=Hazard.text)
    return query.where(Hazard.grade == "major"), Hazard.sector


def _closed_hazards() -> _Shaped:
    query, sector = _hazards(Hazard.closed_at)
    return query.where(Hazard.status == "closed"), sector


def _disposals(kinds: tuple[str, ...]) -> _Shaped:
    persons = func.coalesce(Disposal.persons, 1)
    amount = case((Disposal.kind == "fine", func.coalesce(Disposal.amount, 0)), else_=persons)
    query = _of(
        Disposal, Disposal.decided_at, subject=Disposal.subject, n=amount, kind=Disposal.kind, text=Disposal.facts
    )
    query = query.outerjoin(Enterprise, Enterprise.unit_id == Disposal.enterprise_id)
    return query.where(Disposal.kind.in_(kinds)), func.coalesce(Enterprise.sector, "")


def _clues(at: Any = OldClue.imported_at) -> _Shaped:
    """A clue belongs to the unit that works it off, and is about no enterprise of the directory."""
    of_county = _Owner.level == "county"
    query = (
        select(
            OldClue.id,
            at.label("at"),
            literal(None, type_=String()).label("subject_id"),
            OldClue.subject,
            case((of_county, _Owner.id)).label("county_id"),
            case((of_county, _Owner.short_name)).label("county"),
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
            OldClue.campaign_id == bindparam("campaign"),
            and_(at >= bindparam("since"), at < bindparam("until")),
        )
        .order_by(at, OldClue.id)
    )
    return query, OldClue.sector


def _closed_clues() -> _Shaped:
    query, sector = _clues(OldClue.closed_at)
    return query.where(OldClue.status == "closed"), sector


def _referred_clues() -> _Shaped:
    first = (
        select(Referral.old_clue_id, func.min(Referral.referred_at).label("at"))
        .where(Referral.campaign_id == bindparam("campaign"), Referral.old_clue_id.is_not(None))
        .group_by(Referral.old_clue_id)
        .subquery()
    )
    query, sector = _clues(first.c.at)
    return query.join(first, first.c.old_clue_id == OldClue.id), sector


def _measures(moments: tuple[str, ...]) -> _Shaped:
    """A row for each date of a measure in a unit; no enterprise and no place belongs to it."""
    at, nothing = getattr(MeasureWork, f"{moments[0]}_at"), literal("")
    query = (
        select(
            MeasureWork.id,
            at.label("at"),
            null().label("subject_id"),
            MeasureWork.measure.label("subject"),
            null().label("county_id"),
            nothing.label("county"),
            nothing.label("township"),
            _Owner.short_name.label("unit"),
            _Owner.path.label("unit_path"),
            literal(1).label("n"),
            MeasureWork.role.label("kind"),
            nothing.label("text"),
        )
        .join(_Owner, _Owner.id == MeasureWork.unit_id)
        .join(Campaign, Campaign.id == MeasureWork.campaign_id)
        .where(
            or_(Campaign.id == bindparam("campaign"), Campaign.parent_id == bindparam("campaign")),
            and_(at >= bindparam("since"), at < bindparam("until")),
        )
        .order_by(at, MeasureWork.id)
    )
    return query, nothing


def _of(
    model: Any,
    at: Any,
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
            model.campaign_id == bindparam("campaign"),
            and_(at >= bindparam("since"), at < bindparam("until")),
        )
        .order_by(at, model.id)
    )


@cache
def _statement(build: Callable[..., _Shaped], kinds: tuple[Any, ...], trees: int | None, by_sector: bool) -> Any:
    query, sector = build(*kinds)
    if trees is not None:
        ranges = [
            and_(_Owner.path >= bindparam(f"path_{n}"), _Owner.path < bindparam(f"behind_{n}")) for n in range(trees)
        ]
        query = query.where(or_(false(), *ranges))
    query = query.add_columns(sector.label("sector"))
    return query.where(sector == bindparam("sector")) if by_sector else query


def _rows(tx: Connection, build: Callable[..., _Shaped], wanted: Wanted, *kinds: tuple[str, ...]) -> list[Row[Any]]:
    trees = None if wanted.paths is None else len(wanted.paths)
    asked: dict[str, Any] = {"campaign": wanted.campaign_id, "since": wanted.since, "until": wanted.until}
    for n, path in enumerate(wanted.paths or ()):
        asked |= {f"path_{n}": path, f"behind_{n}": behind(path)}
    if wanted.sector:
        asked["sector"] = wanted.sector
    return list(tx.execute(_statement(build, kinds, trees, bool(wanted.sector)), asked))


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
