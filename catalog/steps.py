"""What a campaign says of the steps of diagrams it shares with others: its own clause and its own words.

A shared diagram is drawn once; where a notice orders the same step at another clause, `steps` of the plan says so. The
change is made in the diagram's text before it is checked, so whatever is frozen, shown and drawn says the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lxml import etree

from domain.errors import Finding, Refused
from domain.plan import Plan
from engine.intake import BPMN, parse

BIHUAN = "urn:bihuan:bpmn:1"
_DOCUMENTATION = f"{{{BPMN}}}documentation"


def in_words_of(plan: Plan, key: str, xml: bytes) -> bytes:
    """The diagram of process `key` as this plan words it; Refused where the plan names a step that it does not have."""
    wanted: Mapping[str, Mapping[str, Any]] = (plan.raw.get("steps") or {}).get(key) or {}
    if not wanted:
        return xml
    root = parse(xml)
    found = {str(node.get("id")): node for node in root.iter() if node.get("id")}
    lacking = [step for step in wanted if step not in found]
    if lacking:
        raise Refused([_finding(key, step, f"流程“{key}”中没有这一步") for step in lacking])
    for step, entry in wanted.items():
        _reword(found[step], entry)
    return etree.tostring(root.getroottree(), encoding="UTF-8", xml_declaration=True)


def step_findings(plan: Plan, known: Mapping[str, Any]) -> Iterator[Finding]:
    """Processes that the plan words and that are none of the campaign's."""
    for key in plan.raw.get("steps") or {}:
        if key not in known:
            yield Finding("plan.step", f"steps.{key}：本行动没有流程“{key}”", element=f"steps.{key}")


def _reword(node: etree._Element, entry: Mapping[str, Any]) -> None:
    if "clause" in entry or "source" in entry:
        node.set(f"{{{BIHUAN}}}clause", str(entry.get("clause") or entry["source"]))
    if "name" in entry:
        node.set("name", str(entry["name"]))
    if "documentation" in entry:
        words = node.find(_DOCUMENTATION)
        if words is None:
            words = etree.Element(_DOCUMENTATION)
            node.insert(0, words)
        words.text = str(entry["documentation"])


def _finding(key: str, step: str, sentence: str) -> Finding:
    return Finding("plan.step", f"steps.{key}.{step}：{sentence}", element=f"steps.{key}.{step}")
