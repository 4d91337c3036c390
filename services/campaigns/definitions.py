"""Publishing a campaign folder: what passes the gate is frozen into an edition and never changed."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from catalog.campaigns import CampaignDefinition, load_campaign
from catalog.programmes import folder_of
from domain.authority import Actor
from domain.ledger import Tag
from domain.workdays import Calendar
from models import new_id, transaction
from models.queries import definitions as rows
from services.running.effects import Effects
from services.running.hosts import signatures

ROOT = Path(__file__).resolve().parents[2]


def publish(actor: Actor, key: str, now: datetime, *, root: Path = ROOT) -> str:
    """Check and freeze the campaign folder `processes/<key>`, its child campaigns too; the id of its edition.

    An unchanged folder keeps its edition. Raises Refused with every finding; then nothing is written.
    """
    *children, definition = load_family(key, root)
    for child in children:
        store(actor, child, now)
    return store(actor, definition, now)


def load_family(key: str, root: Path = ROOT) -> list[CampaignDefinition]:
    """The child campaigns of a folder, and the campaign itself as the last."""
    definition = load(key, root)
    return [*(load(child, root) for child in definition.plan.child_keys), definition]


def load(key: str, root: Path = ROOT) -> CampaignDefinition:
    """The campaign folder as publication would freeze it; raises Refused with every finding."""
    folder = folder_of(root / "processes", key)
    return load_campaign(folder, root / "processes" / "shared", root / "forms", actions=signatures())


def store(actor: Actor, definition: CampaignDefinition, now: datetime) -> str:
    """Freeze a checked definition as the next edition of its campaign."""
    with transaction() as tx:
        known = rows.by_digest(tx, definition.key, definition.digest)
        if known is not None:
            return known
        newest = rows.newest(tx, definition.key)
        edition_id = new_id()
        edition = {
            "id": edition_id,
            "campaign_key": definition.key,
            "number": newest.number + 1 if newest else 1,
            "title": definition.plan.title,
            "plan": definition.plan_json,
            "digest": definition.digest,
            "published_at": now,
            "published_by": actor.person_id,
        }
        rows.add_edition(tx, edition, _processes(definition, edition_id), _forms(definition, edition_id))
        fx = Effects(actor=actor, now=now, calendar=Calendar())
        fx.ledger(Tag.CAMPAIGN_PUBLISH, data={"campaign": definition.key, "number": edition["number"]})
        fx.flush(tx)
        return edition_id


def _processes(definition: CampaignDefinition, edition_id: str) -> list[dict[str, Any]]:
    return [
        {
            "id": new_id(),
            "campaign_version_id": edition_id,
            "key": process.key,
            "name": process.name,
            "spec": process.spec,
            "digest": process.digest,
            "xml": process.xml,
            "schedule": process.schedule,
        }
        for process in definition.processes.values()
    ]


def _forms(definition: CampaignDefinition, edition_id: str) -> list[dict[str, Any]]:
    return [
        {
            "id": new_id(),
            "campaign_version_id": edition_id,
            "key": key,
            "title": schema.get("properties", {}).get("title", key),
            "schema": schema,
        }
        for key, schema in definition.forms.items()
    ]
