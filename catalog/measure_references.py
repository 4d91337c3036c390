"""Measures of a plan: who does them has a name that leads to units, dates exist, targets can be judged."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from domain.errors import Finding

Raw = Mapping[str, Any]

# such words name many units or kinds of units, so no directory has a unit of that name
MANY = re.compile(r"各|有关|相关|所有|全体|其他|两级|级部门|负有|设有|成员单位|[、，,；;]|等$|^[县乡]级")
DOERS = ("lead_units", "responsible_units", "carried_by")


def measure_findings(raw: Raw) -> list[Finding]:
    """What is wrong about the measures of a plan that passed the schema."""
    groups = _groups(raw["units"])
    findings = list(_called(raw["units"]))
    for key, measure in raw.get("measures", {}).items():
        findings.extend(_dates(f"measures.{key}", measure))
        findings.extend(_targets(f"measures.{key}", measure))
        findings.extend(_executable(f"measures.{key}", measure, groups))
    findings.extend(_lists(raw))
    return findings


def _finding(path: str, rule: str, sentence: str) -> Finding:
    return Finding(f"plan.{rule}", f"{path}：{sentence}", element=path)


def _names(key: str, group: Raw) -> tuple[str, ...]:
    return (key, group["name"], *group.get("called", ()))


def _groups(units: Raw) -> frozenset[str]:
    """Every name by which a unit group may be meant."""
    return frozenset(name for key, group in units.items() for name in _names(key, group))


def _called(units: Raw) -> Iterator[Finding]:
    """A name of the notice must lead to one group."""
    borne = Counter(name for key, group in units.items() for name in set(_names(key, group)))
    for key, group in units.items():
        for name in group.get("called", ()):
            if borne[name] > 1:
                yield _finding(f"units.{key}.called", "called", f"“{name}”也是另一个单位组的名称，分不清指谁")


def _dates(path: str, measure: Raw) -> Iterator[Finding]:
    dated = [(path, measure), *((f"{path}.targets.{k}", t) for k, t in measure.get("targets", {}).items())]
    for place, entry in dated:
        if "due" in entry and not _is_day(entry["due"]):
            yield _finding(f"{place}.due", "date", f"“{entry['due']}”不是实际存在的日期")


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _targets(path: str, measure: Raw) -> Iterator[Finding]:
    for key, target in measure.get("targets", {}).items():
        place, value, operator = f"{path}.targets.{key}", target["value"], target.get("operator")
        if isinstance(value, str):
            if operator is not None:
                yield _finding(place, "target", "目标是文字时由人判定，不写 operator")
        elif operator is None:
            yield _finding(place, "target", "目标是数字时要写 operator（>=、<=、=、>、<、between）")
        elif isinstance(value, list) != (operator == "between"):
            yield _finding(place, "target", "operator 为 between 时 value 写两个数 [下限, 上限]，其他比较写一个数")
        elif isinstance(value, list) and value[0] > value[1]:
            yield _finding(place, "order", "下限大于上限")
        if "values" in target:
            yield from _parts(place, target)


def _parts(place: str, target: Raw) -> Iterator[Finding]:
    """A target that is allocated among units has the total as its value."""
    value = target["value"]
    if isinstance(value, str | list):
        yield _finding(place, "target", "分到各单位的任务数（values）合计起来是一个数，value 要写这个数")
    elif abs(sum(target["values"].values()) - value) > 1e-6:
        total = sum(target["values"].values())
        yield _finding(f"{place}.values", "target", f"各单位任务数合计 {total:g}，与 value {value:g} 不一致")


def _executable(path: str, measure: Raw, groups: frozenset[str]) -> Iterator[Finding]:
    """What is carried out needs a name, somebody who does it, and no second place where it runs."""
    if measure.get("carried_by") and "carried_by_note" not in measure:
        yield _finding(path, "measure", "写了 carried_by（代为承办），要写 carried_by_note 说明理由")
    if "carried_by_note" in measure and not measure.get("carried_by"):
        yield _finding(path, "measure", "写了 carried_by_note，却没有 carried_by")
    if "list" not in measure:
        return
    if "detailed_in" in measure:
        yield _finding(path, "measure", "写了 detailed_in（在别的行动中办理），就不能再写 list")
    if "name" not in measure:
        yield _finding(path, "measure", "列入措施清单（list）的措施要写 name（简称）")
    if not any(measure.get(name) for name in DOERS):
        sentence = "列入措施清单（list）的措施要写 lead_units、responsible_units 或 carried_by，否则没有单位承办"
        yield _finding(path, "measure", sentence)
    for kind in DOERS:
        for name in measure.get(kind, ()):
            if name not in groups and MANY.search(name) and (kind == "carried_by" or not measure.get("carried_by")):
                yield _finding(f"{path}.{kind}", "unresolved", _nobody(name, kind))


def _lists(raw: Raw) -> Iterator[Finding]:
    """A list that is named must be there and have measures; a conflict names measures that are there."""
    lists, measures = raw.get("measure_lists", {}), raw.get("measures", {})
    for key, measure in measures.items():
        if "list" in measure and measure["list"] not in lists:
            yield _finding(f"measures.{key}.list", "unresolved", f"措施清单中没有“{measure['list']}”")
    for key in lists:
        if not any(measure.get("list") == key for measure in measures.values()):
            yield _finding(f"measure_lists.{key}", "measure", "没有一条措施列入这个清单")
    for key, conflict in raw.get("conflicts", {}).items():
        for name in conflict.get("measures", ()):
            if name not in measures:
                yield _finding(f"conflicts.{key}.measures", "unresolved", f"措施中没有“{name}”")


def _nobody(name: str, kind: str) -> str:
    hint = "" if kind == "carried_by" else "，或者写 carried_by 说明由谁代为承办"
    return f"没有叫“{name}”的单位组，它也不是一个单位的名称：请在单位组中写 called{hint}"
