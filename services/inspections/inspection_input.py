"""What somebody typed of an inspection, checked: every line of the checklist answered, every problem with a finding."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from domain import inspections as rules
from domain.errors import Invalid
from domain.plan import Plan
from domain.workdays import BEIJING

MOST_FINDINGS = 100
LONGEST = {"note": 2000, "experts": 200, "detail": 1000, "illegality": 200}
MOST_TEAMS = 99
SHORTEST_REASON = 5


@dataclass(frozen=True, kw_only=True)
class FindingInput:
    """A finding as it was typed."""

    kind: str
    grade: str
    item: str
    detail: str
    found_by: str
    illegality: str


@dataclass(frozen=True, kw_only=True)
class InspectionInput:
    """An inspection as it was typed, checked."""

    inspected_at: datetime
    teams: int
    unannounced: bool
    experts: str
    hindrance: str
    checklist: Mapping[str, str]
    note: str
    findings: tuple[FindingInput, ...]


def read(plan: Plan, sector: str, data: Mapping[str, Any], now: datetime) -> InspectionInput:
    """Check what was typed; Invalid names every field that is wrong."""
    faults: dict[str, str] = {}
    findings = _findings(data.get("findings"), faults)
    hindrance = _hindrance(data, findings, faults)
    found = InspectionInput(
        inspected_at=_moment(plan, data.get("inspected_at"), now, faults),
        teams=_whole(data.get("teams", 1), "teams", faults),
        unannounced=data.get("unannounced") is True,
        experts=_text(data, "experts", faults),
        hindrance=hindrance,
        checklist={} if hindrance else _checklist(plan, sector, data.get("checklist"), faults),
        note=_text(data, "note", faults),
        findings=findings,
    )
    if not hindrance:
        _agree(plan, found, faults)
    if faults:
        raise Invalid(fields=faults)
    return found


def _hindrance(data: Mapping[str, Any], findings: Sequence[FindingInput], faults: dict[str, str]) -> str:
    """Why a drawn enterprise could not be inspected; then there are words for it, and nothing was found."""
    given = str(data.get("hindrance") or "")
    if not given:
        return ""
    if given not in rules.HINDRANCES or data.get("kind") != "spot_check":
        faults["hindrance"] = "只有抽查抽中的企业可以登记无法检查"
    if findings:
        faults["hindrance"] = "登记无法检查的，不能再写发现的问题"
    if len(str(data.get("note") or "").strip()) < SHORTEST_REASON:
        faults["note"] = "请写明核实的情况，例如停产时间、注销日期"
    return given


def _moment(plan: Plan, value: Any, now: datetime, faults: dict[str, str]) -> datetime:
    """When it was; a day alone is its noon, or now where that is earlier."""
    try:
        at = value if isinstance(value, datetime) else datetime.fromisoformat(str(value or ""))
    except ValueError:
        faults["inspected_at"] = "请填写检查日期"
        return now
    at = at if at.tzinfo else at.replace(tzinfo=BEIJING)
    if isinstance(value, str) and len(value) <= len("2022-01-01"):
        at = min(datetime.combine(at.date(), time(12), BEIJING), now)
        if at.astimezone(BEIJING).date().isoformat() != value[:10]:
            faults["inspected_at"] = "检查日期不能晚于今天"
    if at > now:
        faults["inspected_at"] = "检查时间不能晚于现在"
    elif at < plan.starts_at:
        faults["inspected_at"] = "检查日期早于本次行动开始的日期"
    return at


def _whole(value: Any, name: str, faults: dict[str, str]) -> int:
    try:
        number = int(str(value))
    except ValueError:
        number = 0
    if not 1 <= number <= MOST_TEAMS:
        faults[name] = f"检查组个数为 1 至 {MOST_TEAMS}"
    return number


def _text(data: Mapping[str, Any], name: str, faults: dict[str, str], place: str = "") -> str:
    text = str(data.get(name) or "").strip()
    if len(text) > LONGEST[name]:
        faults[place or name] = f"不超过 {LONGEST[name]} 字"
    return text


def _checklist(plan: Plan, sector: str, given: Any, faults: dict[str, str]) -> dict[str, str]:
    items = [item.key for item in rules.checklist(plan, sector)]
    answers = given if isinstance(given, Mapping) else {}
    for key in items:
        if answers.get(key) not in rules.RESULTS:
            faults[f"checklist.{key}"] = "请选择检查结果"
    if unknown := set(answers) - set(items):
        faults["checklist"] = f"检查单没有这些内容：{'、'.join(sorted(map(str, unknown)))[:200]}"
    return {key: str(answers.get(key)) for key in items}


def _findings(given: Any, faults: dict[str, str]) -> tuple[FindingInput, ...]:
    lines = given if isinstance(given, Sequence) and not isinstance(given, str) else []
    if len(lines) > MOST_FINDINGS:
        faults["findings"] = f"一次检查最多记录 {MOST_FINDINGS} 个问题"
    found = (_finding(i, line if isinstance(line, Mapping) else {}, faults) for i, line in enumerate(lines))
    return tuple(found)


def _finding(i: int, line: Mapping[str, Any], faults: dict[str, str]) -> FindingInput:
    place = f"findings.{i}"
    if line.get("kind") not in rules.FINDING_KINDS:
        faults[f"{place}.kind"] = "请选择问题类别"
    grade = line.get("grade") or "general"
    if grade not in rules.GRADES:
        faults[f"{place}.grade"] = "请选择问题等级"
    found_by = line.get("found_by") or "officer"
    if found_by not in rules.FINDERS:
        faults[f"{place}.found_by"] = "请选择由谁发现"
    detail = _text(line, "detail", faults, f"{place}.detail")
    if len(detail) < 2:
        faults[f"{place}.detail"] = "请写明问题"
    return FindingInput(
        kind=str(line.get("kind")),
        grade=str(grade),
        item=str(line.get("item") or ""),
        detail=detail,
        found_by=str(found_by),
        illegality=_text(line, "illegality", faults, f"{place}.illegality"),
    )


def _agree(plan: Plan, found: InspectionInput, faults: dict[str, str]) -> None:
    """A problem of the checklist has its finding, and the other way round; only experts who came have found any."""
    named = {finding.item for finding in found.findings}
    for key, result in found.checklist.items():
        if result == "problem" and key not in named:
            faults.setdefault(f"checklist.{key}", "选了“有问题”的，须在下面写明发现的问题")
    for i, finding in enumerate(found.findings):
        if finding.item and finding.item not in found.checklist:
            faults.setdefault(f"findings.{i}.item", "检查单没有这项内容")
        elif finding.item and found.checklist[finding.item] != "problem":
            faults.setdefault(f"findings.{i}.item", "这项内容在检查单上没有选“有问题”")
        if finding.found_by == "expert" and not found.experts:
            faults.setdefault("experts", "有专家发现的问题，请写明参加检查的专家单位或专业")
