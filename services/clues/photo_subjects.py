"""Clues carry photos of their verification; never anything of whoever reported them."""

from __future__ import annotations

from datetime import datetime

from domain.authority import Actor
from models import Tx
from services.clues.clues import one_seen
from services.tasks.photos import Subject, photo_subject


@photo_subject("clue")
def _clue(tx: Tx, actor: Actor, subject_id: str, now: datetime) -> Subject:
    row = one_seen(tx, actor, subject_id)
    return Subject(campaign_id=row.campaign_id, units=frozenset({row.unit_id} if row.unit_id else ()))
