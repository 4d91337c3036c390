"""The menu: groups of entries in the order they are shown. An entry is shown to whom its route's rule lets in."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from flask import Flask, g, request

from config import Settings
from domain.authority import Actor
from domain.old_clues import Terms
from services.inspections import finding_pages
from services.plans import launched
from services.tasks import inbox
from web.http import browser, now, settings, take_said
from web.measures import beside as measure_section
from web.photos import section as photos_section
from web.policy import POLICY

OPENED = "nav"  # the cookie in which a browser remembers which groups were left open
FEW = 10  # a menu of so many entries has nothing to fold
# whoever visits finds, and what was found is decided
INSPECTING = ("full_inspection", "spot_check", "oversight", "rectification")
AT_FIRST = frozenset({"mine", "campaign"})  # open for whoever has folded nothing yet


@dataclass(frozen=True)
class Entry:
    """A line of the menu: route, title, icon (templates/icons.html), and the blueprint names that light it up.

    `needs`: it is shown where the campaign that is looked at has one of these processes.
    """

    endpoint: str
    title: str
    icon: str
    lit_by: tuple[str, ...] = ()
    badge: str = ""  # name of a count, shown when above zero
    needs: tuple[str, ...] = ()
    standing: bool = False  # shown where anything is started item by item
    registers: bool = False  # shown, too, where lists are kept up to date


@dataclass(frozen=True)
class Group:
    """Entries under a heading that can be folded; without a title they stand by themselves."""

    key: str
    title: str
    entries: tuple[Entry, ...]


NAVIGATION: tuple[Group, ...] = (
    Group(
        "mine",
        "我的工作",
        (
            Entry("inbox.todo", "待办", "inbox", badge="inbox"),
            Entry("standing.index", "发起事项", "plus", standing=True),
            Entry("sign_offs.index", "签批", "pen", lit_by=("sign_offs", "gates")),
            Entry("calendar.index", "工作日历", "calendar"),
        ),
    ),
    Group(
        "campaign",
        "专项行动",
        (
            Entry("campaigns.index", "行动", "flag", lit_by=("campaigns", "instances")),
            Entry("measures.index", "任务清单", "checks", needs=("measure",)),
            Entry("enterprises.index", "企业", "factory"),
            Entry("commitments.index", "承诺书", "seal", needs=("public_commitment",)),
            Entry("responsibility.index", "包保责任", "shield", needs=("responsibility_register",)),
            Entry(
                "publicity.index",
                "宣传报道",
                "megaphone",
                needs=("publicity_column", "publicity_report", "hotline_and_column"),
            ),
            Entry("rankings.index", "考评排队", "rank", needs=("monthly_appraisal",)),
        ),
    ),
    Group(
        "inspection",
        "检查与隐患",
        (
            Entry("inspections.index", "检查", "clipboard", needs=INSPECTING),
            Entry("findings.index", "问题查处", "alert", badge="findings", needs=INSPECTING),
            Entry("disposals.index", "处置台账", "gavel", needs=INSPECTING),
            Entry("hazards.index", "隐患", "flame", needs=("rectification",)),
            Entry("spot_checks.index", "抽查", "dice", needs=("spot_check",)),
            Entry("oversight.index", "督导", "eye", needs=("oversight",)),
        ),
    ),
    Group(
        "clues",
        "线索",
        (
            Entry("clues.index", "线索", "phone", needs=("clue_loop",)),
            Entry("letters.index", "函件", "envelope", needs=("hand_over",)),
            Entry("old_clues.index", Terms().name, "history", needs=("old_clue_ledger",)),
        ),
    ),
    Group(
        "reports",
        "报表与清单",
        (
            Entry("statements.index", "报表", "chart"),
            Entry("lists.index", "清单", "list", needs=("six_lists",), registers=True),
            Entry("briefings.index", "汇总与简报", "file", needs=("briefing", "daily_summary", "monthly_summary")),
        ),
    ),
    Group(
        "public",
        "公开",
        (
            Entry(
                "publications.index",
                "信息公开",
                "globe",
                needs=("publish_result", "publish_daily", "publish_weekly"),
            ),
        ),
    ),
    Group(
        "system",
        "系统管理",
        (
            Entry("people.index", "人员与岗位", "people"),
            Entry("incidents.index", "异常", "pulse"),
            Entry("audit.index", "审计日志", "book"),
            Entry("system.index", "系统策略", "gear"),
        ),
    ),
    Group("", "", (Entry("help.index", "使用帮助", "help"),)),
)

BADGES: dict[str, Callable[[Actor, datetime], int]] = {
    "inbox": inbox.open_count,
    "findings": finding_pages.waiting_count,
}


@dataclass(frozen=True, kw_only=True)
class Line:
    """An entry as it is drawn."""

    entry: Entry
    title: str
    lit: bool
    count: int


@dataclass(frozen=True, kw_only=True)
class Section:
    """A group as it is drawn: what this person may open, and whether it stands open."""

    key: str
    title: str
    lines: tuple[Line, ...]
    open: bool

    @property
    def count(self) -> int:
        """What waits inside, for when the group is folded."""
        return sum(line.count for line in self.lines)


def register(app: Flask, settings: Settings) -> None:
    """Templates get `nav`, `actor`, `csrf_token` and `said`."""
    app.context_processor(_context)


def _context() -> dict[str, Any]:
    found = browser().actor
    return {
        "nav": lambda: sections(found) if found else (),
        "actor": found,
        "campaign_seen": lambda: _seen(found) if found else None,
        "may": _may,
        "photos": photos_section,
        "measure_beside": measure_section,
        "csrf_token": lambda: browser().csrf,
        "new_key": lambda: secrets.token_hex(12),
        "said": take_said,
        "upload_limit": settings().max_upload_mb,
    }


def sections(actor: Actor) -> tuple[Section, ...]:
    """The menu of this person on this page."""
    seen = _seen(actor)
    groups = [(group, tuple(entry for entry in group.entries if _is_open(entry, actor, seen))) for group in NAVIGATION]
    few = sum(len(entries) for _, entries in groups) <= FEW
    left_open = _left_open()
    return tuple(_section(group, entries, actor, left_open, few) for group, entries in groups if entries)


def _section(
    group: Group, entries: tuple[Entry, ...], actor: Actor, left_open: frozenset[str] | None, few: bool
) -> Section:
    lines = tuple(_line(entry, actor) for entry in entries)
    unfolded = few or group.key in AT_FIRST if left_open is None else group.key in left_open
    return Section(key=group.key, title=group.title, lines=lines, open=unfolded or any(line.lit for line in lines))


def _line(entry: Entry, actor: Actor) -> Line:
    count = BADGES[entry.badge](actor, now()) if entry.badge else 0
    seen = _seen(actor)
    title = seen.titles.get(entry.endpoint, entry.title) if seen else entry.title
    return Line(entry=entry, title=title, lit=_is_lit(entry), count=count)


def _left_open() -> frozenset[str] | None:
    """The groups that this browser left open; None where nobody has folded anything yet."""
    said = request.cookies.get(OPENED)
    return None if said is None else frozenset(said.split(".")) & {group.key for group in NAVIGATION}


def _seen(actor: Actor) -> launched.View | None:
    """The campaign that is looked at, asked for once a page."""
    if "campaign_seen" not in g:
        g.campaign_seen = launched.view(actor)
    return cast("launched.View | None", g.campaign_seen)


def _is_open(entry: Entry, actor: Actor, seen: launched.View | None) -> bool:
    rule = POLICY.get(entry.endpoint)
    runs = not entry.needs or seen is None or not seen.processes.isdisjoint(entry.needs)
    runs = runs or (entry.registers and seen is not None and seen.has_registers)
    runs = runs and (not entry.standing or seen is None or seen.has_standing)
    return runs and rule is not None and rule.allows(actor)


def _may(endpoint: str) -> bool:
    """Whether a page leads there for whoever reads it."""
    return POLICY[endpoint].allows(browser().actor)


def _is_lit(entry: Entry) -> bool:
    own = entry.endpoint.partition(".")[0]
    return request.endpoint == entry.endpoint or request.blueprint in (entry.lit_by or (own,))
