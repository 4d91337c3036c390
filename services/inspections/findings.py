"""Findings 检查发现的问题: decided by whoever holds them, or handed on to the department in charge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from domain.authority import Actor, HeldPost
from domain.errors import Conflict, Forbidden, Invalid, NotFound
from domain.ledger import Tag
from domain.plan import Plan
from models import Tx, new_id
from models.queries import findings as rows
from models.queries import units as unit_rows
from services._command import command
from services._held import held
from services.inspections import consequences, disposal_input, hazards, referrals
from services.plans.launched import home
from services.running import instances

DECIDERS = frozenset({"staff", "leader", "office"})
MOST_DISPOSALS = 20
LONGEST_REASON = 1000
GONE = "这个问题已经处置，请刷新页面后查看。"


def decide(actor: Actor, finding_id: str, data: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """Decide on a finding: disposals (kind, measure, amount, basis, persons, until, subject, follow_up), referrals
    (to, reason), illegality, escalated. A hazard is registered and has to be rectified.

    What an expert found is decided by somebody else than who recorded it (查处分离). Raises Forbidden, Conflict where
    it is decided already, Invalid with the fields.
    """
    lines, wanted = _lines(data, "disposals"), _lines(data, "referrals")
    answer = {"finding": finding_id, "disposals": [new_id() for _ in lines]}
    with command(actor, ("finding:decide", finding_id, data), answer, now) as run:
        if run.replay is not None:
            return run.replay  # type: ignore[no-any-return]
        finding = _waiting(run.tx, finding_id)
        post = _decider(run.tx, actor, finding)
        plan = home(run.tx, finding.campaign_id).plan
        found = _disposals(plan, finding, lines)
        receivers = referrals.receivers(plan)
        referred = [referrals.read(line, receivers, f"referrals.{i}.") for i, line in enumerate(wanted)]
        illegality = _text(data, "illegality", 200) or finding.illegality
        _close(run.tx, finding, actor, illegality, data.get("escalated") is True, now)
        shared = _shared(finding, post, actor, now)
        pairs = zip(answer["disposals"], found, strict=True)
        disposed = [{"id": one_id, **shared, **_told(one, finding)} for one_id, one in pairs]
        rows.write_disposals(run.tx, disposed)
        consequences.follow(run.tx, plan, disposed, now)
        fx = instances.effects(run.tx, actor, now)
        kinds = [one["kind"] for one in found]
        measures = sorted({one["measure"] for one in found} - {""})
        event = {"finding": finding.id, "disposals": kinds, "measures": measures}
        about = {"campaign_id": finding.campaign_id, "unit_id": post.unit_id, "post_id": post.id}
        fx.ledger(Tag.FINDING_DECIDE, data=event, **about)
        for to, reason in referred:
            ids = {"campaign_id": finding.campaign_id, "unit_id": post.unit_id}
            referrals.refer(run.tx, fx, to=to, reason=reason, finding_id=finding.id, **ids)
        if finding.kind == "hazard":
            hazards.register(run.tx, fx, finding=finding._mapping, now=now)
        fx.flush(run.tx)
        return answer


def transfer(actor: Actor, finding_id: str, to_unit_id: str, reason: str, now: datetime) -> dict[str, Any]:
    """Hand a finding outside one's duties to the department in charge, which then has to decide it (六（三）).

    Once only: whoever received it decides; the office may hand it on where it went to the wrong place.
    """
    reason = reason.strip()
    answer = {"finding": finding_id, "to": to_unit_id}
    with command(actor, ("finding:transfer", finding_id, to_unit_id, reason), answer, now) as run:
        if run.replay is not None:
            return run.replay  # type: ignore[no-any-return]
        finding = _waiting(run.tx, finding_id)
        post = _giver(run.tx, actor, finding)
        receiver = _receiver(run.tx, finding, to_unit_id)
        if not 2 <= len(reason) <= LONGEST_REASON:
            raise Invalid(fields={"reason": f"请写明移交理由，不超过 {LONGEST_REASON} 字"})
        values = {"holder_unit_id": receiver.id, "transferred_from": finding.holder_unit_id, "transferred_at": now}
        if not rows.change(run.tx, finding.id, status="transferred", **values):
            raise Conflict(GONE)
        fx = instances.effects(run.tx, actor, now)
        event = {"finding": finding.id, "from": finding.holder_unit_id, "to": receiver.id, "reason": reason}
        about = {"campaign_id": finding.campaign_id, "unit_id": receiver.id, "post_id": post.id}
        fx.ledger(Tag.FINDING_TRANSFER, data=event, **about)
        fx.flush(run.tx)
        return answer


# -- refusals ----------------------------------------------------------------------------------------------------------
def _lines(data: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    given = data.get(name)
    lines = list(given) if isinstance(given, (list, tuple)) else []
    if len(lines) > MOST_DISPOSALS or not all(isinstance(line, Mapping) for line in lines):
        raise Invalid(fields={name: f"最多 {MOST_DISPOSALS} 行"})
    return lines


def _waiting(tx: Tx, finding_id: str) -> Any:
    """The finding under its lock, while it waits for a decision."""
    finding = rows.locked(tx, finding_id)
    if finding is None:
        raise NotFound("没有找到这个问题。")
    if finding.status == "decided":
        raise Conflict(GONE)
    return finding


def may_decide(actor: Actor, finding: Any) -> str:
    """Why the actor may not decide on a finding; empty: they may."""
    if not any(post.role in DECIDERS and post.unit_id == finding.holder_unit_id for post in actor.in_use):
        return "这个问题由承办单位处置，您的岗位不能办理。"
    if finding.found_by == "expert" and finding.recorded_by == actor.person_id:
        return "专家发现的问题由执法人员依法处置，录入的人不能处置自己录入的问题（查处分离）。"
    return ""


def _decider(tx: Tx, actor: Actor, finding: Any) -> HeldPost:
    refused = may_decide(actor, finding)
    if refused:
        raise Forbidden(refused)
    return next(post for post, unit in held(tx, actor, DECIDERS) if unit.id == finding.holder_unit_id)


def _giver(tx: Tx, actor: Actor, finding: Any) -> HeldPost:
    for post, unit in held(tx, actor, DECIDERS):
        if post.role == "office":
            return post
        if unit.id == finding.holder_unit_id:
            if finding.status == "transferred":
                raise Conflict("接到移交的部门要立即处置，不能再次移交；移交有误的，请联系行动办公室。")
            return post
    raise Forbidden("这个问题由承办单位移交，您的岗位不能办理。")


def _receiver(tx: Tx, finding: Any, to_unit_id: str) -> Any:
    unit = unit_rows.unit(tx, to_unit_id)
    known = unit is not None and any(row.id == to_unit_id for row in rows.receivers(tx, finding.county_id))
    if not known:
        raise Invalid(fields={"to": "请选择本县（区、市）或者市级的部门"})
    if to_unit_id == finding.holder_unit_id:
        raise Invalid(fields={"to": "这个问题已经由该单位承办"})
    return unit


def _text(data: Mapping[str, Any], name: str, most: int) -> str:
    text = str(data.get(name) or "").strip()
    if len(text) > most:
        raise Invalid(fields={name: f"不超过 {most} 字"})
    return text


# -- the decision as rows ----------------------------------------------------------------------------------------------
def _disposals(plan: Plan, finding: Any, lines: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What was decided; something must be, and one of the notice's measures where it speaks of them."""
    if not lines:
        raise Invalid("请至少选择一种处置方式。", fields={"disposals": "请至少选择一种处置方式"})
    catalogue = disposal_input.catalogue(plan)
    found = [disposal_input.read(plan, line, f"disposals.{i}.") for i, line in enumerate(lines)]
    alone = [one["kind"] for one in found if catalogue[one["kind"]].get("alone")]
    if alone:
        raise Invalid(fields={"disposals": f"“{catalogue[alone[0]]['name']}”不是对问题的处置"})
    grave = finding.kind != "hazard" or finding.grade == "major"
    if grave and not any(one["measure"] for one in found):
        name = disposal_input.measures_name(plan)
        sentence = f"非法违法行为、瞒报事故和重大隐患须按{name}处置，请至少选择一项。"
        raise Invalid(sentence, fields={"disposals": sentence})
    return found


def _close(tx: Tx, finding: Any, actor: Actor, illegality: str, escalated: bool, now: datetime) -> None:
    values = {"status": "decided", "decided_at": now, "decided_by": actor.person_id, "illegality": illegality}
    if not rows.change(tx, finding.id, escalated=escalated or finding.escalated, **values):
        raise Conflict(GONE)


def _shared(finding: Any, post: HeldPost, actor: Actor, now: datetime) -> dict[str, Any]:
    """What every disposal of a finding has from it."""
    return {
        "campaign_id": finding.campaign_id,
        "finding_id": finding.id,
        "clue_id": finding.clue_id,
        "enterprise_id": finding.enterprise_id,
        "county_id": finding.county_id,
        "township": finding.township,
        "unit_id": post.unit_id,
        "decided_at": now,
        "recorded_by": actor.person_id,
    }


def _told(one: Mapping[str, Any], finding: Any) -> dict[str, Any]:
    return {**one, "subject": one["subject"] or finding.enterprise_name, "facts": one["facts"] or finding.detail}
