"""The lists of a plan that are kept in the product, and where their entries come from.

Most are views over registers that are there anyway (hazards, listed supervision, disposals); some are entries that
units write themselves. A programme's list takes in the lists of its children that bear the same name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from domain.plan import Plan
from domain.workdays import BEIJING
from models import Tx
from models.queries import campaigns as campaign_rows
from models.queries import list_entries as entry_rows
from models.queries import lists as rows
from models.queries.lists import Wanted
from services.counting.counted_forms import MEASURES
from services.plans.launched import home_of

SET = "六个清单"
ENTRIES = "entries"
GRADES = {"general": "一般隐患", "major": "重大隐患"}
STATES = {
    "registered": "已登记",
    "planned": "已定方案",
    "rectifying": "正在整改",
    "submitted": "已报验",
    "returned": "退回整改",
    "closed": "已销号",
}
OPEN = {"open": "在册", "closed": "已销号"}
OWN_COLUMNS = ("内容", "措施", "责任岗位", "时限", "依据")
NUMBER, STATE, CHANGED, CAMPAIGN, WAY = "编号", "状态", "更新日期", "所属行动", "处置方式"
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
    WAY: _penalty,
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
_FIXED: Cells = {
    NUMBER: lambda row: row.n,
    STATE: lambda row: OPEN.get(row.status, row.status),
    CHANGED: lambda row: _day(row.changed_at),
}


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where a list's entries come from: hazards, those under listed supervision, or disposals of some kinds."""

    kinds: tuple[str, ...] = ()
    listed: bool = False
    ways: Mapping[str, str] = field(default_factory=dict)  # kind -> what the plan calls it

    def cell(self, column: str) -> Callable[[Any], Any]:
        """What stands in a column; a column that the register does not know stays empty."""
        if column == WAY and self.ways:
            return lambda row: self.ways.get(row.kind, "")
        cells = _DISPOSALS if self.kinds else _LISTED if self.listed else _HAZARDS
        return cells.get(column, lambda _row: "")

    def rows(self, tx: Tx, wanted: Wanted) -> list[Any]:
        """The entries."""
        return rows.disposals(tx, wanted, self.kinds) if self.kinds else rows.hazards(tx, wanted, listed=self.listed)

    def count(self, tx: Tx, wanted: Wanted) -> int:
        """How many entries there are."""
        if self.kinds:
            return rows.count_disposals(tx, wanted, self.kinds)
        return rows.count_hazards(tx, wanted, listed=self.listed)

    def target(self, row: Any) -> str:
        """The route's name and id behind a row, for the drill-down; empty where there is no page."""
        if self.kinds:
            return f"findings.show|{row.finding_id}" if row.finding_id else ""
        return f"hazards.show|{row.id}"


@dataclass(frozen=True, kw_only=True)
class Kept(Source):
    """Entries that units write themselves, of these lists: (campaign, key)."""

    lists: tuple[tuple[str, str], ...] = ()

    def cell(self, column: str) -> Callable[[Any], Any]:
        return _FIXED.get(column) or (lambda row: row.cells.get(column, ""))

    def rows(self, tx: Tx, wanted: Wanted) -> list[Any]:
        return entry_rows.page(tx, wanted, self.lists)

    def count(self, tx: Tx, wanted: Wanted) -> int:
        return entry_rows.count(tx, wanted, self.lists)

    def target(self, row: Any) -> str:
        return f"lists.entry|{row.id}"


SOURCES: Mapping[str, Source] = {
    "l1": Source(),
    "l2": Source(kinds=("fine", "suspension", "licence", "closure", "criminal")),
    "l3": Source(kinds=("admonition", "accountability", "party_sanction", "disclosure")),
    "l4": Source(listed=True),
    "l5": Source(kinds=("joint_sanction",)),
    "l6": Source(kinds=("commendation",)),
}
_COLUMNS = {
    "hazards": (
        "单位名称", "隐患内容", "隐患等级", "整改责任人", "整改措施", "整改资金", "整改时限", "应急预案", "完成情况",
    ),
    "listed_supervision": (
        "单位名称", "隐患内容", "督办领导岗位", "督办单位", "挂牌日期", "整改时限", "验收情况", "摘牌日期",
    ),
    "disposals": ("单位或人员岗位", "事由", WAY, "实施机关", "日期", "整改情况"),
    ENTRIES: OWN_COLUMNS,
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class KeptList:
    """A list of a campaign: its name, its columns, and where its entries come from."""

    key: str
    name: str
    columns: tuple[str, ...]  # as the plan has them
    source: Source
    set: str = ""
    keeper: str = ""
    kept_by: tuple[str, ...] = ()
    campaigns: Mapping[str, str] = field(default_factory=dict)  # id -> name, of a programme and its children

    @property
    def is_kept(self) -> bool:
        """Whether units write its entries themselves."""
        return isinstance(self.source, Kept)

    @property
    def shown(self) -> tuple[str, ...]:
        """Its columns on a page."""
        first = (CAMPAIGN,) if len(self.campaigns) > 1 else ()
        return (*first, NUMBER, *self.columns, STATE, CHANGED) if self.is_kept else (*first, *self.columns)

    def lines(self, tx: Tx, wanted: Wanted) -> list[tuple[tuple[str, ...], str]]:
        """Each entry as texts, first whose it is, with what is behind it."""
        getters = [self._cell(column) for column in self.shown]
        found = self.source.rows(tx, wanted)
        return [((row.unit, *(str(get(row) or "") for get in getters)), self.source.target(row)) for row in found]

    def _cell(self, column: str) -> Callable[[Any], Any]:
        if column == CAMPAIGN:
            return lambda row: self.campaigns.get(row.campaign_id, "")
        return self.source.cell(column)


def has_lists(plan: Plan) -> bool:
    """Whether the product keeps any list of this plan."""
    return any(_is_ours(str(key), entry) for key, entry in (plan.raw.get("lists") or {}).items())


def _is_ours(key: str, entry: Mapping[str, Any]) -> bool:
    return not entry.get("later") and ("register" in entry or (entry.get("set") == SET and key in SOURCES))


def lists_of(tx: Tx, plan: Plan, campaign_id: str) -> dict[str, KeptList]:
    """The lists of a launched campaign by key, in the order of its plan."""
    family = {campaign_id: plan, **_children(tx, campaign_id)}
    names = {one: other.short_title for one, other in family.items()}
    return {
        str(key): _list(str(key), entry, plan, family, names)
        for key, entry in (plan.raw.get("lists") or {}).items()
        if _is_ours(str(key), entry)
    }


def _children(tx: Tx, campaign_id: str) -> dict[str, Plan]:
    return {row.id: home_of(tx, row).plan for row in campaign_rows.children(tx, campaign_id)}


def _list(
    key: str, entry: Mapping[str, Any], plan: Plan, family: Mapping[str, Plan], names: Mapping[str, str]
) -> KeptList:
    register = str(entry.get("register", ""))
    return KeptList(
        key=key,
        name=str(entry["name"]),
        columns=tuple(map(str, entry.get("columns") or _COLUMNS.get(register, ()))),
        source=_source(key, entry, plan, family),
        set=str(entry.get("set", "")),
        keeper=str(entry.get("keeper", "")),
        kept_by=tuple(entry.get("kept_by", ())),
        campaigns=names,
    )


def _source(key: str, entry: Mapping[str, Any], plan: Plan, family: Mapping[str, Plan]) -> Source:
    register = entry.get("register")
    if register is None:
        return SOURCES[key]
    if register == "disposals":
        ways = {str(kind): str(one["name"]) for kind, one in (plan.raw.get("disposals") or {}).items()}
        return Source(kinds=tuple(entry.get("kinds") or ways), ways=ways)
    if register != ENTRIES:
        return Source(listed=register == "listed_supervision")
    own = next(iter(family))
    return Kept(lists=((own, key), *_of_that_name(str(entry["name"]), family, but=own)))


def _of_that_name(name: str, family: Mapping[str, Plan], but: str) -> Sequence[tuple[str, str]]:
    return [
        (campaign, str(key))
        for campaign, plan in family.items()
        if campaign != but
        for key, entry in (plan.raw.get("lists") or {}).items()
        if entry.get("register") == ENTRIES and entry["name"] == name
    ]
