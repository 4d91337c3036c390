"""Inspections as rules: kinds of visits and findings, who may make which, until when a finding must be decided."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from domain.errors import NotFound
from domain.plan import Plan
from domain.workdays import BEIJING, Calendar, end_of

KINDS: Mapping[str, str] = {
    "county": "县级逐一检查",
    "city": "市级全面检查",
    "spot_check": "市级抽查",
    "look_back": "回头看",
    "escalated": "提级核查",
}
# what a department may find at an enterprise that was drawn, instead of anything to inspect
HINDRANCES: Mapping[str, str] = {"suspended": "已停产停业，无法检查", "closed": "已注销或关闭，无法检查"}
RESULTS: Mapping[str, str] = {"ok": "符合", "problem": "有问题", "not_applicable": "不涉及"}
FINDING_KINDS: Mapping[str, str] = {
    "hazard": "事故隐患",
    "illegal_act": "非法违法生产经营建设行为",
    "concealed_accident": "瞒报事故",
}
GRADES: Mapping[str, str] = {"general": "一般", "major": "重大"}
FINDERS: Mapping[str, str] = {"officer": "执法人员", "expert": "专家"}


@dataclass(frozen=True, kw_only=True)
class Item:
    """A line of the checklist: `coal_mine.i3` of a sector, `o5` of the twelve common items."""

    key: str
    text: str
    clause: str


def checklist(plan: Plan, sector: str) -> tuple[Item, ...]:
    """What an inspection looks at: the sector's items, then the common ones; NotFound for an unknown sector."""
    entry = (plan.raw.get("sectors") or {}).get(sector)
    if entry is None:
        raise NotFound(f"方案中没有行业领域“{sector}”")
    own = (
        Item(key=f"{sector}.{key}", text=str(text), clause=entry["clause"])
        for key, text in (entry.get("items") or {}).items()
    )
    return (*own, *common_items(plan))


def common_items(plan: Plan) -> Iterator[Item]:
    """The common items of every sector."""
    for key, entry in (plan.raw.get("offences") or {}).items():
        yield Item(key=key, text=str(entry["text"]), clause=str(entry["clause"]))


def item_texts(plan: Plan) -> dict[str, str]:
    """Every checklist item of the plan by its key."""
    found = {item.key: item.text for item in common_items(plan)}
    for sector, entry in (plan.raw.get("sectors") or {}).items():
        found |= {f"{sector}.{key}": str(text) for key, text in (entry.get("items") or {}).items()}
    return found


def may_inspect(kind: str, unit: Any, enterprise: Any, pick: Any = None) -> bool:
    """Whether a unit may make this kind of visit to an enterprise: counties their own, departments their sector's."""
    in_county = unit.level == "county" and enterprise.county_id in (unit.id, unit.parent_id)
    leads = unit.level == "city" and enterprise.sector_unit_id == unit.id
    allowed = {
        "county": in_county,
        "city": leads and enterprise.supervised_by == "city",
        "spot_check": pick is not None and pick.department_id == unit.id,
        "look_back": in_county or leads,
        "escalated": unit.kind == "office" or leads,
    }
    return bool(allowed[kind])


def decided_late(calendar: Calendar, now: datetime, days: int) -> datetime:
    """What was found (or taken over) before this moment and is not decided by `now` is late: `days` working days."""
    day = now.astimezone(BEIJING).date() + timedelta(days=1)
    while end_of(calendar.add_workdays(day, days)) > now:
        day -= timedelta(days=1)
    return datetime.combine(day + timedelta(days=1), time.min, BEIJING)


def decision_due(calendar: Calendar, since: datetime, days: int) -> datetime:
    """Until when a finding of `since` has to be decided."""
    return end_of(calendar.add_workdays(since.astimezone(BEIJING).date(), days))
