"""Clues of the 12341 loop in words: channels, kinds, states, why one is escalated, and how numbers are made."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from domain.signs import Sign
from domain.workdays import BEIJING

CHANNELS: Mapping[str, str] = {
    "phone": "群众来电",
    "letter": "群众来信",
    "web": "网上举报",
    "inspection": "督查检查",
    "internal": "企业内部举报",
    "grid": "网格员上报",
}
FOUND = ("inspection", "grid")  # channels by which staff of units report what they found themselves
KINDS: Mapping[str, str] = {
    "illegal_act": "非法违法生产经营建设行为",
    "hazard": "重大事故隐患",
    "concealed_accident": "事故瞒报信息",
}
ESCALATIONS: Mapping[str, str] = {"late": "未按期办结", "idle": "接而不办", "false": "虚假办结"}
VERDICTS: Mapping[str, str] = {"upheld": "采纳异议", "refused": "不予采纳"}
REFERRED_TO: Mapping[str, str] = {"police": "公安机关", "discipline": "纪检监察机关"}

SIGNS: Mapping[str, Sign] = {
    "registered": Sign("registered", "已登记，待分类", "blue", "inbox"),
    "classified": Sign("classified", "已分类，待交办", "blue", "clock"),
    "assigned": Sign("assigned", "已交办，待核实", "yellow", "clock"),
    "objected": Sign("objected", "有异议，待裁定", "orange", "info"),
    "verified": Sign("verified", "已核实，办理中", "blue", "clock"),
    "reported": Sign("reported", "已反馈，待审核", "blue", "eye"),
    "escalated": Sign("escalated", "提级核查", "red", "alert"),
    "concluded": Sign("concluded", "已办结", "green", "ok"),
    "released": Sign("released", "异议成立，待重新分类", "orange", "back"),
    "rejected": Sign("rejected", "不予受理", "grey", "dash"),
}
# what the public is told of a state, and nothing else
PUBLIC: Mapping[str, str] = {
    "registered": "已收到您反映的问题，正在登记分类。",
    "classified": "已登记受理，即将交有关单位办理。",
    "assigned": "已交有关单位核实。",
    "objected": "有关单位正在核实，责任单位待确定。",
    "verified": "有关单位正在办理。",
    "reported": "有关单位已反馈办理结果，正在审核。",
    "escalated": "正在由上级机关提级核查。",
    "concluded": "已办结。",
    "released": "正在重新确定责任单位。",
    "rejected": "经审核不属于本次行动的受理范围。",
}
TO_CLASSIFY = ("registered", "classified", "released")  # states in which the office may (re)classify
IN_HAND = ("assigned", "objected", "verified", "reported", "escalated")


def number(pattern: str, at: datetime, serial: int) -> str:
    """A clue's number: `{day}` is the day it was registered on, `{serial}` counts within that day."""
    return pattern.format(day=f"{at.astimezone(BEIJING):%Y%m%d}", serial=f"{serial:02d}")


def escalation_for(verified_at: datetime | None) -> str:
    """Why a clue that was not reported in time is escalated: nobody even verified it, or it is late."""
    return "late" if verified_at else "idle"
