"""Clues as pages show them: the list with its filters, and what waits for the next hand-over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain import clues as words
from domain.authority import Actor
from domain.errors import NotFound
from domain.signs import Sign
from models import Tx, reading
from models.queries import clues as rows
from services import excel
from services._pages import position
from services.clues.clues import responsible_units, wanted
from services.plans.launched import Home, chosen_home
from services.plans.sectors import sector_names

PAGE = 50
HEAD = (
    "编号",
    "登记时间",
    "渠道",
    "信息类别",
    "反映的单位",
    "归属地",
    "行业领域",
    "责任单位",
    "状态",
    "交办时间",
    "反馈期限",
    "反馈时间",
    "提级核查",
)


@dataclass(frozen=True, kw_only=True)
class Filters:
    """What somebody asked to see; `after` is where the page begins."""

    text: str = ""
    status: str = ""
    unit_id: str = ""
    sector: str = ""
    channel: str = ""
    overdue: bool = False
    after: str = ""


@dataclass(frozen=True, kw_only=True)
class Line:
    """A clue of the list."""

    row: Any
    sign: Sign
    kind: str
    channel: str
    sector: str
    overdue: bool


@dataclass(frozen=True, kw_only=True)
class ListPage:
    """A page of the list, with what can be chosen."""

    campaign: str
    lines: tuple[Line, ...]
    total: int
    counts: Mapping[str, int]
    next_after: str
    units: tuple[tuple[str, str], ...]
    sectors: tuple[tuple[str, str], ...]
    signs: tuple[Sign, ...] = tuple(words.SIGNS.values())
    channels: tuple[tuple[str, str], ...] = tuple(words.CHANNELS.items())


def page(actor: Actor, filters: Filters, now: datetime) -> ListPage | None:
    """The clues the actor may see; None while nothing is launched."""
    with reading() as tx:
        found = chosen_home(tx, actor)
        if found is None:
            return None
        asked = _asked(actor, found, filters)
        lines = rows.page(tx, asked, now=now, after=position(filters.after), limit=PAGE + 1)
        shown = lines[:PAGE]
        sectors = sector_names(found.plan)
        return ListPage(
            campaign=found.short_title,
            lines=tuple(_line(row, sectors, now) for row in shown),
            total=rows.count(tx, asked, now),
            counts=rows.counts(tx, asked, now),
            next_after=f"{shown[-1].registered_at.isoformat()}|{shown[-1].id}" if len(lines) > PAGE else "",
            units=tuple((row.id, row.short_name) for row in rows.units_of_clues(tx, asked)),
            sectors=tuple(sectors.items()),
        )


def _asked(actor: Actor, found: Home, filters: Filters) -> rows.Wanted:
    return wanted(
        actor,
        found.row.id,
        text=filters.text.strip(),
        status=filters.status if filters.status in words.SIGNS else "",
        unit_id=filters.unit_id,
        sector=filters.sector,
        channel=filters.channel if filters.channel in words.CHANNELS else "",
        overdue=filters.overdue,
    )


def _line(row: Any, sectors: Mapping[str, str], now: datetime) -> Line:
    return Line(
        row=row,
        sign=words.SIGNS[row.status],
        kind=words.KINDS.get(row.kind, row.kind),
        channel=words.CHANNELS.get(row.channel, row.channel),
        sector=sectors.get(row.sector, ""),
        overdue=is_overdue(row, now),
    )


def is_overdue(row: Any, now: datetime) -> bool:
    """Not reported at the end of its term."""
    settled = row.status in ("concluded", "released", "rejected")
    return bool(row.result_due and row.result_due < now and row.reported_at is None and not settled)


def sheet(actor: Actor, filters: Filters, now: datetime) -> excel.Sheet:
    """The list as a sheet, under the same filters; who reported a clue is not in it."""
    with reading() as tx:
        found = chosen_home(tx, actor)
        if found is None:
            raise NotFound("还没有正在进行的行动。")
        sectors = sector_names(found.plan)
        listed = rows.page(tx, _asked(actor, found, filters), now=now, after=None, limit=excel.LIMIT + 1)
    lines = [_cells(_line(row, sectors, now)) for row in listed]
    return excel.Sheet(title="问题线索台账", head=HEAD, rows=lines, subtitle=found.short_title)


def _cells(line: Line) -> Sequence[Any]:
    row = line.row
    return (
        row.number,
        row.registered_at,
        line.channel,
        line.kind,
        row.subject,
        f"{row.county or ''}{row.place}",
        line.sector,
        row.unit or "",
        line.sign.word,
        row.assigned_at,
        row.result_due,
        row.reported_at,
        words.ESCALATIONS.get(row.escalated_for or "", ""),
    )


@dataclass(frozen=True, kw_only=True)
class Choices:
    """What a form about clues offers."""

    kinds: tuple[tuple[str, str], ...]
    channels: tuple[tuple[str, str], ...]
    counties: tuple[tuple[str, str], ...]
    sectors: tuple[tuple[str, str], ...]
    units: tuple[tuple[str, str], ...] = ()


def choices(actor: Actor | None) -> Choices | None:
    """What a registration may choose; None while no campaign runs. Staff register only what they found."""
    with reading() as tx:
        found = chosen_home(tx, actor)
        if found is None or found.row.status != "running":
            return None
        return choices_of(tx, found, actor)


def choices_of(tx: Tx, found: Home, actor: Actor | None) -> Choices:
    """The same inside a transaction."""
    channels = words.CHANNELS.items()
    if actor is not None and "office" not in actor.roles:
        channels = {name: words.CHANNELS[name] for name in words.FOUND}.items()
    units = responsible_units(tx, found.plan)
    return Choices(
        kinds=tuple(words.KINDS.items()),
        channels=tuple(channels),
        counties=tuple((unit.id, unit.short_name) for unit in units if unit.level == "county"),
        sectors=tuple(sector_names(found.plan).items()),
        units=tuple((unit.id, unit.short_name) for unit in units),
    )


@dataclass(frozen=True, kw_only=True)
class HandOverPage:
    """What waits for the next hand-over, and the open tasks of hand-overs under way."""

    lines: tuple[Line, ...]
    tasks: tuple[Any, ...]
    rule_text: str


def hand_over(actor: Actor, now: datetime) -> HandOverPage | None:
    """The list of the next hand-over (附件1 一（三）: every other day)."""
    with reading() as tx:
        found = chosen_home(tx, actor)
        if found is None:
            return None
        sectors = sector_names(found.plan)
        return HandOverPage(
            lines=tuple(_line(row, sectors, now) for row in rows.to_hand_over(tx, found.row.id)),
            tasks=tuple(rows.tasks_named(tx, found.row.id, ("confirm_list", "seal_letters"))),
            rule_text=str(found.plan.settings.get("every_other_day") or ""),
        )
