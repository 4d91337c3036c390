"""Where a page of a list begins: behind a moment and an id, written as one text."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

PAGE = 50


def position(text: str) -> tuple[datetime, str] | None:
    """What `following` wrote; None at the beginning, and for anything else."""
    moment, _, row_id = text.partition("|")
    try:
        at = datetime.fromisoformat(moment.replace(" ", "+"))
        # the very first and last moments have no equal in UTC
        return (at.astimezone(UTC), row_id) if row_id and at.tzinfo else None
    except (ValueError, OverflowError):
        return None


def following(rows: Sequence[Any], column: str) -> str:
    """Where the next page begins, of one row more than a page holds; empty: this is the last."""
    if len(rows) <= PAGE:
        return ""
    last = rows[PAGE - 1]
    return f"{getattr(last, column).isoformat()}|{last.id}"
