"""How a clue of a unit's ledger stands, in which ways it is disposed of, and what a plan says of the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from domain.signs import Sign

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
_DIGITS = "零一二三四五六七八九十"
REFERRED_TO = {"police": "公安机关", "discipline": "纪检监察机关"}


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What the ledger is called, how many years back its clues may lie (0: any), what must be stated to close one."""

    name: str = "近三年线索"
    ledger: str = "近三年问题线索专项台账"  # as a paper is headed
    years: int = 3
    points: tuple[str, ...] = ()

    @property
    def span(self) -> str:
        """How far back they may lie, in words."""
        return f"近{_DIGITS[self.years] if self.years < len(_DIGITS) else self.years}年"


def terms_of(settings: Mapping[str, Any]) -> Terms:
    """A plan's own terms; the usual ones where it has none."""
    usual, name = Terms(), str(settings.get("old_clue_name") or "")
    return Terms(
        name=name or usual.name,
        ledger=f"{name}台账" if name else usual.ledger,
        years=int(settings.get("old_clue_years", usual.years)),
        points=tuple(map(str, settings.get("old_clue_points") or ())),
    )
