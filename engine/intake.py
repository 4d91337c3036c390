"""Text to tree: nothing that a diagram's XML can contain reaches a file, the net or more than a little memory."""

from __future__ import annotations

import re
from typing import Any

from lxml import etree

from domain.errors import Finding, Refused

MAX_BYTES = 2 * 1024 * 1024
MAX_ELEMENTS = 20_000
MAX_DEPTH = 64
MAX_ATTRIBUTE = 10_000
ENCODINGS = {"UTF-8", "UTF8", "US-ASCII", "ASCII", "UTF-16", "UTF-16LE", "UTF-16BE", "GBK", "GB2312", "GB18030"}
BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
_FORBIDDEN = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY|ELEMENT|ATTLIST|NOTATION)", re.IGNORECASE)


def parse(xml: bytes) -> etree._Element:
    """The root of a diagram; Refused with one sentence where it is no diagram or a hostile one."""
    if len(xml) > MAX_BYTES:
        raise _refused("size", f"流程图文件超过 {MAX_BYTES // 1024 // 1024} MB")
    if b"<!" in xml and _FORBIDDEN.search(xml.replace(b"\x00", b"")):
        raise _refused("doctype", "流程图文件不得含有 DOCTYPE 或实体声明")
    root = _tree(xml)
    _refuse_bad_tree(root)
    return root


def _tree(xml: bytes) -> etree._Element:
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        recover=False,
        remove_comments=True,  # a comment inside an expression would cut it short
    )
    try:
        root = etree.fromstring(xml, parser)
    except (etree.XMLSyntaxError, ValueError, LookupError) as error:
        line = getattr(error, "lineno", None)
        where = f"（第 {line} 行）" if line else ""
        raise _refused("xml", f"文件不是完整的 XML{where}，无法读取") from None
    info: Any = root.getroottree().docinfo  # the type stubs do not know its doctype
    if info.doctype or info.internalDTD is not None:
        raise _refused("doctype", "流程图文件不得含有 DOCTYPE 或实体声明")
    if (info.encoding or "UTF-8").upper() not in ENCODINGS:
        raise _refused("encoding", "流程图文件须为 UTF-8 编码")
    if root.tag != f"{{{BPMN}}}definitions":
        raise _refused("root", "文件不是 BPMN 2.0 流程图")
    return root


def _refuse_bad_tree(root: etree._Element) -> None:
    """Counted level by level: no recursion for a file to exhaust."""
    count, level = 0, [root]
    if any(isinstance(before, etree._ProcessingInstruction) for before in root.itersiblings(preceding=True)):
        raise _refused("instruction", "流程图文件不得含有处理指令")
    for _ in range(MAX_DEPTH):
        count += len(level)
        if count > MAX_ELEMENTS:
            raise _refused("elements", f"流程图的元素超过 {MAX_ELEMENTS} 个")
        for element in level:
            _refuse_bad_element(element)
        level = [child for element in level for child in element]
        if not level:
            return
    raise _refused("depth", f"流程图的元素嵌套超过 {MAX_DEPTH} 层")


def _refuse_bad_element(element: etree._Element) -> None:
    if not isinstance(element.tag, str):
        raise _refused("instruction", "流程图文件不得含有处理指令或实体引用")
    if any(len(value) > MAX_ATTRIBUTE for value in element.attrib.values()):
        raise _refused("attribute", f"元素“{element.get('id', '')[:60]}”的属性过长")


def _refused(rule: str, sentence: str) -> Refused:
    return Refused([Finding(f"intake:{rule}", sentence)])
