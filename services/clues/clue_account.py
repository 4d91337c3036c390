"""A campaign's clues as a rehearsal's JSON document lists them: an entry a hand-over, every moment with its offset."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from domain.ledger import Tag
from domain.workdays import BEIJING
from models import Tx
from models.queries import clues as rows

_MOMENTS = ("registered_at", "assigned_at", "received_at", "objection_due", "objected_at", "ruled_at", "result_due")


def clues(tx: Tx, campaign_id: str) -> list[dict[str, Any]]:
    """Every clue in the order of its registration; one whose objection was upheld has an entry for each unit."""
    earlier = _earlier(tx, campaign_id)
    found: list[dict[str, Any]] = []
    for row in rows.in_order(tx, campaign_id):
        found += earlier.get(row.id, ())
        if row.verdict != "upheld":
            found.append(_entry(row))
    return found


def _earlier(tx: Tx, campaign_id: str) -> dict[str, list[dict[str, Any]]]:
    """clue -> the hand-overs that ended with an upheld objection, from the ledger: the row goes on with the next."""
    found: dict[str, list[dict[str, Any]]] = {}
    for data in rows.told(tx, campaign_id, Tag.CLUE_RULE.value):
        if data.get("round"):
            found.setdefault(data["clue"], []).append(_round(data))
    return found


def _round(data: Mapping[str, Any]) -> dict[str, Any]:
    given = data["round"]
    moments = {name: _text(datetime.fromisoformat(given[name])) if given[name] else None for name in _MOMENTS}
    about = {"number": data["number"], "unit": given["unit"], "verdict": given["verdict"]}
    return about | moments | {"reported_at": None, "signed_by_post": None} | _escalation(given)


def _escalation(given: Mapping[str, Any]) -> dict[str, Any]:
    at = given.get("escalated_at")
    moment = _text(datetime.fromisoformat(at)) if at else None
    return {"escalated": bool(at), "escalated_at": moment, "escalated_for": given.get("escalated_for")}


def _entry(row: Any) -> dict[str, Any]:
    return {
        "number": row.number,
        "unit": row.unit,
        "verdict": row.verdict,
        **{name: _text(getattr(row, name)) for name in _MOMENTS},
        "reported_at": _text(row.reported_at),
        "signed_by_post": row.signed_by_post,
        "escalated": row.escalated_at is not None,
        "escalated_at": _text(row.escalated_at),
        "escalated_for": row.escalated_for,
    }


def _text(at: datetime | None) -> str | None:
    return at.astimezone(BEIJING).isoformat() if at else None
