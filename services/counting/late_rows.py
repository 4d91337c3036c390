"""Rows that came after the statement of their time was handed in: the next statement that is handed in counts them.

So each row is counted by one statement of its unit: that of its own time while it is open, else the next one. What has
been counted is known by the ids that every submission keeps. A statement without them counted nothing row by row; its
time stays closed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from models import Tx
from models.queries import statements as rows
from models.queries.figures import Wanted

KEPT = "counted"  # where a submission keeps what its figures were counted from
Span = tuple[datetime, datetime]


@dataclass(frozen=True, kw_only=True)
class Share:
    """What one statement counts: its own time, and what came late to times that are closed."""

    own: Span
    closed: tuple[Span, ...]
    counted: Mapping[str, frozenset[str]]  # field -> ids that other statements count

    def takes(self, field: str, row: Any) -> bool:
        """Whether the row is this statement's; of two open ones whichever is handed in first."""
        mine = inside(self.own, row.at) or any(inside(span, row.at) for span in self.closed)
        return mine and row.id not in self.counted.get(field, ())

    def widened(self, wanted: Wanted) -> Wanted:
        """The time in which its rows may lie."""
        spans = (self.own, *self.closed)
        return replace(wanted, since=min(since for since, _ in spans), until=max(until for _, until in spans))


def inside(span: Span, at: datetime) -> bool:
    """Whether something happened in this time."""
    return span[0] <= at < span[1]


def share(tx: Tx, wanted: Wanted, unit_id: str, form: str) -> Share:
    """What the statement of this time counts, after what the unit's others have counted."""
    own = (wanted.since, wanted.until)
    before = [row for row in rows.fulfilled(tx, wanted.campaign_id, unit_id, form) if row.starts_at != wanted.since]
    kept = [(row, row.data[KEPT]) for row in before if isinstance(row.data, Mapping) and KEPT in row.data]
    return Share(
        own=own,
        closed=tuple((row.starts_at, row.ends_at) for row, _ in kept),
        counted=_ids([one.get("rows") or {} for _, one in kept]),
    )


def _ids(found: Sequence[Mapping[str, Sequence[str]]]) -> dict[str, frozenset[str]]:
    fields = {field for one in found for field in one}
    return {field: frozenset(row for one in found for row in one.get(field, ())) for field in fields}
