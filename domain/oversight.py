"""Ways in which units are overseen."""

from __future__ import annotations

from collections.abc import Mapping

DEPARTMENT = "department"
MODES: Mapping[str, str] = {
    "comprehensive": "督导检查",
    "escalated_verification": "提级核查",
    "special_attention": "“开小灶”",
    "key_supervision": "重点督导",
}
ALL_MODES: Mapping[str, str] = {DEPARTMENT: "督查检查", **MODES}
NEEDS_REASON = frozenset({"escalated_verification", "special_attention", "key_supervision"})
