"""The inbox at a million open tasks: one LIMITed branch a post along the partial index, keyset pages, capped counts.

Tasks without a due date come last. They have branches of their own: the two databases sort NULL differently, and only
so both walk the index.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    and_,
    bindparam,
    func,
    literal,
    literal_column,
    or_,
    select,
    tuple_,
    union_all,
)

from models.base import Moment
from models.directory import Unit
from models.hot import Hot
from models.queries.scope import overdue
from models.records import Campaign
from models.running import Task

MANY = 60
# A partial index is taken only where its condition stands word for word in the statement.
OPEN: ColumnElement[str] = literal_column("'open'")

_now = bindparam("now", type_=Moment)
_due = bindparam("after_due", type_=Moment)
_id: BindParameter[Any] = bindparam("after_id")
_text: BindParameter[Any] = bindparam("text")

_COLUMNS = (
    Task.id,
    Task.name,
    Task.title,
    Task.post_id,
    Task.unit_id,
    Task.campaign_id,
    Task.opened_at,
    Task.due_at,
    Task.due_estimated,
    Task.light,
    Task.rung,
    Task.completed_at,
    Task.outcome,
    Task.status,
)


def _named(text: Any) -> ColumnElement[bool]:
    """A text in the task's name or title, or in its unit's name."""
    called = (column.like(text, escape="\\") for column in (Unit.name, Unit.short_name, Unit.other_names))
    units = select(Unit.id).where(or_(*called))
    return or_(Task.name.like(text, escape="\\"), Task.title.like(text, escape="\\"), Task.unit_id.in_(units))


def _filters(*, campaign: bool, late: bool, text: bool) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if campaign:
        found.append(Task.campaign_id == bindparam("campaign"))
    if late:
        found.append(overdue(Task, _now))
    if text:
        found.append(_named(_text))
    return found


def _owners(posts: int) -> list[ColumnElement[bool]]:
    """A condition a post; beyond MANY posts (who holds so many?) one for all: a statement has its limits."""
    if posts > MANY:
        return [Task.post_id.in_(bindparam("posts", expanding=True))]
    return [Task.post_id == bindparam(f"post_{n}") for n in range(posts)]


def _branches(posts: int, where: Sequence[ColumnElement[bool]], cursor: str, *, late: bool) -> list[Any]:
    """Two branches a post: those with a due date, then (unless only late ones are wanted) those without.

    `cursor`: start, dated or undated.
    """
    found = []
    for owner in _owners(posts):
        own = and_(owner, Task.status == OPEN, *where)
        if cursor != "undated":
            dated = select(*_COLUMNS, literal(0).label("part")).where(own, Task.due_at.is_not(None))
            if cursor == "dated":
                dated = dated.where(tuple_(Task.due_at, Task.id) > tuple_(_due, _id))
            found.append(dated.order_by(Task.due_at, Task.id))
        if late:
            continue
        undated = select(*_COLUMNS, literal(1).label("part")).where(own, Task.due_at.is_(None))
        if cursor == "undated":
            undated = undated.where(Task.id > _id)
        found.append(undated.order_by(Task.id))
    return found


@lru_cache(maxsize=512)
def _page(posts: int, cursor: str, campaign: bool, late: bool, text: bool) -> Hot:
    """The statement for so many posts; built once a process, building costs more than running."""
    where = _filters(campaign=campaign, late=late, text=text)
    limited = [select(b.limit(bindparam("size")).subquery()) for b in _branches(posts, where, cursor, late=late)]
    everything = union_all(*limited).subquery("everything")
    first = select(everything).order_by(everything.c.part, everything.c.due_at, everything.c.id)
    page = first.limit(bindparam("size")).subquery("page")
    return Hot(
        select(page, Unit.short_name.label("unit_name"), Campaign.version_id)
        .join(Unit, Unit.id == page.c.unit_id)
        .outerjoin(Campaign, Campaign.id == page.c.campaign_id)
        .order_by(page.c.part, page.c.due_at, page.c.id)
    )


@lru_cache(maxsize=512)
def _count(posts: int, campaign: bool, late: bool, text: bool) -> Hot:
    where = _filters(campaign=campaign, late=late, text=text)
    limited = []
    for owner in _owners(posts):
        own = select(Task.id).where(owner, Task.status == OPEN, *where)
        limited.append(select(own.limit(bindparam("cap")).subquery()))
    capped = select(union_all(*limited).subquery()).limit(bindparam("cap")).subquery()
    return Hot(select(func.count()).select_from(capped))


@dataclass(frozen=True, kw_only=True)
class Filters:
    """What a list is narrowed to."""

    campaign: str | None = None
    late: bool = False
    text: str = ""

    def shape(self) -> dict[str, bool]:
        """Which conditions the statement has."""
        return {"campaign": bool(self.campaign), "late": self.late, "text": bool(self.text)}

    def values(self, now: datetime) -> dict[str, Any]:
        """Their values."""
        found: dict[str, Any] = {"campaign": self.campaign} if self.campaign else {}
        if self.late:
            found["now"] = now
        if self.text:
            found["text"] = _like(self.text)
        return found


def _owned_by(post_ids: Sequence[str]) -> dict[str, Any]:
    if len(post_ids) > MANY:
        return {"posts": list(post_ids)}
    return {f"post_{n}": post_id for n, post_id in enumerate(post_ids)}


def _found(tx: Connection, hot: Hot, values: dict[str, Any]) -> Sequence[Any]:
    """A list in a parameter is Core's to expand."""
    return tx.execute(hot.statement, values).all() if "posts" in values else hot.rows(tx, values)


def _like(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def page(
    tx: Connection,
    post_ids: Sequence[str],
    filters: Filters,
    *,
    size: int,
    now: datetime,
    after: tuple[datetime | None, str] | None = None,
) -> Sequence[Any]:
    """The next `size` open tasks of these posts, the most urgent first."""
    ended = filters.late and after is not None and after[0] is None
    if not post_ids or ended:
        return ()
    values = {**_owned_by(post_ids), **filters.values(now), "size": size}
    cursor = "start"
    if after is not None:
        cursor = "undated" if after[0] is None else "dated"
        values |= {"after_id": after[1]} | ({"after_due": after[0]} if after[0] else {})
    return _found(tx, _page(len(post_ids), cursor, **filters.shape()), values)


def count(tx: Connection, post_ids: Sequence[str], filters: Filters, *, cap: int, now: datetime) -> int:
    """How many open tasks, no further than `cap` + 1."""
    if not post_ids:
        return 0
    values = {**_owned_by(post_ids), **filters.values(now), "cap": cap + 1}
    return int(_found(tx, _count(len(post_ids), **filters.shape()), values)[0][0])


# -- done --------------------------------------------------------------------------------------------------------------
@lru_cache(maxsize=8)
def _done(more: bool, campaign: bool, text: bool) -> Hot:
    query = (
        select(*_COLUMNS, Unit.short_name.label("unit_name"), Campaign.version_id)
        .join(Unit, Unit.id == Task.unit_id)
        .outerjoin(Campaign, Campaign.id == Task.campaign_id)
        .where(Task.completed_by == bindparam("person"), *_filters(campaign=campaign, late=False, text=text))
        .order_by(Task.completed_at.desc(), Task.id.desc())
        .limit(bindparam("size"))
    )
    return Hot(query.where(tuple_(Task.completed_at, Task.id) < tuple_(_due, _id)) if more else query)


def done(
    tx: Connection, person_id: str, filters: Filters, *, size: int, now: datetime, after: tuple[datetime, str] | None
) -> Sequence[Any]:
    """What this person completed, the latest first."""
    values = {"person": person_id, "size": size, **filters.values(now)}
    if after is not None:
        values |= {"after_due": after[0], "after_id": after[1]}
    return _done(after is not None, bool(filters.campaign), bool(filters.text)).rows(tx, values)


_CAMPAIGNS = Hot(
    select(Campaign.id, Campaign.key, Campaign.parent_id, Campaign.version_id)
    .order_by(Campaign.launched_at.desc(), Campaign.id)
    .limit(100)
)


def campaigns(tx: Connection) -> Sequence[Any]:
    """The campaigns to choose from."""
    return _CAMPAIGNS.rows(tx, {})
