"""Checks what a schema cannot: every name in a plan leads somewhere, dates are dates and stand in order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from itertools import pairwise
from typing import Any

from catalog.measure_references import measure_findings
from catalog.places import resolve
from domain.errors import Finding

Raw = Mapping[str, Any]

# key of an entry -> section its text, or each text of its list, must name
_REFERENCES = {
    "deadline": "deadlines", "plan_deadline": "deadlines",
    "report": "reports", "with_report": "reports", "reports": "reports", "used_by": "reports",
    "form": "forms", "forms": "forms",
    "quota": "quotas", "sign_off": "sign_offs", "setting": "settings", "stage": "stages",
    "mechanism": "mechanisms", "steps_of": "mechanisms", "enforcement": "enforcement",
    "owed_by": "units", "kept_by": "units", "union": "units", "started_by": "units",
    "post": "posts", "disposals": "disposals",
}  # fmt: skip
_SECTIONS = {
    "deadlines": "时限", "reports": "报告", "forms": "表样", "quotas": "数量要求", "sign_offs": "签字",
    "units": "单位组", "settings": "设置", "stages": "阶段", "mechanisms": "机制", "enforcement": "措施",
    "posts": "岗位", "sectors": "行业领域", "disposals": "处置方式", "measure_lists": "措施清单",
}  # fmt: skip
_QUERIES = {"received_share": "reports", "quota_share": "quotas", "overseen_share": "units",
            "measures_share": "measure_lists"}  # fmt: skip
_DATES = ("at", "start", "end", "first_due", "last_due", "closing", "issued_on")
_HOURS = {"hour": 1, "calendar_day": 24, "working_day": 24}


def reference_findings(raw: Raw) -> list[Finding]:
    """Unresolved names, impossible dates and contradictions of a plan that passed the schema."""
    findings = list(_unresolved(raw, raw, ()))
    for check in (
        _dates,
        _deadlines,
        _units,
        _stages,
        _reports,
        _sign_offs,
        _ladders,
        _sectors,
        _disposals,
        _quotas,
        _settings,
        _lists,
    ):
        findings.extend(check(raw))
    findings.extend(measure_findings(raw))
    return findings


def _finding(path: str, rule: str, sentence: str) -> Finding:
    return Finding(f"plan.{rule}", f"{path}：{sentence}", element=path)


def _unresolved(raw: Raw, node: object, path: tuple[str, ...]) -> Iterator[Finding]:
    """Names by the table above, wherever in the plan they stand."""
    if isinstance(node, Mapping):
        for key, value in node.items():
            target = _REFERENCES.get(key) if path else None
            yield from _named(raw, value, target, (*path, key)) if target else ()
            yield from _unresolved(raw, value, (*path, key))
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from _unresolved(raw, value, (*path, str(index)))


def _named(raw: Raw, value: object, target: str, path: tuple[str, ...]) -> Iterator[Finding]:
    for name in value if isinstance(value, list) else [value]:
        if isinstance(name, str) and name not in raw.get(target, {}):
            yield _finding(".".join(path), "unresolved", f"{_SECTIONS[target]}中没有“{name}”")


def _dates(raw: Raw) -> Iterator[Finding]:
    for path, value in _dated(raw, ()):
        if not _is_moment(value):
            yield _finding(".".join(path), "date", f"“{value}”不是实际存在的日期")


def _dated(node: object, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    """The date texts of the sections that are computed with."""
    if not isinstance(node, Mapping):
        return
    for key, value in node.items():
        here = (*path, key)
        if key in _DATES and isinstance(value, str) and (path[:1] != ("forms",)):
            yield here, value
        elif key == "dues" and isinstance(value, list):
            yield from (((*here, str(index)), due) for index, due in enumerate(value))
        elif not path and key not in ("document", "stages", "deadlines", "reports"):
            continue
        else:
            yield from _dated(value, here)


def _is_moment(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _deadlines(raw: Raw) -> Iterator[Finding]:
    for key, entry in raw["deadlines"].items():
        path = f"deadlines.{key}"
        kinds = [name for name in ("at", "variable", "stage", "n") if name in entry]
        if ("n" in entry) != ("unit" in entry):
            yield _finding(path, "deadline", "n 与 unit 要同时写")
        if kinds not in (["at"], ["variable"], ["stage"], ["n"], ["stage", "n"]):
            yield _finding(path, "deadline", "at、variable、stage、n 只能写一种（stage 可以加 n）")
        if "from" in entry and kinds != ["n"]:
            yield _finding(path, "deadline", "from 只能与 n、unit 同写")


def _units(raw: Raw) -> Iterator[Finding]:
    for key, entry in raw["units"].items():
        if sum(name in entry for name in ("members", "level", "union")) != 1:
            yield _finding(f"units.{key}", "units", "members、level、union 写且只写一个")
        if "kind" in entry and "level" not in entry:
            yield _finding(f"units.{key}", "units", "kind 只能与 level 同写")
        if "sectors" in entry and entry.get("level") != "enterprise":
            yield _finding(f"units.{key}", "units", "sectors（行业领域）只能与 level: enterprise 同写")
        if key in _reached(raw["units"], entry):
            yield _finding(f"units.{key}", "cycle", "单位组互相包含，成了循环")


def _reached(units: Raw, entry: Raw) -> set[str]:
    """Every group that `entry` takes in, directly or through others."""
    reached: set[str] = set()
    waiting = list(entry.get("union", ()))
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting.extend(units.get(name, {}).get("union", ()))
    return reached


def _stages(raw: Raw) -> Iterator[Finding]:
    for key, stage in raw["stages"].items():
        path = f"stages.{key}"
        if _day(stage.get("start")) > _day(stage["end"]):
            yield _finding(path, "order", "开始日期晚于结束日期")
        for name, criterion in stage.get("exit_criteria", {}).items():
            target = _QUERIES[criterion["query"]]
            if criterion["of"] not in raw.get(target, {}):
                sentence = f"{_SECTIONS[target]}中没有“{criterion['of']}”"
                yield _finding(f"{path}.exit_criteria.{name}", "unresolved", sentence)
    period = raw["document"]["period"]
    if "end" in period and _day(period["start"]) > _day(period["end"]):
        yield _finding("document.period", "order", "开始日期晚于结束日期")


def _day(text: str | None) -> date:
    """The day of a moment for comparing; what is absent or no date (reported elsewhere) is in order with all."""
    if text is None or not _is_moment(text):
        return date.min
    return datetime.fromisoformat(text).date()


def _reports(raw: Raw) -> Iterator[Finding]:
    for key, report in raw["reports"].items():
        path = f"reports.{key}"
        if report["kind"] == "weekly" and not {"weekday", "with_report"} & report.keys():
            yield _finding(path, "report", "每周报告要写 weekday（星期几）和 time，或 with_report")
        if report["kind"] == "fixed" and "dues" not in report:
            yield _finding(path, "report", "固定日期的报告要写 dues")
        if "last_due" in report and _day(report.get("first_due")) > _day(report["last_due"]):
            yield _finding(path, "order", "首期晚于末期")
        if report["kind"] == "yearly" and not {"first_due", "dues"} & report.keys():
            yield _finding(path, "report", "每年报告要写 first_due（首期）或 dues")
        if "closing" in report and not ("last_due" in report and _day(report["last_due"]) < _day(report["closing"])):
            yield _finding(path, "order", "收尾一期（closing）要晚于末期（last_due）")
        yield from _on_weekday(path, report)


def _on_weekday(path: str, report: Raw) -> Iterator[Finding]:
    if report["kind"] != "weekly" or "weekday" not in report:
        return
    for name in ("first_due", "last_due"):
        text = report.get(name)
        if text and _is_moment(text) and datetime.fromisoformat(text).isoweekday() != report["weekday"]:
            yield _finding(f"{path}.{name}", "report", f"“{text}”不是 weekday 所写的那一天")


def _sign_offs(raw: Raw) -> Iterator[Finding]:
    for key, entry in raw.get("sign_offs", {}).items():
        for post in entry.get("posts", ()):
            if post not in raw["posts"]:
                yield _finding(f"sign_offs.{key}.posts", "unresolved", f"岗位中没有“{post}”")


def _ladders(raw: Raw) -> Iterator[Finding]:
    for key, ladder in raw["escalation"].items():
        path = f"escalation.{key}.rungs"
        names = [rung["id"] for rung in ladder["rungs"]]
        if len(set(names)) != len(names):
            yield _finding(path, "duplicate", "阶梯的 id 重复")
        hours = [rung["n"] * _HOURS[rung["unit"]] for rung in ladder["rungs"]]
        if any(earlier > later for earlier, later in pairwise(hours)):
            yield _finding(path, "order", "阶梯要按时间先后排列")


def _sectors(raw: Raw) -> Iterator[Finding]:
    known = {name for group in raw["units"].values() for name in group.get("members", ())}
    for key, sector in raw.get("sectors", {}).items():
        for name in ("lead_department", "group"):
            if sector.get(name) is not None and sector[name] not in known:
                yield _finding(f"sectors.{key}.{name}", "unresolved", f"单位组成员中没有“{sector[name]}”")


def _disposals(raw: Raw) -> Iterator[Finding]:
    """The measure that a way of disposing usually carries out."""
    for key, entry in raw.get("disposals", {}).items():
        if "measure" in entry and entry["measure"] not in raw.get("enforcement", {}):
            yield _finding(f"disposals.{key}.measure", "unresolved", f"措施中没有“{entry['measure']}”")


def _quotas(raw: Raw) -> Iterator[Finding]:
    for key, quota in raw.get("quotas", {}).items():
        bounds = {"min", "max"} & quota.keys()
        if (quota["operator"] == "between") != (bounds == {"min", "max"}):
            yield _finding(f"quotas.{key}", "quota", "between 要写 min 和 max，其他比较不写")
        elif bounds and quota["min"] > quota["max"]:
            yield _finding(f"quotas.{key}", "order", "min 大于 max")


def _lists(raw: Raw) -> Iterator[Finding]:
    """What only one kind of register reads."""
    for key, entry in raw.get("lists", {}).items():
        path, register = f"lists.{key}", entry.get("register")
        if "kinds" in entry and register != "disposals":
            yield _finding(path, "lists", "kinds 只用于 register: disposals")
        if "kept_by" in entry and register != "entries":
            yield _finding(path, "lists", "kept_by 只用于 register: entries")
        if register == "disposals" and not raw.get("disposals"):
            yield _finding(path, "lists", "register: disposals 要有处置方式（disposals）")
        for name in entry.get("kinds", ()):
            if name not in raw.get("disposals", {}):
                yield _finding(f"{path}.kinds", "unresolved", f"disposals 中没有“{name}”")


def _settings(raw: Raw) -> Iterator[Finding]:
    """A default stands once more where it is applied; the two must not drift apart."""
    for key, setting in raw.get("settings", {}).items():
        for place in setting.get("same_as", ()):
            value = resolve(raw, place)
            # true counts as 1 in Python, here it does not
            if type(value) is not type(setting["value"]) or value != setting["value"]:
                yield _finding(f"settings.{key}", "setting", f"与“{place}”不一致（{setting['value']}，{value}）")
