"""The same campaign running twice: found before a launch, refused unless somebody says that it is meant."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from domain.errors import Conflict
from domain.plan import Plan
from domain.workdays import BEIJING, day_of
from models import Tx
from models.queries import campaigns as rows
from services.plans.versions import edition_of


def clashes(tx: Tx, key: str, plan: Plan) -> tuple[str, ...]:
    """Running campaigns of this folder whose days overlap with those of the plan, in words."""
    running = [(row, _plan_of(tx, row)) for row in rows.running(tx, key)]
    return tuple(
        _words(row, other)
        for row, other in running
        if other.starts_at < plan.ends_at and plan.starts_at < other.ends_at
    )


def refuse(tx: Tx, key: str, plan: Plan) -> None:
    """Conflict where there is one. Launches of a campaign follow each other: the second one sees the first."""
    rows.lock_launches(tx, key)
    found = clashes(tx, key, plan)
    if found:
        raise Conflict(
            f"同一方案已有行动在运行，日期与本次重叠：{'；'.join(found)}。"
            "再启动一次会另行下达全部任务；确需如此的，请在启动页勾选确认后再启动。"
        )


def _plan_of(tx: Tx, row: Any) -> Plan:
    return edition_of(tx, row.version_id).plan.shifted(timedelta(days=row.shift_days))


def _words(row: Any, plan: Plan) -> str:
    first = plan.starts_at.astimezone(BEIJING)
    last = "长期" if plan.open_ended else f"{day_of(plan.ends_at):%Y-%m-%d}"
    return f"“{row.name}”（{first:%Y-%m-%d} 至 {last}）"
