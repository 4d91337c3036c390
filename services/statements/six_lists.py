"""The lists as pages: as they stand, or as they were handed in, and who has handed them in.

What they hold comes from `list_sources`. The six lists of 晋中 (六（二）) are the first that were kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.authority import Actor
from domain.errors import NotFound
from models import Tx, reading
from models.queries import list_entries as entry_rows
from models.queries import lists as rows
from models.queries import units as unit_rows
from models.queries.lists import Wanted
from services import excel
from services._scope import paths_of
from services.plans.launched import Home, chosen_home
from services.plans.units import group_units
from services.statements import list_entries
from services.statements.list_sources import SET, Kept, KeptList, lists_of

PAGE = 50
HANDED_IN_BY = "报送单位"
REPORTS = ("six_lists", "list_update")  # processes by which lists are handed in


# -- pages -------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class Filters:
    """What somebody asked to see; `period` empty: as the lists stand."""

    key: str = ""
    text: str = ""
    unit_id: str = ""
    period: str = ""
    state: str = "open"  # of entries that units write: open, closed, all
    after: str = ""

    @property
    def status(self) -> str:
        return self.state if self.state in ("open", "closed") else ""


@dataclass(frozen=True, kw_only=True)
class ListPage:
    """A page of one list."""

    campaign: str
    tabs: tuple[tuple[str, str, int], ...]  # key, name, entries
    key: str
    name: str
    columns: tuple[str, ...]
    set: str  # what the notice calls these lists together
    keeper: str
    lines: tuple[tuple[str, ...], ...]  # the unit first
    targets: tuple[str, ...]  # what is behind each line: route and id
    total: int
    changed_at: datetime | None  # of entries that units write
    is_kept: bool
    may_add: bool
    next_after: str
    periods: tuple[str, ...]
    units: tuple[tuple[str, str], ...]
    rule_text: str


def page(actor: Actor, filters: Filters) -> ListPage | None:
    """A list of the newest running campaign as far as the actor sees it; None while nothing is launched."""
    with reading() as tx:
        found = chosen_home(tx, actor)
        known = lists_of(tx, found.plan, found.row.id) if found else {}
        if found is None or not known:
            return None
        ask = _Asked(tx, found, actor, filters)
        one = known.get(filters.key) or next(iter(known.values()))
        skip = int(filters.after) if filters.after.isdecimal() else 0
        lines, total = ask.lines(one, skip, PAGE)
        return ListPage(
            campaign=found.short_title,
            tabs=tuple((other.key, other.name, ask.count(other)) for other in known.values()),
            key=one.key,
            name=one.name,
            columns=one.shown,
            set=one.set,
            keeper=one.keeper,
            lines=tuple(line for line, _ in lines),
            targets=tuple(target for _, target in lines),
            total=total,
            changed_at=ask.changed_at(one),
            is_kept=one.is_kept and not ask.period,
            may_add=one.is_kept and bool(list_entries.keepers(tx, actor, found, one)),
            next_after=str(skip + PAGE) if total > skip + PAGE else "",
            periods=tuple(dict.fromkeys(row.period for row in ask.snapshots)),
            units=ask.units(),
            rule_text=str((found.plan.raw.get("lists_rule") or {}).get("cadence_text") or ""),
        )


def sheet(actor: Actor, filters: Filters) -> tuple[excel.Sheet, ...]:
    """All lists asked for (one, or with key `all` all of them) as tables."""
    with reading() as tx:
        found = chosen_home(tx, actor)
        if found is None:
            raise NotFound("行动启动后才有清单。")
        ask = _Asked(tx, found, actor, filters)
        known = lists_of(tx, found.plan, found.row.id)
        wanted = [known[filters.key]] if filters.key in known else list(known.values())
        return tuple(ask.sheet(one) for one in wanted)


def campaign_id(actor: Actor) -> str:
    """The campaign whose lists somebody writes in."""
    with reading() as tx:
        found = chosen_home(tx, actor)
    if found is None:
        raise NotFound("行动启动后才有清单。")
    return str(found.row.id)


class _Asked:
    """What somebody asked of the lists: as they stand, or as they were handed in for a month."""

    def __init__(self, tx: Tx, found: Home, actor: Actor, filters: Filters) -> None:
        self._tx, self._found, self._filters = tx, found, filters
        self._paths = paths_of(actor)
        unit = unit_rows.unit(tx, filters.unit_id) if filters.unit_id else None
        self._unit_path = str(unit.path) if unit is not None else ""
        self.snapshots = rows.snapshots(tx, found.row.id, self._paths)
        known = {row.period for row in self.snapshots}
        self.period = filters.period if filters.period in known else ""

    def _wanted(self, one: KeptList, skip: int = 0, limit: int | None = None) -> Wanted:
        return Wanted(
            campaign_id=self._found.row.id,
            also=tuple(id_ for id_ in one.campaigns if id_ != self._found.row.id),
            paths=self._paths,
            text=self._filters.text.strip(),
            unit_path=self._unit_path,
            status=self._filters.status,
            skip=skip,
            limit=limit,
        )

    def lines(self, one: KeptList, skip: int, limit: int) -> tuple[list[tuple[tuple[str, ...], str]], int]:
        """A page of a list with what is behind its lines, and how many entries it has in all."""
        if not self.period:
            return one.lines(self._tx, self._wanted(one, skip, limit)), self.count(one)
        frozen = self._frozen(one.key)
        return [(line, "") for line in frozen[skip : skip + limit]], len(frozen)

    def count(self, one: KeptList) -> int:
        """How many entries a list has."""
        return len(self._frozen(one.key)) if self.period else one.source.count(self._tx, self._wanted(one))

    def changed_at(self, one: KeptList) -> datetime | None:
        """When units last changed something in a list that they write."""
        if not isinstance(one.source, Kept):
            return None
        wanted = Wanted(campaign_id=self._found.row.id, paths=self._paths, unit_path=self._unit_path)
        return entry_rows.last_change(self._tx, wanted, one.source.lists)  # type: ignore[no-any-return]

    def _frozen(self, key: str) -> list[tuple[str, ...]]:
        given = rows.snapshot_rows(self._tx, self._found.row.id, key, self.period, self._paths)
        text, unit = self._filters.text.strip(), self._filters.unit_id
        found = [tuple(line) for row in given if unit in ("", row.unit_id) for line in row.rows]
        return [line for line in found if not text or any(text in cell for cell in line)]

    def sheet(self, one: KeptList) -> excel.Sheet:
        lines, _ = self.lines(one, 0, excel.LIMIT + 1)
        return excel.Sheet(
            title=one.name,
            subtitle=f"{self._found.short_title}　{self.period + ' 上报' if self.period else '台账现状'}",
            head=("序号", HANDED_IN_BY, *one.shown),
            rows=[(n, *line) for n, (line, _) in enumerate(lines, 1)],
        )

    def units(self) -> tuple[tuple[str, str], ...]:
        """Who hands in lists, as far as one sees them."""
        plan = self._found.plan
        groups = [report.owed_by for report in plan.reports.values() if report.process in REPORTS]
        groups += [name for entry in (plan.raw.get("lists") or {}).values() for name in entry.get("kept_by", ())]
        members = {unit.id: unit for name in dict.fromkeys(groups) for unit in group_units(self._tx, plan, name)}
        seen = [u for u in members.values() if self._paths is None or u.path.startswith(self._paths)]
        return tuple((unit.id, unit.short_name) for unit in seen)


# -- who handed in -----------------------------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class Month:
    """What was handed in for a month: a unit a line, a count a list."""

    period: str
    lines: tuple[tuple[str, str, datetime, tuple[int, ...]], ...]  # unit id, unit, when, entries a list
    totals: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class MonthsPage:
    """All months."""

    campaign: str
    set: str
    lists: tuple[tuple[str, str], ...]
    months: tuple[Month, ...]


def months(actor: Actor) -> MonthsPage | None:
    """Which units have handed in their lists, by month; None while nothing is launched."""
    with reading() as tx:
        found = chosen_home(tx, actor)
        if found is None:
            return None
        given = rows.snapshots(tx, found.row.id, paths_of(actor))
        known = lists_of(tx, found.plan, found.row.id)
    periods = dict.fromkeys(row.period for row in given)
    return MonthsPage(
        campaign=found.short_title,
        set=next((one.set for one in known.values()), ""),
        lists=tuple((one.key, one.name) for one in known.values()),
        months=tuple(_month(period, [row for row in given if row.period == period], list(known)) for period in periods),
    )


def _month(period: str, given: Sequence[Any], keys: Sequence[str]) -> Month:
    by_unit: dict[str, list[Any]] = {}
    for row in given:
        by_unit.setdefault(row.unit_id, []).append(row)
    lines = []
    for unit_id, own in by_unit.items():
        counts = {row.list_key: row.count for row in own}
        lines.append((unit_id, own[0].unit, own[0].frozen_at, tuple(counts.get(key, 0) for key in keys)))
    totals = tuple(sum(line[3][position] for line in lines) for position in range(len(keys)))
    return Month(period=period, lines=tuple(lines), totals=totals)


__all__ = ["SET", "Filters", "ListPage", "MonthsPage", "campaign_id", "months", "page", "sheet"]
