"""The clause table: every clause of the notice, where the plan has it, and what carries it out.

The facts of the notice are a list of their own, kept apart from the plan so that neither can silently follow the other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from catalog.campaigns import CampaignDefinition
from catalog.links import form_fields
from catalog.places import resolve
from catalog.schema_check import schema_findings
from catalog.yaml_text import read_yaml
from domain.errors import NotFound, Refused

FACTS_FILE = "clauses.yaml"
RULES_FILE = "coverage.yaml"


@dataclass(frozen=True, kw_only=True)
class Fact:
    """One clause-level fact of the notice; `says` must stand in the plan word for word."""

    id: str
    clause: str
    kind: str
    says: tuple[str | float, ...] = ()


@dataclass(frozen=True, kw_only=True)
class CoverageRule:
    """Where facts of these ids stand in the plan, and what carries them out now, later or never."""

    facts: tuple[str, ...]
    plan: tuple[str, ...]
    by: tuple[str, ...] = ()
    next: str = ""
    outside: str = ""


@dataclass(frozen=True, kw_only=True)
class CoverageRow:
    """A fact with its places in the plan, its carriers, and what is wrong about them (empty: nothing)."""

    fact: Fact
    plan: tuple[str, ...] = ()
    by: tuple[str, ...] = ()
    next: str = ""
    outside: str = ""
    problems: tuple[str, ...] = ()


def read_facts(path: Path) -> tuple[Fact, ...]:
    """The clause list of a notice."""
    return tuple(Fact(**{**entry, "says": tuple(entry["says"])}) for entry in _read(path, "facts")["facts"])


def read_rules(path: Path) -> tuple[CoverageRule, ...]:
    """The clause table of a campaign folder."""
    rules = []
    for entry in _read(path, "coverage")["rules"]:
        lists = {name: tuple(entry.get(name, ())) for name in ("facts", "plan", "by")}
        rules.append(CoverageRule(**lists, next=entry.get("next", ""), outside=entry.get("outside", "")))
    return tuple(rules)


def coverage(
    definition: CampaignDefinition, facts: Iterable[Fact], rules: Sequence[CoverageRule]
) -> tuple[CoverageRow, ...]:
    """A row for every fact; a fact without a rule, or whose rule leads nowhere, has its problem in the row."""
    return tuple(_row(definition, fact, rules) for fact in facts)


def unused_rules(facts: Iterable[Fact], rules: Sequence[CoverageRule]) -> tuple[CoverageRule, ...]:
    """Rules that apply to no fact: left over, or hidden by an earlier one."""
    used = {id(rule) for fact in facts if (rule := _rule_for(fact, rules))}
    return tuple(rule for rule in rules if id(rule) not in used)


def table(rows: Sequence[CoverageRow]) -> str:
    """The table as text, one line a clause, with the count at the end."""
    lines = ["条款编号 | 出处 | 方案条目 | 办理"]
    for row in rows:
        done = "；".join((*map(_carrier_name, row.by), *_later(row), *(f"有误：{problem}" for problem in row.problems)))
        lines.append(f"{row.fact.id} | {row.fact.clause} | {'、'.join(row.plan)} | {done}")
    lines.append(_counts(rows))
    return "\n".join(lines)


def _counts(rows: Sequence[CoverageRow]) -> str:
    """How many clauses are carried out, wholly or in part, how many come later, never, or are wrong."""
    whole = sum(bool(row.by and not row.next) for row in rows)
    part = sum(bool(row.by and row.next) for row in rows)
    later = sum(bool(row.next and not row.by) for row in rows)
    outside = sum(bool(row.outside and not row.by and not row.next) for row in rows)
    wrong = sum(bool(row.problems) for row in rows)
    return (
        f"共 {len(rows)} 条：已办理 {whole}，部分办理 {part}，"
        f"后续部分办理 {later}，不在系统内办理 {outside}，有误 {wrong}"
    )


def folder_coverage(definition: CampaignDefinition, folder: Path) -> tuple[CoverageRow, ...]:
    """The clause table of a campaign folder against the folder's own list of facts."""
    return coverage(definition, read_facts(folder / FACTS_FILE), read_rules(folder / RULES_FILE))


def _read(path: Path, schema: str) -> Mapping[str, Any]:
    if not path.is_file():
        raise NotFound(f"没有文件 {path.name}")
    raw = read_yaml(path.read_text(encoding="utf-8"))
    findings = schema_findings(raw, schema)
    if findings:
        raise Refused(findings)
    return raw


def _later(row: CoverageRow) -> Iterator[str]:
    if row.next:
        yield f"后续部分：{row.next}"
    if row.outside:
        yield f"不在系统内：{row.outside}"


_KINDS = {"element": "流程步骤", "form": "表单", "schedule": "定期报告", "rule": "方案规则"}


def _carrier_name(carrier: str) -> str:
    kind, _, name = carrier.partition(":")
    return f"{_KINDS.get(kind, kind)} {name}"


def _rule_for(fact: Fact, rules: Sequence[CoverageRule]) -> CoverageRule | None:
    return next((rule for rule in rules if any(_matches(pattern, fact.id) for pattern in rule.facts)), None)


def _matches(pattern: str, name: str) -> bool:
    """Segment by segment; `*` stands for one of them."""
    wanted, given = pattern.split("."), name.split(".")
    return len(wanted) == len(given) and all(w in ("*", g) for w, g in zip(wanted, given, strict=True))


def _filled(template: str, name: str) -> str:
    """`{2}` is the second segment of the fact's id, `{-1}` its last."""
    segments = name.split(".")

    def segment(found: re.Match[str]) -> str:
        n = int(found.group(1))
        return segments[n] if n < 0 else segments[n - 1]

    return re.sub(r"\{(-?[1-9])\}", segment, template)


def _row(definition: CampaignDefinition, fact: Fact, rules: Sequence[CoverageRule]) -> CoverageRow:
    rule = _rule_for(fact, rules)
    if rule is None:
        return CoverageRow(fact=fact, problems=("没有对应的条目",))
    places = tuple(_filled(place, fact.id) for place in rule.plan)
    carriers = tuple(_filled(carrier, fact.id) for carrier in rule.by)
    problems = (
        *_text_problems(definition.plan.raw, fact, places),
        *(f"“{carrier}”不存在" for carrier in carriers if not _exists(definition, carrier)),
    )
    return CoverageRow(
        fact=fact, plan=places, by=carriers, next=rule.next, outside=rule.outside, problems=tuple(problems)
    )


def _text_problems(raw: Mapping[str, Any], fact: Fact, places: Sequence[str]) -> Iterator[str]:
    """Places that the plan does not have, words of the notice that do not stand there, another clause."""
    found: set[str | float] = set()
    for position, place in enumerate(places):
        entry = resolve(raw, place)
        if entry is None:
            yield f"方案中没有“{place}”"
            continue
        found |= set(_leaves(entry))
        clause = entry.get("clause") if isinstance(entry, Mapping) else None
        if position == 0 and clause is not None and clause != fact.clause:
            yield f"出处写“{clause}”，通知为“{fact.clause}”"
    for said in fact.says:
        if said not in found:
            yield f"方案中没有照录“{said}”"


def _leaves(node: Any) -> Iterator[str | float]:
    """Texts and numbers below a node; true and false are neither."""
    if isinstance(node, Mapping):
        for value in node.values():
            yield from _leaves(value)
    elif isinstance(node, list):
        for value in node:
            yield from _leaves(value)
    elif isinstance(node, str | int | float) and not isinstance(node, bool):
        yield node


def _exists(definition: CampaignDefinition, carrier: str) -> bool:
    kind, _, name = carrier.partition(":")
    if kind == "element":
        process, _, element = name.partition("/")
        return process in definition.processes and element in definition.processes[process].elements
    if kind == "form":
        key, _, field = name.partition("#")
        return key in definition.forms and (not field or field in form_fields(definition.forms[key]))
    if kind == "schedule":
        return any(process.schedule == name for process in definition.processes.values())
    return kind == "rule" and resolve(definition.plan.raw, name) is not None
