"""Referrals 两移交: a matter handed to the police or to discipline inspection, and what they answered."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from domain.authority import Actor
from domain.errors import Conflict, Forbidden, Invalid, NotFound
from domain.ledger import Tag
from domain.plan import Plan
from models import Tx, new_id
from models.queries import findings as rows
from services._command import command
from services._held import held
from services.running import instances
from services.running.effects import Effects

RECEIVERS: Mapping[str, str] = {
    "police": "公安机关",
    "discipline": "纪检监察机关",
    "organisation": "组织部门",
    "judicial": "司法机关",
}
RECEIVERS_SETTING, USUAL = "referral_receivers", ("police", "discipline")  # whom a notice names; 两移交
LONGEST = 1000


def receivers(plan: Plan) -> dict[str, str]:
    """To whom matters are handed in this campaign."""
    ordered = plan.settings.get(RECEIVERS_SETTING)
    wanted = ordered if isinstance(ordered, list | tuple) else USUAL
    return {key: name for key, name in RECEIVERS.items() if key in wanted}


def read(line: Mapping[str, Any], known: Mapping[str, str], place: str = "") -> tuple[str, str]:
    """To whom (of those known) and why; Invalid with the fields, each after `place`."""
    to, reason = str(line.get("to") or ""), str(line.get("reason") or "").strip()
    faults = {}
    if to not in known:
        faults[f"{place}to"] = f"请选择移送{'、'.join(known.values())}"
    if not 2 <= len(reason) <= LONGEST:
        faults[f"{place}reason"] = f"请写明移送理由，不超过 {LONGEST} 字"
    if faults:
        raise Invalid(fields=faults)
    return to, reason


def refer(tx: Tx, fx: Effects, *, to: str, reason: str, campaign_id: str, unit_id: str, **subject: str | None) -> str:
    """Write a referral of a subject (clue_id, finding_id or old_clue_id) and note it in the ledger; its id."""
    referral_id = new_id()
    row = {
        "id": referral_id,
        "campaign_id": campaign_id,
        "to": to,
        "reason": reason,
        "unit_id": unit_id,
        "referred_at": fx.now,
        "recorded_by": fx.actor.person_id,
        **subject,
    }
    rows.write_referral(tx, row)
    event = {"referral": referral_id, "to": to, **subject}
    fx.ledger(Tag.REFERRAL_MAKE, campaign_id=campaign_id, unit_id=unit_id, data=event)
    return referral_id


def answer(actor: Actor, referral_id: str, text: str, now: datetime) -> dict[str, Any]:
    """Note what the police or discipline inspection answered: once, by the unit that referred the matter."""
    text = text.strip()
    done = {"referral": referral_id}
    with command(actor, ("referral:answer", referral_id, text), done, now) as run:
        if run.replay is not None:
            return run.replay  # type: ignore[no-any-return]
        row = rows.referral(run.tx, referral_id)
        if row is None:
            raise NotFound("没有找到这次移送。")
        if not any(unit.id == row.unit_id for _, unit in held(run.tx, actor)):
            raise Forbidden("移送的回告由移送单位登记。")
        if not 2 <= len(text) <= LONGEST:
            raise Invalid(fields={"answer": f"请写明回告内容，不超过 {LONGEST} 字"})
        if not rows.answer_referral(run.tx, referral_id, text, now):
            raise Conflict("这次移送的回告已经登记，请刷新页面后查看。")
        fx = instances.effects(run.tx, actor, now)
        about = {"campaign_id": row.campaign_id, "unit_id": row.unit_id}
        fx.ledger(Tag.REFERRAL_ANSWER, data={"referral": referral_id, "to": row.to}, **about)
        fx.flush(run.tx)
        return done
