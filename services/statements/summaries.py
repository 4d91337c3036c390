"""What a day, a week or a month came to, counted from the registers, and the sentences that say it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from domain import tables
from domain.periods import periods
from domain.plan import Plan, Report
from domain.workdays import BEIJING, Calendar
from models import Tx
from models.queries import briefings as rows
from models.queries.figures import Wanted
from services.counting import figures
from services.plans.units import group_units
from services.statements.statement_tables import annexes

# the report whose table and members the summaries follow, where the plan's setting does not name another
USUAL, SETTING = "weekly_statement", "summary_report"
CLUE_LOOP = "clue_loop"


def statement_of(plan: Plan) -> Report | None:
    """The recurring report that is summed up; None where the plan has none."""
    return plan.reports.get(str(plan.settings.get(SETTING) or USUAL))


def members_of(tx: Tx, plan: Plan) -> list[Any]:
    """The units that owe it."""
    report = statement_of(plan)
    return group_units(tx, plan, report.owed_by) if report else []


def table_of(plan: Plan) -> tables.Table | None:
    """The statistics table (annex 4) that figures are named after."""
    report = statement_of(plan)
    return annexes(plan, report.id)[0] if report else None


def compile_figures(
    tx: Tx, plan: Plan, campaign_id: str, since: datetime, until: datetime, now: datetime
) -> dict[str, Any]:
    """The content of a summary: figures of the whole city and of each unit that did something, clues, what is late."""
    wanted = Wanted(campaign_id=campaign_id, since=since, until=until, paths=None)
    whole = figures.count(tx, wanted).figures
    units = members_of(tx, plan)
    own = figures.by_unit(tx, wanted, units)
    return {
        "since": since.isoformat(),
        "until": until.isoformat(),
        "figures": dict(whole),
        "units": [
            {"unit": unit.short_name, "level": unit.level, "figures": dict(own[unit.id])}
            for unit in units
            if any(own[unit.id].values())
        ],
        "clues": rows.clues(tx, campaign_id, since, until),
        "overdue": rows.overdue(tx, campaign_id, now),
    }


def sentences(plan: Plan, content: Mapping[str, Any], span: str) -> list[str]:
    """The figures in words."""
    value = {field: tables.written(float(number)) for field, number in content["figures"].items()}
    clues = content["clues"]
    said = [
        f"{span}，全市共派出检查组{value['inspection_teams']}个次，检查企业{value['inspected_units']}家，"
        f"排查非法违法生产经营建设行为{value['illegal_found']}个、查处{value['illegal_handled']}个，"
        f"排查重大隐患{value['hazard_found']}项、整改{value['hazard_rectified']}项。",
        f"行政罚款{value['fines']}万元，责令停产整顿{value['shutdown_rectification']}家，"
        f"暂扣吊销许可证照{value['licences_suspended_revoked']}个，关闭取缔{value['closed_banned']}家；"
        f"党政纪处分{value['party_administrative_sanction']}人，追究刑事责任{value['criminal_liability']}人。",
    ]
    if CLUE_LOOP in plan.raw.get("diagrams", ()):
        said.append(_clue_sentence(clues, value))
    if content["overdue"]:
        said.append(f"目前全市有{content['overdue']}项工作超期，请有关单位抓紧办理。")
    return said


def _clue_sentence(clues: Mapping[str, Any], value: Mapping[str, str]) -> str:
    return (
        f"新登记问题线索{clues['registered']}件，交办{clues['assigned']}件，办结{clues['concluded']}件，"
        f"提级核查{clues['escalated']}件；签署安全防范承诺书{value['committed_units']}家。"
    )


def reporting_sentences(
    tx: Tx, plan: Plan, campaign_id: str, period: str, content: Mapping[str, Any], calendar: Calendar, now: datetime
) -> list[str]:
    """What the briefing says besides: who reported in time, who did not, who did most."""
    report = statement_of(plan)
    if report is None:
        return []
    owed = rows.statements(tx, campaign_id, report.id, _period(report, period, calendar, now))
    late = [row.unit for row in owed if row.submitted_at is not None and row.submitted_at > row.due_at]
    missing = [row.unit for row in owed if row.submitted_at is None]
    name = "周报" if report.kind == "weekly" else report.name
    cases = f"，典型案例{sum(row.cases or 0 for row in owed)}个" if report.kind == "weekly" else ""
    said = [f"本期应报{name}{len(owed)}个单位，已报{len(owed) - len(missing)}个{cases}。"]
    if late:
        said.append(f"迟报的单位：{'、'.join(late)}。")
    if missing:
        said.append(f"尚未报送的单位：{'、'.join(missing)}。")
    leading = [unit["unit"] for unit in _leading(content)]
    if leading:
        said.append(f"检查企业较多的县（区、市）：{'、'.join(leading)}。")
    return said


def _period(report: Report, period: str, calendar: Calendar, now: datetime) -> str:
    """The period that a briefing of `period` tells of: the same, else the last that was due."""
    known = periods(report, calendar)
    if any(one.label == period for one in known):
        return period
    return next((one.label for one in reversed(known) if one.due_at <= now), period)


def _leading(content: Mapping[str, Any], most: int = 3) -> list[Mapping[str, Any]]:
    counties = [unit for unit in content["units"] if unit["level"] == "county" and unit["figures"]["inspected_units"]]
    return sorted(counties, key=lambda unit: -float(unit["figures"]["inspected_units"]))[:most]


def lines_of(table: tables.Table, content: Mapping[str, Any]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The rows under a summary's table; a column that is not counted from rows stays empty."""
    parts = [("全市", content["figures"]), *((unit["unit"], unit["figures"]) for unit in content["units"])]
    return tuple((name, tuple(_cell(column, own) for column in table.columns)) for name, own in parts)


def _cell(column: tables.Column, own: Mapping[str, Any]) -> str:
    if not all(field in own for field in column.fields):
        return ""
    return " / ".join(tables.written(float(own[field])) for field in column.fields)


def span_of(since: datetime, until: datetime) -> str:
    """The days of a time in words."""
    first, last = since.astimezone(BEIJING), (until - timedelta(microseconds=1)).astimezone(BEIJING)
    if first.date() == last.date():
        return f"{first.year}年{first.month}月{first.day}日"
    end = f"{last.month}月{last.day}日" if first.year == last.year else f"{last.year}年{last.month}月{last.day}日"
    return f"{first.year}年{first.month}月{first.day}日至{end}"
