"""What a rehearsal came to, read back from the database: the JSON document, and what is stuck."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from domain.ledger import Tag
from domain.plan import Plan
from domain.workdays import BEIJING
from models import Tx
from models.queries import clock
from models.queries import definitions as definition_rows
from models.queries import rehearsal as rows
from services.clues import clue_account
from services.oversight import spot_check_account
from services.plans.versions import campaign_facts, edition_of, plan_of

_KINDS = {"timer": "定时", "schedule": "报表开期", "job": "后台事项"}
_SHOWN = 20


def account(tx: Tx, campaign_id: str, *, seed: int, begun: datetime, until: datetime) -> dict[str, Any]:
    """The document; every time carries its offset."""
    row = definition_rows.campaign(tx, campaign_id)
    if row is None:
        raise LookupError(campaign_id)
    edition = edition_of(tx, row.version_id)
    plan = plan_of(edition, campaign_facts(tx, campaign_id, edition))
    return {
        "campaign": row.key,
        "title": plan.short_title,
        "children": [
            account(tx, child, seed=seed, begun=begun, until=until) for child in rows.children(tx, campaign_id)
        ],
        "from": _text(begun),
        "to": _text(until),
        "seed": seed,
        "instances": [_instance(one) for one in rows.instances(tx, campaign_id)],
        "tasks": [_task(one) for one in rows.tasks(tx, campaign_id)],
        "statements": [_statement(one, plan, until) for one in rows.statements(tx, campaign_id)],
        "clues": clue_account.clues(tx, campaign_id),
        "sign_offs": [_sign_off(one) for one in rows.sign_offs(tx, campaign_id)],
        "spot_checks": spot_check_account.account(tx, campaign_id),
        "escalations": list(_escalations(tx, campaign_id)),
        "ledger": rows.ledger_counts(tx, campaign_id),
    }


def stuck(tx: Tx, until: datetime) -> list[str]:
    """Sentences about what cannot go on by itself; a task that waits for a person is not stuck."""
    found = [f"未处理的异常：{one.sentence}" for one in clock.open_incidents(tx)]
    for kind, row in rows.not_carried_out(tx, until):
        name = getattr(row, "kind", None) or getattr(row, "report", "")
        found.append(f"到期未执行的{_KINDS[kind]}：{name}，应于 {_text(row.due_at)}")
    found += [f"流程停在无人可办之处：{one.process} {one.title}" for one in rows.waiting_for_nothing(tx)]
    return found


def _text(at: datetime | None) -> str | None:
    return at.astimezone(BEIJING).isoformat() if at else None


def _instance(row: Any) -> dict[str, Any]:
    return {
        "process": row.key,
        "name": row.name,
        "parent": row.parent,
        "started": row.started,
        "ended": row.ended,
        "cancelled": row.cancelled,
        "incidents": int(row.incidents),
    }


def _task(row: Any) -> dict[str, Any]:
    return {
        "process": row.process,
        "task": row.element,
        "name": row.name,
        "unit": row.unit,
        "post": row.post,
        "post_name": row.post_name,
        "status": row.status,
        "opened_at": _text(row.opened_at),
        "due_at": _text(row.due_at),
        "completed_at": _text(row.completed_at),
        "outcome": row.outcome,
    }


def _statement(row: Any, plan: Plan, until: datetime) -> dict[str, Any]:
    return {
        "kind": plan.reports[row.report].kind,
        "report": row.report,
        "unit": row.unit,
        "period": row.period,
        "due_at": _text(row.due_at),
        "submitted_at": _text(row.submitted_at),
        "late": (row.submitted_at or until) > row.due_at,
        "cases": row.cases,
        "status": row.status,
    }


def _sign_off(row: Any) -> dict[str, Any]:
    return {
        "what": row.sign_off,
        "stage": row.stage,
        "task": row.element,
        "unit": row.unit,
        "post": row.post,
        "outcome": row.outcome,
        "opinion": row.opinion,
        "at": _text(row.signed_at),
    }


def _escalations(tx: Tx, campaign_id: str) -> Iterable[dict[str, Any]]:
    """Ladder steps at or after the due moment; what reminds beforehand is no escalation."""
    for row in rows.events_of(tx, campaign_id, Tag.ESCALATION_STEP.value):
        if row.due_at is not None and row.at >= row.due_at:
            yield {
                "task": row.element,
                "unit": row.unit,
                "rung": row.data["rung"],
                "name": row.data["name"],
                "due_at": _text(row.due_at),
                "at": _text(row.at),
            }


def shortened(sentences: Sequence[str]) -> list[str]:
    """The first few of many sentences."""
    rest = len(sentences) - _SHOWN
    return [*sentences[:_SHOWN], *([f"……另有 {rest} 项"] if rest > 0 else [])]
