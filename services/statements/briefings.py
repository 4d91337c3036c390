"""日汇总、月小结、简报 as pages show them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from domain import tables
from domain.authority import Actor
from domain.errors import NotFound
from models import reading
from models.queries import briefings as rows
from services.plans.launched import chosen_home, home
from services.statements.summaries import lines_of, table_of

PAGE = 30
KINDS: Mapping[str, str] = {"daily_summary": "日汇总", "monthly_summary": "月小结", "briefing": "简报"}


@dataclass(frozen=True, kw_only=True)
class ListPage:
    """A page of the list."""

    campaign: str
    tabs: tuple[tuple[str, str, int], ...]
    lines: tuple[Any, ...]
    next_after: str


def page(actor: Actor, kind: str, text: str, after: str) -> ListPage | None:
    """What has been issued, the newest first; None while nothing is launched."""
    skip = int(after) if after.isdecimal() else 0
    with reading() as tx:
        found = chosen_home(tx, actor)
        if found is None:
            return None
        lines = rows.page(tx, found.row.id, kind, text.strip(), skip, PAGE + 1)
        counts = rows.counts(tx, found.row.id)
    return ListPage(
        campaign=found.short_title,
        tabs=tuple((key, name, counts.get(key, 0)) for key, name in KINDS.items()),
        lines=tuple(lines[:PAGE]),
        next_after=str(skip + PAGE) if len(lines) > PAGE else "",
    )


@dataclass(frozen=True, kw_only=True)
class BriefingPage:
    """One of them."""

    row: Any
    kind: str
    campaign: str
    paragraphs: tuple[str, ...]
    table: tables.Table | None
    lines: tuple[tuple[str, tuple[str, ...]], ...]


def one(publication_id: str) -> BriefingPage:
    """One that has been issued; a draft is its editor's alone."""
    with reading() as tx:
        row = rows.one(tx, publication_id)
        if row is None or row.status != "published":
            raise NotFound("没有找到这份材料，可能尚未印发。")
        found = home(tx, row.campaign_id)
    table = table_of(found.plan)
    return BriefingPage(
        row=row,
        kind=KINDS[row.kind],
        campaign=found.short_title,
        paragraphs=tuple(part for part in row.body.split("\n") if part.strip()),
        table=table,
        lines=lines_of(table, row.content) if table else (),
    )
