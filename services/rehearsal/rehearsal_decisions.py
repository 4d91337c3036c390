"""What is decided on findings in a rehearsal: orders, fines, suspensions, closures, and what goes to the police."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from domain.plan import Plan
from services.inspections.disposal_input import catalogue, usual_measure

DECISION_DAYS = "finding_decision_days"
ILLEGAL = frozenset({"illegal_act", "concealed_accident"})
FINED = 0.3  # of the general hazards
CLOSED, BOTH_FINED = 0.12, 0.1  # of the illegal acts; 一案双罚 where the notice has it
INQUIRED = 0.5  # of the major hazards, where the notice has them inquired into like accidents
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
    lines = [line for line in _lines(plan, draw, finding, now) if line["kind"] in known]
    police = finding.kind in ILLEGAL and draw.random() < TO_THE_POLICE
    referrals = [{"to": "police", "reason": "涉嫌危险作业，案件材料一并移送，请依法调查处理。"}] if police else []
    return {"disposals": lines, "referrals": referrals}


def _lines(plan: Plan, draw: random.Random, finding: Any, now: datetime) -> Iterator[dict[str, Any]]:
    amount, share = round(0.5 + draw.random() * 20, 2), draw.random()

    def line(kind: str, **more: Any) -> dict[str, Any]:
        return {"kind": kind, "measure": usual_measure(plan, kind), "basis": LAW, **more}

    if finding.kind in ILLEGAL:
        yield line("fine", amount=amount)
        if share < CLOSED:
            yield line("closure")
        elif share < CLOSED + BOTH_FINED:
            yield line("double_penalty", amount=amount, persons=1)
        return
    yield line("rectification_order")
    if finding.grade == "major":
        yield line("suspension", until=(now + timedelta(days=20)).date().isoformat())
        if share < INQUIRED:
            yield line("accident_inquiry")
    elif share < FINED:
        yield line("fine", measure="", amount=round(amount / 5, 2))
