"""Visits in a rehearsal: every enterprise by its county, those of the city also by their department, and what is found.

Most visits find nothing. What experts have found is written down by the liaison and decided by the officer.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from domain import inspections as rules
from domain.ledger import Tag
from models import Tx, reading
from models.queries import rehearsal_acts as rows
from services.counting.inspection_progress import supervised_only
from services.inspections import findings, inspections
from services.rehearsal.rehearsal_agenda import Act, Moments, Scene
from services.rehearsal.rehearsal_decisions import DECISION_DAYS, ILLEGAL, decision, transfer_reason

PROCESS, DUE = "full_inspection", "inspection_due"
VISITING = 0.85  # the part of the stage's working days in which enterprises are visited
HAZARD, MAJOR, ILLEGAL_ACT = 0.40, 0.05, 0.10  # shares of visits
WITH_EXPERTS, BY_EXPERTS = 0.25, 0.6  # of visits; of the findings of such visits
NOT_APPLICABLE = 0.08
TRANSFERRED = 0.12  # of illegal acts that a county has found
NEVER = 0.1  # of the enterprises that would be visited late
EXPERTS = "市安全生产专家组"


class Inspections:
    """County inspections and the departments' own full inspection over the stage's working days."""

    tags = frozenset({Tag.INSPECTION_RECORD.value, Tag.FINDING_TRANSFER.value})

    def __init__(self, scene: Scene) -> None:
        self._scene = scene

    def planned(self, tx: Tx) -> Moments:
        """One visit an enterprise and inspecting unit."""
        days = visiting_days(self._scene)
        if not days:
            return
        only = supervised_only(self._scene.plan)
        for one in rows.enterprises(tx):
            if not only or one.supervised_by == "county":
                yield self._visit(one, "county", one.county_id, days)
            if one.supervised_by == "city" and one.sector_unit_id:
                yield self._visit(one, "city", one.sector_unit_id, days)

    def _visit(self, enterprise: Any, kind: str, unit_id: str, days: list[Any]) -> tuple[datetime | None, Act]:
        habits = self._scene.habits
        draw = habits.source("visit", kind, enterprise.code)
        day, late = draw.choice(days), draw.random() >= habits.on_time
        never = draw.random() < NEVER
        at = habits.during(draw, day)
        do = partial(self._inspect, enterprise, kind, unit_id, draw)
        return None if late and never else at, Act(name=f"inspection/{kind}", do=do)

    def _inspect(self, enterprise: Any, kind: str, unit_id: str, draw: random.Random, now: datetime) -> bool:
        with reading() as tx:
            if rows.was_inspected(tx, self._scene.campaign_id, enterprise.id, kind):
                return False
        visit(self._scene, draw, enterprise, kind, unit_id, now)
        return True

    def after(self, tx: Tx, event: Any) -> Moments:
        """Every finding is decided, or first handed to the department in charge."""
        if event.tag == Tag.FINDING_TRANSFER.value:
            found = [rows.finding(tx, event.data["finding"])]
        else:
            found = rows.findings_of(tx, event.data["inspection"]) if event.data["findings"] else []
        for one in found:
            if one.status != "decided":
                yield self._settle(tx, one)

    def _settle(self, tx: Tx, finding: Any) -> tuple[datetime | None, Act]:
        scene, moved = self._scene, finding.status == "transferred"
        when = finding.transferred_at or finding.found_at
        draw = scene.habits.source("finding", finding.code, finding.item, finding.found_at.isoformat(), moved)
        days = int(scene.plan.settings.get(DECISION_DAYS) or 5)
        at = scene.habits.when(draw, when, rules.decision_due(scene.habits.calendar, when, days))
        hand_on = draw.random() < TRANSFERRED
        if finding.kind in ILLEGAL and hand_on and not moved:
            others = [row for row in rows.county_departments(tx, finding.county_id) if row.id != finding.holder_unit_id]
            if others:
                to = others[int(draw.random() * len(others))].id
                return at, Act(name="finding/transfer", do=partial(self._transfer, finding, to, draw))
        return at, Act(name="finding/decide", do=partial(self._decide, finding, draw))

    def _transfer(self, finding: Any, to: str, draw: random.Random, now: datetime) -> bool:
        if _status(finding) != "reported":
            return False
        actor = self._scene.cast.of(finding.holder_unit_id, "officer", now)
        findings.transfer(actor, finding.id, to, transfer_reason(draw), now)
        return True

    def _decide(self, finding: Any, draw: random.Random, now: datetime) -> bool:
        if _status(finding) == "decided":
            return False
        actor = self._scene.cast.of(finding.holder_unit_id, "officer", now)
        findings.decide(actor, finding.id, decision(self._scene.plan, draw, finding, now), now)
        return True


def _status(finding: Any) -> str:
    with reading() as tx:
        return rows.finding_status(tx, finding.id)


def visiting_days(scene: Scene) -> list[Any]:
    """The working days on which enterprises are visited; none in a campaign without such an inspection."""
    deadline = scene.plan.deadlines.get(DUE)
    if PROCESS not in scene.processes or deadline is None or deadline.stage is None:
        return []
    stage = scene.plan.stages[deadline.stage]
    begin = max(scene.launched_at, stage.starts_at or scene.launched_at)
    days = scene.workdays(begin, stage.ends_at)
    return days[: max(1, int(len(days) * VISITING))]


def visit(
    scene: Scene, draw: random.Random, enterprise: Any, kind: str, unit_id: str, now: datetime, **more: Any
) -> None:
    """Somebody of a unit visits an enterprise and writes down what was seen."""
    plan = scene.plan
    experts = draw.random() < WITH_EXPERTS
    found = list(_found(plan, enterprise.sector, draw, experts))
    by_experts = any(line["found_by"] == "expert" for line in found)
    data = {
        "kind": kind,
        "enterprise_id": enterprise.id,
        "inspected_at": now,
        "teams": 1 + (draw.random() < 0.2),
        "unannounced": draw.random() < 0.5,
        "experts": EXPERTS if experts else "",
        "checklist": _checklist(plan, enterprise.sector, draw, {line["item"] for line in found}),
        "findings": found,
        **more,
    }
    actor = scene.cast.of(unit_id, "liaison" if by_experts else "officer", now)
    inspections.record(actor, scene.campaign_id, data, now)


def _found(plan: Any, sector: str, draw: random.Random, experts: bool) -> Iterator[dict[str, Any]]:
    """A hazard of the sector's own items (of the common ones where it has none), an illegal act of the common ones."""
    common = list(rules.common_items(plan))
    own = [item for item in rules.checklist(plan, sector) if item.key.startswith(f"{sector}.")] or common
    hazard, illegal = draw.random(), draw.random()
    seen = None
    if hazard < HAZARD and own:
        grade = "major" if hazard < MAJOR else "general"
        seen = draw.choice(own)
        yield _line(seen, "hazard", grade, draw, experts)
    if illegal < ILLEGAL_ACT:
        yield _line(draw.choice([item for item in common if item != seen]), "illegal_act", "general", draw, experts)


def _line(item: rules.Item, kind: str, grade: str, draw: random.Random, experts: bool) -> dict[str, Any]:
    by_expert = draw.random() < BY_EXPERTS
    detail = f"现场检查发现，与检查内容“{item.text}”的要求不符。"
    return {
        "kind": kind,
        "grade": grade,
        "item": item.key,
        "detail": detail[:1000],
        "found_by": "expert" if experts and by_expert else "officer",
        "illegality": item.text[:200] if kind == "illegal_act" else "",
    }


def _checklist(plan: Any, sector: str, draw: random.Random, problems: set[str]) -> Mapping[str, str]:
    answers = {}
    for item in rules.checklist(plan, sector):
        elsewhere = draw.random() < NOT_APPLICABLE
        answers[item.key] = "problem" if item.key in problems else "not_applicable" if elsewhere else "ok"
    return answers
