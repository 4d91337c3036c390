"""Handing in the six lists: what the form shows, and the lists as they stood at that moment, kept."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from domain.errors import Invalid
from domain.ledger import Tag
from engine.contract import ActionSignature, Scalar
from models import Tx, new_id
from models.queries import lists as rows
from models.queries import units as unit_rows
from models.queries.lists import Wanted
from services.counting.form_context import context_for
from services.plans.versions import CampaignFacts, edition_of
from services.running.effects import Effects
from services.running.hosts import host_action
from services.statements import six_lists

FORM = "six_lists"


def _wanted(tx: Tx, facts: CampaignFacts, variables: Mapping[str, Any]) -> Wanted | None:
    """The entries a unit hands in: its own tree's, until the end of the month."""
    unit = unit_rows.unit(tx, variables["unit_id"]) if variables.get("unit_id") else None
    if unit is None or not facts.id or not variables.get("period_end"):
        return None
    until = datetime.fromisoformat(str(variables["period_end"]))
    return Wanted(campaign_id=facts.id, paths=(unit.path,), until=until)


@context_for(FORM)
def counts(tx: Tx, facts: CampaignFacts, variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """How many entries each list has."""
    wanted = _wanted(tx, facts, variables)
    if wanted is None:
        return {}
    return {key: source.count(tx, wanted) for key, source in six_lists.SOURCES.items()}


@host_action("lists.freeze", "定格六个清单", ActionSignature())
def freeze(tx: Tx, *, instance: Mapping[str, Any], facts: CampaignFacts, fx: Effects) -> Mapping[str, Scalar]:
    """Keep the unit's six lists as they stand: what is handed in is what counts."""
    variables = instance["variables"]
    wanted = _wanted(tx, facts, variables)
    if wanted is None:
        raise Invalid("清单只能按期由报送单位上报。")
    known = six_lists.lists_of(edition_of(tx, facts.edition_id).plan)
    kept = {key: six_lists.entries(tx, key, columns, wanted) for key, (_, columns) in known.items()}
    about = {
        "campaign_id": facts.id,
        "unit_id": variables["unit_id"],
        "period": str(variables["period"]),
        "frozen_at": fx.now,
        "instance_id": instance["id"],
    }
    rows.put_snapshots(
        tx,
        [{"id": new_id(), "list_key": key, "rows": lines, "count": len(lines), **about} for key, lines in kept.items()],
    )
    data = {"period": about["period"], "count": sum(map(len, kept.values()))}
    fx.ledger(Tag.LISTS_HAND_IN, instance=instance, data=data)
    return {}
