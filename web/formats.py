"""How moments, sizes and counts are written on pages: Beijing time, Chinese units."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, tzinfo

from flask import Flask

from config import Settings
from domain.ledger import TITLES, Tag
from web.http import now

ROLE_NAMES = {
    "staff": "工作人员",
    "leader": "领导",
    "office": "行动办公室",
    "enterprise": "企业",
    "admin": "系统管理员",
    "auditor": "审计员",
}


def register(app: Flask, settings: Settings) -> None:
    """Templates get the filters `moment`, `due`, `day`, `span`, `size`, `capped`, `event`."""
    zone = settings.zone
    app.jinja_env.filters.update(
        moment=lambda at: moment(at, zone, now()) if at else "",
        due=lambda at: due(at, zone, now()) if at else "不限时",
        day=lambda at: day(at, zone, now()) if at else "",
        last_day=lambda at: last_day(at, zone, now()) if at else "",
        span=lambda since, until: span(since, until, zone, now()) if since and until else "",
        cn_date=lambda at: cn_date(at, zone) if at else "",
        iso=lambda at: at.astimezone(zone).isoformat(timespec="seconds") if at else "",
        size=size,
        capped=capped,
        event=event,
        role=lambda name: ROLE_NAMES.get(name, name),
    )
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True


def moment(at: datetime, zone: tzinfo, today: datetime) -> str:
    """1月31日 09:05; another year is named."""
    local = at.astimezone(zone)
    return f"{_day(local.date(), today.astimezone(zone).date())} {local:%H:%M}"


def due(at: datetime, zone: tzinfo, today: datetime) -> str:
    """A limit: midnight is 24:00 of the day that ends."""
    local = at.astimezone(zone)
    if local.time() == time.min:
        return f"{_day(local.date() - timedelta(days=1), today.astimezone(zone).date())} 24:00"
    return moment(at, zone, today)


def day(at: datetime | date, zone: tzinfo, today: datetime) -> str:
    """1月31日; another year is named."""
    local = at.astimezone(zone).date() if isinstance(at, datetime) else at
    return _day(local, today.astimezone(zone).date())


def _day(local: date, today: date) -> str:
    year = "" if local.year == today.year else f"{local.year}年"
    return f"{year}{local.month}月{local.day}日"


def last_day(at: datetime, zone: tzinfo, today: datetime) -> str:
    """The day that ends at this moment: of a period that ends at midnight the day before."""
    return day(at - timedelta(microseconds=1), zone, today)


def span(since: datetime, until: datetime, zone: tzinfo, today: datetime) -> str:
    """1月1日—1月7日; a single day is written once."""
    first, last = day(since, zone, today), last_day(until, zone, today)
    return first if first == last else f"{first}—{last}"


def cn_date(at: datetime, zone: tzinfo) -> str:
    """2022年1月5日, as a document is dated."""
    local = at.astimezone(zone)
    return f"{local.year}年{local.month}月{local.day}日"


def size(count: int) -> str:
    """Bytes as people write them."""
    if count < 1024:
        return f"{count} B"
    if count < 1024 * 1024:
        return f"{count / 1024:.0f} KB"
    return f"{count / 1024 / 1024:.1f} MB"


def capped(count: int, cap: int = 99) -> str:
    """99+ where more than `cap` were found."""
    return f"{cap}+" if count > cap else str(count)


def event(tag: str) -> str:
    """What a ledger tag is called."""
    try:
        return TITLES[Tag(tag)]
    except ValueError:
        return tag
