"""The menu: one list in the order it is shown. An entry is shown to whom its route's rule lets in."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Flask, request

from config import Settings
from domain.authority import Actor
from services import finding_pages, inbox
from web.http import browser, now, settings, take_said
from web.policy import POLICY


@dataclass(frozen=True)
class Entry:
    """A line of the menu: route, title, icon (templates/icons.html), and the blueprint names that light it up."""

    endpoint: str
    title: str
    icon: str
    section: str = ""
    lit_by: tuple[str, ...] = ()
    badge: str = ""  # name of a count in the context, shown when above zero


NAVIGATION: list[Entry] = [
    Entry("inbox.todo", "待办", "inbox", section="我的", badge="inbox"),
    Entry("sign_offs.index", "签批", "pen", section="我的", lit_by=("sign_offs", "gates")),
    Entry("campaigns.index", "行动", "flag", section="专项行动", lit_by=("campaigns", "instances")),
    Entry("enterprises.index", "企业", "factory", section="专项行动"),
    Entry("commitments.index", "承诺书", "seal", section="专项行动"),
    Entry("responsibility.index", "包保责任", "people", section="专项行动"),
    Entry("publicity.index", "宣传报道", "file", section="专项行动"),
    Entry("rankings.index", "考评排队", "rank", section="专项行动"),
    Entry("inspections.index", "检查", "clipboard", section="检查执法"),
    Entry("findings.index", "问题查处", "alert", section="检查执法", badge="findings"),
    Entry("disposals.index", "处置台账", "gavel", section="检查执法"),
    Entry("hazards.index", "隐患", "flame", section="检查执法"),
    Entry("spot_checks.index", "抽查", "dice", section="检查执法"),
    Entry("oversight.index", "督导", "eye", section="检查执法"),
    Entry("clues.index", "线索", "phone", section="线索"),
    Entry("letters.index", "函件", "file", section="线索"),
    Entry("old_clues.index", "近三年线索", "history", section="线索"),
    Entry("publications.index", "信息公开", "globe", section="线索"),
    Entry("statements.index", "报表", "chart", section="报送"),
    Entry("lists.index", "清单", "list", section="报送"),
    Entry("briefings.index", "汇总与简报", "file", section="报送"),
    Entry("people.index", "人员与岗位", "people", section="系统管理"),
    Entry("incidents.index", "异常", "pulse", section="系统管理"),
    Entry("audit.index", "审计日志", "book", section="系统管理"),
    Entry("system.index", "系统策略", "gear", section="系统管理"),
    Entry("calendar.index", "工作日历", "calendar", section="其他"),
    Entry("help.index", "使用帮助", "help", section="其他"),
]

BADGES: dict[str, Callable[[Actor, datetime], int]] = {
    "inbox": inbox.open_count,
    "findings": finding_pages.waiting_count,
}


def register(app: Flask, settings: Settings) -> None:
    """Templates get `nav`, `actor`, `csrf_token` and `said`."""
    app.context_processor(_context)


def _context() -> dict[str, Any]:
    found = browser().actor
    entries = [entry for entry in NAVIGATION if found and _is_open(entry, found)]
    return {
        "nav": entries,
        "actor": found,
        "badge": _badge,
        "may": _may,
        "csrf_token": lambda: browser().csrf,
        "new_key": lambda: secrets.token_hex(12),
        "said": take_said,
        "is_lit": _is_lit,
        "upload_limit": settings().max_upload_mb,
    }


def _badge(name: str) -> int:
    """A count beside an entry of the menu."""
    found = browser().actor
    return BADGES[name](found, now()) if found else 0


def _is_open(entry: Entry, actor: Actor) -> bool:
    rule = POLICY.get(entry.endpoint)
    return rule is not None and rule.allows(actor)


def _may(endpoint: str) -> bool:
    """Whether a page leads there for whoever reads it."""
    return POLICY[endpoint].allows(browser().actor)


def _is_lit(entry: Entry) -> bool:
    own = entry.endpoint.partition(".")[0]
    return request.endpoint == entry.endpoint or request.blueprint in (entry.lit_by or (own,))
