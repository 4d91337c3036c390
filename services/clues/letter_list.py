"""函件: the hand-over letters of a campaign as a list, as a file, and ready to print together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from domain.authority import Actor
from domain.signs import Sign
from domain.workdays import BEIJING
from models import Tx, reading
from models.queries import letters as rows
from services import excel
from services._pages import PAGE, following, position
from services.clues.clues import wanted
from services.clues.letter_page import Paper, several
from services.plans.launched import Home, chosen_home
from services.plans.sectors import sector_names

SIGNS: Mapping[str, Sign] = {
    "waiting": Sign("waiting", "待签收", "yellow", "clock"),
    "in_hand": Sign("in_hand", "办理中", "blue", "clock"),
    "late": Sign("late", "逾期未反馈", "red", "alert"),
    "answered": Sign("answered", "已反馈", "green", "ok"),
    "withdrawn": Sign("withdrawn", "已收回改交", "grey", "back"),
}
HEAD = (
    "文号", "制发时间", "收件单位", "挂牌督办单位", "线索编号", "涉及单位", "行业领域", "承办人",
    "签收时间", "反馈期限", "反馈时间", "状态",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Filters:
    """What somebody asked to see; `after` is where the page begins."""

    text: str = ""
    state: str = ""
    unit_id: str = ""
    since: date | None = None
    until: date | None = None
    after: str = ""

    @property
    def any(self) -> bool:
        return bool(self.text or self.state or self.unit_id or self.since or self.until)


@dataclass(frozen=True, kw_only=True)
class Line:
    """A letter of the list."""

    row: Any
    sign: Sign
    sector: str


@dataclass(frozen=True, kw_only=True)
class ListPage:
    """A page of the list, with what can be chosen."""

    campaign: str
    lines: tuple[Line, ...]
    counts: Mapping[str, int]
    units: tuple[tuple[str, str], ...]
    next_after: str
    signs: tuple[Sign, ...] = tuple(SIGNS.values())

    @property
    def total(self) -> int:
        return sum(self.counts.values())


def page(actor: Actor, filters: Filters, now: datetime) -> ListPage | None:
    """The letters whose clues the actor may see; None while nothing is launched."""
    with reading() as tx:
        found = chosen_home(tx, None)
        if found is None:
            return None
        asked = _asked(actor, found, filters)
        listed = _listed(tx, asked, filters, now)
        return ListPage(
            campaign=found.short_title,
            lines=_lines(found, listed[:PAGE]),
            counts=rows.counts(tx, asked, now),
            units=tuple((row.id, row.short_name) for row in rows.addressees(tx, asked)),
            next_after=following(listed, "issued_at"),
        )


def papers(actor: Actor, filters: Filters, now: datetime) -> tuple[Paper, ...]:
    """The same page of the list, letter by letter, ready to print."""
    with reading() as tx:
        found = chosen_home(tx, None)
        if found is None:
            return ()
        listed = _listed(tx, _asked(actor, found, filters), filters, now)[:PAGE]
        clues = rows.clues_of(tx, [row.clue_id for row in listed])
        return several(tx, [(row, clues[row.clue_id]) for row in listed])


def sheet(actor: Actor, filters: Filters, now: datetime) -> excel.Sheet:
    """The list as a table, under the same filters; an empty one while nothing is launched."""
    with reading() as tx:
        found = chosen_home(tx, None)
        if found is None:
            return excel.Sheet(title="交办（移送）函件登记表", head=HEAD, rows=())
        asked = _asked(actor, found, filters)
        lines = _lines(found, rows.page(tx, asked, now=now, after=None, limit=excel.LIMIT + 1))
    return excel.Sheet(
        title="交办（移送）函件登记表", subtitle=found.short_title, head=HEAD, rows=[_cells(line) for line in lines]
    )


def _asked(actor: Actor, found: Home, filters: Filters) -> rows.Wanted:
    return rows.Wanted(
        clues=wanted(actor, found.row.id),
        text=filters.text.strip(),
        state=filters.state if filters.state in SIGNS else "",
        unit_id=filters.unit_id,
        since=_midnight(filters.since),
        until=_midnight(filters.until + timedelta(days=1)) if filters.until else None,
    )


def _midnight(day: date | None) -> datetime | None:
    return datetime.combine(day, time.min, BEIJING) if day else None


def _listed(tx: Tx, asked: rows.Wanted, filters: Filters, now: datetime) -> list[Any]:
    return rows.page(tx, asked, now=now, after=position(filters.after), limit=PAGE + 1)


def _lines(found: Home, listed: Sequence[Any]) -> tuple[Line, ...]:
    sectors = sector_names(found.plan)
    return tuple(Line(row=row, sign=SIGNS[row.state], sector=sectors.get(row.sector, "")) for row in listed)


def _cells(line: Line) -> Sequence[Any]:
    row = line.row
    return (
        row.number,
        row.issued_at,
        row.addressee,
        row.supervisor or "",
        row.clue_number,
        row.subject,
        line.sector,
        row.content.get("handler") or "",
        row.received_at,
        excel.limit(row.result_due),
        row.reported_at,
        line.sign.word,
    )
