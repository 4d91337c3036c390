"""Annexes 5 and 6 of a statement as pages to print: the typical cases, and the table of what was found."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.authority import Actor
from domain.errors import NotFound
from domain.workdays import BEIJING
from models import reading
from models.queries import statements as rows
from services._scope import demand
from services.counting.form_texts import Labels, labels_of
from services.plans.launched import Home, home
from services.statements import roll_up, statements
from services.statements.statement_tables import CASES

TEMPLATE = "f_case_template"
OUTCOME = ("outcomes", "other_outcome", "outcome_details")  # three fields of the form make one item of the annex
OTHER = "other"
_NUMBERED = re.compile(r"(?<=[；;。])\s*(?=\d+[.．、])")


@dataclass(frozen=True, kw_only=True)
class Case:
    """A typical case: the annex's items in its order, each with its paragraphs."""

    title: str
    items: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, kw_only=True)
class CasePapers:
    """The cases of one statement."""

    period_id: str
    heading: str
    unit: str
    period: str
    report_name: str
    cases: tuple[Case, ...]


def cases(actor: Actor, period_id: str, only: int | None = None) -> CasePapers:
    """The typical cases of a statement of a unit the actor sees, or one of them, counted from 1."""
    with reading() as tx:
        row = rows.statement(tx, period_id)
        if row is None:
            raise NotFound("没有找到这份报表。")
        demand(actor, row.path)
        found = home(tx, row.campaign_id)
    written = _cases(found, row)
    chosen = written if only is None else written[only - 1 : only] if only > 0 else ()
    if not chosen:
        raise NotFound("这份报表没有报送典型案例。" if only is None else "这份报表没有这个典型案例。")
    return CasePapers(
        period_id=row.id,
        heading=f"{found.short_title}典型案例",
        unit=row.unit_name,
        period=period_text(row.period),
        report_name=found.plan.reports[row.report].name,
        cases=chosen,
    )


def _cases(found: Home, row: Any) -> tuple[Case, ...]:
    form = (found.plan.raw.get("forms") or {}).get(TEMPLATE)
    given = row.data.get(CASES) if isinstance(row.data, Mapping) else None
    if form is None or not isinstance(given, list):
        return ()
    labels = labels_of(found.edition.forms.get(row.form_key or "", {}))
    return tuple(_case(form, entry, labels) for entry in given if isinstance(entry, Mapping))


def _case(form: Mapping[str, Any], entry: Mapping[str, Any], labels: Labels) -> Case:
    texts = [(str(field["label"]), _text(str(field["id"]), entry, labels)) for field in form["fields"]]
    return Case(title=str(entry.get("title") or ""), items=tuple((label, _paragraphs(text)) for label, text in texts))


def _text(key: str, entry: Mapping[str, Any], labels: Labels) -> str:
    if key != "outcome":
        return labels.text(f"{CASES}.{key}", entry.get(key))
    named, other, details = OUTCOME
    taken = [one for one in entry.get(named) or () if one != OTHER]
    words = "、".join(filter(None, [labels.text(f"{CASES}.{named}", taken), str(entry.get(other) or "")]))
    return "。".join(filter(None, [words.rstrip("。"), str(entry.get(details) or "")]))


def _paragraphs(text: str) -> tuple[str, ...]:
    """A text as lines; numbered points stand each on a line of its own, as the annex prints them."""
    lines = (part.strip() for line in text.splitlines() for part in _NUMBERED.split(line))
    return tuple(line for line in lines if line)


# -- annex 6 -----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class DetailPaper:
    """Annex 6 of one statement, or of a period over all units."""

    title: str
    unit: str
    filler: str
    filled_on: datetime | None
    period: str
    head: tuple[str, ...]
    lines: tuple[tuple[str, ...], ...]
    note: str = ""


def details(actor: Actor, period_id: str, now: datetime) -> DetailPaper:
    """The table of one statement; before it is handed in there is none."""
    shown = statements.one(actor, period_id, now)
    if not shown.detail_head:
        raise NotFound("这种报表没有明细表。")
    if shown.row.submitted_at is None:
        raise NotFound("本期尚未报送，还没有可以打印的明细表。")
    return DetailPaper(
        title=shown.detail_name,
        unit=shown.row.unit_name,
        filler=shown.row.filler or "",
        filled_on=shown.row.last_submitted_at or shown.row.submitted_at,
        period=period_text(shown.row.period),
        head=shown.detail_head,
        lines=shown.details,
    )


def all_details(actor: Actor, choice: statements.Choice, period: str | None, now: datetime) -> DetailPaper:
    """The table of a period over all units that the actor sees."""
    shown = roll_up.roll_up(actor, choice, period, now)
    if not shown.detail_head:
        raise NotFound("这种报表没有明细表。")
    return DetailPaper(
        title=shown.detail_name,
        unit=shown.owner if shown.whole_city else "",
        filler="",
        filled_on=now,
        period=period_text(shown.period),
        head=shown.detail_head,
        lines=shown.details,
        note="" if shown.whole_city else "只含打印人数据范围内的单位。",
    )


def period_text(label: str) -> str:
    """A period's days as papers write them."""
    return "至".join(_day(part) for part in label.split("~"))


def _day(text: str) -> str:
    try:
        on = datetime.fromisoformat(text).replace(tzinfo=BEIJING)
    except ValueError:
        return text
    return f"{on.year}年{on.month}月{on.day}日"
