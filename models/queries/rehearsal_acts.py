"""What acts of a rehearsal ask before they are done: which enterprises there are, what has happened already."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from models.clues import Clue
from models.directory import Enterprise, Unit
from models.hazards import OldClue
from models.inspections import Disposal, Finding, Inspection, Oversight
from models.records import Campaign, Ledger
from models.registers import Broadcast
from models.running import Instance


def running(tx: Connection) -> list[str]:
    """The campaigns that run."""
    query = select(Campaign.id).where(Campaign.status == "running").order_by(Campaign.launched_at, Campaign.id)
    return list(tx.execute(query).scalars())


def events_since(tx: Connection, seq: int, tags: Collection[str]) -> list[Row[Any]]:
    """Events of some tags that stand in the ledger after `seq`, in its order."""
    columns: Any = (Ledger.seq, Ledger.at, Ledger.tag, Ledger.data, Ledger.campaign_id)
    return list(tx.execute(select(*columns).where(Ledger.seq > seq, Ledger.tag.in_(tags)).order_by(Ledger.seq)))


def enterprises(tx: Connection) -> list[Row[Any]]:
    """Every enterprise that is active, by its code."""
    columns: Any = (
        Unit.id,
        Unit.code,
        Unit.name,
        Enterprise.sector,
        Enterprise.township,
        Enterprise.county_id,
        Enterprise.sector_unit_id,
        Enterprise.supervised_by,
    )
    query = select(*columns).join(Enterprise, Enterprise.unit_id == Unit.id).where(Unit.active.is_(True))
    return list(tx.execute(query.order_by(Unit.code)))


def was_inspected(tx: Connection, campaign_id: str, enterprise_id: str, kind: str) -> bool:
    """Whether there is a visit of this kind."""
    query = select(Inspection.id).where(
        Inspection.campaign_id == campaign_id, Inspection.enterprise_id == enterprise_id, Inspection.kind == kind
    )
    return tx.execute(query.limit(1)).first() is not None


def _findings() -> Any:
    return select(Finding.__table__, Unit.code).outerjoin(Unit, Unit.id == Finding.enterprise_id)


def findings_of(tx: Connection, inspection_id: str) -> list[Row[Any]]:
    """What a visit has found, with the enterprise's code."""
    query = _findings().where(Finding.inspection_id == inspection_id)
    return list(tx.execute(query.order_by(Finding.item, Finding.kind)))


def finding(tx: Connection, finding_id: str) -> Any:
    """One finding with the enterprise's code."""
    return tx.execute(_findings().where(Finding.id == finding_id)).one()


def finding_status(tx: Connection, finding_id: str) -> str:
    """How far a finding is."""
    return str(tx.execute(select(Finding.status).where(Finding.id == finding_id)).scalar_one())


def county_departments(tx: Connection, county_id: str) -> list[Row[Any]]:
    """The departments of a county, by code."""
    columns: Any = (Unit.id, Unit.code, Unit.short_name)
    query = select(*columns).where(Unit.parent_id == county_id, Unit.kind == "department", Unit.active.is_(True))
    return list(tx.execute(query.order_by(Unit.code)))


def overseen(tx: Connection, campaign_id: str, mode: str) -> set[str]:
    """The units that oversight of this mode was opened of."""
    query = select(Oversight.target_id).where(Oversight.campaign_id == campaign_id, Oversight.mode == mode)
    return set(tx.execute(query).scalars())


def was_typed(tx: Connection, campaign_id: str, unit_id: str, kind: str) -> bool:
    """Whether a unit has entered a disposal of this kind that belongs to no finding and no clue."""
    query = select(Disposal.id).where(
        Disposal.campaign_id == campaign_id,
        Disposal.unit_id == unit_id,
        Disposal.kind == kind,
        Disposal.finding_id.is_(None),
        Disposal.clue_id.is_(None),
    )
    return tx.execute(query.limit(1)).first() is not None


def was_registered(tx: Connection, campaign_id: str, county_id: str, at: datetime) -> bool:
    """Whether a clue of a county was registered at this very moment."""
    query: Any = select(Clue.id).where(
        Clue.campaign_id == campaign_id, Clue.county_id == county_id, Clue.registered_at == at
    )
    return tx.execute(query.limit(1)).first() is not None


def clue_status(tx: Connection, clue_id: str) -> str:
    """How far a clue is."""
    return str(tx.execute(select(Clue.status).where(Clue.id == clue_id)).scalar_one())


# -- registers ---------------------------------------------------------------------------------------------------------
def was_shown(tx: Connection, campaign_id: str, county_id: str, title: str) -> bool:
    """Whether a county has recorded this broadcast."""
    query = select(Broadcast.id).where(
        Broadcast.campaign_id == campaign_id, Broadcast.county_id == county_id, Broadcast.title == title
    )
    return tx.execute(query.limit(1)).first() is not None


# -- clues of the last three years -------------------------------------------------------------------------------------
def unit_of(tx: Connection, instance_id: str) -> Any:
    """The unit whose process it is."""
    columns: Any = (Unit.id, Unit.code, Unit.short_name)
    query = select(*columns).join(Instance, Instance.unit_id == Unit.id).where(Instance.id == instance_id)
    return tx.execute(query).one()


def old_clue(tx: Connection, clue_id: str) -> Any:
    """One of them."""
    return tx.execute(select(OldClue.__table__).where(OldClue.id == clue_id)).one()


def has_old_clues(tx: Connection, campaign_id: str, unit_id: str) -> bool:
    """Whether a unit has entered any."""
    query = select(OldClue.id).where(OldClue.campaign_id == campaign_id, OldClue.unit_id == unit_id)
    return tx.execute(query.limit(1)).first() is not None


def old_clues_of(tx: Connection, campaign_id: str, at: datetime) -> list[Row[Any]]:
    """Those that were entered at a moment and are open."""
    query = select(OldClue.__table__).where(
        OldClue.campaign_id == campaign_id, OldClue.imported_at == at, OldClue.status == "open"
    )
    return list(tx.execute(query.order_by(OldClue.number)))


def old_clues_left(tx: Connection, campaign_id: str, unit_id: str) -> list[Row[Any]]:
    """Those of a unit that are not closed."""
    query = select(OldClue.__table__).where(
        OldClue.campaign_id == campaign_id, OldClue.unit_id == unit_id, OldClue.status != "closed"
    )
    return list(tx.execute(query.order_by(OldClue.number)))
