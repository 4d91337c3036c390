"""Entries of a list from an Excel file in the list's own columns: every fault told, all rows taken or none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from domain.authority import Actor
from domain.errors import Invalid
from models import reading
from services import excel
from services.excel_table import NOTE, Fault, cell_text, table
from services.statements import list_entries


@dataclass(frozen=True, kw_only=True)
class Read:
    """What a file holds: the good rows by column, and the faults of the others."""

    good: tuple[Mapping[str, str], ...]
    faults: tuple[Fault, ...]

    @property
    def bad(self) -> int:
        return len({fault.row for fault in self.faults})


def template(actor: Actor, campaign_id: str, key: str, now: datetime) -> excel.Sheet:
    """An empty sheet with the head and an example."""
    kept = list_entries.new(actor, campaign_id, key).kept
    example = [now.date() if list_entries.is_day(column) else f"（{column}）" for column in kept.columns]
    notes = (f"{NOTE}请删除后再填写。每行一条，为本单位登记。",)
    return excel.Sheet(title=f"{kept.name}导入模板", head=kept.columns, rows=[example], notes=notes)


def read(actor: Actor, campaign_id: str, key: str, content: bytes) -> Read:
    """Read a file without writing anything; Invalid where it is no such file at all."""
    with reading() as tx:
        _, kept = list_entries.kept_list(tx, campaign_id, key)
    list_entries.new(actor, campaign_id, key)  # refuses whoever keeps nothing of it
    good, faults = [], []
    for row, values in table(content, kept.columns):
        line = {column: _cell(column, value) for column, value in zip(kept.columns, values, strict=True)}
        try:
            good.append(list_entries.checked(kept, line))
        except Invalid as fault:
            faults += [Fault(row=row, sentence=f"“{name}”{text}") for name, text in fault.fields.items()]
    return Read(good=tuple(good), faults=tuple(faults))


def take(actor: Actor, campaign_id: str, key: str, unit_id: str, content: bytes, now: datetime) -> tuple[Read, int]:
    """Enter the rows of a file where none has a fault; how many."""
    found = read(actor, campaign_id, key, content)
    if found.faults or not found.good:
        return found, 0
    list_entries.add(actor, campaign_id, key, unit_id, found.good, now)
    return found, len(found.good)


def _cell(column: str, value: Any) -> str:
    if isinstance(value, datetime):
        value = value.date()
    return value.isoformat() if isinstance(value, date) and list_entries.is_day(column) else cell_text(value)
