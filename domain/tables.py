"""Statistical tables of a plan's annexes: columns with their printed head, cells, sums."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

LABEL = "row_label"
PAIR = "integer_pair"


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column that holds figures; `fields` are the form fields behind it (two for a pair)."""

    id: str
    label: str
    unit: str
    fields: tuple[str, ...]
    path: tuple[str, ...]  # labels of the heads above it, for a reader who sees one cell alone


@dataclass(frozen=True, kw_only=True)
class HeadCell:
    """A cell of the printed head."""

    label: str
    across: int
    down: int


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table as the annex prints it."""

    name: str
    row_label: str
    columns: tuple[Column, ...]
    head: tuple[tuple[HeadCell, ...], ...]
    notes: tuple[str, ...]


def table_of(form: Mapping[str, Any]) -> Table:
    """The table that a plan's `forms` entry describes."""
    entries = list(form.get("columns") or ())
    label = next((str(entry["label"]) for entry in entries if entry.get("type") == LABEL), "单位")
    figures = [entry for entry in entries if entry.get("type") != LABEL]
    return Table(
        name=str(form.get("name") or ""),
        row_label=label,
        columns=tuple(column for entry in figures for column in _leaves(entry, ())),
        head=_head(label, figures),
        notes=tuple(f"{note['n']}. {note['text']}" for note in form.get("notes") or ()),
    )


def _leaves(entry: Mapping[str, Any], above: tuple[str, ...]) -> Iterable[Column]:
    label = str(entry["label"])
    for child in entry.get("children") or ():
        yield from _leaves(child, (*above, label))
    if not entry.get("children"):
        fields = tuple(str(part["id"]) for part in entry.get("parts") or ()) if entry.get("type") == PAIR else ()
        yield Column(
            id=str(entry["id"]),
            label=label,
            unit=str(entry.get("unit") or ""),
            fields=fields or (str(entry["id"]),),
            path=above,
        )


def _depth(entry: Mapping[str, Any]) -> int:
    return 1 + max((_depth(child) for child in entry.get("children") or ()), default=0)


def _width(entry: Mapping[str, Any]) -> int:
    return sum(_width(child) for child in entry.get("children") or ()) or 1


def _head(label: str, entries: Sequence[Mapping[str, Any]]) -> tuple[tuple[HeadCell, ...], ...]:
    deep = max((_depth(entry) for entry in entries), default=1)
    lines: list[list[HeadCell]] = [[] for _ in range(deep)]
    lines[0].append(HeadCell(label=label, across=1, down=deep))

    def place(entry: Mapping[str, Any], level: int) -> None:
        children = entry.get("children") or ()
        down = 1 if children else deep - level
        lines[level].append(HeadCell(label=str(entry["label"]), across=_width(entry), down=down))
        for child in children:
            place(child, level + 1)

    for entry in entries:
        place(entry, 0)
    return tuple(tuple(line) for line in lines)


Figures = Mapping[str, float]


def figures(table: Table, data: Any) -> dict[str, float] | None:
    """The numbers of a submitted form; None where nothing was submitted."""
    if not isinstance(data, Mapping):
        return None
    return {field: number(data.get(field)) for column in table.columns for field in column.fields}


def number(value: Any) -> float:
    """A form's number; forms may hold it as text."""
    if isinstance(value, bool):
        return float(value)
    try:
        return float(value or 0)
    except (TypeError, ValueError):
        return 0.0


def total(table: Table, rows: Iterable[Figures]) -> dict[str, float]:
    """The sum over rows."""
    found = list(rows)
    return {field: sum(row[field] for row in found) for column in table.columns for field in column.fields}


def cells(table: Table, row: Figures | None) -> tuple[str, ...]:
    """The row as printed; a pair as 3 / 1."""
    if row is None:
        return tuple("" for _ in table.columns)
    return tuple(" / ".join(written(row[field]) for field in column.fields) for column in table.columns)


def written(value: float) -> str:
    """Whole numbers without a point, others with at most two decimals."""
    return f"{value:.0f}" if value == int(value) else f"{value:.2f}".rstrip("0")
