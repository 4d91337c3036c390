"""What visitors of the demo city find: the accounts that are shown, few and chosen, and what is left for them to do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from catalog.plans import parse_plan
from domain.plan import Plan
from domain.workdays import BEIJING
from models import Tx, reading
from models.queries import demo as rows
from models.queries import rehearsal_acts as act_rows
from models.queries import units as unit_rows
from services.campaigns import definitions
from services.rehearsal.demo_city import demo_enterprise, directory_for
from services.rehearsal.rehearsal_agenda import Moments, Scene, none
from services.rehearsal.rehearsal_clues import registration

CAMPAIGN = "jinzhong-hundred-day"
LEFT_FOR_VISITORS = timedelta(days=9)  # what came to the shown accounts since then is theirs to do
LEFT_FOR_THE_OFFICE = timedelta(days=14)  # the office gets little: what two statements brought
# steps that are left for another time: rare ones longer, those that others wait for not at all
LEFT: Mapping[str, timedelta] = {
    "confirm_list": timedelta(days=1),
    "seal_letters": timedelta(days=1),
    "rule_objection": timedelta(days=3),
    "check_result": timedelta(days=7),
    "report_result": timedelta(days=2),
    "sign_party": timedelta(days=21),
    "sign_government": timedelta(days=21),
    "accept_rectification": timedelta(days=16),
    "list_supervision": timedelta(days=28),
    "accept_listed": timedelta(days=28),
}
ALWAYS_LEFT = frozenset({"report_self_inspection", "record_publication"})  # of the enterprise
COUNTY = "榆次区"
RECENT = (18, 14, 5, 3)  # days before today on which a clue of the shown county came in, beside the usual ones
_OFFICE, _ENTERPRISE = "office", "enterprise"
_SHOWN = (  # label, login name, unit (short name), post, what it shows
    ("办公室主任", "director", _OFFICE, "director", "全市进度、启动行动"),
    ("调度专员", "dispatcher", _OFFICE, "dispatcher", "线索登记和分类、审核办理结果、接收各单位材料"),
    ("榆次区联络人", "yuci.liaison", COUNTY, "liaison", "每周报告、核实线索、全面检查"),
    ("榆次区承办人员", "yuci.officer", COUNTY, "officer", "录入检查、处置问题、验收隐患整改"),
    ("榆次区党委主要负责人", "yuci.party_principal", COUNTY, "party_principal", "审核签字线索办理结果"),
    ("榆次区政府主要负责人", "yuci.government_principal", COUNTY, "government_principal", "审核签字线索办理结果"),
    ("榆次区分管负责人", "yuci.deputy", COUNTY, "deputy", "重大隐患挂牌督办和验收"),
    ("市应急局联络人", "emergency.liaison", "市应急局", "liaison", "市级部门的每周报告、全面检查、督查检查"),
    ("市应急局承办人员", "emergency.officer", "市应急局", "officer", "抽查、验收隐患整改"),
    ("", "enterprise", _ENTERPRISE, "safety_officer", "企业上报自查自纠情况，已超期"),
    ("集中行动领导组组长", "city_leader", _OFFICE, "city_leader", "签署自查自纠阶段关口，已超期"),
    ("系统管理员", "admin", _OFFICE, "admin", "人员与岗位、异常、工作日历"),
    ("审计员", "auditor", _OFFICE, "auditor", "审计日志，只看不改"),
)


@dataclass(frozen=True, kw_only=True)
class Account:
    """An account that is shown: its unit (by code) and post, its login name, what it is good for."""

    label: str
    username: str
    unit: str
    post: str
    shows: str


def demo_plan(root: Path) -> Plan:
    """The campaign of the demo city, as printed."""
    return parse_plan((root / "processes" / CAMPAIGN / "plan.yaml").read_text(encoding="utf-8"))


def accounts(root: Path = definitions.ROOT) -> tuple[Account, ...]:
    """The accounts that are shown."""
    data = directory_for(demo_plan(root), root)
    enterprise = demo_enterprise(data)
    units = {name: unit.code for name, unit in data.by_short_name.items()}
    units[_OFFICE] = next(unit.code for unit in data.units if unit.kind == "office")
    if enterprise is not None:
        units[_ENTERPRISE] = enterprise.code
    name = enterprise.short_name.removesuffix("（示范）") if enterprise else ""
    return tuple(
        Account(label=label or name, username=username, unit=units[unit], post=post, shows=shows)
        for label, username, unit, post, shows in _SHOWN
        if unit in units
    )


class Left:
    """Which tasks are left for visitors: recent ones of the shown accounts, the gate, the enterprise's own report."""

    def __init__(self, shown: Iterable[Account], now: datetime) -> None:
        self._now = now
        with reading() as tx:
            self._posts = {rows.post_id(tx, account.unit, account.post): account for account in shown}

    def __call__(self, opened: Any) -> bool:
        account = self._posts.get(opened.post_id)
        if account is None:
            return False
        if account.post == "city_leader":
            return True
        if account.post == "safety_officer" and opened.element in ALWAYS_LEFT:
            return True
        usual = LEFT_FOR_THE_OFFICE if account.post == "dispatcher" else LEFT_FOR_VISITORS
        return bool(opened.opened_at >= self._now - LEFT.get(opened.element, usual))


class RecentClues:
    """Some clues of the shown county, so that there is one to verify and one to sign on whatever day one looks."""

    tags: frozenset[str] = frozenset()
    after = staticmethod(none)

    def __init__(self, scene: Scene, *, now: datetime) -> None:
        self._scene, self._today = scene, now.astimezone(BEIJING).date()

    def planned(self, tx: Tx) -> Moments:
        """The same on every attempt of a day."""
        habits = self._scene.habits
        for county in unit_rows.by_names(tx, (COUNTY,)):
            enterprises = [one for one in act_rows.enterprises(tx) if one.county_id == county.id]
            for n, days in enumerate(RECENT):
                day = habits.calendar.next_workday(self._today - timedelta(days=days))
                at = habits.during(habits.source("clue", "recent", n), day)
                yield at, registration(self._scene, county, enterprises, 100 + n)
