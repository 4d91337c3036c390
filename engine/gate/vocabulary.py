"""What may stand on and in an element: read from the descriptor that the modeller uses too."""

from __future__ import annotations

import json
from functools import lru_cache
from importlib.resources import files
from typing import Any

from lxml import etree

from engine.gate.draft import BIHUAN, children, local
from engine.gate.report import Report, label
from engine.intake import BPMN

IMPORTED = {
    "http://camunda.org/schema/1.0/bpmn": "camunda",
    "http://flowable.org/bpmn": "flowable",
    "http://activiti.org/bpmn": "activiti",
}
XSI = "http://www.w3.org/2001/XMLSchema-instance"


@lru_cache(maxsize=1)
def descriptor() -> dict[str, Any]:
    """`bihuan.json`, the one list of what exists."""
    content: dict[str, Any] = json.loads(files("engine").joinpath("bihuan.json").read_text("utf-8"))
    return content


@lru_cache(maxsize=1)
def attributes() -> dict[str, set[str]]:
    """BPMN local name -> the bihuan attributes it may carry."""
    found: dict[str, set[str]] = {}
    for kind in descriptor()["types"]:
        for extended in kind.get("extends", []):
            found.setdefault(_lower(extended), set()).update(p["name"] for p in kind["properties"] if p.get("isAttr"))
    return found


@lru_cache(maxsize=1)
def elements() -> dict[str, tuple[set[str], set[str]]]:
    """bihuan local name -> (BPMN elements it may stand in, attributes it may carry)."""
    found = {}
    for kind in descriptor()["types"]:
        if "superClass" in kind:
            holders = {_lower(name) for name in kind["meta"]["allowedIn"]}
            found[_lower("bihuan:" + kind["name"])] = (holders, {p["name"] for p in kind["properties"]})
    return found


def _lower(name: str) -> str:
    bare = name.partition(":")[2]
    return bare[0].lower() + bare[1:]


def check_element(element: etree._Element, report: Report) -> None:
    """Refuse what the descriptor does not know, hint at what an import brings along."""
    kind, ident = local(element), element.get("id", "")
    named = label(kind, element.get("name", ""), ident)
    for attribute in element.attrib:
        _check_attribute(kind, ident, named, str(attribute), report)
    for holder in children(element, "extensionElements"):
        for item in holder:
            if isinstance(item.tag, str):
                _check_extension(kind, ident, named, item, report)


def _check_attribute(kind: str, ident: str, named: str, attribute: str, report: Report) -> None:
    name = etree.QName(attribute)
    if name.namespace in (None, BPMN, XSI):
        if name.localname in attributes().get(kind, ()):
            report.refuse("extension:prefix", ident, f"{named}上的属性 {name.localname} 少了 bihuan: 前缀")
        return
    if name.namespace == BIHUAN:
        if name.localname not in attributes().get(kind, set()):
            report.refuse("extension:attribute", ident, f"{named}上没有 bihuan:{name.localname} 这个属性")
    elif name.namespace in IMPORTED:
        prefix = IMPORTED[str(name.namespace)]
        report.hint("extension:import", ident, f"{named}上的 {prefix}:{name.localname} 不起作用，已忽略")
    else:
        report.refuse("extension:foreign", ident, f"{named}上有外来扩展属性 {name.localname}，本系统不认识")


def _check_extension(kind: str, ident: str, named: str, item: etree._Element, report: Report) -> None:
    name = etree.QName(item)
    if name.namespace in IMPORTED:
        prefix = IMPORTED[str(name.namespace)]
        report.hint("extension:import", ident, f"{named}里的 {prefix}:{name.localname} 不起作用，已忽略")
        return
    if name.namespace != BIHUAN:
        report.refuse("extension:foreign", ident, f"{named}里有外来扩展元素 {name.localname}，本系统不认识")
        return
    holders, known = elements().get(name.localname, (set(), set()))
    if kind not in holders:
        report.refuse("extension:element", ident, f"{named}里不能有 bihuan:{name.localname}")
        return
    for attribute in item.attrib:
        if attribute not in known:
            bare = etree.QName(str(attribute)).localname
            report.refuse("extension:attribute", ident, f"{named}的 bihuan:{name.localname} 没有 {bare} 这个属性")
    if len(item) or (item.text or "").strip():
        report.refuse("extension:element", ident, f"{named}的 bihuan:{name.localname} 只能写属性，不能有内容")
