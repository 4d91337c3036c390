"""The traffic light of a task: colour, word and how long there is, always together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from domain.workdays import BEIJING, Calendar

SOON_WORKDAYS = 2  # the day itself and the working day before
FAR_DAYS = 30
ORDER = ("grey", "green", "yellow", "red")
ARRIVED_LATE = "送达时已逾期"
WORDS = {"grey": "不限时", "green": "正常", "yellow": "临期", "red": "已超期"}


@dataclass(frozen=True, kw_only=True)
class Light:
    """`left` says how long: 剩 3 个工作日, 今日到期, 超期 2 个工作日."""

    color: str  # grey green yellow red
    word: str
    left: str


def arrived_late(due_at: datetime | None, opened_at: datetime) -> bool:
    """Whether the limit had passed before anybody was asked: nobody to whom it came is late."""
    return due_at is not None and due_at <= opened_at


def light(
    due_at: datetime | None,
    now: datetime,
    calendar: Calendar,
    ladder: str = "green",
    *,
    opened_at: datetime | None = None,
) -> Light:
    """The light at `now`; the escalation ladder can make it worse, never better."""
    if due_at is None:
        return Light(color="grey", word=WORDS["grey"], left="")
    if opened_at is not None and arrived_late(due_at, opened_at):
        return Light(color="yellow", word=ARRIVED_LATE, left="请尽快办理")
    color, left = _late(due_at, now, calendar) if now > due_at else _early(due_at, now, calendar)
    if ladder in ORDER and now <= due_at:
        color = max(color, ladder, key=ORDER.index)
    return Light(color=color, word=WORDS[color], left=left)


def _early(due_at: datetime, now: datetime, calendar: Calendar) -> tuple[str, str]:
    today, last = now.astimezone(BEIJING).date(), _last_day(due_at)
    if last <= today:
        return "yellow", f"剩 {_hours(due_at - now)}"
    if (last - today).days > FAR_DAYS:
        return "green", f"剩 {(last - today).days} 天"
    days = len(calendar.workdays_between(today, last))
    if not days:
        return "yellow", "剩 0 个工作日"
    return ("yellow" if days < SOON_WORKDAYS else "green"), f"剩 {days} 个工作日"


def _late(due_at: datetime, now: datetime, calendar: Calendar) -> tuple[str, str]:
    today, last = now.astimezone(BEIJING).date(), _last_day(due_at)
    if (today - last).days > FAR_DAYS:
        return "red", f"超期 {(today - last).days} 天"
    days = len(calendar.workdays_between(last, today))
    return "red", f"超期 {days} 个工作日" if days else f"超期 {_hours(now - due_at)}"


def _last_day(due_at: datetime) -> date:
    """24:00 belongs to the day it ends."""
    return (due_at.astimezone(BEIJING) - timedelta(microseconds=1)).date()


def _hours(span: timedelta) -> str:
    minutes = int(span.total_seconds() // 60)
    if minutes < 60:
        return f"{minutes} 分钟"
    if minutes < 24 * 60:
        return f"{minutes // 60} 小时"
    return f"{minutes // 60 // 24} 天"
