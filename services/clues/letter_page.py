"""A hand-over letter (附件3) to read and to print: who may see the clue may see its letters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from domain.authority import Actor
from domain.errors import NotFound
from models import reading
from models.queries import clues as rows
from services.clues.clues import one_seen
from services.clues.letters import FORM
from services.plans.stage_bar import home


@dataclass(frozen=True, kw_only=True)
class Paper:
    """The fields as they were issued, the annex's heading and the sentences it fixes."""

    number: str
    issued_at: datetime
    clue_id: str
    clue_number: str
    heading: str
    notice: str
    notice_number: str
    sentences: tuple[str, ...]
    content: Mapping[str, Any]
    received_on: str
    feedback_due: str
    issued_on: str


def one(actor: Actor, letter_id: str) -> Paper:
    """A letter the actor may read."""
    with reading() as tx:
        letter = rows.letter(tx, letter_id)
        if letter is None:
            raise NotFound("没有找到这份交办（移送）书。")
        clue = one_seen(tx, actor, letter.clue_id)
        raw = home(tx, clue.campaign_id).plan.raw
    form, document, content = raw["forms"][FORM], raw["document"], letter.content
    return Paper(
        number=letter.number,
        issued_at=letter.issued_at,
        clue_id=clue.id,
        clue_number=clue.number,
        heading=str(form["name"]),
        notice=f"{document['issuer'][0]}关于〈{document['title']}〉的通知",
        notice_number=str(document["number"]),
        sentences=tuple(str(text["text"]) for text in form["fixed_texts"]),
        content=content,
        received_on=_written(content["received_on"]),
        feedback_due=_written(content["feedback_due"]),
        issued_on=_written(content["issued_on"]),
    )


def _written(day: str) -> str:
    """A day as letters write it."""
    on = date.fromisoformat(day)
    return f"{on.year}年{on.month}月{on.day}日"
