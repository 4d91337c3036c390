"""What a ranking of counties is counted from, and the rankings themselves.

Each function of evidence gives rows of one shape: `unit_id` (the county), `label`, `at`, `good` (whether it counts for
the county), `note`; so a figure and the rows behind it cannot differ.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, or_, select, true, update

from models.clues import Clue
from models.directory import Unit
from models.hazards import Hazard
from models.inspections import Disposal, Finding
from models.publications import Publication, Standing
from models.queries.periods import WORK
from models.queries.running import add
from models.running import Period

BLAMED = ("accountability", "party_sanction", "admonition", "disclosure")  # 问责曝光
KINDS = ("ranking", "final_appraisal")


def _rows(tx: Connection, query: Any) -> list[Row[Any]]:
    return list(tx.execute(query))


def major_hazards(tx: Connection, campaign_id: str, start: datetime, end: datetime) -> list[Row[Any]]:
    """Major hazards that were closed out."""
    query = select(
        Hazard.county_id.label("unit_id"),
        Hazard.text.label("label"),
        Hazard.closed_at.label("at"),
        Hazard.number.label("note"),
        true().label("good"),
    ).where(
        Hazard.campaign_id == campaign_id,
        Hazard.grade == "major",
        Hazard.closed_at >= start,
        Hazard.closed_at < end,
    )
    return _rows(tx, query.order_by(Hazard.closed_at, Hazard.id))


def illegal_acts(tx: Connection, campaign_id: str, start: datetime, end: datetime) -> list[Row[Any]]:
    """Unlawful acts on which was decided."""
    query = select(
        Finding.county_id.label("unit_id"),
        Finding.detail.label("label"),
        Finding.decided_at.label("at"),
        Finding.enterprise_name.label("note"),
        true().label("good"),
    ).where(
        Finding.campaign_id == campaign_id,
        Finding.kind == "illegal_act",
        Finding.decided_at >= start,
        Finding.decided_at < end,
    )
    return _rows(tx, query.order_by(Finding.decided_at, Finding.id))


def _disposals(tx: Connection, campaign_id: str, start: datetime, end: datetime, which: Any) -> list[Row[Any]]:
    query = select(
        Disposal.county_id.label("unit_id"),
        Disposal.facts.label("label"),
        Disposal.decided_at.label("at"),
        Disposal.subject.label("note"),
        true().label("good"),
    ).where(Disposal.campaign_id == campaign_id, Disposal.decided_at >= start, Disposal.decided_at < end, which)
    return _rows(tx, query.order_by(Disposal.decided_at, Disposal.id))


def closures(tx: Connection, campaign_id: str, start: datetime, end: datetime) -> list[Row[Any]]:
    """Enterprises closed or banned."""
    return _disposals(tx, campaign_id, start, end, Disposal.kind == "closure")


def accountability(tx: Connection, campaign_id: str, start: datetime, end: datetime) -> list[Row[Any]]:
    """Units and persons called to account or named in public."""
    return _disposals(tx, campaign_id, start, end, Disposal.kind.in_(BLAMED))


def measures(tx: Connection, campaign_id: str, start: datetime, end: datetime) -> list[Row[Any]]:
    """Whatever was decided under one of the plan's seven measures."""
    return _disposals(tx, campaign_id, start, end, Disposal.measure != "")


def clues(tx: Connection, campaign_id: str, start: datetime, end: datetime) -> list[Row[Any]]:
    """Clues whose result was due: good where it came in time."""
    query = select(
        Clue.unit_id,
        Clue.subject.label("label"),
        Clue.result_due.label("at"),
        Clue.number.label("note"),
        (and_(Clue.reported_at.is_not(None), Clue.reported_at <= Clue.result_due)).label("good"),
    ).where(
        Clue.campaign_id == campaign_id,
        Clue.result_due >= start,
        Clue.result_due < end,
        Clue.status.not_in(("released", "rejected")),
    )
    return _rows(tx, query.order_by(Clue.result_due, Clue.id))


def clues_found(tx: Connection, campaign_id: str, start: datetime, end: datetime) -> list[Row[Any]]:
    """Clues about a county's ground that were registered."""
    query = select(
        Clue.county_id.label("unit_id"),
        Clue.subject.label("label"),
        Clue.registered_at.label("at"),
        Clue.number.label("note"),
        true().label("good"),
    ).where(Clue.campaign_id == campaign_id, Clue.registered_at >= start, Clue.registered_at < end)
    return _rows(tx, query.order_by(Clue.registered_at, Clue.id))


def statements(tx: Connection, campaign_id: str, start: datetime, end: datetime) -> list[Row[Any]]:
    """Statements that were due: good where they came in time."""
    query = select(
        Period.unit_id,
        Period.report.label("label"),
        Period.due_at.label("at"),
        Period.period.label("note"),
        (and_(Period.submitted_at.is_not(None), Period.submitted_at <= Period.due_at)).label("good"),
    ).where(
        Period.campaign_id == campaign_id,
        Period.status != WORK,
        ~Period.opened_late,  # what was asked for after its due moment says nothing about a unit
        Period.due_at >= start,
        Period.due_at < end,
    )
    return _rows(tx, query.order_by(Period.due_at, Period.id))


def rectification(tx: Connection, campaign_id: str, start: datetime, end: datetime) -> list[Row[Any]]:
    """Every hazard found before the end that was not closed out before the start: good where it was by the end."""
    query = select(
        Hazard.county_id.label("unit_id"),
        Hazard.text.label("label"),
        Hazard.found_at.label("at"),
        Hazard.number.label("note"),
        (and_(Hazard.closed_at.is_not(None), Hazard.closed_at < end)).label("good"),
    ).where(
        Hazard.campaign_id == campaign_id,
        Hazard.found_at < end,
        or_(Hazard.closed_at.is_(None), Hazard.closed_at >= start),
    )
    return _rows(tx, query.order_by(Hazard.found_at, Hazard.id))


# -- rankings ----------------------------------------------------------------------------------------------------------
def put(tx: Connection, publication: dict[str, Any], standings: Sequence[dict[str, Any]]) -> None:
    add(tx, Publication, [publication])
    add(tx, Standing, list(standings))


def of_instance(tx: Connection, instance_id: str) -> Row[Any] | None:
    """The ranking that an instance works on."""
    query: Any = select(Publication.__table__).where(
        Publication.instance_id == instance_id, Publication.kind.in_(KINDS)
    )
    return tx.execute(query).first()


def one(tx: Connection, publication_id: str) -> Row[Any] | None:
    """A ranking."""
    query: Any = select(Publication.__table__).where(Publication.id == publication_id, Publication.kind.in_(KINDS))
    return tx.execute(query).first()


def change(tx: Connection, publication_id: str, **values: Any) -> None:
    tx.execute(update(Publication).where(Publication.id == publication_id).values(**values))


def rankings(tx: Connection, campaign_id: str) -> list[Row[Any]]:
    """All rankings of a campaign, the oldest first, the final one last."""
    query = select(Publication.__table__).where(Publication.campaign_id == campaign_id, Publication.kind.in_(KINDS))
    return sorted(tx.execute(query), key=lambda row: (row.kind == KINDS[1], row.compiled_at, row.id))


def standings(tx: Connection, publication_ids: Sequence[str]) -> list[Row[Any]]:
    """The places of some rankings, the first first."""
    query = (
        select(Standing.__table__, Unit.short_name.label("unit"), Unit.code, Unit.path)
        .join(Unit, Unit.id == Standing.unit_id)
        .where(Standing.publication_id.in_(publication_ids))
    )
    return list(tx.execute(query.order_by(Standing.place, Unit.code)))
