"""Appraisal and ranking (附件1 一（七）): counted from rows, weighed by the plan's settings, with reasons in words."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

import orjson

from domain import ranking
from domain.errors import Invalid
from domain.periods import periods
from domain.plan import Plan
from domain.ranking import Counted, Indicator, Rule
from domain.workdays import BEIJING, Calendar, day_of
from models import Tx, new_id
from models.queries import rankings as rows
from models.queries import spot_checks as spot_check_rows
from services.inspections.disposal_input import measures_name
from services.oversight import spot_checks
from services.plans.units import group_units
from services.plans.versions import CampaignFacts

GROUP = "appraised_units"
Evidence = Callable[[Tx, str, datetime, datetime], Sequence[Any]]

# 四个一批, then how the loop, the statements, the rectification and the county's own inspections stand
INDICATORS = (
    Indicator(key="major_hazards", name="整治重大事故隐患", unit="项", share=False),
    Indicator(key="illegal_acts", name="打击非法违法案件", unit="件", share=False),
    Indicator(key="closures", name="关闭取缔企业", unit="家", share=False),
    Indicator(key="accountability", name="问责曝光单位和人员", unit="个", share=False),
    Indicator(key="clues", name="线索按时办结", unit="件", share=True),
    Indicator(key="statements", name="报表按时报送", unit="期", share=True),
    Indicator(key="rectification", name="隐患整改", unit="项", share=True),
    Indicator(key="spot_checks", name="抽查未发现县级漏查", unit="家", share=True),
)


@dataclass(frozen=True)
class _Visit:
    """A visit of a drawn enterprise as evidence."""

    unit_id: str
    label: str
    at: datetime
    good: bool
    note: str


def _visits(tx: Tx, campaign_id: str, start: datetime, end: datetime) -> list[_Visit]:
    """Visits of drawn enterprises: good where they found nothing that the county should have found."""
    draws = [row.id for row in spot_check_rows.draws(tx, campaign_id)]
    picks = [
        pick
        for pick in spot_check_rows.picks(tx, draws)
        if pick.inspection_id is not None and start <= pick.inspected_at < end
    ]
    return [
        _Visit(
            unit_id=one.pick.county_id,
            label=one.pick.enterprise,
            at=one.pick.inspected_at,
            good=not one.missed,
            note="；".join(row.detail for row in one.missed)[:200],
        )
        for one in spot_checks.compared(tx, campaign_id, picks)
    ]


EVIDENCE: Mapping[str, Evidence] = {
    "major_hazards": rows.major_hazards,
    "illegal_acts": rows.illegal_acts,
    "closures": rows.closures,
    "accountability": rows.accountability,
    "clues": rows.clues,
    "statements": rows.statements,
    "rectification": rows.rectification,
    "spot_checks": _visits,
    "clues_found": rows.clues_found,
    "measures": rows.measures,
}


def indicators(plan: Plan) -> tuple[Indicator, ...]:
    """The indicators with the plan's weights; one that weighs nothing is left out."""
    weights = plan.settings.get("appraisal_weights") or ()
    if len(weights) != len(INDICATORS):
        raise Invalid(f"方案设置“考评指标权重”应有 {len(INDICATORS)} 个数")
    pairs = zip(INDICATORS, weights, strict=True)
    return tuple(replace(one, weight=float(weight)) for one, weight in pairs if float(weight) > 0)


def rules(plan: Plan) -> tuple[Rule, ...]:
    """When closer supervision is suggested: the rules whose percentage the plan sets."""
    wanted = (
        ("few_clues", "clues_found", "问题线索偏少", True),
        ("low_rectification", "rectification", "问题隐患整改率偏低", False),
        ("few_measures", "measures", f"落实“{measures_name(plan)}”不力", True),
    )
    return tuple(
        Rule(key=key, name=name, percent=float(plan.settings[setting]), of_average=of_average)
        for setting, key, name, of_average in wanted
        if setting in plan.settings
    )


# -- what a ranking covers ---------------------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class Span:
    """From when to when a ranking counts, and how it is called."""

    start: datetime
    end: datetime

    @property
    def title(self) -> str:
        first, last = self.start.astimezone(BEIJING).date(), day_of(self.end)
        return f"{first.year}年{first.month}月{first.day}日至{last.year}年{last.month}月{last.day}日"


def span_of(plan: Plan, calendar: Calendar, report: str, label: str) -> Span:
    """One ranking counts from where the one before ended to the day it is made; the final one the whole campaign."""
    entry = plan.reports[report]
    if entry.kind == "once":
        return Span(start=plan.starts_at, end=plan.ends_at)
    ends = [(period.label, _midnight(period.opens_at)) for period in periods(entry, calendar)]
    position = next((i for i, (name, _) in enumerate(ends) if name == label), None)
    if position is None:
        raise Invalid(f"“{entry.name}”没有“{label}”这一期")
    return Span(start=ends[position - 1][1] if position else plan.starts_at, end=ends[position][1])


def _midnight(at: datetime) -> datetime:
    return at.astimezone(BEIJING).replace(hour=0, minute=0, second=0, microsecond=0)


# -- counting ----------------------------------------------------------------------------------------------------------
def counted(tx: Tx, campaign_id: str, units: Sequence[Any], span: Span) -> dict[str, dict[str, Counted]]:
    """unit id -> indicator -> what was counted."""
    found: dict[str, dict[str, Counted]] = {unit.id: {} for unit in units}
    for key, evidence in EVIDENCE.items():
        have: dict[str, int] = {}
        of: dict[str, int] = {}
        for row in evidence(tx, campaign_id, span.start, span.end):
            of[row.unit_id] = of.get(row.unit_id, 0) + 1
            have[row.unit_id] = have.get(row.unit_id, 0) + bool(row.good)
        for unit_id, figures in found.items():
            figures[key] = Counted(have=have.get(unit_id, 0), of=of.get(unit_id, 0))
    return found


FINAL, MONTHLY = "final_appraisal", "ranking"
_TITLES = {FINAL: "综合考评", MONTHLY: "考评排队结果"}


def compile_ranking(
    tx: Tx, facts: CampaignFacts, plan: Plan, span: Span, *, kind: str, instance: Mapping[str, Any], now: datetime
) -> str:
    """Count, score and write the ranking of an instance as a draft; returns its id."""
    units = group_units(tx, plan, GROUP)
    figures = counted(tx, facts.id or "", units, span)
    places = ranking.ranked(indicators(plan), figures)
    content = _content(plan, span, places, figures, {unit.id: unit.short_name for unit in units})
    publication = {
        "id": new_id(),
        "campaign_id": facts.id,
        "kind": kind,
        "audience": "leaders" if kind == FINAL else "public",
        "unit_id": instance["unit_id"],
        "period": instance["variables"]["period"],
        "title": f"各县（区、市）集中行动{_TITLES[kind]}（{span.title}）",
        "content": content,
        "compiled_at": now,
        "content_hash": hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest(),
        "instance_id": instance["id"],
    }
    standings = [
        {
            "id": new_id(),
            "publication_id": publication["id"],
            "unit_id": one.unit,
            "place": one.place,
            "score": one.score,
            "figures": [asdict(figure) for figure in one.figures],
        }
        for one in places
    ]
    rows.put(tx, publication, standings)
    return str(publication["id"])


def _content(
    plan: Plan,
    span: Span,
    places: Sequence[ranking.Place],
    figures: Mapping[str, Mapping[str, Counted]],
    names: Mapping[str, str],
) -> dict[str, Any]:
    flags = ranking.flagged(rules(plan), figures)
    return {
        "from": span.start.isoformat(),
        "to": span.end.isoformat(),
        "weights": {one.name: one.weight for one in indicators(plan)},
        "lines": [
            {"unit": names[one.unit], "place": one.place, "score": one.score, "reasons": reasons(one)} for one in places
        ],
        "key_supervision": [
            {"unit_id": unit_id, "unit": names[unit_id], "reasons": sentences} for unit_id, sentences in flags.items()
        ],
    }


def reasons(place: ranking.Place) -> str:
    """Why a unit stands where it stands: every indicator, the heaviest losses first."""
    by_loss = sorted(place.figures, key=lambda figure: figure.points - figure.weight)
    return "；".join(figure.reason for figure in by_loss)
