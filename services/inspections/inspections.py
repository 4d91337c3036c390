"""Inspections 检查: record one, with everything it found. Each is a row; no process waits for it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from domain import inspections as rules
from domain.authority import Actor, HeldPost
from domain.errors import Conflict, Forbidden, Invalid, NotFound
from domain.ledger import Tag
from domain.plan import Plan
from models import Tx, new_id
from models.queries import inspections as rows
from services._command import command
from services._held import held
from services.inspections.inspection_input import InspectionInput, read
from services.plans.launched import Home, home
from services.running import instances
from services.running.effects import Effects

INACTIVE = "这家企业在单位目录中已停用，不能检查；抽查抽中的，请选择“无法检查”并写明核实的情况。"
REFUSED = {
    "county": "县级逐一检查由企业所在县（区、市）及其部门办理。",
    "city": "市级全面检查由牵头该行业领域的市有关部门办理，只查市级监管的企业。",
    "spot_check": "这家企业不是抽给您单位抽查的。",
    "look_back": "回头看由企业所在县（区、市）或者牵头该行业领域的市有关部门办理。",
    "escalated": "提级核查由行动办公室或者牵头该行业领域的市有关部门办理。",
}


def record(actor: Actor, campaign_id: str, data: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """Record a visit to an enterprise: kind, enterprise_id, inspected_at, teams, unannounced, experts, checklist, note,
    findings (kind, grade, item, detail, found_by, illegality), pick_id, clue_id; for a spot check that found nothing to
    inspect its hindrance instead of a checklist.

    The same enterprise may be inspected again. Raises Forbidden where it is not the actor's to inspect, Conflict where
    the campaign is over or the pick is answered, Invalid with the fields.
    """
    lines = data.get("findings")
    count = len(lines) if isinstance(lines, (list, tuple)) else 0
    answer: dict[str, Any] = {"inspection": new_id(), "findings": [new_id() for _ in range(min(count, 200))]}
    with command(actor, ("inspection:record", campaign_id, data), answer, now) as run:
        if run.replay is not None:
            return run.replay  # type: ignore[no-any-return]
        enterprise, pick, kind = _what(run.tx, campaign_id, data)
        # what was drawn comes to its end, whenever that is
        found = home(run.tx, campaign_id) if pick is not None else running_home(run.tx, campaign_id)
        post = _post(run.tx, actor, kind, enterprise, pick)
        typed = read(found.plan, enterprise.sector, data, now)
        visit = {
            **_seen(enterprise, typed),
            "id": answer["inspection"],
            "campaign_id": campaign_id,
            "kind": kind,
            "pick_id": pick.id if pick else None,
            "clue_id": str(data["clue_id"]) if data.get("clue_id") else None,
            "recorded_at": now,
            "recorded_by": actor.person_id,
            "unit_id": post.unit_id,
            "post_id": post.id,
        }
        pairs = zip(answer["findings"], typed.findings, strict=True)
        findings = [_finding(one, visit, enterprise, line) for one, line in pairs]
        rows.write(run.tx, visit, findings)
        if pick is not None and not rows.answer_pick(run.tx, pick.id, visit["id"]):
            raise Conflict("这家企业的抽查已经由他人录入，请刷新页面后查看。")
        _note(instances.effects(run.tx, actor, now), run.tx, visit, len(findings), typed.hindrance)
        return answer


def _note(fx: Effects, tx: Tx, visit: Mapping[str, Any], findings: int, hindrance: str) -> None:
    """The visit in the ledger."""
    event = {
        "inspection": visit["id"],
        "kind": visit["kind"],
        "enterprise": visit["enterprise_id"],
        "findings": findings,
    }
    if hindrance:
        event["sentence"] = rules.HINDRANCES[hindrance]
    where = {key: visit[key] for key in ("campaign_id", "unit_id", "post_id")}
    fx.ledger(Tag.INSPECTION_RECORD, **where, data=event)
    fx.flush(tx)


def running_home(tx: Tx, campaign_id: str) -> Home:
    """The campaign, for a record that belongs to it; Conflict where it is over."""
    found = home(tx, campaign_id)
    if found.row.status != "running":
        raise Conflict("本次行动已经结束，不再录入。")
    return found


def blank_checklist(plan: Plan, sector: str, result: str = "ok") -> dict[str, str]:
    """A checklist with the same answer everywhere, to begin with."""
    return {item.key: result for item in rules.checklist(plan, sector)}


def _what(tx: Tx, campaign_id: str, data: Mapping[str, Any]) -> tuple[Any, Any, str]:
    """The enterprise, the pick that the visit answers, and the kind of visit."""
    kind = str(data.get("kind") or "")
    if kind not in rules.KINDS:
        raise Invalid(fields={"kind": "请选择检查类别"})
    enterprise = rows.enterprise(tx, str(data.get("enterprise_id") or ""))
    if enterprise is None:
        raise NotFound("没有找到这家企业。")
    if not enterprise.active and not (kind == "spot_check" and data.get("hindrance")):
        raise Invalid(INACTIVE, fields={"enterprise_id": "这家企业已停用"})
    if kind != "spot_check":
        return enterprise, None, kind
    pick = rows.pick(tx, str(data.get("pick_id") or ""))
    if pick is None or (pick.enterprise_id, pick.campaign_id) != (enterprise.id, campaign_id):
        raise Invalid("抽查的企业以抽取结果为准，这家企业没有被抽中。", fields={"pick_id": "请从抽查名单中选择"})
    if pick.inspection_id is not None:
        raise Conflict("这家企业的抽查已经由他人录入，请刷新页面后查看。")
    return enterprise, pick, kind


def _post(tx: Tx, actor: Actor, kind: str, enterprise: Any, pick: Any) -> HeldPost:
    """The post by which the actor may make this visit."""
    for post, unit in held(tx, actor):
        if rules.may_inspect(kind, unit, enterprise, pick):
            return post
    raise Forbidden(REFUSED[kind])


def _seen(enterprise: Any, typed: InspectionInput) -> dict[str, Any]:
    """Where it was, and what was seen."""
    return {
        "enterprise_id": enterprise.id,
        "county_id": enterprise.county_id,
        "township": enterprise.township,
        "sector": enterprise.sector,
        "inspected_at": typed.inspected_at,
        "teams": typed.teams,
        "unannounced": typed.unannounced,
        "experts": typed.experts,
        "hindrance": typed.hindrance,
        "checklist": dict(typed.checklist),
        "note": typed.note,
    }


def _finding(finding_id: str, visit: Mapping[str, Any], enterprise: Any, line: Any) -> dict[str, Any]:
    shared = ("campaign_id", "clue_id", "county_id", "township", "sector", "recorded_by", "unit_id", "enterprise_id")
    return {
        **{name: visit[name] for name in shared},
        "id": finding_id,
        "inspection_id": visit["id"],
        "enterprise_name": enterprise.name,
        "kind": line.kind,
        "grade": line.grade,
        "item": line.item,
        "detail": line.detail,
        "found_by": line.found_by,
        "found_at": visit["inspected_at"],
        "holder_unit_id": visit["unit_id"],
        "status": "reported",
        "illegality": line.illegality,
        "escalated": visit["kind"] == "escalated",
    }
