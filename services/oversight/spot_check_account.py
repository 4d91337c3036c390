"""Draws as the rehearsal's document has them."""

from __future__ import annotations

from typing import Any

from domain.workdays import BEIJING
from models import Tx
from models.queries import spot_checks as rows


def account(tx: Tx, campaign_id: str) -> list[dict[str, Any]]:
    """Every draw: how many were listed and drawn, the list and the seed that give it again, how many were visited."""
    draws = rows.draws(tx, campaign_id)
    picks: dict[str, list[Any]] = {}
    for pick in rows.picks(tx, [row.id for row in draws]):
        picks.setdefault(pick.spot_check_id, []).append(pick)
    return [_draw(row, picks.get(row.id, [])) for row in draws]


def _draw(row: Any, picks: list[Any]) -> dict[str, Any]:
    return {
        "department": row.department,
        "county": row.county,
        "period": row.period,
        "population": len(row.population),
        "drawn": len(picks),
        "seed": row.seed,
        "seal": row.seal,
        "drawn_at": row.drawn_at.astimezone(BEIJING).isoformat(),
        "population_codes": [code for code, _ in row.population],
        "drawn_codes": [pick.code for pick in picks],
        "visited": sum(pick.inspection_id is not None for pick in picks),
    }
