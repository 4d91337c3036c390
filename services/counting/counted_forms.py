"""Forms whose figures the house counts (`properties.counts` names the plan's table): shown, never typed, then frozen.

A form of a period counts that period and what came late to others (late_rows.py); the first submission keeps
its figures: what is supplemented later adds to the rest of the form. Any other form counts the whole campaign, anew
each time it is handed in, and with `properties.splits: sectors` also by sector, for a department that leads several.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from domain import tables
from domain.plan import Plan
from engine.contract import Element
from models import Tx
from models.queries import figures as rows
from models.queries import statements as statement_rows
from models.queries import units as unit_rows
from models.queries.figures import Wanted
from services.counting import figures, late_rows
from services.plans.sectors import sector_names, sector_of_group, sectors_led
from services.plans.versions import CampaignFacts, edition_of

KEPT = late_rows.KEPT
SECTORS = "sector_figures"  # what a form of the whole campaign is shown by sector
PROPOSED = "detail_rows"  # the form's list behind annex 6
MOST = 200  # rows that are proposed; a form takes 500
ALWAYS = (datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC))
KINDS = {"hazard": "major_hazard"}  # a finding's kind -> the form's, where they differ
MEASURES = {
    "rectification_order": "责令限期整改",
    "fine": "行政罚款",
    "suspension": "责令停产整顿",
    "licence": "暂扣吊销许可证照",
    "closure": "关闭取缔",
    "admonition": "警示约谈",
    "accountability": "问责处理",
    "party_sanction": "党政纪处分",
    "criminal": "移送追究刑事责任",
    "joint_sanction": "联合惩戒",
    "disclosure": "公开曝光",
    "commendation": "选树提升",
}


@dataclass(frozen=True, kw_only=True)
class Frozen:
    """Figures as a submission keeps them: by field, by township and sector, and the ids of the rows behind them."""

    figures: Mapping[str, float]
    townships: Mapping[str, Mapping[str, float]]
    rows: Mapping[str, Sequence[str]]
    sectors: Mapping[str, Mapping[str, float]]

    def kept(self) -> dict[str, Any]:
        """What is stored beside the figures."""
        return {KEPT: {"townships": self.townships, "rows": self.rows, "sectors": self.sectors}}


def fields_of(form: Mapping[str, Any] | None, plan_raw: Mapping[str, Any]) -> tuple[str, ...]:
    """The fields of a form that are counted; none of a form without a table."""
    table = ((form or {}).get("properties") or {}).get("counts")
    entry = (plan_raw.get("forms") or {}).get(table) if table else None
    if not entry:
        return ()
    found = (field for column in tables.table_of(entry).columns for field in column.fields)
    return tuple(field for field in found if field in figures.RULES)


def context(tx: Tx, element: Element, facts: CampaignFacts, variables: Mapping[str, Any]) -> dict[str, Any]:
    """What a counted form shows: its figures, and where it lists cases those that were found."""
    form, fields = _form(tx, element, facts)
    unit = unit_rows.unit(tx, variables["unit_id"]) if fields and variables.get("unit_id") else None
    if unit is None or form is None:
        return {}
    frozen = _frozen(tx, element, facts, variables, fields, unit)
    found: dict[str, Any] = dict(frozen.figures)
    if frozen.sectors:
        found[SECTORS] = frozen.sectors
    if (form.get("properties") or {}).get("proposes") == PROPOSED:
        found[PROPOSED] = proposals(tx, facts, about(tx, facts, unit, variables))
    return found


def freeze(tx: Tx, element: Element, facts: CampaignFacts, variables: Mapping[str, Any]) -> Frozen | None:
    """The figures as they stand in this transaction; None for a form without any."""
    _, fields = _form(tx, element, facts)
    unit = unit_rows.unit(tx, variables["unit_id"]) if fields and variables.get("unit_id") else None
    if unit is not None and variables.get("period"):
        statement_rows.lock_of_unit(tx, facts.id or "", unit.id)
    return _frozen(tx, element, facts, variables, fields, unit) if unit is not None else None


def about(tx: Tx, facts: CampaignFacts, unit: Any, variables: Mapping[str, Any]) -> Wanted:
    """The events a form of this instance is about: its unit's, or of a sector's city group those of the sector."""
    since, until = ALWAYS
    if variables.get("period_start") and variables.get("period_end"):
        since, until = (datetime.fromisoformat(str(variables[name])) for name in ("period_start", "period_end"))
    sector = sector_of_group(edition_of(tx, facts.edition_id).plan, unit)
    wanted = figures.of_unit(facts.id or "", unit.path, since, until)
    return replace(wanted, paths=None, sector=sector) if sector else wanted


def _form(tx: Tx, element: Element, facts: CampaignFacts) -> tuple[Mapping[str, Any] | None, tuple[str, ...]]:
    if not element.form or not facts.id:
        return None, ()
    edition = edition_of(tx, facts.edition_id)
    form = edition.forms.get(element.form)
    return form, fields_of(form, edition.plan.raw)


def _frozen(
    tx: Tx,
    element: Element,
    facts: CampaignFacts,
    variables: Mapping[str, Any],
    fields: Sequence[str],
    unit: Any,
) -> Frozen:
    before = None
    if variables.get("period"):
        before = statement_rows.handed_in(tx, facts.id or "", unit.id, str(variables["period"]), element.form or "")
    if isinstance(before, Mapping) and KEPT in before:
        kept = before[KEPT]
        return Frozen(
            figures={field: tables.number(before.get(field)) for field in fields},
            townships=kept.get("townships") or {},
            rows=kept.get("rows") or {},
            sectors=kept.get("sectors") or {},
        )
    wanted = about(tx, facts, unit, variables)
    if variables.get("period"):
        counted = of_statement(tx, wanted, element.form or "", fields, unit.id, unit.level)
    else:
        counted = figures.count(tx, wanted, fields, _county(unit.id, unit.level))
    return Frozen(
        figures=counted.figures,
        townships=counted.townships,
        rows=counted.rows,
        sectors=_by_sector(tx, element, facts, wanted, fields, unit),
    )


def of_statement(tx: Tx, wanted: Wanted, form: str, fields: Sequence[str], unit_id: str, level: str) -> figures.Counted:
    """What a statement of this time counts while it is not handed in: its own rows and what came late to others."""
    share = late_rows.share(tx, wanted, unit_id, form)
    return figures.count(tx, share.widened(wanted), fields, _county(unit_id, level), share.takes)


def _county(unit_id: str, level: str) -> str:
    return unit_id if level == "county" else ""


# -- by sector ---------------------------------------------------------------------------------------------------------
def _by_sector(
    tx: Tx, element: Element, facts: CampaignFacts, wanted: Wanted, fields: Sequence[str], unit: Any
) -> dict[str, Mapping[str, float]]:
    """sector -> figures, of a department that leads more than one; nothing for other units and forms."""
    edition = edition_of(tx, facts.edition_id)
    properties = (edition.forms.get(element.form or "") or {}).get("properties") or {}
    led = sectors_led(edition.plan, unit) if properties.get("splits") == "sectors" else ()
    if len(led) < 2:
        return {}
    return {key: figures.count(tx, replace(wanted, sector=key), fields).figures for key in led}


@dataclass(frozen=True, kw_only=True)
class BySector:
    """A table of figures by sector as a page shows it."""

    head: tuple[str, ...]
    lines: tuple[tuple[str, ...], ...]


def by_sector(plan: Plan, form: Mapping[str, Any] | None, found: Any) -> BySector | None:
    """The table of what was kept or is counted by sector; None where there is nothing of it."""
    if not isinstance(found, Mapping) or not found:
        return None
    table = tables.table_of(plan.raw["forms"][(form or {})["properties"]["counts"]])
    columns = [column for column in table.columns if column.fields[0] in figures.RULES]
    names = sector_names(plan)
    return BySector(
        head=("行业领域", *(f"{column_name(column)}（{column.unit}）" for column in columns)),
        lines=tuple(
            (names.get(str(key), str(key)), *(_cell(column, own) for column in columns)) for key, own in found.items()
        ),
    )


def column_name(column: tables.Column) -> str:
    """What a column is called where it stands alone."""
    return "·".join((*column.path, column.label))


def _cell(column: tables.Column, own: Mapping[str, Any]) -> str:
    return " / ".join(tables.written(tables.number(own.get(field))) for field in column.fields)


# -- annex 6 -----------------------------------------------------------------------------------------------------------
def proposals(tx: Tx, facts: CampaignFacts, wanted: Wanted) -> list[dict[str, Any]]:
    """Rows of annex 6 from what was found: to be checked by whoever hands them in."""
    found = rows.cases(tx, wanted, MOST)
    taken = rows.measures(tx, [row.id for row in found])
    sectors = sector_names(edition_of(tx, facts.edition_id).plan)
    return [_proposal(row, taken.get(row.id, ()), sectors) for row in found]


def _proposal(row: Any, taken: Sequence[Any], sectors: Mapping[str, str]) -> dict[str, Any]:
    words = [MEASURES.get(one.kind, one.kind) + (f"{one.amount:g}万元" if one.amount else "") for one in taken]
    return {
        "unit_name": row.enterprise_name[:100],
        "escalated": "yes" if row.escalated else "no",
        "location": f"{row.county}{row.township}"[:60],
        "enterprise_type": (row.enterprise_type or sectors.get(row.sector) or "其他")[:40],
        "kind": KINDS.get(row.kind, row.kind),
        "illegality_nature": (row.illegality or "正在认定")[:100],
        "detail": _long_enough(row.detail),
        "measures_taken": ("；".join(words) or "正在依法处理")[:500],
    }


def _long_enough(text: str) -> str:
    return text[:1000] if len(text) >= 5 else f"发现问题：{text}"
