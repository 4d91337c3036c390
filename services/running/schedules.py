"""Recurring reports: every period opens once for every unit that owes it, also after an outage.

A period of many units opens in batches, each a transaction: a schedule stays at its period, and due, until the period
has been opened for all. Which units are still to come is told by the rows that are there.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from domain.authority import SYSTEM
from domain.ledger import Tag
from domain.periods import ReportPeriod, periods
from domain.plan import Plan, Report
from models import Period, Schedule, Tx, new_id, transaction
from models.queries import clock
from models.queries import periods as rows
from services.plans.units import group_units
from services.plans.versions import CampaignFacts, Edition, campaign_facts, edition_of, plan_of, process_of
from services.running import instances
from services.running.effects import Effects
from services.running.jobs import due_kind


def first_opening(report: Report, cal: Any, now: datetime, past: str) -> tuple[int, datetime | None]:
    """Index and opening moment of the first period of a campaign launched at `now`.

    Periods whose due moment is past are left out, or (`past` = late) opened at once and marked late.
    """
    for period in periods(report, cal):
        if period.due_at > now or past == "late":
            return period.index, max(period.opens_at, now)
    return 0, None


BATCH = 500


@due_kind(Schedule)
def open_due(row: Any, lease: str, now: datetime) -> None:
    """Open the next period of a schedule for the next batch of units; after the last one set it to the period after."""
    with transaction() as tx:
        if not clock.holds(tx, Schedule, row.id, lease):
            return
        facts = _facts(tx, row.campaign_id)
        edition = edition_of(tx, facts.edition_id)
        plan = plan_of(edition, facts)
        report = plan.reports[row.report]
        fx = instances.effects(tx, SYSTEM, now)
        all_periods = periods(report, fx.calendar)
        period = all_periods[row.next_index]
        batch, more = _waiting(tx, row, plan, report, period)
        _open(tx, fx, row, facts, edition, report, period, batch)
        fx.flush(tx)
        if more:
            clock.reschedule(tx, row.id, lease, due_at=row.due_at, next_index=row.next_index)
            return
        following = all_periods[row.next_index + 1] if row.next_index + 1 < len(all_periods) else None
        due_at = following.opens_at if following else None
        clock.reschedule(tx, row.id, lease, due_at=due_at, next_index=row.next_index + 1)


def _waiting(tx: Tx, row: Any, plan: Plan, report: Report, period: ReportPeriod) -> tuple[list[Any], bool]:
    """The next units that owe the period and have none yet, and whether there are more after them."""
    already = rows.owed_already(tx, row.id, period.label)
    units = [unit for unit in group_units(tx, plan, report.owed_by) if unit.id not in already]
    return units[:BATCH], len(units) > BATCH


def _facts(tx: Tx, campaign_id: str) -> CampaignFacts:
    from models.queries import definitions

    row = definitions.campaign(tx, campaign_id)
    edition = edition_of(tx, row.version_id)  # type: ignore[union-attr]
    return campaign_facts(tx, campaign_id, edition)


def _open(
    tx: Tx,
    fx: Effects,
    row: Any,
    facts: CampaignFacts,
    edition: Edition,
    report: Report,
    period: ReportPeriod,
    units: Sequence[Any],
) -> None:
    process = process_of(tx, edition, row.process)
    for unit in units:
        instance = instances.start(
            tx, fx, process, facts, unit=unit, inputs=_inputs(period), title=f"{report.name}（{_span(period)}）"
        )
        fx.add(
            Period,
            id=new_id(),
            schedule_id=row.id,
            campaign_id=facts.id,
            report=row.report,
            unit_id=unit.id,
            period=period.label,
            starts_at=period.starts_at,
            ends_at=period.ends_at,
            due_at=period.due_at,
            opened_at=fx.now,
            opened_late=fx.now > period.due_at,
            instance_id=instance["id"],
            status="owed" if report.statement else rows.WORK,
        )
    if not report.statement:
        return
    data = {"report": row.report, "period": period.label, "units": len(units), "late": fx.now > period.due_at}
    fx.ledger(Tag.STATEMENT_OPEN, campaign_id=facts.id, data=data)


def _inputs(period: ReportPeriod) -> dict[str, str]:
    return {
        "period": period.label,
        "period_due": period.due_at.isoformat(),
        "period_start": period.starts_at.isoformat(),
        "period_end": period.ends_at.isoformat(),
    }


def _span(period: ReportPeriod) -> str:
    first, _, last = period.label.partition("~")
    return f"{first[5:]} 至 {last[5:]}" if last else first
