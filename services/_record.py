"""One row in the ledger, for verbs that do not run the engine."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from domain.authority import SYSTEM, Actor
from domain.ledger import Tag
from models import Ledger, Tx
from models.queries import running

_COLUMNS = ("at", "tag", "person_id", "post_id", "unit_id", "campaign_id", "instance_id", "task_id", "data")


def record(
    tx: Tx, tag: Tag, now: datetime, actor: Actor = SYSTEM, data: Mapping[str, Any] | None = None, **about: str | None
) -> None:
    """Note what happened; `about` are ids: post_id, unit_id, campaign_id, instance_id, task_id."""
    row: dict[str, Any] = dict.fromkeys(_COLUMNS)
    row.update(at=now, tag=tag.value, person_id=actor.person_id, data=dict(data or {}))
    if actor.acting:
        row.update(post_id=actor.acting.id, unit_id=actor.acting.unit_id)
    running.add(tx, Ledger, [row | about])
