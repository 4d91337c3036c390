"""A ledger of clues as pages show it: the lines with their progress, one clue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.authority import Actor
from domain.errors import Forbidden, NotFound
from domain.old_clues import REFERRED_TO, SIGNS, Terms, terms_of
from domain.signs import Sign
from models import reading
from models.queries import old_clues as rows
from services import excel
from services._scope import paths_of
from services.clues.old_clues import may_dispose, ways
from services.plans.launched import Home, chosen_home, home
from services.plans.sectors import sector_names

PAGE = 50


@dataclass(frozen=True, kw_only=True)
class Filters:
    """What somebody asked to see; `after` is the number behind which the page begins."""

    text: str = ""
    status: str = ""
    unit_id: str = ""
    after: str = ""

    @property
    def any(self) -> bool:
        return bool(self.text or self.status or self.unit_id)


@dataclass(frozen=True, kw_only=True)
class Line:
    """A clue of the list."""

    row: Any
    sign: Sign
    sector: str


@dataclass(frozen=True, kw_only=True)
class ListPage:
    """A page of the ledger, and how far every unit is."""

    campaign_id: str
    campaign: str
    text: str  # what the ledger is for, in the notice's words
    lines: tuple[Line, ...]
    progress: tuple[Any, ...]
    next_after: str

    @property
    def found(self) -> int:
        return sum(row.found for row in self.progress)

    @property
    def closed(self) -> int:
        return sum(row.closed for row in self.progress)

    @property
    def referred(self) -> int:
        return sum(row.referred for row in self.progress)


def page(actor: Actor, filters: Filters) -> ListPage | None:
    """The ledger as far as the actor sees it; None while no campaign is launched."""
    with reading() as tx:
        found = chosen_home(tx, actor)
        if found is None:
            return None
        wanted = _wanted(actor, found, filters)
        lines = rows.page(tx, wanted, after=filters.after, limit=PAGE + 1)
        shown = lines[:PAGE]
        everything = _wanted(actor, found, Filters())
        return ListPage(
            campaign_id=found.row.id,
            campaign=found.short_title,
            text=_text_of(found),
            lines=tuple(_line(row, found) for row in shown),
            progress=tuple(rows.progress(tx, everything)),
            next_after=shown[-1].number if len(lines) > PAGE else "",
        )


def campaign_id(actor: Actor) -> str:
    """The campaign whose ledger is meant; NotFound while nothing is launched."""
    with reading() as tx:
        found = chosen_home(tx, actor)
    if found is None:
        raise NotFound("行动启动后才能登记线索。")
    return str(found.row.id)


def terms(actor: Actor) -> Terms:
    """How the ledger of the campaign that is looked at is called, and its rules."""
    with reading() as tx:
        found = chosen_home(tx, actor)
    return terms_of(found.plan.settings if found else {})


def _text_of(found: Home) -> str:
    report = found.plan.reports.get("r_old_clues")
    return report.rule_text if report else ""


def _wanted(actor: Actor, found: Home, filters: Filters) -> rows.Wanted:
    return rows.Wanted(
        campaign_id=found.row.id,
        paths=paths_of(actor),
        text=filters.text.strip(),
        status=filters.status if filters.status in SIGNS else "",
        unit_id=filters.unit_id,
    )


def _line(row: Any, found: Home) -> Line:
    return Line(row=row, sign=SIGNS[row.status], sector=sector_names(found.plan).get(row.sector, row.sector))


HEAD = (
    "编号", "状态", "承办单位", "行业领域", "反映对象", "反映内容", "受理日期", "反映次数", "来源", "处置情况",
    "销号时间",
)  # fmt: skip


def sheet(actor: Actor, filters: Filters) -> excel.Sheet:
    """The whole ledger as a table."""
    with reading() as tx:
        found = chosen_home(tx, actor)
        if found is None:
            return excel.Sheet(title=Terms().ledger, head=HEAD, rows=())
        shown = rows.page(tx, _wanted(actor, found, filters), after="", limit=excel.LIMIT + 1)
        cells = [_cells(_line(row, found)) for row in shown]
    return excel.Sheet(title=terms_of(found.plan.settings).ledger, subtitle=found.short_title, head=HEAD, rows=cells)


def _cells(line: Line) -> tuple[Any, ...]:
    row = line.row
    about = (row.subject, row.text, row.received_on, row.times, row.source, row.disposal, row.closed_at)
    return (row.number, line.sign.word, row.unit, line.sector, *about)


@dataclass(frozen=True, kw_only=True)
class CluePage:
    """One clue."""

    line: Line
    row: Any
    referrals: tuple[tuple[str, str, datetime], ...]  # to whom, why, when
    may_dispose: bool
    ways: Mapping[str, str]
    terms: Terms


def one(actor: Actor, clue_id: str) -> CluePage:
    """One clue of a unit the actor sees."""
    with reading() as tx:
        row = rows.clue(tx, clue_id)
        if row is None:
            raise NotFound("没有找到这条线索。")
        if not actor.sees(row.unit_path):
            raise Forbidden("该线索不在您的数据范围内。")
        found = home(tx, row.campaign_id)
        return CluePage(
            ways=ways(found.edition.processes),
            terms=terms_of(found.plan.settings),
            line=_line(row, found),
            row=row,
            referrals=tuple((REFERRED_TO[one.to], one.reason, one.referred_at) for one in rows.referrals(tx, clue_id)),
            may_dispose=row.status != "closed" and may_dispose(actor, row.unit_id),
        )
