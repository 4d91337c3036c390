"""What an instance knows, in words for people: titled values in Chinese; ids and counters are for administrators."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.plan import Plan
from services.counting.form_texts import Labels, labels_of
from services.plans.versions import Version

LEVELS = {"city": "市级", "county": "县级", "township": "乡级", "village": "村级", "enterprise": "企业"}
GRADES = {"general": "一般隐患", "major": "重大隐患"}
# what no form's field and no button names
TITLES = {
    "unit_name": "单位",
    "unit_level": "单位层级",
    "period": "报告期",
    "period_due": "报送截止",
    "period_start": "报告期起",
    "period_end": "报告期止",
    "clue_number": "线索编号",
    "registered_at": "登记时间",
    "assigned_at": "交办时间",
    "objected_at": "提出异议时间",
    "objection_pending": "异议待裁定",
    "paused_days": "暂停计算的工作日",
    "returned_times": "退回次数",
    "concluded": "已办结",
    "letter_number": "交办（移送）书文号",
    "supervision_feedback_due": "督办反馈期限",
    "grade": "隐患级别",
    "rectification_due": "整改期限",
    "drawn": "抽中家数",
    "spot_check_by": "本期抽查截止",
    "handed_over": "交办件数",
    "listed": "列入清单件数",
    "oversight_problems": "督导发现的问题",
}


@dataclass(frozen=True, kw_only=True)
class Told:
    """A value with its title; `name` is how the diagram calls it."""

    name: str
    title: str
    value: str | datetime


def told(values: Mapping[str, Any], version: Version) -> tuple[Told, ...]:
    """What has a title and a value, in the order of the instance."""
    titles, options = _titles(version), _options(version)
    return tuple(
        Told(name=name, title=titles[name], value=options.get((name, value)) or _worded(name, value))
        for name, value in values.items()
        if name in titles and value not in (None, "")
    )


def inner(values: Mapping[str, Any], version: Version) -> tuple[Told, ...]:
    """Everything as it stands, for whoever repairs processes."""
    titles = _titles(version)
    said = {
        name: _groups(value, version.plan) if name == "unit_groups" else _plain(value) for name, value in values.items()
    }
    return tuple(Told(name=name, title=titles.get(name, ""), value=value) for name, value in said.items())


def _titles(version: Version) -> dict[str, str]:
    """Variable -> title: the button's task, the form's field, or the table above."""
    found = dict(TITLES)
    for element in version.elements.values():
        if element.form and element.outputs:
            labels = _labels(version, element.form)
            found |= {one.variable: labels.titles[one.field] for one in element.outputs if one.field in labels.titles}
        found |= {one.variable: element.name for one in element.outcomes if element.name}
    return found


def _options(version: Version) -> dict[tuple[str, Any], str]:
    """(variable, value) -> what the button or the form's choice says."""
    found: dict[tuple[str, Any], str] = {("unit_level", key): name for key, name in LEVELS.items()}
    found |= {("grade", key): name for key, name in GRADES.items()}
    for element in version.elements.values():
        if element.form and element.outputs:
            labels = _labels(version, element.form)
            for one in element.outputs:
                found |= {(one.variable, key): name for key, name in labels.options.get(one.field, {}).items()}
        found |= {(one.variable, one.value): one.name for one in element.outcomes}
    return found


def _labels(version: Version, form: str) -> Labels:
    return labels_of(version.form(form))


def _worded(name: str, value: Any) -> str | datetime:
    if name.endswith(("_at", "_due", "_by", "_start", "_end")) and isinstance(value, str):
        try:
            at = datetime.fromisoformat(value)
        except ValueError:
            return value
        return at if at.tzinfo else value
    return _plain(value)


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    return "" if value is None else str(value)


def _groups(value: Any, plan: Plan) -> str:
    return "；".join(plan.units[key].name for key in str(value or "").split() if key in plan.units)
