"""Reads a YAML file that somebody else wrote: small, plain, without tricks, every fault with its place.

YAML 1.1 reads `10:00` as 600 and `no` as false; here a plain word that is not a number, true, false or null is text.
"""

from __future__ import annotations

import re
from typing import Any

import yaml

from domain.errors import Finding, Refused

MAX_BYTES = 1024 * 1024
MAX_DEPTH = 20
MAX_NODES = 60_000

_BASE: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_BASE):
    """Safe loader with few implicit types; collects duplicate and non-text keys instead of keeping the last one."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.findings: list[Finding] = []

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """The mapping, with a finding for every key that stands twice or is not text."""
        seen: set[Any] = set()
        for key_node, _ in node.value:
            if not isinstance(key_node, yaml.ScalarNode) or not isinstance(self.construct_object(key_node), str):
                self.findings.append(_at(key_node, "plan.key", "键必须是文字"))
                return {}
            if key_node.value in seen:
                self.findings.append(_at(key_node, "plan.duplicate", f"“{_short(key_node.value)}”重复出现"))
            seen.add(key_node.value)
        mapping: dict[Any, Any] = super().construct_mapping(node, deep=deep)
        return mapping


def _construct_plain_mapping(loader: _Loader, node: yaml.MappingNode) -> Any:
    data: dict[Any, Any] = {}
    yield data
    data.update(loader.construct_mapping(node))


_Loader.add_constructor("tag:yaml.org,2002:map", _construct_plain_mapping)
for _tag, _pattern, _first in (
    ("bool", r"^(?:true|false)$", "tf"),
    ("null", r"^(?:null|~|)$", ["n", "~", ""]),
    ("int", r"^-?(?:0|[1-9][0-9]{0,14})$", "-0123456789"),
    ("float", r"^-?(?:0|[1-9][0-9]{0,14})\.[0-9]{1,15}$", "-0123456789"),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(_pattern), list(_first))


def read_yaml(text: str) -> dict[str, Any]:
    """The mapping a YAML text holds; raises Refused with every fault found."""
    if len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise Refused([Finding("plan.size", "文件超过 1 MiB，未读取")])
    try:
        _scan(text)
        loader = _Loader(text)
        try:
            value = loader.get_single_data()
        finally:
            loader.dispose()
    except (yaml.YAMLError, UnicodeError, ValueError) as fault:
        raise Refused([_syntax(fault)]) from None
    if loader.findings:
        raise Refused(sorted(loader.findings, key=lambda finding: int(finding.element.removeprefix("line:"))))
    if not isinstance(value, dict):
        raise Refused([Finding("plan.shape", "文件内容应为“键: 值”的形式")])
    return value


def _scan(text: str) -> None:
    """Refuses nesting, mass, anchors and tags on the event stream, before anything is built."""
    depth = nodes = 0
    for event in yaml.parse(text, Loader=_BASE):
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise Refused([_at(event, "plan.alias", "不允许使用锚点（&）和别名（*）")])
        if _tagged(event):
            raise Refused([_at(event, "plan.tag", "不允许使用类型标签（!）")])
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        nodes += isinstance(event, yaml.NodeEvent)
        if depth > MAX_DEPTH:
            raise Refused([_at(event, "plan.depth", f"嵌套超过 {MAX_DEPTH} 层")])
        if nodes > MAX_NODES:
            raise Refused([Finding("plan.size", f"内容超过 {MAX_NODES} 项")])


def _tagged(event: yaml.Event) -> bool:
    """Whether the author wrote a tag; "!" alone is what the parser gives a quoted scalar."""
    return getattr(event, "tag", None) not in (None, "!")


def _at(node: Any, rule: str, sentence: str) -> Finding:
    mark = node.start_mark
    return Finding(rule, f"第 {mark.line + 1} 行：{sentence}", element=f"line:{mark.line + 1}")


def _syntax(fault: Exception) -> Finding:
    """The fault as a sentence; the parser's own English stays out of it."""
    mark = getattr(fault, "problem_mark", None)
    where = f"第 {mark.line + 1} 行第 {mark.column + 1} 列附近" if mark else "文件"
    return Finding("plan.syntax", f"{where}不是正确的 YAML，请检查缩进、冒号和引号")


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:40] + "…"
