"""What is decided on findings in a rehearsal: orders, fines, suspensions, closures, and what goes to the police."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from domain.plan import Plan
from services.inspections.disposal_input import catalogue

DECISION_DAYS = "finding_decision_days"
ILLEGAL = frozenset({"illegal_act", "concealed_accident"})
FINED = 0.3  # of the general hazards
CLOSED = 0.12  # of the illegal acts
TO_THE_POLICE = 0.08
LAW = "《中华人民共和国安全生产法》"
_REASONS = (
    "经核查，该违法行为的查处属于贵单位职责，现移交依法处置。",
    "该事项的许可和处罚由贵单位负责，请立即依法查处。",
)


def transfer_reason(draw: random.Random) -> str:
    """Why a finding is handed on."""
    return draw.choice(_REASONS)


def decision(plan: Plan, draw: random.Random, finding: Any, now: datetime) -> dict[str, Any]:
    """Disposals and referrals as `findings.decide` takes them."""
    known = catalogue(plan)
    lines = [line for line in _lines(draw, finding, now) if line["kind"] in known]
    police = finding.kind in ILLEGAL and draw.random() < TO_THE_POLICE
    referrals = [{"to": "police", "reason": "涉嫌危险作业，案件材料一并移送，请依法调查处理。"}] if police else []
    return {"disposals": lines, "referrals": referrals}


def _lines(draw: random.Random, finding: Any, now: datetime) -> Iterator[dict[str, Any]]:
    amount, share = round(0.5 + draw.random() * 20, 2), draw.random()
    if finding.kind in ILLEGAL:
        yield {"kind": "fine", "measure": "em2", "amount": amount, "basis": LAW}
        if share < CLOSED:
            yield {"kind": "closure", "measure": "em1", "basis": LAW}
        return
    yield {"kind": "rectification_order", "measure": "", "basis": LAW}
    if finding.grade == "major":
        until = (now + timedelta(days=20)).date().isoformat()
        yield {"kind": "suspension", "measure": "em3", "basis": LAW, "until": until}
    elif share < FINED:
        yield {"kind": "fine", "measure": "", "amount": round(amount / 5, 2), "basis": LAW}
