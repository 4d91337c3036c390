"""Items of standing processes: the list with its search, one item, where it stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, exists, func, insert, or_, select, tuple_, update
from sqlalchemy.orm import aliased

from models.batches import batches
from models.directory import Person, Post, Unit
from models.items import Item
from models.queries.scope import inside, like
from models.records import Campaign
from models.running import Instance, Task

LIVE = ("running", "failed")
_STATES = {
    "open": Instance.status.in_(LIVE),
    "done": Instance.status == "ended",
    "withdrawn": Item.withdrawn_at.is_not(None),
    "cancelled": and_(Instance.status == "cancelled", Item.withdrawn_at.is_(None)),
}
_Course = aliased(Instance)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What the list is to hold; `paths` None: everything, else items of these trees or that came to `units`."""

    campaigns: Sequence[str]
    paths: tuple[str, ...] | None
    units: tuple[str, ...] = ()
    text: str = ""
    kind: str = ""
    state: str = ""
    unit_id: str = ""
    before: tuple[datetime, str] | None = None
    mine: str = ""  # the person who started them


def add(tx: Connection, row: dict[str, Any]) -> None:
    tx.execute(insert(Item), row)


def withdraw(tx: Connection, item_id: str, at: datetime, why: str) -> None:
    tx.execute(update(Item).where(Item.id == item_id).values(withdrawn_at=at, withdrawn_for=why))


_LINE = (
    Item.__table__,
    Instance.status,
    Instance.variables,
    Instance.ended_at,
    Unit.short_name.label("unit"),
    Unit.path.label("unit_path"),
    Campaign.status.label("campaign_status"),
)


def _lines(*columns: Any) -> Any:
    return (
        select(*columns)
        .select_from(Item)
        .join(Instance, Instance.id == Item.instance_id)
        .join(Unit, Unit.id == Item.unit_id)
        .join(Campaign, Campaign.id == Item.campaign_id)
    )


def _of(query: Any, wanted: Wanted) -> Any:
    query = query.where(Item.campaign_id.in_(wanted.campaigns), _concerned(wanted.paths, wanted.units))
    if wanted.text:
        texts = (Item.number, Item.title)
        query = query.where(or_(*(column.like(like(wanted.text), escape="!") for column in texts)))
    for column, value in ((Item.kind, wanted.kind), (Item.unit_id, wanted.unit_id), (Item.started_by, wanted.mine)):
        if value:
            query = query.where(column == value)
    if wanted.state:
        query = query.where(_STATES[wanted.state])
    return query


def _concerned(paths: tuple[str, ...] | None, units: Sequence[str]) -> ColumnElement[bool]:
    """Items of units one sees, and those whose course came to one's own unit."""
    if paths is None:
        return inside(None)
    came = exists().where(
        _Course.root_id == Item.instance_id, Task.instance_id == _Course.id, Task.unit_id.in_(units or [""])
    )
    return or_(inside(paths), came)


def page(tx: Connection, wanted: Wanted, limit: int) -> list[Row[Any]]:
    """The newest first."""
    query = _of(_lines(*_LINE), wanted)
    if wanted.before is not None:
        query = query.where(tuple_(Item.started_at, Item.id) < tuple_(*wanted.before))
    return list(tx.execute(query.order_by(Item.started_at.desc(), Item.id.desc()).limit(limit)))


def units(tx: Connection, wanted: Wanted) -> list[Row[Any]]:
    """The units that started any of these."""
    query = _of(_lines(Unit.id, Unit.short_name), wanted)
    return list(tx.execute(query.group_by(Unit.id, Unit.short_name, Unit.code).order_by(Unit.code)))


def counts(tx: Connection, wanted: Wanted) -> dict[tuple[str, str, str], int]:
    """(campaign, kind, status of the instance) -> how many."""
    query = _of(_lines(Item.campaign_id, Item.kind, Instance.status, func.count()), wanted)
    found = tx.execute(query.group_by(Item.campaign_id, Item.kind, Instance.status))
    return {(campaign, kind, status): number for campaign, kind, status, number in found}


def item(tx: Connection, item_id: str) -> Any:
    """One item with the names around it."""
    query = _lines(*_LINE, Post.name.label("post"), Person.name.label("starter"))
    query = query.join(Post, Post.id == Item.post_id).outerjoin(Person, Person.id == Item.started_by)
    return tx.execute(query.where(Item.id == item_id)).first()


def of_instance(tx: Connection, root_id: str) -> Any:
    """The item whose course this instance is."""
    return tx.execute(select(Item.id, Item.number, Item.title).where(Item.instance_id == root_id)).first()


def came_to(tx: Connection, root_id: str, units: Sequence[str]) -> bool:
    """Whether a task of this course was or is one of these units'."""
    query = select(Task.id).join(Instance, Instance.id == Task.instance_id)
    query = query.where(Instance.root_id == root_id, Task.unit_id.in_(units)).limit(1)
    return bool(units) and tx.execute(query).first() is not None


def shared(tx: Connection, instance_id: str, units: Sequence[str]) -> bool:
    """Whether this instance belongs to the course of an item that came to one of these units, too."""
    root = tx.execute(select(Instance.root_id).where(Instance.id == instance_id)).scalar()
    return root is not None and of_instance(tx, root) is not None and came_to(tx, root, units)


def standing_at(tx: Connection, roots: Sequence[str]) -> dict[str, list[Any]]:
    """root -> its open tasks, those that are due first."""
    found: dict[str, list[Any]] = {}
    for some in batches(roots):
        query = (
            select(Instance.root_id, Task.id, Task.name, Task.due_at, Task.post_id, Unit.short_name.label("unit"))
            .join_from(Task, Instance, Instance.id == Task.instance_id)
            .join(Unit, Unit.id == Task.unit_id)
            .where(Instance.root_id.in_(some), Task.status == "open")
            .order_by(Task.due_at, Task.id)
        )
        for row in tx.execute(query):
            found.setdefault(row.root_id, []).append(row)
    return found


def course(tx: Connection, root_id: str) -> list[str]:
    """The instances of a course: the item's own and those it called."""
    query = select(Instance.id).where(Instance.root_id == root_id).order_by(Instance.started_at, Instance.id)
    return list(tx.execute(query).scalars())


def done_by_others(tx: Connection, root_id: str, person_id: str | None) -> bool:
    """Whether anybody else has done anything in this course."""
    query = select(Task.id).join(Instance, Instance.id == Task.instance_id)
    others = or_(Task.completed_by.is_(None), Task.completed_by != person_id)
    query = query.where(Instance.root_id == root_id, Task.status == "done", others).limit(1)
    return tx.execute(query).first() is not None


def started_on(tx: Connection, campaign_id: str, kind: str, title: str) -> bool:
    """Whether there is an item of this name already."""
    query = select(Item.id).where(Item.campaign_id == campaign_id, Item.kind == kind, Item.title == title).limit(1)
    return tx.execute(query).first() is not None
