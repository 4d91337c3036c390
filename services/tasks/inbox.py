"""What somebody has to do and has done: read models of 待办 and 已办."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from domain.authority import Actor
from domain.errors import Invalid
from domain.lights import Light, arrived_late, light
from domain.plan import Plan
from models import Tx, reading
from models.queries import inbox as rows
from services.plans.calendar import calendar
from services.plans.launched import INDENT, in_tree
from services.plans.versions import edition_of

PAGE_SIZE = 20
CAP = 999
BADGE_CAP = 99


@dataclass(frozen=True, kw_only=True)
class Item:
    """A line of the list."""

    id: str
    name: str
    title: str
    unit: str
    post: str
    campaign: str
    opened_at: datetime
    due_at: datetime | None
    due_estimated: bool
    light: Light | None
    rung: str  # name of the last ladder step taken
    completed_at: datetime | None = None
    outcome: str | None = None


@dataclass(frozen=True, kw_only=True)
class Query:
    """What the list is asked for; `after` is the cursor of a page before."""

    campaign: str | None = None
    late: bool = False
    text: str = ""
    after: str = ""

    def filters(self) -> rows.Filters:
        """What the statements need of it."""
        return rows.Filters(campaign=self.campaign, late=self.late, text=self.text)


@dataclass(frozen=True, kw_only=True)
class Page:
    """A page of a list. `count` goes no further than CAP + 1; it is None where nobody counts."""

    items: tuple[Item, ...]
    next: str
    count: int | None
    late: int | None
    campaigns: tuple[tuple[str, str], ...]


def todo(actor: Actor, query: Query, now: datetime, *, size: int = PAGE_SIZE) -> Page:
    """待办: open tasks of the posts in use, the most urgent first."""
    after = parsed_cursor(query.after) if query.after else None
    filters = query.filters()
    with reading() as tx:
        found = rows.page(tx, actor.post_ids, filters, size=size + 1, after=after, now=now)
        shown = found[:size]
        if query.after or len(found) > size:
            count = rows.count(tx, actor.post_ids, filters, cap=CAP, now=now)
            late = rows.count(tx, actor.post_ids, replace(filters, late=True), cap=CAP, now=now)
        else:
            # the whole list is on this page; a text that is rare is not looked for three times
            count, late = len(shown), sum(_is_overdue(row, now) for row in shown)
        items = tuple(_items(tx, actor, shown, now))
        campaigns = _campaigns(tx)
    more = cursor(shown[-1].due_at, shown[-1].id) if len(found) > size else ""
    return Page(items=items, next=more, count=count, late=late, campaigns=campaigns)


def done(actor: Actor, query: Query, now: datetime, *, size: int = PAGE_SIZE) -> Page:
    """已办: what the person completed, the latest first."""
    after = parsed_cursor(query.after) if query.after else None
    if after is not None and after[0] is None:
        raise Invalid("页码有误，请回到第一页。")
    with reading() as tx:
        filters = replace(query.filters(), late=False)
        found = rows.done(tx, str(actor.person_id), filters, size=size + 1, now=now, after=after)
        shown = found[:size]
        items = tuple(_items(tx, actor, shown, now))
        campaigns = _campaigns(tx)
    more = cursor(shown[-1].completed_at, shown[-1].id) if len(found) > size else ""
    return Page(items=items, next=more, count=None, late=None, campaigns=campaigns)


def open_count(actor: Actor, now: datetime) -> int:
    """How many open tasks, for the menu; no further than BADGE_CAP + 1."""
    if not actor.post_ids:
        return 0
    with reading() as tx:
        return rows.count(tx, actor.post_ids, rows.Filters(), cap=BADGE_CAP, now=now)


def next_task(actor: Actor, now: datetime) -> str | None:
    """The most urgent open task: where somebody goes on after completing one."""
    with reading() as tx:
        found = rows.page(tx, actor.post_ids, rows.Filters(), size=1, now=now)
    return found[0].id if found else None


def _is_overdue(row: Any, now: datetime) -> bool:
    return row.due_at is not None and row.due_at < now and not arrived_late(row.due_at, row.opened_at)


def _items(tx: Tx, actor: Actor, found: Sequence[Any], now: datetime) -> list[Item]:
    names = {post.id: post.name for post in actor.posts}
    known = calendar(tx)
    lights: dict[tuple[datetime | None, str, bool], Light] = {}
    items = []
    for row in found:
        key = row.due_at, row.light, arrived_late(row.due_at, row.opened_at)
        if row.status == "open" and key not in lights:
            lights[key] = light(row.due_at, now, known, row.light, opened_at=row.opened_at)
        plan = edition_of(tx, row.version_id).plan if row.version_id else None
        items.append(_item(row, names.get(row.post_id, ""), lights.get(key), plan))
    return items


def _item(row: Any, post: str, shown: Light | None, plan: Plan | None) -> Item:
    return Item(
        id=row.id,
        name=row.name,
        title=row.title,
        unit=row.unit_name,
        post=post,
        campaign=plan.short_title if plan else "",
        opened_at=row.opened_at,
        due_at=row.due_at,
        due_estimated=row.due_estimated,
        light=shown if row.status == "open" else None,
        rung=rungs_of(plan).get(row.rung, "") if plan and row.rung else "",
        completed_at=row.completed_at,
        outcome=row.outcome,
    )


def rungs_of(plan: Plan) -> dict[str, str]:
    """rung id -> name, over all ladders of a plan."""
    return {rung.id: rung.name for ladder in plan.escalation.values() for rung in ladder.rungs}


def _campaigns(tx: Tx) -> tuple[tuple[str, str], ...]:
    found = [(row, edition_of(tx, row.version_id).plan) for row in in_tree(rows.campaigns(tx))]
    return tuple((row.id, f"{INDENT if row.parent_id else ''}{plan.short_title}") for row, plan in found)


# -- cursors -----------------------------------------------------------------------------------------------------------
def cursor(at: datetime | None, row_id: str) -> str:
    """Where a page ended, as text for an address."""
    return f"{_microseconds(at) if at else ''}~{row_id}"


def _microseconds(at: datetime) -> int:
    return int(at.timestamp()) * 1_000_000 + at.microsecond


def parsed_cursor(text: str) -> tuple[Any, str]:
    """The moment and the id of a cursor; Invalid where it is none."""
    moment, separator, row_id = text.partition("~")
    if not separator or not row_id or len(text) > 60 or not (moment.isascii() and (moment.isdecimal() or not moment)):
        raise Invalid("页码有误，请回到第一页。")
    if not moment:
        return None, row_id
    seconds, rest = divmod(int(moment), 1_000_000)
    try:
        return datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest), row_id
    except (OverflowError, ValueError, OSError) as fault:
        raise Invalid("页码有误，请回到第一页。") from fault
