"""The audit log: what happened, by kind, person, unit and time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Any

from domain.errors import Invalid
from domain.ledger import TITLES, Tag
from domain.workdays import BEIJING, end_of, typed_day
from models import reading
from models.queries import audit as rows
from services import excel
from services.access.policies import RULES

PAGE = 100
LONGEST_NUMBER = 18  # digits that both databases take
# the subject of a tag, as the filter groups them
SUBJECTS: Mapping[str, str] = {
    "campaign": "行动",
    "instance": "流程",
    "task": "任务",
    "timer": "时点",
    "children": "下达",
    "message": "消息",
    "statement": "报表",
    "lists": "清单",
    "briefing": "汇总与简报",
    "escalation": "督促",
    "sign_off": "签署",
    "stage": "阶段关口",
    "commitment": "承诺书",
    "attachment": "附件",
    "incident": "异常",
    "calendar": "工作日历",
    "due": "时限",
    "person": "人员",
    "post": "岗位",
    "session": "登录",
    "password": "口令",
    "policy": "系统策略",
    "clue": "线索",
    "letter": "交办（移送）书",
    "publication": "信息公开",
}


# what the data of an event is called; a key that is not here is shown as it stands
KEYS: Mapping[str, str] = {
    "after": "修改后",
    "before": "修改前",
    "campaign": "行动方案",
    "cases": "案例数",
    "cleared": "取消录入",
    "day": "日期",
    "days": "天数",
    "edition": "方案版本",
    "effect": "后果",
    "element": "步骤",
    "from": "原期限",
    "holding": "任职编号",
    "incident": "异常编号",
    "late": "是否迟报",
    "minutes": "分钟",
    "name": "名称",
    "notified": "通知岗位数",
    "number": "版本",
    "opinion": "意见",
    "outcome": "办理结果",
    "passed": "经过的步骤",
    "past": "日期处理",
    "period": "报告期",
    "person": "人员编号",
    "process": "流程",
    "reason": "理由",
    "report": "报表",
    "rung": "督促级别",
    "sentence": "原因",
    "shift_days": "平移天数",
    "sign_off": "签署事项",
    "stage": "阶段",
    "task": "任务",
    "to": "新期限",
    "total": "总数",
    "units": "单位数",
    "what": "内容",
    "working": "是否上班",
    "year": "年份",
    **{rule.name: rule.title for rule in RULES},
}


def told(data: Any) -> list[tuple[str, str]]:
    """An event's data as pairs to read."""
    if not isinstance(data, Mapping):
        return []
    return [(KEYS.get(key, key), _told(value)) for key, value in data.items() if value not in (None, "", [])]


def _told(value: Any) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, Mapping):
        return "；".join(f"{KEYS.get(key, key)} {_told(one)}" for key, one in value.items())
    return "、".join(map(str, value)) if isinstance(value, list) else str(value)


@dataclass(frozen=True, kw_only=True)
class Filters:
    """What somebody asked to see; days as the date fields give them."""

    subject: str = ""
    tag: str = ""
    person: str = ""
    unit: str = ""
    since: str = ""
    until: str = ""
    before: str = ""


@dataclass(frozen=True, kw_only=True)
class ListPage:
    """A page of the log."""

    rows: tuple[tuple[Any, list[tuple[str, str]]], ...]  # event, its data in words
    next_before: str
    subjects: tuple[tuple[str, str], ...]
    tags: tuple[tuple[str, str], ...]


def page(filters: Filters) -> ListPage:
    """Events, the newest first."""
    with reading() as tx:
        found = rows.page(tx, _wanted(filters), PAGE + 1)
    return ListPage(
        rows=tuple((row, told(row.data)) for row in found[:PAGE]),
        next_before=str(found[PAGE - 1].seq) if len(found) > PAGE else "",
        subjects=tuple(SUBJECTS.items()),
        tags=tuple((tag.value, title) for tag, title in TITLES.items()),
    )


HEAD = ("序号", "时间", "事项", "人员", "单位", "岗位", "任务", "内容")


def sheet(filters: Filters) -> excel.Sheet:
    """The events found, the newest first, as a table."""
    with reading() as tx:
        found = rows.page(tx, _wanted(replace(filters, before="")), excel.LIMIT + 1)
    return excel.Sheet(title="审计日志", head=HEAD, rows=(_cells(row) for row in found))


def _cells(row: Any) -> tuple[Any, ...]:
    told_of = "；".join(f"{title}：{text}" for title, text in told(row.data))
    title = TITLES[Tag(row.tag)] if row.tag in set(Tag) else row.tag
    return (row.seq, row.at, title, row.person or "系统", row.unit, row.post, row.task, told_of)


def _wanted(filters: Filters) -> rows.Wanted:
    since, until = _day(filters.since, "since"), _day(filters.until, "until")
    return rows.Wanted(
        tags=_tags(filters),
        person=filters.person.strip(),
        unit=filters.unit.strip(),
        since=datetime.combine(since, time.min, BEIJING) if since else None,
        until=end_of(until) if until else None,
        before=int(filters.before) if filters.before.isdecimal() and len(filters.before) <= LONGEST_NUMBER else None,
    )


def _tags(filters: Filters) -> tuple[str, ...]:
    if filters.tag:
        return (filters.tag,)
    return tuple(tag.value for tag in Tag if filters.subject and tag.value.split(":")[0] == filters.subject)


def _day(text: str, name: str) -> date | None:
    if not text:
        return None
    try:
        return typed_day(text)
    except ValueError:
        raise Invalid(fields={name: "日期格式不正确"}) from None
