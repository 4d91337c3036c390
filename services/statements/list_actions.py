"""Handing in lists: what the form shows, and the lists as they stood at that moment, kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from domain.errors import Invalid
from domain.ledger import Tag
from domain.workdays import BEIJING
from engine.contract import ActionSignature, Scalar
from models import Tx, new_id
from models.queries import list_entries as entry_rows
from models.queries import lists as rows
from models.queries import units as unit_rows
from models.queries.lists import Wanted
from services.counting.form_context import context_for
from services.plans.versions import CampaignFacts, edition_of
from services.running.effects import Effects
from services.running.hosts import host_action
from services.statements.list_sources import Kept, KeptList, lists_of

FORM, UPDATE = "six_lists", "list_update"


def _wanted(tx: Tx, facts: CampaignFacts, variables: Mapping[str, Any]) -> Wanted | None:
    """The entries a unit hands in: its own tree's, until the end of the month."""
    unit = unit_rows.unit(tx, variables["unit_id"]) if variables.get("unit_id") else None
    if unit is None or not facts.id or not variables.get("period_end"):
        return None
    until = datetime.fromisoformat(str(variables["period_end"]))
    return Wanted(campaign_id=facts.id, paths=(unit.path,), until=until)


def _known(tx: Tx, facts: CampaignFacts) -> Mapping[str, KeptList]:
    return lists_of(tx, edition_of(tx, facts.edition_id).plan, str(facts.id))


def _asked(one: KeptList, wanted: Wanted) -> Wanted:
    return replace(wanted, also=tuple(id_ for id_ in one.campaigns if id_ != wanted.campaign_id))


@context_for(FORM)
def counts(tx: Tx, facts: CampaignFacts, variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """How many entries each list has."""
    wanted = _wanted(tx, facts, variables)
    if wanted is None:
        return {}
    return {key: one.source.count(tx, _asked(one, wanted)) for key, one in _known(tx, facts).items()}


@context_for(UPDATE)
def stand(tx: Tx, facts: CampaignFacts, variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Each list with how many entries it has, how many of them are still open, and when it was last changed."""
    wanted = _wanted(tx, facts, variables)
    if wanted is None:
        return {}
    return {"lists": [_stand(tx, one, _asked(one, replace(wanted, until=None))) for one in _known(tx, facts).values()]}


def _stand(tx: Tx, one: KeptList, wanted: Wanted) -> dict[str, Any]:
    entries = one.source.count(tx, wanted)
    if not isinstance(one.source, Kept):
        return {"name": one.name, "entries": entries, "open": "—", "changed": "随台账更新"}
    changed = entry_rows.last_change(tx, wanted, one.source.lists)
    return {
        "name": one.name,
        "entries": entries,
        "open": one.source.count(tx, replace(wanted, status="open")),
        "changed": f"{changed.astimezone(BEIJING):%Y-%m-%d}" if changed else "尚未登记",
    }


@host_action("lists.freeze", "定格清单", ActionSignature())
def freeze(tx: Tx, *, instance: Mapping[str, Any], facts: CampaignFacts, fx: Effects) -> Mapping[str, Scalar]:
    """Keep the unit's lists as they stand: what is handed in is what counts."""
    variables = instance["variables"]
    wanted = _wanted(tx, facts, variables)
    if wanted is None:
        raise Invalid("清单只能按期由报送单位上报。")
    known = _known(tx, facts)
    kept = {key: [line for line, _ in one.lines(tx, _asked(one, wanted))] for key, one in known.items()}
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
