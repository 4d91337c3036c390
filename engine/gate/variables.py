"""The instance variables that a diagram declares."""

from __future__ import annotations

import keyword
import unicodedata

from lxml import etree

from engine.contract import Scalar
from engine.expressions import FUNCTIONS
from engine.gate.draft import extensions
from engine.gate.report import Report
from engine.loops import counters
from engine.model import Variable
from engine.values import MAX_INTEGER, fits

TYPES = ("bool", "int", "float", "str", "date")
STANDARD = ("unit_id", "unit_name", "unit_level", "unit_groups")
SCHEDULED = ("period", "period_due", "period_start", "period_end")
INTERNAL = ("loopCounter", "loopItem", *counters(0, 0))


def read_variables(process: etree._Element, report: Report) -> dict[str, Variable]:
    """The declared variables of a process."""
    found: dict[str, Variable] = {}
    ident = process.get("id", "")
    for element in extensions(process, "variable"):
        name, type_ = element.get("name", "").strip(), element.get("type", "").strip()
        if complaint := bad_name(name) or bad_type(name, type_):
            report.refuse("variable:declaration", ident, f"流程变量：{complaint}")
        elif name in found:
            report.refuse("variable:declaration", ident, f"流程变量“{name}”声明了两次")
        else:
            found[name] = Variable(name=name, type=type_, initial=_initial(name, type_, element, report))
    return found


def bad_name(name: str) -> str | None:
    """Why a name cannot be a variable's."""
    if not name.isidentifier() or keyword.iskeyword(name) or name.startswith("_") or "__" in name or len(name) > 100:
        return f"“{name[:40]}”不能作变量名"
    if unicodedata.normalize("NFKC", name) != name:
        return f"变量名“{name}”含有全角或兼容字符"
    if name in FUNCTIONS or name in STANDARD or name in SCHEDULED or name in INTERNAL:
        return f"“{name}”是系统保留的名称"
    return None


def bad_type(name: str, type_: str) -> str | None:
    """Why a type does not exist."""
    return None if type_ in TYPES else f"“{name}”的类型“{type_[:20]}”不存在，只能是 {'、'.join(TYPES)}"


def _initial(name: str, type_: str, element: etree._Element, report: Report) -> Scalar:
    text = element.get("initial")
    if text is None:
        return None
    value = _parsed(text.strip(), type_)
    if value is None or not fits(value, type_):
        report.refuse("variable:initial", name, f"流程变量“{name}”的初值“{text[:40]}”不是 {type_}")
        return None
    return value


def _parsed(text: str, type_: str) -> Scalar:
    if type_ == "bool":
        return {"true": True, "false": False}.get(text.lower())
    if type_ in ("str", "date"):
        return text
    try:
        number = int(text) if type_ == "int" else float(text)
    except ValueError:
        return None
    return number if abs(number) <= MAX_INTEGER else None
