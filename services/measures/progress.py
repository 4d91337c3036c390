"""Notes on the progress of a measure: written by the unit that does it, at any time."""

from __future__ import annotations

import re
from datetime import datetime

from domain.authority import Actor, HeldPost
from domain.errors import Conflict, Forbidden, Invalid, NotFound
from domain.ledger import Tag
from models import Tx, new_id
from models.queries import measures as rows
from services._command import command
from services._record import record
from services.plans.launched import home

LONGEST = 1000
_FIGURE = re.compile(r"[0-9]{1,6}(\.[0-9]{1,2})?")
WRITERS = ("staff", "leader", "office", "enterprise")


def note(
    actor: Actor, campaign_id: str, measure: str, unit_id: str, text: str, now: datetime, figure: str = ""
) -> dict[str, str]:
    """Write down how far a unit is, and with `figure` how much of its quota is done.

    Invalid for no text or no number, Forbidden for who is not of that unit.
    """
    text = text.strip()
    if not 2 <= len(text) <= LONGEST:
        raise Invalid(fields={"text": f"请写明进展，2 到 {LONGEST} 字。"})
    number = _number(figure.strip())
    row_id = new_id()
    asked = ("measure:note", campaign_id, measure, unit_id, text, figure.strip())
    with command(actor, asked, {"note": row_id}, now) as run:
        if run.replay is not None:
            return run.replay  # type: ignore[no-any-return]
        post = _writer(run.tx, actor, campaign_id, measure, unit_id)
        row = {
            "id": row_id,
            "campaign_id": campaign_id,
            "measure": measure,
            "unit_id": unit_id,
            "text": text,
            "figure": number,
        }
        rows.add_note(run.tx, {**row, "noted_at": now, "noted_by": actor.person_id, "post_id": post.id})
        about = {"campaign_id": campaign_id, "unit_id": unit_id, "post_id": post.id}
        record(run.tx, Tag.MEASURE_NOTE, now, actor, {"measure": measure, "note": row_id}, **about)
        return {"note": row_id}


def _number(figure: str) -> float | None:
    """A number of what is done; None where nothing is given."""
    if not figure:
        return None
    if not _FIGURE.fullmatch(figure):
        raise Invalid(fields={"figure": "请填写不小于 0 的数，最多两位小数。"})
    return float(figure)


def _writer(tx: Tx, actor: Actor, campaign_id: str, measure: str, unit_id: str) -> HeldPost:
    """The post by which the actor speaks for the unit."""
    found = home(tx, campaign_id)
    if measure not in found.plan.measures or rows.work(tx, campaign_id, measure, unit_id, 1) is None:
        raise NotFound("没有找到该单位的这项任务。")
    own = [post for post in actor.in_use if post.unit_id == unit_id and post.role in WRITERS]
    if not own:
        raise Forbidden("只有承办单位的人员可以记录本单位的进展。")
    if found.row.status != "running":
        raise Conflict("行动已经结束，不再记录进展。")
    return own[0]
