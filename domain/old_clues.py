"""How a clue of the last three years stands, and in which ways it is disposed of."""

from __future__ import annotations

from domain.signs import Sign

YEARS = 3  # 近三年
SIGNS = {
    "open": Sign("open", "未处置", "blue", "clock"),
    "referred": Sign("referred", "已移交", "yellow", "flow"),
    "closed": Sign("closed", "已销号", "green", "ok"),
}
WAYS = {
    "close": "已处置，销号",
    "police": "移交公安机关",
    "discipline": "移交纪检监察机关",
    "hazard": "转入隐患台账整改",
}
REFERRED_TO = {"police": "公安机关", "discipline": "纪检监察机关"}
