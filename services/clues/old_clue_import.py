"""Clues of a ledger from an Excel file: looked into before it is opened, every fault told."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from domain.authority import Actor
from domain.old_clues import terms_of
from domain.workdays import BEIJING
from models import Tx, reading
from models.queries import old_clues as rows
from services import excel
from services.clues import old_clues
from services.excel_table import Fault, cell_text, table
from services.plans.launched import Home, home
from services.plans.sectors import sector_names
from services.plans.units import group_units

HEAD = ("编号", "承办单位", "行业领域", "反映对象", "反映内容", "受理日期", "反映次数", "来源")
LONGEST = {"number": 40, "subject": 120, "text": 4000, "source": 60}
NAMES = {"number": "编号", "subject": "反映对象", "text": "反映内容", "source": "来源"}
SHOWN_FAULTS = 500
OWED_BY = "r_old_clues"


@dataclass(frozen=True, kw_only=True)
class Read:
    """What a file holds: the good rows as `old_clues.add` takes them, the faults of the others."""

    good: tuple[Mapping[str, Any], ...]
    faults: tuple[Fault, ...]

    @property
    def bad(self) -> int:
        return len({fault.row for fault in self.faults})


def template(actor: Actor, campaign_id: str, now: datetime) -> excel.Sheet:
    """An empty sheet with the head and an example."""
    with reading() as tx:
        found = home(tx, campaign_id)
        units = [unit.short_name for unit in _units(tx, found) if old_clues.may_dispose(actor, unit.id)]
        sector = next(iter(sector_names(found.plan).values()), "")
    example = (
        "",
        units[0] if units else "",
        sector,
        "某某公司",
        "夜间违规生产，群众反复举报",
        now.date(),
        2,
        "12350举报",
    )
    notes = ("示例行请删除后再填写。编号不填的由系统编排；反映次数不填的按1次。",)
    return excel.Sheet(title=f"{terms_of(found.plan.settings).name}导入模板", head=HEAD, rows=[example], notes=notes)


def read(actor: Actor, campaign_id: str, content: bytes, now: datetime) -> Read:
    """Read a file without writing anything; Invalid where it is no such file at all."""
    lines = list(table(content, HEAD))
    with reading() as tx:
        found = home(tx, campaign_id)
        reader = _Reader(tx, actor, found, now)
        numbers = [cell_text(values[0]) for _, values in lines]
        reader.known = rows.known_numbers(tx, campaign_id, [number for number in numbers if number])
        good = [entry for row, values in lines if (entry := reader.entry(row, values)) is not None]
    return Read(good=tuple(good), faults=tuple(reader.faults))


def take(actor: Actor, campaign_id: str, content: bytes, now: datetime, *, good_only: bool) -> tuple[Read, int]:
    """Read a file and enter its rows: all of them or none, with `good_only` those without a fault; how many."""
    found = read(actor, campaign_id, content, now)
    if not found.good or (found.faults and not good_only):
        return found, 0
    return found, old_clues.add(actor, campaign_id, found.good, now)


def _units(tx: Tx, found: Home) -> Sequence[Any]:
    report = found.plan.reports.get(OWED_BY)
    return group_units(tx, found.plan, report.owed_by) if report else ()


class _Reader:
    """Rows to entries; what is wrong with them is kept."""

    def __init__(self, tx: Tx, actor: Actor, found: Home, now: datetime) -> None:
        self.faults: list[Fault] = []
        self.known: set[str] = set()
        self._seen: dict[str, int] = {}
        self._actor = actor
        units = _units(tx, found)
        self._units = {name: unit for unit in units for name in (unit.short_name, unit.name)}
        self._own = [unit for unit in units if old_clues.may_dispose(actor, unit.id)]
        self._sectors = {name: key for key, name in sector_names(found.plan).items()}
        self._today = now.astimezone(BEIJING).date()
        starts_on = found.plan.starts_at.astimezone(BEIJING).date()
        self._terms = terms_of(found.plan.settings)
        oldest = date(starts_on.year - self._terms.years, starts_on.month, min(starts_on.day, 28))
        self._oldest = oldest if self._terms.years else date.min

    def entry(self, row: int, values: Sequence[Any]) -> dict[str, Any] | None:
        """The row as `old_clues.add` takes it; None where something is wrong with it."""
        before = len(self.faults)
        number, unit, sector, subject, text, received, times, source = values
        texts = {
            "number": cell_text(number),
            "subject": cell_text(subject),
            "text": cell_text(text),
            "source": cell_text(source),
        }
        self._check_texts(row, texts)
        entry = {
            **texts,
            "unit_id": self._unit(row, cell_text(unit)),
            "sector": self._sector(row, cell_text(sector)),
            "received_on": self._day(row, received),
            "times": self._times(row, times),
        }
        return entry if len(self.faults) == before else None

    def _fault(self, row: int, sentence: str) -> None:
        self.faults.append(Fault(row=row, sentence=sentence))

    def _check_texts(self, row: int, texts: Mapping[str, str]) -> None:
        for name, longest in LONGEST.items():
            if len(texts[name]) > longest:
                self._fault(row, f"“{NAMES[name]}”超过 {longest} 字")
        for name in ("subject", "text"):
            if not texts[name]:
                self._fault(row, f"“{NAMES[name]}”没有填写")
        number = texts["number"]
        if number in self.known:
            self._fault(row, f"编号“{number}”已在台账中")
        elif number in self._seen:
            self._fault(row, f"编号“{number}”与第 {self._seen[number]} 行重复")
        elif number:
            self._seen[number] = row

    def _unit(self, row: int, name: str) -> str:
        if not name and len(self._own) == 1:
            return str(self._own[0].id)
        unit = self._units.get(name)
        if unit is None:
            self._fault(row, f"承办单位“{name}”不是应当起底线索的单位" if name else "“承办单位”没有填写")
        elif not old_clues.may_dispose(self._actor, unit.id):
            self._fault(row, f"承办单位“{name}”不是您的单位")
        return str(unit.id) if unit else ""

    def _sector(self, row: int, name: str) -> str:
        if name and name not in self._sectors:
            self._fault(row, f"行业领域“{name}”不在方案的行业领域中")
        return self._sectors.get(name, "")

    def _day(self, row: int, value: Any) -> str | None:
        if not cell_text(value):
            return None
        try:
            day = value.date() if isinstance(value, datetime) else _day_of(cell_text(value))
        except ValueError:
            self._fault(row, f"受理日期“{cell_text(value)}”不是日期，应如 2021-05-18")
            return None
        if day > self._today:
            self._fault(row, f"受理日期 {day} 晚于今天")
        elif day < self._oldest:
            self._fault(row, f"受理日期 {day} 不在{self._terms.span}内（{self._oldest} 至 {self._today}）")
        return day.isoformat()

    def _times(self, row: int, value: Any) -> int:
        text = cell_text(value)
        if not text:
            return 1
        if not re.fullmatch(r"[1-9][0-9]{0,3}", text):
            self._fault(row, f"反映次数“{text}”应为 1 至 9999 的整数")
            return 1
        return int(text)


def _day_of(text: str) -> date:
    found = re.fullmatch(r"(\d{4})[-./年](\d{1,2})[-./月](\d{1,2})日?", text)
    if found is None:
        raise ValueError(text)
    return date(*(int(part) for part in found.groups()))
