"""How a hazard stands, in the words and colours that pages show."""

from __future__ import annotations

from domain.signs import Sign

GRADES = {"general": "一般隐患", "major": "重大隐患"}
SOURCES = {
    "inspection": "监督检查",
    "clue": "群众举报",
    "self_inspection": "企业自查",
    "old_clue": "线索台账",
    "direct": "直接登记",
}
SIGNS = {
    "registered": Sign("registered", "待定方案", "blue", "clock"),
    "rectifying": Sign("rectifying", "整改中", "blue", "clock"),
    "submitted": Sign("submitted", "待验收", "yellow", "eye"),
    "returned": Sign("returned", "重新整改", "orange", "back"),
    "closed": Sign("closed", "已销号", "green", "ok"),
}
LATE = {
    "registered": Sign("late", "方案超期", "red", "alert"),
    "rectifying": Sign("late", "整改超期", "red", "alert"),
    "submitted": Sign("late", "验收超期", "red", "alert"),
    "returned": Sign("late", "整改超期", "red", "alert"),
}


def hazard_sign(status: str, late: bool) -> Sign:
    """The step it stands at; `late`: something of it is overdue."""
    return LATE.get(status, SIGNS[status]) if late else SIGNS[status]
