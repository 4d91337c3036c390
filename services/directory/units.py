"""The unit directory for its pages: units with every name that notices give them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.errors import NotFound
from models import Tx, reading
from models.queries import directory as rows
from services.directory.people import LEVELS

PAGE = 50


@dataclass(frozen=True, kw_only=True)
class UnitLine:
    """A unit of the list, with what else it is called."""

    row: Any
    level: str
    others: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class UnitsPage:
    """A page of the list."""

    lines: tuple[UnitLine, ...]
    total: int
    next_after: str


@dataclass(frozen=True, kw_only=True)
class NoticeName:
    """What one notice calls the unit."""

    notice: str
    names: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class UnitPage:
    """One unit: where it stands, what it is called, its posts with their holders."""

    row: Any
    level: str
    above: Any
    aliases: tuple[str, ...]
    named: tuple[NoticeName, ...]
    posts: tuple[tuple[Any, tuple[Any, ...]], ...]


def page(text: str, level: str, after: str) -> UnitsPage:
    """Units by code; a text is looked for in every name a unit has."""
    level = level if level in LEVELS else ""
    with reading() as tx:
        found = rows.units(tx, text=text, level=level, after=after, limit=PAGE + 1)
        total = rows.unit_count(tx, text=text, level=level)
    shown = found[:PAGE]
    return UnitsPage(
        lines=tuple(UnitLine(row=row, level=LEVELS.get(row.level, row.level), others=_others(row)) for row in shown),
        total=total,
        next_after=shown[-1].code if len(found) > PAGE else "",
    )


def one(unit_id: str, now: datetime) -> UnitPage:
    """One unit."""
    with reading() as tx:
        row = rows.unit(tx, unit_id)
        if row is None:
            raise NotFound("没有找到这个单位。")
        above = rows.unit(tx, row.parent_id) if row.parent_id else None
        posts = _posts(tx, unit_id, now)
    return UnitPage(
        row=row,
        level=LEVELS.get(row.level, row.level),
        above=above,
        aliases=tuple(row.aliases or ()),
        named=tuple(_named(row.named or {})),
        posts=posts,
    )


def _others(row: Any) -> tuple[str, ...]:
    return tuple(name for name in row.other_names.split("\n") if name)


def _named(named: Mapping[str, Any]) -> list[NoticeName]:
    return [NoticeName(notice=one["title"], names=tuple(one["names"])) for one in named.values()]


def _posts(tx: Tx, unit_id: str, now: datetime) -> tuple[tuple[Any, tuple[Any, ...]], ...]:
    posts = rows.posts_of_unit(tx, unit_id)
    held = rows.holdings(tx, now=now, posts=[post.id for post in posts])
    return tuple((post, tuple(one for one in held if one.post_id == post.id)) for post in posts)
