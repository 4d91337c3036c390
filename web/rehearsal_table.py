"""A rehearsal's account as tables for people, in columns that also line up with Chinese characters."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from domain.ledger import TITLES, Tag
from domain.workdays import BEIJING

Account = Mapping[str, Any]
_RECORDED = (
    Tag.INSPECTION_RECORD,
    Tag.FINDING_DECIDE,
    Tag.FINDING_TRANSFER,
    Tag.DISPOSAL_ADD,
    Tag.HAZARD_REGISTER,
    Tag.HAZARD_LIST,
    Tag.HAZARD_CLOSE,
    Tag.OVERSIGHT_OPEN,
    Tag.OVERSIGHT_FINISH,
)
KINDS = {"daily": "日报", "weekly": "周报", "monthly": "月报", "fixed": "定期报告", "once": "一次性报告"}


def tables(account: Account, stuck: Sequence[str]) -> str:
    """The whole account, that of each child campaign behind its programme's."""
    parts = [*_parts(account)]
    for child in account["children"]:
        parts += _parts(child)
    if stuck:
        parts.append("\n".join([f"卡住的事项（{len(stuck)}）：", *(f"  {sentence}" for sentence in stuck)]))
    else:
        parts.append("没有卡住的事项。")
    return "\n\n".join(parts)


def _parts(account: Account) -> list[str]:
    return [
        f"推演：{account['campaign']}　{_day(account['from'])} 至 {_day(account['to'])}　种子 {account['seed']}",
        *([_section("下级行动", ("行动", "任务", "办结", "未办"), _children(account))] if account["children"] else ()),
        _section("流程", ("流程", "上级流程", "发起", "办结", "异常"), _instances(account)),
        _section("任务", ("任务", "下达", "按时", "超期办结", "未办", "其中已超期"), _tasks(account)),
        _section("报表", ("报表", "期", "应报", "按时", "迟报", "未报", "案例"), _statements(account)),
        _section("签字", ("时间", "事项", "结果", "意见"), _gates(account)),
        _section("检查和处置", ("事项", "次数"), _inspections(account)),
        _section("抽查", ("牵头部门", "抽取次数", "名单", "抽中", "已查"), _spot_checks(account)),
        _section(
            "问题线索",
            ("责任单位", "交办", "提出异议", "采纳", "按期", "逾期反馈", "未反馈", "提级核查"),
            _clues(account),
        ),
        _section("督促升级（到期后）", ("步骤", "次数"), _escalations(account)),
        _section("台账", ("事件", "次数"), _ledger(account)),
    ]


def _section(title: str, head: Sequence[str], lines: Iterable[Sequence[object]]) -> str:
    rows = [tuple(str(cell) for cell in line) for line in lines]
    if not rows:
        return f"【{title}】无"
    widths = [max(_width(row[i]) for row in (head, *rows)) for i in range(len(head))]
    text = [f"【{title}】"]
    for row in (tuple(head), *rows):
        text.append("  " + "  ".join(_padded(cell, width) for cell, width in zip(row, widths, strict=True)).rstrip())
    return "\n".join(text)


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def _padded(text: str, width: int) -> str:
    space = " " * (width - _width(text))
    return space + text if text.isdigit() else text + space


def _day(text: str) -> str:
    return f"{datetime.fromisoformat(text).astimezone(BEIJING):%Y-%m-%d %H:%M}"


# -- lines -------------------------------------------------------------------------------------------------------------
def _instances(account: Account) -> Iterator[Sequence[object]]:
    names = {one["process"]: one["name"] for one in account["instances"]}
    for one in account["instances"]:
        above = names.get(one["parent"], "") if one["parent"] else "—"
        yield one["name"], above, one["started"], one["ended"], one["incidents"]


def _children(account: Account) -> Iterator[Sequence[object]]:
    for child in account["children"]:
        done = sum(task["status"] == "done" for task in child["tasks"])
        left = sum(task["status"] == "open" for task in child["tasks"])
        yield f"{child['title']}（{child['campaign']}）", len(child["tasks"]), done, left


def _tasks(account: Account) -> Iterator[Sequence[object]]:
    end = account["to"]
    names: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for task in account["tasks"]:
        names.setdefault((task["process"], task["name"]), []).append(task)
    for (_, name), found in names.items():
        done = [task for task in found if task["status"] == "done"]
        late = [task for task in done if task["due_at"] and _after(task["completed_at"], task["due_at"])]
        left = [task for task in found if task["status"] == "open"]
        overdue = [task for task in left if task["due_at"] and _after(end, task["due_at"])]
        yield name, len(found), len(done) - len(late), len(late), len(left), len(overdue)


def _after(one: str, other: str) -> bool:
    return datetime.fromisoformat(one) > datetime.fromisoformat(other)


def _statements(account: Account) -> Iterator[Sequence[object]]:
    periods: dict[tuple[str, str, str], list[Mapping[str, Any]]] = {}
    for one in account["statements"]:
        periods.setdefault((one["kind"], one["report"], one["period"]), []).append(one)
    for (kind, _, period), found in periods.items():
        handed_in = [one for one in found if one["submitted_at"]]
        late = sum(one["late"] for one in handed_in)
        cases = sum(one["cases"] or 0 for one in found)
        yield KINDS.get(kind, kind), period, len(found), len(handed_in) - late, late, len(found) - len(handed_in), cases


def _gates(account: Account) -> Iterator[Sequence[object]]:
    """Stage gates one by one; other signatures only by their number."""
    others: dict[str, int] = {}
    for one in account["sign_offs"]:
        if one["stage"]:
            yield _day(one["at"]), one["task"], one["outcome"], one["opinion"]
        else:
            others[one["what"]] = others.get(one["what"], 0) + 1
    for name, count in others.items():
        yield "—", name, f"{count} 份", ""


def _inspections(account: Account) -> Iterator[Sequence[object]]:
    """What is recorded without a task, as the ledger counts it."""
    for tag in _RECORDED:
        if count := account["ledger"].get(tag.value):
            yield TITLES[tag], count


def _spot_checks(account: Account) -> Iterator[Sequence[object]]:
    found: dict[str, list[Mapping[str, Any]]] = {}
    for one in account["spot_checks"]:
        found.setdefault(one["department"], []).append(one)
    for department, draws in found.items():
        sums = (sum(one[name] for one in draws) for name in ("population", "drawn", "visited"))
        yield department, len(draws), *sums


def _clues(account: Account) -> Iterator[Sequence[object]]:
    """A line a unit; a clue that came back counts for each unit it was handed over to."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for one in account["clues"]:
        found.setdefault(one["unit"] or "（尚未分类）", []).append(one)
    for unit, clues in found.items():
        reported = [one for one in clues if one["reported_at"]]
        late = sum(_after(one["reported_at"], one["result_due"]) for one in reported)
        objected, upheld = _count(clues, "objected_at"), sum(one["verdict"] == "upheld" for one in clues)
        left = len(clues) - upheld - len(reported)
        yield unit, len(clues), objected, upheld, len(reported) - late, late, left, _count(clues, "escalated")


def _count(found: Sequence[Mapping[str, Any]], key: str) -> int:
    return sum(bool(one[key]) for one in found)


def _escalations(account: Account) -> Iterator[Sequence[object]]:
    counts: dict[str, int] = {}
    for one in account["escalations"]:
        counts[one["name"]] = counts.get(one["name"], 0) + 1
    yield from counts.items()


def _ledger(account: Account) -> Iterator[Sequence[object]]:
    titles = {tag.value: title for tag, title in TITLES.items()}
    for tag, count in account["ledger"].items():
        yield titles.get(Tag(tag).value, tag), count
