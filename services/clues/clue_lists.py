"""Lists of clues: the daily one for the leaders (附件1 一（一）), and the one that a hand-over shows."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson

from domain import clues as words
from domain.ledger import Tag
from domain.workdays import BEIJING
from engine.contract import ActionSignature, Scalar
from models import Tx, new_id
from models.queries import clues as rows
from services.counting.form_context import context_for
from services.plans.versions import CampaignFacts, edition_of, plan_of
from services.running.effects import Effects
from services.running.hosts import host_action

KIND = "clue_list"


@host_action("clue.compile_list", "形成每日问题线索清单", ActionSignature(results={"listed": "int"}))
def compile_list(tx: Tx, *, instance: Mapping[str, Any], facts: CampaignFacts, fx: Effects) -> Mapping[str, Scalar]:
    """The clues of the day that is over; a day without any has no list."""
    variables = instance["variables"]
    since, until = (datetime.fromisoformat(variables[name]) for name in ("period_start", "period_end"))
    found = rows.registered_between(tx, str(facts.id), since, until)
    if found:
        _write(tx, fx, instance, facts, variables["period"], since, found)
    return {"listed": len(found)}


def _write(
    tx: Tx, fx: Effects, instance: Mapping[str, Any], facts: CampaignFacts, period: str, day: datetime, found: Any
) -> None:
    plan = plan_of(edition_of(tx, facts.edition_id), facts)
    sectors = plan.raw.get("sectors") or {}
    content = {"day": period, "clues": [_entry(row, sectors) for row in found]}
    local = day.astimezone(BEIJING)
    row = {
        "id": new_id(),
        "campaign_id": facts.id,
        "kind": KIND,
        "audience": "leaders",
        "unit_id": facts.office_unit_id,
        "period": period,
        "title": f"每日问题线索清单（{local.year}年{local.month}月{local.day}日）",
        "content": content,
        "status": "published",
        "compiled_at": fx.now,
        "published_at": fx.now,
        "content_hash": hashlib.sha256(orjson.dumps(content)).hexdigest(),
        "instance_id": instance["id"],
    }
    rows.add(tx, "publication", row)
    fx.ledger(Tag.CLUE_LIST_COMPILE, instance=instance, data={"period": period, "count": len(found)})


def _entry(row: Any, sectors: Mapping[str, Any]) -> dict[str, str]:
    """A line of the list: the register's columns and the matter, no reporter."""
    return {
        "number": row.number,
        "channel": words.CHANNELS.get(row.channel, row.channel),
        "kind": words.KINDS.get(row.kind, row.kind),
        "subject": row.subject,
        "place": f"{row.county or ''}{row.place}",
        "sector": str((sectors.get(row.sector) or {}).get("name") or ""),
        "unit": row.unit or "",
        "matter": row.text,
    }


@context_for("clue_hand_over")
@context_for("clue_seal")
def waiting(tx: Tx, facts: CampaignFacts, variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """The classified clues, as the forms of a hand-over show them."""
    sectors = plan_of(edition_of(tx, facts.edition_id), facts).raw.get("sectors") or {}
    return {"clues": [_entry(row, sectors) for row in rows.to_hand_over(tx, str(facts.id))]}
