"""The figures of one statement: counted live until it is handed in, then frozen; and the rows behind each of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from domain import tables
from domain.authority import Actor
from domain.errors import NotFound
from models import Tx, reading
from models.queries import statements as rows
from models.queries.figures import Wanted
from services._scope import demand
from services.counting import counted_forms, figures, late_rows
from services.plans.launched import Home, home
from services.plans.versions import process_of
from services.statements.statement_tables import annexes

MOST = 1000  # rows of a figure that a page shows
SOURCES = {
    "inspections": "检查",
    "illegal_found": "非法违法行为",
    "illegal_handled": "非法违法行为",
    "hazard_found": "重大隐患",
    "hazard_rectified": "重大隐患",
    "disposals": "处置",
    "commitments": "承诺书",
}
VISITS = {
    "county": "县级检查",
    "city": "市级全面检查",
    "spot_check": "抽查",
    "escalated": "提级核查",
    "look_back": "回头看",
}
KINDS = {**VISITS, **counted_forms.MEASURES, "illegal_act": "非法违法行为", "concealed_accident": "瞒报事故"}


@dataclass(frozen=True, kw_only=True)
class Change:
    """A figure that has moved since it was frozen: rows were recorded or corrected afterwards."""

    label: str
    was: str
    now: str


@dataclass(frozen=True, kw_only=True)
class Figures:
    """The figures of a statement by field, for the whole and by township."""

    live: bool
    whole: Mapping[str, float] | None
    townships: tuple[tuple[str, Mapping[str, float]], ...]
    changes: tuple[Change, ...] = ()
    counted: tuple[str, ...] = ()  # fields that rows stand behind


def figures_of(tx: Tx, found: Home, row: Any, table: tables.Table, *, compare: bool = False) -> Figures:
    """The figures of a statement as handed in, else as they stand; with what has moved since where asked."""
    form, fields = counted_form(tx, found, row.report)
    if isinstance(row.data, Mapping):
        whole = tables.figures(table, row.data) or {}
        kept = row.data.get(counted_forms.KEPT) or {}
        now = _now(tx, row, fields, kept.get("rows") or {}) if compare and kept else {}
        return Figures(
            live=False,
            whole=whole,
            townships=townships_of(table, row.data),
            changes=_changes(table, whole, now),
            counted=fields if kept else (),
        )
    if not fields:
        return Figures(live=False, whole=None, townships=())
    counted = counted_forms.of_statement(tx, _wanted(row), form, fields, row.unit_id, row.level)
    whole = tables.figures(table, counted.figures) or {}
    return Figures(live=True, whole=whole, townships=_places(table, counted.townships), counted=fields)


def counted_form(tx: Tx, found: Home, report: str) -> tuple[str, tuple[str, ...]]:
    """The form of a report's process that is counted, and which of its fields are."""
    process = found.plan.reports[report].process
    if process is None:
        return "", ()
    keys = (element.form or "" for element in process_of(tx, found.edition, process).elements.values())
    known = ((key, counted_forms.fields_of(found.edition.forms.get(key), found.plan.raw)) for key in keys)
    return next(((key, fields) for key, fields in known if fields), ("", ()))


def _wanted(row: Any) -> Wanted:
    return figures.of_unit(row.campaign_id, row.path, row.starts_at, row.ends_at)


def _now(tx: Tx, row: Any, fields: Sequence[str], kept: Mapping[str, Sequence[str]]) -> Mapping[str, float]:
    """What the figures of a statement would be now: the rows it counted, and those of its time that came since."""
    known = {field: set(kept.get(field, ())) for field in fields}
    own = (row.starts_at, row.ends_at)

    def takes(field: str, one: Any) -> bool:
        return one.id in known[field] or late_rows.inside(own, one.at)

    whole = figures.of_unit(row.campaign_id, row.path, *counted_forms.ALWAYS)
    return figures.count(tx, whole, fields, takes=takes).figures


def _own(tx: Tx, row: Any, field: str, kept: Sequence[str]) -> list[Any]:
    """The rows that a statement counted, as far as they still count, and those of its time."""
    known, own = set(kept), (row.starts_at, row.ends_at)
    whole = figures.of_unit(row.campaign_id, row.path, *counted_forms.ALWAYS)
    return [one for one in figures.behind(tx, whole, field) if one.id in known or late_rows.inside(own, one.at)]


def townships_of(table: tables.Table, data: Any) -> tuple[tuple[str, Mapping[str, float]], ...]:
    """What a submission says of each township."""
    kept = data.get(counted_forms.KEPT) if isinstance(data, Mapping) else None
    return _places(table, (kept or {}).get("townships") or {})


def _places(table: tables.Table, found: Mapping[str, Any]) -> tuple[tuple[str, Mapping[str, float]], ...]:
    return tuple((place, tables.figures(table, own) or {}) for place, own in sorted(found.items()))


def _changes(table: tables.Table, was: Mapping[str, float], now: Mapping[str, float]) -> tuple[Change, ...]:
    labels = labels_of(table)
    moved = (field for field in now if now[field] != was.get(field, 0))
    return tuple(
        Change(label=labels[field], was=tables.written(was.get(field, 0)), now=tables.written(now[field]))
        for field in moved
    )


def labels_of(table: tables.Table) -> dict[str, str]:
    """field -> what it is called where it stands alone."""
    found = {}
    for column in table.columns:
        name = "·".join((*column.path, column.label))
        for position, field in enumerate(column.fields):
            found[field] = name if len(column.fields) == 1 else f"{name}（第{position + 1}项）"
    return found


# -- what stands behind a figure ---------------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class Behind:
    """A row that was counted; `later`: it came after the submission, `catches_up`: it is of another time."""

    row: Any
    kind: str
    later: bool
    catches_up: bool


@dataclass(frozen=True, kw_only=True)
class Part:
    """A figure with its rows."""

    field: str
    text: str  # how it is counted
    value: str
    now: str
    rows: tuple[Behind, ...]
    more: int


@dataclass(frozen=True, kw_only=True)
class BehindPage:
    """The rows behind a column of a statement."""

    statement: Any
    campaign: str
    report_name: str
    label: str
    unit: str
    source: str
    live: bool
    parts: tuple[Part, ...]


def behind(actor: Actor, period_id: str, column_id: str) -> BehindPage:
    """What a column of a statement was counted from."""
    with reading() as tx:
        row = rows.statement(tx, period_id)
        if row is None:
            raise NotFound("没有找到这份报表。")
        demand(actor, row.path)
        found = home(tx, row.campaign_id)
        table, _ = annexes(found.plan, row.report)
        column = next((one for one in table.columns if one.id == column_id), None) if table else None
        fields = [field for field in column.fields if field in figures.RULES] if column else []
        if column is None or table is None or not fields:
            raise NotFound("这一栏没有可以查看的台账记录。")
        form, _ = counted_form(tx, found, row.report)
        kept = (row.data.get(counted_forms.KEPT) or {}).get("rows") if isinstance(row.data, Mapping) else None
        return BehindPage(
            statement=row,
            campaign=found.short_title,
            report_name=found.plan.reports[row.report].name,
            label="·".join((*column.path, column.label)),
            unit=column.unit,
            source=figures.RULES[fields[0]].source,
            live=kept is None,
            parts=tuple(_part(tx, row, form, field, kept) for field in fields),
        )


def _part(tx: Tx, row: Any, form: str, field: str, kept: Mapping[str, Any] | None) -> Part:
    if kept is None:
        share = late_rows.share(tx, _wanted(row), row.unit_id, form)
        found = [one for one in figures.behind(tx, share.widened(_wanted(row)), field) if share.takes(field, one)]
    else:
        found = _own(tx, row, field, kept.get(field, ()))
    own = (row.starts_at, row.ends_at)
    known = set((kept or {}).get(field, ()))
    now = figures.measured(field, found)
    value = tables.number(row.data.get(field)) if isinstance(row.data, Mapping) else now
    return Part(
        field=field,
        text=figures.RULES[field].text,
        value=tables.written(value),
        now=tables.written(now),
        rows=tuple(
            Behind(
                row=one,
                kind=KINDS.get(one.kind, ""),
                later=kept is not None and one.id not in known,
                catches_up=not late_rows.inside(own, one.at),
            )
            for one in found[:MOST]
        ),
        more=max(0, len(found) - MOST),
    )
