"""The six lists (六（二）): each a view over the registers, with the columns that the plan gives it.

A column of a local template that the registers do not know stays empty.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from domain.authority import Actor
from domain.errors import NotFound
from domain.plan import Plan
from domain.workdays import BEIJING
from models import Tx, reading
from models.queries import lists as rows
from models.queries import units as unit_rows
from models.queries.lists import Wanted
from services import excel
from services._scope import paths_of
from services.counting.counted_forms import MEASURES
from services.plans.launched import Home, chosen_home
from services.plans.units import group_units

PAGE = 50
SET = "六个清单"
HANDED_IN_BY = "报送单位"
GRADES = {"general": "一般隐患", "major": "重大隐患"}
STATES = {
    "registered": "已登记",
    "planned": "已定方案",
    "rectifying": "正在整改",
    "submitted": "已报验",
    "returned": "退回整改",
    "closed": "已销号",
}
Cells = Mapping[str, Callable[[Any], Any]]


def _day(at: datetime | None) -> str:
    return f"{at.astimezone(BEIJING):%Y-%m-%d}" if at else ""


def _last_day(at: datetime | None) -> str:
    """A limit's day: midnight belongs to the day that ends."""
    return _day(at - timedelta(microseconds=1)) if at else ""


def _penalty(row: Any) -> str:
    return MEASURES.get(row.kind, str(row.kind))


def _span(row: Any) -> str:
    return f"{_day(row.decided_at)} 至 {_last_day(row.until)}" if row.until else f"{_day(row.decided_at)} 起"


def _acceptance(row: Any) -> str:
    return "验收合格，已销号" if row.status == "closed" else STATES.get(row.status, row.status)


_HAZARDS: Cells = {
    "单位名称": lambda row: row.enterprise_name,
    "隐患内容": lambda row: row.text,
    "隐患等级": lambda row: GRADES.get(row.grade, row.grade),
    "整改责任人": lambda row: row.responsible,
    "整改措施": lambda row: row.measures,
    "整改资金": lambda row: row.funds,
    "整改时限": lambda row: _last_day(row.due_at),
    "应急预案": lambda row: row.contingency,
    "完成情况": lambda row: STATES.get(row.status, row.status),
    "销号日期": lambda row: _day(row.closed_at) if row.status == "closed" else "",
}
_LISTED: Cells = {
    **_HAZARDS,
    "督办领导岗位": lambda row: row.listed_by_post or "",
    "督办单位": lambda row: row.listed_by_unit or "",
    "挂牌日期": lambda row: _day(row.listed_at),
    "验收情况": _acceptance,
    "摘牌日期": lambda row: _day(row.delisted_at),
}
_DISPOSALS: Cells = {
    "单位名称": lambda row: row.subject,
    "违法行为": lambda row: row.facts,
    "处罚依据": lambda row: row.basis,
    "处罚种类": _penalty,
    "罚款金额": lambda row: f"{row.amount:g}万元" if row.amount else "",
    "处罚机关": lambda row: row.unit,
    "处罚日期": lambda row: _day(row.decided_at),
    "单位或人员岗位": lambda row: row.subject,
    "事由": lambda row: row.facts,
    "约谈或问责方式": _penalty,
    "实施机关": lambda row: row.unit,
    "日期": lambda row: _day(row.decided_at),
    "整改情况": lambda row: row.follow_up,
    "失信行为": lambda row: row.facts,
    "惩戒措施": lambda row: row.follow_up or row.basis or _penalty(row),
    "实施单位": lambda row: row.unit,
    "起止日期": _span,
    "典型做法": lambda row: row.facts,
    "推荐单位": lambda row: row.unit,
    "提升要求": lambda row: row.follow_up,
}


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where a list's entries come from: hazards, those under listed supervision, or disposals of some kinds."""

    kinds: tuple[str, ...] = ()
    listed: bool = False

    @property
    def cells(self) -> Cells:
        if self.kinds:
            return _DISPOSALS
        return _LISTED if self.listed else _HAZARDS

    def rows(self, tx: Tx, wanted: Wanted) -> list[Any]:
        """The entries."""
        return rows.disposals(tx, wanted, self.kinds) if self.kinds else rows.hazards(tx, wanted, listed=self.listed)

    def count(self, tx: Tx, wanted: Wanted) -> int:
        """How many entries there are."""
        if self.kinds:
            return rows.count_disposals(tx, wanted, self.kinds)
        return rows.count_hazards(tx, wanted, listed=self.listed)


SOURCES: Mapping[str, Source] = {
    "l1": Source(),
    "l2": Source(kinds=("fine", "suspension", "licence", "closure", "criminal")),
    "l3": Source(kinds=("admonition", "accountability", "party_sanction", "disclosure")),
    "l4": Source(listed=True),
    "l5": Source(kinds=("joint_sanction",)),
    "l6": Source(kinds=("commendation",)),
}


def lists_of(plan: Plan) -> dict[str, tuple[str, tuple[str, ...]]]:
    """key -> name and columns of the plan's six lists."""
    entries = plan.raw.get("lists") or {}
    return {
        str(key): (str(entry["name"]), tuple(map(str, entry.get("columns") or ())))
        for key, entry in entries.items()
        if entry.get("set") == SET and key in SOURCES
    }


def entries(tx: Tx, key: str, columns: Sequence[str], wanted: Wanted) -> list[tuple[str, ...]]:
    """A list's entries, first whose entry it is, then a text a column."""
    source = SOURCES[key]
    getters = [source.cells.get(column, lambda row: "") for column in columns]
    return [(row.unit, *(str(get(row) or "") for get in getters)) for row in source.rows(tx, wanted)]


# -- pages -------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class Filters:
    """What somebody asked to see; `period` empty: as the lists stand."""

    key: str = ""
    text: str = ""
    unit_id: str = ""
    period: str = ""
    after: str = ""


@dataclass(frozen=True, kw_only=True)
class ListPage:
    """A page of one list."""

    campaign: str
    tabs: tuple[tuple[str, str, int], ...]  # key, name, entries
    key: str
    name: str
    columns: tuple[str, ...]
    lines: tuple[tuple[str, ...], ...]  # the unit first
    total: int
    next_after: str
    periods: tuple[str, ...]
    units: tuple[tuple[str, str], ...]
    rule_text: str


def page(actor: Actor, filters: Filters) -> ListPage | None:
    """A list of the newest running campaign as far as the actor sees it; None while nothing is launched."""
    with reading() as tx:
        found = chosen_home(tx, actor)
        known = lists_of(found.plan) if found else {}
        if found is None or not known:
            return None
        ask = _Asked(tx, found, actor, filters)
        key = filters.key if filters.key in known else next(iter(known))
        name, columns = known[key]
        skip = int(filters.after) if filters.after.isdecimal() else 0
        lines, total = ask.lines(key, columns, skip, PAGE)
        return ListPage(
            campaign=found.short_title,
            tabs=tuple((one, title, ask.count(one)) for one, (title, _) in known.items()),
            key=key,
            name=name,
            columns=columns,
            lines=tuple(lines),
            total=total,
            next_after=str(skip + PAGE) if total > skip + PAGE else "",
            periods=tuple(dict.fromkeys(row.period for row in ask.snapshots)),
            units=ask.units(),
            rule_text=str((found.plan.raw.get("lists_rule") or {}).get("cadence_text") or ""),
        )


def sheet(actor: Actor, filters: Filters) -> tuple[excel.Sheet, ...]:
    """All lists asked for (one, or with key `all` the six) as tables."""
    with reading() as tx:
        found = chosen_home(tx, actor)
        if found is None:
            raise NotFound("行动启动后才有清单。")
        ask = _Asked(tx, found, actor, filters)
        known = lists_of(found.plan)
        keys = [filters.key] if filters.key in known else list(known)
        return tuple(ask.sheet(key, *known[key]) for key in keys)


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

    def _wanted(self, skip: int = 0, limit: int | None = None) -> Wanted:
        return Wanted(
            campaign_id=self._found.row.id,
            paths=self._paths,
            text=self._filters.text.strip(),
            unit_path=self._unit_path,
            skip=skip,
            limit=limit,
        )

    def lines(self, key: str, columns: Sequence[str], skip: int, limit: int) -> tuple[list[tuple[str, ...]], int]:
        """A page of a list and how many entries it has in all."""
        if not self.period:
            return entries(self._tx, key, columns, self._wanted(skip, limit)), self.count(key)
        frozen = self._frozen(key)
        return frozen[skip : skip + limit], len(frozen)

    def count(self, key: str) -> int:
        """How many entries a list has."""
        return len(self._frozen(key)) if self.period else SOURCES[key].count(self._tx, self._wanted())

    def _frozen(self, key: str) -> list[tuple[str, ...]]:
        given = rows.snapshot_rows(self._tx, self._found.row.id, key, self.period, self._paths)
        text, unit = self._filters.text.strip(), self._filters.unit_id
        found = [tuple(line) for row in given if unit in ("", row.unit_id) for line in row.rows]
        return [line for line in found if not text or any(text in cell for cell in line)]

    def sheet(self, key: str, name: str, columns: Sequence[str]) -> excel.Sheet:
        lines, _ = self.lines(key, columns, 0, excel.LIMIT + 1)
        return excel.Sheet(
            title=name,
            subtitle=f"{self._found.short_title}　{self.period + ' 上报' if self.period else '台账现状'}",
            head=("序号", HANDED_IN_BY, *columns),
            rows=[(n, *line) for n, line in enumerate(lines, 1)],
        )

    def units(self) -> tuple[tuple[str, str], ...]:
        """Who hands in lists, as far as one sees them."""
        report = next((one for one in self._found.plan.reports.values() if one.process == "six_lists"), None)
        members = group_units(self._tx, self._found.plan, report.owed_by) if report else []
        seen = [unit for unit in members if self._paths is None or unit.path.startswith(self._paths)]
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
    lists: tuple[tuple[str, str], ...]
    months: tuple[Month, ...]


def months(actor: Actor) -> MonthsPage | None:
    """Which units have handed in their lists, by month; None while nothing is launched."""
    with reading() as tx:
        found = chosen_home(tx, actor)
        if found is None:
            return None
        given = rows.snapshots(tx, found.row.id, paths_of(actor))
        known = lists_of(found.plan)
    periods = dict.fromkeys(row.period for row in given)
    return MonthsPage(
        campaign=found.short_title,
        lists=tuple((key, name) for key, (name, _) in known.items()),
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
