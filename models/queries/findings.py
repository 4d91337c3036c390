"""Findings: one under its lock, the list, what is late; and what was decided on them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, case, func, or_, select, tuple_, update
from sqlalchemy.orm import aliased

from models.directory import Enterprise, Person, Unit
from models.inspections import Disposal, Finding, Referral
from models.queries.running import add
from models.queries.scope import inside, like

UNDECIDED = ("reported", "transferred")
_Enterprise = aliased(Unit)
_County = aliased(Unit)
_Own = aliased(Unit)
_Holder = aliased(Unit)
_From = aliased(Unit)


# -- commands ----------------------------------------------------------------------------------------------------------
def locked(tx: Connection, finding_id: str) -> Any:
    """The finding, locked until the end of the transaction; None if there is none."""
    return tx.execute(select(Finding.__table__).where(Finding.id == finding_id).with_for_update()).first()


def change(tx: Connection, finding_id: str, **values: Any) -> bool:
    """Write columns of an undecided finding; False where it was decided meanwhile."""
    waiting = and_(Finding.id == finding_id, Finding.status.in_(UNDECIDED))
    return tx.execute(update(Finding).where(waiting).values(**values)).rowcount == 1


def write_disposals(tx: Connection, found: Sequence[dict[str, Any]]) -> None:
    """New disposals."""
    add(tx, Disposal, found)


def write_referral(tx: Connection, row: dict[str, Any]) -> None:
    """A new referral."""
    add(tx, Referral, [row])


def referral(tx: Connection, referral_id: str) -> Any:
    """A referral, locked; None if there is none."""
    return tx.execute(select(Referral.__table__).where(Referral.id == referral_id).with_for_update()).first()


def answer_referral(tx: Connection, referral_id: str, answer: str, at: datetime) -> bool:
    """Note what became of a referral; False where that was noted before."""
    waiting = and_(Referral.id == referral_id, Referral.answered_at.is_(None))
    return tx.execute(update(Referral).where(waiting).values(answer=answer, answered_at=at)).rowcount == 1


# -- the list ----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What the list is to hold. `paths` None: everything; else these trees and what concerns these units."""

    campaign_id: str
    paths: tuple[str, ...] | None
    units: tuple[str, ...] = ()
    tab: str = ""  # to_decide | decided | received | handed_over, of `mine`; empty: all
    mine: tuple[str, ...] | None = None  # whose work; None: everybody's
    text: str = ""
    kind: str = ""
    grade: str = ""
    county_id: str = ""
    sector: str = ""
    late_before: datetime | None = None
    only_late: bool = False
    inspection_id: str = ""
    enterprise_id: str = ""


_SINCE = func.coalesce(Finding.transferred_at, Finding.found_at)
_LINE = (
    Finding.__table__,
    _SINCE.label("since"),
    _Enterprise.path.label("enterprise_path"),
    Enterprise.sector_unit_id,
    _County.short_name.label("county"),
    _County.path.label("county_path"),
    _Own.short_name.label("unit"),
    _Own.path.label("unit_path"),
    _Holder.short_name.label("holder"),
    _Holder.path.label("holder_path"),
    _From.short_name.label("from_unit"),
)


def _base(*columns: Any) -> Any:
    return (
        select(*columns)
        .select_from(Finding)
        .join(_County, _County.id == Finding.county_id)
        .join(_Own, _Own.id == Finding.unit_id)
        .join(_Holder, _Holder.id == Finding.holder_unit_id)
        .outerjoin(_From, _From.id == Finding.transferred_from)
        .outerjoin(_Enterprise, _Enterprise.id == Finding.enterprise_id)
        .outerjoin(Enterprise, Enterprise.unit_id == Finding.enterprise_id)
    )


def _tab(wanted: Wanted) -> list[Any]:
    waits = Finding.status.in_(UNDECIDED)
    holds = [] if wanted.mine is None else [Finding.holder_unit_id.in_(wanted.mine)]
    gave = [] if wanted.mine is None else [Finding.transferred_from.in_(wanted.mine)]
    moved = Finding.transferred_from.is_not(None)
    tabs: dict[str, list[Any]] = {
        "to_decide": [waits, *holds],
        "decided": [Finding.status == "decided", *holds],
        "received": [moved, *holds],
        "handed_over": [moved, *gave],
    }
    return tabs.get(wanted.tab, [])


def _conditions(wanted: Wanted) -> list[Any]:
    found: list[Any] = [Finding.campaign_id == wanted.campaign_id]
    if wanted.paths is not None:
        trees = [inside(wanted.paths, tree) for tree in (_Enterprise.path, _Own.path, _Holder.path)]
        concerned = [Enterprise.sector_unit_id, Finding.unit_id, Finding.holder_unit_id, Finding.transferred_from]
        found.append(or_(*trees, *(column.in_(wanted.units) for column in concerned)))
    found += _tab(wanted)
    if wanted.text:
        pattern = like(wanted.text)
        named = [column.like(pattern, escape="!") for column in (Finding.enterprise_name, Finding.detail)]
        found.append(or_(*named))
    columns = {
        Finding.kind: wanted.kind,
        Finding.grade: wanted.grade,
        Finding.county_id: wanted.county_id,
        Finding.sector: wanted.sector,
        Finding.inspection_id: wanted.inspection_id,
        Finding.enterprise_id: wanted.enterprise_id,
    }
    found += [column == value for column, value in columns.items() if value]
    if wanted.only_late:
        found += [Finding.status.in_(UNDECIDED), wanted.late_before > _SINCE]
    return found


def page(tx: Connection, wanted: Wanted, after: tuple[datetime, str] | None, limit: int) -> list[Row[Any]]:
    """Findings, the newest first, from behind `after` on."""
    query = _base(*_LINE).where(*_conditions(wanted))
    if after is not None:
        query = query.where(tuple_(Finding.found_at, Finding.id) < after)
    return list(tx.execute(query.order_by(Finding.found_at.desc(), Finding.id.desc()).limit(limit)))


def counts(tx: Connection, wanted: Wanted) -> Row[Any]:
    """How many there are, how many wait, how many of those are late."""
    waits = Finding.status.in_(UNDECIDED)
    late = and_(waits, wanted.late_before > _SINCE)
    query = _base(
        func.count().label("all"),
        func.coalesce(func.sum(case((waits, 1), else_=0)), 0).label("waiting"),
        func.coalesce(func.sum(case((late, 1), else_=0)), 0).label("late"),
    )
    return tx.execute(query.where(*_conditions(wanted))).one()


def waiting(tx: Connection, unit_ids: Sequence[str]) -> int:
    """How many findings wait for a decision of these units."""
    query = select(func.count()).where(Finding.holder_unit_id.in_(unit_ids), Finding.status.in_(UNDECIDED))
    return int(tx.execute(query).scalar_one())


def one(tx: Connection, finding_id: str) -> Any:
    """One finding; None if there is none."""
    recorder, decider = aliased(Person), aliased(Person)
    query = _base(*_LINE, recorder.name.label("recorder"), decider.name.label("decider"))
    query = query.outerjoin(recorder, recorder.id == Finding.recorded_by)
    query = query.outerjoin(decider, decider.id == Finding.decided_by)
    return tx.execute(query.where(Finding.id == finding_id)).first()


def disposals_of(tx: Connection, finding_id: str) -> list[Row[Any]]:
    """What was decided on a finding."""
    query = select(Disposal.__table__).where(Disposal.finding_id == finding_id)
    return list(tx.execute(query.order_by(Disposal.id)))


def referrals_of(tx: Connection, finding_id: str) -> list[Row[Any]]:
    """Where a finding was referred to."""
    query = select(Referral.__table__, Unit.short_name.label("unit")).join(Unit, Unit.id == Referral.unit_id)
    return list(tx.execute(query.where(Referral.finding_id == finding_id).order_by(Referral.referred_at, Referral.id)))


def receivers(tx: Connection, county_id: str) -> list[Row[Any]]:
    """Who may be handed a finding of a county: its government and departments, and those of the city."""
    city = and_(Unit.level == "city", Unit.kind == "department")
    county = and_(Unit.level == "county", or_(Unit.id == county_id, Unit.parent_id == county_id))
    query = select(Unit.id, Unit.short_name, Unit.level, Unit.path).where(Unit.active.is_(True), or_(city, county))
    return list(tx.execute(query.order_by(Unit.level.desc(), Unit.code)))
