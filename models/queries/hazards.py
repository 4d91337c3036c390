"""The register of hazards: one hazard, the list with its filters, what others count of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, case, func, insert, or_, select, true, update
from sqlalchemy.orm import aliased

from models.directory import Enterprise, Person, Post, Unit
from models.hazards import Hazard
from models.inspections import Finding
from models.queries.campaigns import events as _events
from models.queries.scope import inside, like, overdue
from models.records import Ledger
from models.running import Task, Timer

_Enterprise = aliased(Unit)
_County = aliased(Unit)
_Finder = aliased(Unit)
_Lister = aliased(Unit)
_Poster = aliased(Post)
_Submitter = aliased(Person)
_Acceptor = aliased(Person)
_Registrar = aliased(Person)


def add(tx: Connection, row: dict[str, Any]) -> None:
    tx.execute(insert(Hazard), row)


def tell_finding(tx: Connection, finding_id: str, hazard_id: str) -> None:
    """A finding that stands in the register says where."""
    tx.execute(update(Finding).where(Finding.id == finding_id).values(hazard_id=hazard_id))


def locked(tx: Connection, hazard_id: str) -> Any:
    """One hazard, held until the end of the transaction; None if there is none."""
    return tx.execute(select(Hazard.__table__).where(Hazard.id == hazard_id).with_for_update()).first()


def change(tx: Connection, hazard_id: str, **values: Any) -> None:
    tx.execute(update(Hazard).where(Hazard.id == hazard_id).values(**values))


def place(tx: Connection, unit_id: str) -> Any:
    """An enterprise with where it lies and what it does; None if it is none."""
    query = (
        select(Unit.id, Unit.name, Unit.path, Enterprise.county_id, Enterprise.township, Enterprise.sector)
        .join(Enterprise, Enterprise.unit_id == Unit.id)
        .where(Unit.id == unit_id)
    )
    return tx.execute(query).first()


# -- the register ------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What the list is to hold. `paths` None: everything; else these trees, what own units found, and led sectors."""

    campaign_id: str
    paths: tuple[str, ...] | None
    units: tuple[str, ...] = ()
    text: str = ""
    grade: str = ""
    state: str = ""  # open overdue submitted closed listed reopened
    county_id: str = ""
    sector: str = ""
    source: str = ""
    enterprise_id: str = ""


_LINE = (
    Hazard.__table__,
    _Enterprise.path.label("enterprise_path"),
    Enterprise.sector_unit_id,
    _County.short_name.label("county"),
    _County.path.label("county_path"),
    _Finder.short_name.label("finder"),
)


def _base(*columns: Any) -> Any:
    return (
        select(*columns)
        .select_from(Hazard)
        .join(_County, _County.id == Hazard.county_id)
        .join(_Finder, _Finder.id == Hazard.unit_id)
        .outerjoin(_Enterprise, _Enterprise.id == Hazard.enterprise_id)
        .outerjoin(Enterprise, Enterprise.unit_id == Hazard.enterprise_id)
    )


def _is_late(now: datetime) -> Any:
    """Whether an open task of its rectification is overdue."""
    late = select(Task.id).where(Task.instance_id == Hazard.instance_id, Task.status == "open", overdue(Task, now))
    return late.exists()


def _conditions(wanted: Wanted, now: datetime) -> list[Any]:
    found: list[Any] = [Hazard.campaign_id == wanted.campaign_id, _scope(wanted)]
    if wanted.text:
        pattern = like(wanted.text)
        found.append(
            or_(
                Hazard.number.like(pattern, escape="!"),
                Hazard.enterprise_name.like(pattern, escape="!"),
                Hazard.text.like(pattern, escape="!"),
            )
        )
    for column in ("grade", "county_id", "sector", "source", "enterprise_id"):
        if value := getattr(wanted, column):
            found.append(getattr(Hazard, column) == value)
    if wanted.state:
        found.append(_state(wanted.state, now))
    return found


def _scope(wanted: Wanted) -> Any:
    if wanted.paths is None:
        return true()
    inside_directory = inside(wanted.paths, _Enterprise.path)
    outside = and_(Hazard.enterprise_id.is_(None), inside(wanted.paths, _County.path))
    own = or_(Hazard.unit_id.in_(wanted.units), Enterprise.sector_unit_id.in_(wanted.units))
    return or_(inside_directory, outside, own)


def _state(state: str, now: datetime) -> Any:
    return {
        "open": Hazard.status != "closed",
        "overdue": and_(Hazard.status != "closed", _is_late(now)),
        "submitted": Hazard.status == "submitted",
        "closed": Hazard.status == "closed",
        "listed": and_(Hazard.listed_at.is_not(None), Hazard.delisted_at.is_(None)),
        "reopened": Hazard.rounds > 1,
    }[state]


def page(tx: Connection, wanted: Wanted, *, now: datetime, before: str, limit: int) -> list[Row[Any]]:
    """Hazards, the newest number first, from before `before` on."""
    query = _base(*_LINE, _is_late(now).label("late")).where(*_conditions(wanted, now))
    if before:
        query = query.where(Hazard.number < before)
    return list(tx.execute(query.order_by(Hazard.number.desc()).limit(limit)))


def counts(tx: Connection, wanted: Wanted, now: datetime) -> Any:
    """How many there are: in all, of both grades closed and not, overdue, waiting for acceptance, listed."""

    def total(condition: Any, label: str) -> Any:
        return func.coalesce(func.sum(case((condition, 1), else_=0)), 0).label(label)

    major, closed = Hazard.grade == "major", Hazard.status == "closed"
    query = _base(
        func.count().label("found"),
        total(closed, "closed"),
        total(major, "major"),
        total(and_(major, closed), "major_closed"),
        *(total(_state(state, now), state) for state in ("overdue", "submitted", "listed")),
    )
    return tx.execute(query.where(*_conditions(wanted, now))).one()


def counties(tx: Connection, wanted: Wanted) -> list[Row[Any]]:
    """The counties of the hazards one sees."""
    query = _base(_County.id, _County.short_name).where(Hazard.campaign_id == wanted.campaign_id, _scope(wanted))
    return list(tx.execute(query.group_by(_County.id, _County.short_name, _County.code).order_by(_County.code)))


def hazard(tx: Connection, hazard_id: str, now: datetime) -> Any:
    """One hazard with the names around it; None if there is none."""
    more = (
        _Finder.path.label("finder_path"),
        _Finder.name.label("finder_name"),
        _Poster.name.label("listed_post"),
        _Lister.short_name.label("listed_unit"),
        _Submitter.name.label("submitter"),
        _Acceptor.name.label("acceptor"),
        _Registrar.name.label("registrar"),
    )
    query = (
        _base(*_LINE, *more, _is_late(now).label("late"))
        .outerjoin(_Poster, _Poster.id == Hazard.listed_by_post_id)
        .outerjoin(_Lister, _Lister.id == _Poster.unit_id)
        .outerjoin(_Submitter, _Submitter.id == Hazard.submitted_by)
        .outerjoin(_Acceptor, _Acceptor.id == Hazard.accepted_by)
        .outerjoin(_Registrar, _Registrar.id == Hazard.registered_by)
    )
    return tx.execute(query.where(Hazard.id == hazard_id)).first()


def open_tasks(tx: Connection, instance_id: str) -> list[Row[Any]]:
    """What is to be done next, by whom until when, with the next step of the ladder."""
    query = (
        select(
            Task.id,
            Task.name,
            Task.due_at,
            Task.light,
            Task.rung,
            Task.opened_at,
            Post.name.label("post"),
            Unit.short_name.label("unit"),
            Timer.due_at.label("step_at"),
            Timer.element.label("step"),
        )
        .join_from(Task, Post, Post.id == Task.post_id)
        .join(Unit, Unit.id == Post.unit_id)
        .outerjoin(Timer, and_(Timer.instance_id == Task.instance_id, Timer.kind == "ladder", Timer.ref == Task.id))
        .where(Task.instance_id == instance_id, Task.status == "open")
        .order_by(Task.opened_at, Task.id)
    )
    return list(tx.execute(query))


def events(tx: Connection, instance_ids: Sequence[str], tags: Sequence[str]) -> list[Row[Any]]:
    """What happened in all rounds, the oldest first."""
    query = _events().where(Ledger.instance_id.in_(instance_ids), Ledger.tag.in_(tags))
    return list(tx.execute(query.order_by(Ledger.seq)))


# -- entering one ------------------------------------------------------------------------------------------------------
def is_of_city(tx: Connection, unit_ids: Sequence[str]) -> bool:
    """Whether one of these units is the city's: it inspects everywhere."""
    query = select(Unit.id).where(Unit.id.in_(unit_ids), Unit.level == "city").limit(1)
    return tx.execute(query).first() is not None


def places(
    tx: Connection, paths: Sequence[str] | None, text: str, enterprise_id: str, *, all_: bool, limit: int
) -> list[Row[Any]]:
    """Enterprises of these trees whose name holds the text, or this one; without either none, or `all_`."""
    if not (text or enterprise_id or all_):
        return []
    query = (
        select(Unit.id, Unit.name, Enterprise.township, _County.short_name.label("county"))
        .join_from(Enterprise, Unit, Unit.id == Enterprise.unit_id)
        .join(_County, _County.id == Enterprise.county_id)
        .where(Unit.active.is_(True), inside(paths))
    )
    if text:
        query = query.where(Unit.name.like(like(text), escape="!"))
    elif enterprise_id:
        query = query.where(Unit.id == enterprise_id)
    return list(tx.execute(query.order_by(Unit.code).limit(limit)))


def all_counties(tx: Connection, paths: Sequence[str] | None) -> list[Row[Any]]:
    """The counties that a hazard outside the directory may lie in."""
    query = select(Unit.id, Unit.short_name).where(
        Unit.level == "county", Unit.kind != "department", Unit.active.is_(True), inside(paths)
    )
    return list(tx.execute(query.order_by(Unit.code)))
