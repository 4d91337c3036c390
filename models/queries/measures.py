"""Measures in the units that do them: what is handed out, how it stands, what was noted meanwhile."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, bindparam, case, func, or_, select, tuple_, update
from sqlalchemy.orm import aliased

from models.batches import batches
from models.directory import Person, Unit
from models.hot import Hot
from models.measures import MeasureProgress, MeasureWork
from models.queries.running import add
from models.queries.scope import called, inside
from models.records import Attachment, Campaign, Ledger
from models.running import Instance, Task

_Lead = aliased(Unit)
_OPEN = ("running", "failed")
_ROWS = MeasureWork.__table__


# -- handing out -------------------------------------------------------------------------------------------------------
def write(tx: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """New rows."""
    for some in batches(rows):
        add(tx, MeasureWork, some)


def standing(tx: Connection, campaign_id: str, list_key: str) -> list[Row[Any]]:
    """What was handed out of a list before, with whether its instance still runs."""
    query = (
        select(
            MeasureWork.id,
            MeasureWork.measure,
            MeasureWork.unit_id,
            MeasureWork.round,
            MeasureWork.status,
            Instance.status.in_(_OPEN).label("live"),
        )
        .outerjoin(Instance, Instance.id == MeasureWork.instance_id)
        .where(MeasureWork.campaign_id == campaign_id, MeasureWork.list_key == list_key)
    )
    return list(tx.execute(query.order_by(MeasureWork.measure, MeasureWork.unit_id, MeasureWork.round)))


def hand_out_again(tx: Connection, ids: Sequence[str], group_id: str) -> None:
    """Rows whose instance was cancelled, to be started by another call."""
    for some in batches(ids):
        tx.execute(
            update(MeasureWork)
            .where(MeasureWork.id.in_(some))
            .values(group_id=group_id, instance_id=None, status="waiting")
        )


# its date had passed when the campaign was launched: not the unit's fault, in nobody's count of overdue ones
_ARRIVED_LATE = MeasureWork.due_at <= (
    select(Campaign.launched_at).where(Campaign.id == MeasureWork.campaign_id).scalar_subquery()
)


_NOT_STARTED = Hot(
    select(
        MeasureWork.id,
        MeasureWork.measure,
        MeasureWork.unit_id,
        MeasureWork.role,
        MeasureWork.lead_unit_id,
        MeasureWork.round,
        MeasureWork.due_at,
        MeasureWork.target,
    )
    .where(MeasureWork.group_id == bindparam("group"), MeasureWork.instance_id.is_(None))
    .order_by(MeasureWork.id)
    .limit(bindparam("limit"))
)


def not_started(tx: Connection, group_id: str, limit: int) -> list[Any]:
    """The next rows of a call that have no instance yet."""
    return list(_NOT_STARTED.rows(tx, {"group": group_id, "limit": limit}))


def started(tx: Connection, campaign_id: str, pairs: Sequence[Mapping[str, Any]]) -> None:
    """Note the instances: of `measure` in `unit`, `instance` does what is not accepted yet; `id` is open now."""
    if not pairs:
        return
    own = update(MeasureWork).where(
        _ROWS.c.campaign_id == campaign_id,
        _ROWS.c.measure == bindparam("b_measure"),
        _ROWS.c.unit_id == bindparam("b_unit"),
        _ROWS.c.status != "accepted",
    )
    names = ("measure", "unit", "instance")
    found = [{f"b_{name}": pair[name] for name in names} for pair in pairs]
    tx.execute(own.values(instance_id=bindparam("b_instance")), found)
    for some in batches([pair["id"] for pair in pairs]):
        tx.execute(update(MeasureWork).where(MeasureWork.id.in_(some)).values(status="open"))


# -- one unit's work ---------------------------------------------------------------------------------------------------
_CURRENT = Hot(
    select(*_ROWS.c, _ARRIVED_LATE.label("arrived_late")).where(
        _ROWS.c.campaign_id == bindparam("campaign"),
        _ROWS.c.measure == bindparam("measure"),
        _ROWS.c.unit_id == bindparam("unit"),
        _ROWS.c.round == bindparam("round"),
    )
)


def work(tx: Connection, campaign_id: str, measure: str, unit_id: str, number: int) -> Any:
    """The row of one date of a measure in a unit; None if there is none."""
    return _CURRENT.first(tx, {"campaign": campaign_id, "measure": measure, "unit": unit_id, "round": number})


def change(tx: Connection, row_id: str, **values: Any) -> None:
    """Write columns of one row."""
    tx.execute(update(MeasureWork).where(MeasureWork.id == row_id).values(**values))


def add_note(tx: Connection, row: Mapping[str, Any]) -> None:
    """A note on progress."""
    add(tx, MeasureProgress, [row])


# -- lists -------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What a list is to hold. `paths` None: everything; else what is done or checked in these trees.

    `measures` None: every measure; `named` measures or units whose name holds `text`.
    """

    campaign_id: str
    paths: tuple[str, ...] | None
    measures: tuple[str, ...] | None = None
    unit_id: str = ""
    state: str = ""  # a status, or `overdue`
    target: bool = False
    text: str = ""
    named: tuple[str, ...] = ()  # measures whose own words hold the text
    now: datetime


_LINE = (
    *_ROWS.c,
    _ARRIVED_LATE.label("arrived_late"),
    Unit.short_name.label("unit"),
    Unit.path.label("unit_path"),
    _Lead.short_name.label("lead"),
    _Lead.path.label("lead_path"),
)


def _base(*columns: Any) -> Any:
    return (
        select(*columns)
        .select_from(MeasureWork)
        .join(Unit, Unit.id == MeasureWork.unit_id)
        .outerjoin(_Lead, _Lead.id == MeasureWork.lead_unit_id)
    )


def _in_scope(paths: tuple[str, ...] | None) -> Any:
    return or_(inside(paths), inside(paths, _Lead.path)) if paths is not None else inside(None)


def _overdue(now: datetime) -> Any:
    return and_(MeasureWork.status != "accepted", MeasureWork.due_at < now, ~_ARRIVED_LATE)


def _conditions(wanted: Wanted) -> list[Any]:
    found: list[Any] = [MeasureWork.campaign_id == wanted.campaign_id, _in_scope(wanted.paths)]
    if wanted.measures is not None:
        found.append(MeasureWork.measure.in_(wanted.measures))
    if wanted.unit_id:
        found.append(MeasureWork.unit_id == wanted.unit_id)
    if wanted.state == "overdue":
        found.append(_overdue(wanted.now))
    elif wanted.state:
        found.append(MeasureWork.status == wanted.state)
    if wanted.target:
        found.append(MeasureWork.target.is_(True))
    if wanted.text:
        found.append(or_(called(wanted.text), MeasureWork.measure.in_(wanted.named)))
    return found


def page(tx: Connection, wanted: Wanted, after: tuple[datetime, str] | None, limit: int) -> list[Row[Any]]:
    """What is due first, from behind `after` on."""
    query = _base(*_LINE).where(*_conditions(wanted))
    if after is not None:
        query = query.where(tuple_(MeasureWork.due_at, MeasureWork.id) > after)
    return list(tx.execute(query.order_by(MeasureWork.due_at, MeasureWork.id).limit(limit)))


def counts(tx: Connection, wanted: Wanted) -> Row[Any]:
    """How many there are, in which state, with which targets."""
    return tx.execute(_base(*_counted(wanted.now)).where(*_conditions(wanted))).one()


def _counted(now: datetime) -> tuple[Any, ...]:
    status = MeasureWork.status
    return (
        func.count().label("total"),
        _sum(status == "accepted").label("accepted"),
        _sum(_overdue(now)).label("overdue"),
        _sum(status.in_(("open", "returned"))).label("open"),
        _sum(status.in_(("reported", "checked"))).label("reported"),
        _sum(status == "waiting").label("waiting"),
        _sum(MeasureWork.target).label("targets"),
        _sum(and_(MeasureWork.target, MeasureWork.met.is_(True), status == "accepted")).label("met"),
    )


def _sum(condition: Any) -> Any:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


def by_measure(tx: Connection, wanted: Wanted) -> dict[str, Row[Any]]:
    """The same counts for each measure, with its next date that is not accepted."""
    due = func.min(case((MeasureWork.status != "accepted", MeasureWork.due_at))).label("due_at")
    query = _base(MeasureWork.measure, due, *_counted(wanted.now)).where(*_conditions(wanted))
    return {row.measure: row for row in tx.execute(query.group_by(MeasureWork.measure))}


def units(tx: Connection, campaign_id: str, paths: tuple[str, ...] | None) -> list[Row[Any]]:
    """Units that do something, in the order of their codes."""
    query = _base(Unit.id, Unit.short_name).where(MeasureWork.campaign_id == campaign_id, _in_scope(paths)).distinct()
    return list(tx.execute(query.add_columns(Unit.code).order_by(Unit.code)))


# -- one measure -------------------------------------------------------------------------------------------------------
def of_measure(
    tx: Connection, campaign_id: str, measure: str, paths: tuple[str, ...] | None, limit: int
) -> list[Row[Any]]:
    """A measure in every unit that does it, leads first."""
    query = _base(*_LINE, Unit.code).where(
        MeasureWork.campaign_id == campaign_id, MeasureWork.measure == measure, _in_scope(paths)
    )
    return list(tx.execute(query.order_by(MeasureWork.role, Unit.code, MeasureWork.round).limit(limit)))


def notes(tx: Connection, campaign_id: str, measure: str, unit_ids: Sequence[str] | None, limit: int) -> list[Row[Any]]:
    """Notes on a measure's progress, the newest first; of these units only, None: of all."""
    query = (
        select(
            MeasureProgress.id,
            MeasureProgress.unit_id,
            MeasureProgress.text,
            MeasureProgress.figure,
            MeasureProgress.noted_at,
            Unit.short_name.label("unit"),
            Person.name.label("person"),
        )
        .join(Unit, Unit.id == MeasureProgress.unit_id)
        .outerjoin(Person, Person.id == MeasureProgress.noted_by)
        .where(MeasureProgress.campaign_id == campaign_id, MeasureProgress.measure == measure)
    )
    if unit_ids is not None:
        query = query.where(MeasureProgress.unit_id.in_(unit_ids))
    query = query.order_by(MeasureProgress.noted_at.desc(), MeasureProgress.id.desc())
    return list(tx.execute(query.limit(limit)))


def noted_figures(tx: Connection, campaign_id: str, measures: Sequence[str]) -> dict[tuple[str, str], float]:
    """(measure, unit) -> the figure that was noted last."""
    query = (
        select(MeasureProgress.measure, MeasureProgress.unit_id, MeasureProgress.figure)
        .where(
            MeasureProgress.campaign_id == campaign_id,
            MeasureProgress.measure.in_(measures),
            MeasureProgress.figure.is_not(None),
        )
        .order_by(MeasureProgress.noted_at, MeasureProgress.id)
    )
    return {(row.measure, row.unit_id): row.figure for row in tx.execute(query)}


def history(tx: Connection, instance_ids: Sequence[str], tags: Sequence[str], limit: int) -> list[Row[Any]]:
    """What happened to a measure in its instances, the newest first."""
    query = (
        select(
            Ledger.seq, Ledger.at, Ledger.tag, Ledger.data, Unit.short_name.label("unit"), Person.name.label("person")
        )
        .outerjoin(Unit, Unit.id == Ledger.unit_id)
        .outerjoin(Person, Person.id == Ledger.person_id)
        .where(Ledger.tag.in_(tags))
    )
    found: list[Row[Any]] = []
    for some in batches(instance_ids):
        one = query.where(Ledger.instance_id.in_(some)).order_by(Ledger.seq.desc()).limit(limit)
        found += tx.execute(one)
    return sorted(found, key=lambda row: row.seq, reverse=True)[:limit]


def evidence(tx: Connection, instance_ids: Sequence[str]) -> list[Row[Any]]:
    """Files that were handed in with reports and checks, the newest first."""
    query = (
        select(Attachment.id, Attachment.name, Attachment.size, Attachment.added_at, Task.instance_id)
        .join(Task, Task.id == Attachment.task_id)
        .where(Attachment.removed_at.is_(None))
    )
    found: list[Row[Any]] = []
    for some in batches(instance_ids):
        found += tx.execute(query.where(Task.instance_id.in_(some)).order_by(Attachment.added_at.desc()))
    return found


def open_tasks(tx: Connection, instance_ids: Sequence[str]) -> dict[str, Row[Any]]:
    """instance id -> its open task."""
    query = select(Task.id, Task.name, Task.due_at, Task.instance_id).where(Task.status == "open")
    found: dict[str, Row[Any]] = {}
    for some in batches(instance_ids):
        found |= {row.instance_id: row for row in tx.execute(query.where(Task.instance_id.in_(some)))}
    return found


# -- figures -----------------------------------------------------------------------------------------------------------
def figures(
    tx: Connection,
    campaign_id: str,
    *,
    until: datetime,
    since: datetime | None = None,
    unit_ids: Sequence[str] | None = None,
    list_key: str = "",
) -> dict[str, Row[Any]]:
    """unit id -> its counts as they stood at `until`; what fell due or was accepted is counted from `since` on."""
    due = MeasureWork.due_at <= until
    done = and_(MeasureWork.accepted_at.is_not(None), MeasureWork.accepted_at <= until)
    not_done = or_(MeasureWork.accepted_at.is_(None), MeasureWork.accepted_at > until)
    recent = (lambda column: column > since) if since is not None else (lambda column: column.is_not(None))
    query = select(
        MeasureWork.unit_id,
        func.count().label("total"),
        _sum(and_(due, recent(MeasureWork.due_at))).label("due"),
        _sum(and_(done, recent(MeasureWork.accepted_at))).label("accepted"),
        _sum(and_(due, done)).label("due_accepted"),
        _sum(and_(due, not_done, ~_ARRIVED_LATE)).label("overdue"),
        _sum(and_(MeasureWork.status != "waiting", not_done)).label("in_progress"),
        _sum(and_(MeasureWork.target, due, recent(MeasureWork.due_at))).label("targets"),
        _sum(and_(MeasureWork.target, due, recent(MeasureWork.due_at), done, MeasureWork.met.is_(True))).label(
            "targets_met"
        ),
    ).where(MeasureWork.campaign_id == campaign_id)
    if unit_ids is not None:
        query = query.where(MeasureWork.unit_id.in_(unit_ids))
    if list_key:
        query = query.where(MeasureWork.list_key == list_key)
    return {row.unit_id: row for row in tx.execute(query.group_by(MeasureWork.unit_id))}


def by_campaign(
    tx: Connection, campaign_ids: Sequence[str], now: datetime, paths: Sequence[str] | None
) -> dict[str, Row[Any]]:
    """campaign id -> measures handed out, accepted, overdue of the units one sees."""
    query = (
        select(
            MeasureWork.campaign_id,
            func.count().label("total"),
            _sum(MeasureWork.status == "accepted").label("accepted"),
            _sum(_overdue(now)).label("overdue"),
        )
        .join(Unit, Unit.id == MeasureWork.unit_id)
        .where(MeasureWork.campaign_id.in_(campaign_ids), inside(paths))
        .group_by(MeasureWork.campaign_id)
    )
    return {row.campaign_id: row for row in tx.execute(query)}


def share(tx: Connection, campaign_id: str, list_key: str, until: datetime) -> list[Row[Any]]:
    """Of a list, what is due by a moment: how many of it each unit has, and has accepted."""
    query = (
        select(
            MeasureWork.unit_id,
            Unit.short_name,
            func.count().label("owed"),
            _sum(MeasureWork.status == "accepted").label("done"),
            func.min(case((MeasureWork.status != "accepted", MeasureWork.due_at))).label("due_at"),
        )
        .join(Unit, Unit.id == MeasureWork.unit_id)
        .where(MeasureWork.campaign_id == campaign_id, MeasureWork.list_key == list_key, MeasureWork.due_at <= until)
        .group_by(MeasureWork.unit_id, Unit.short_name, Unit.code)
    )
    return list(tx.execute(query.order_by(Unit.code)))
