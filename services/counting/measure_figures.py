"""How far units are with the measures of a plan: for statements, summaries and the campaign's page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime

from models import Tx
from models.queries import measures as rows


@dataclass(frozen=True, kw_only=True)
class MeasureFigures:
    """Counts as they stood at a moment; a measure with several dates counts once for each."""

    total: int = 0
    due: int = 0  # fell due
    accepted: int = 0  # were accepted, due or not
    due_accepted: int = 0  # of all that was due until then, accepted until then
    overdue: int = 0  # of all that was due until then, not accepted
    in_progress: int = 0  # handed out, not accepted
    targets: int = 0  # of those that fell due, with targets
    targets_met: int = 0  # of these, accepted with every target met

    def __add__(self, other: MeasureFigures) -> MeasureFigures:
        own = {one.name: getattr(self, one.name) + getattr(other, one.name) for one in fields(self)}
        return MeasureFigures(**own)


def by_unit(
    tx: Tx,
    campaign_id: str,
    *,
    until: datetime,
    since: datetime | None = None,
    unit_ids: Sequence[str] | None = None,
    list_key: str = "",
) -> dict[str, MeasureFigures]:
    """unit id -> its figures at `until`; what fell due and what was accepted are of the period from `since` on.

    `unit_ids` None: every unit that does something; `list_key`: of one list of the plan only.
    """
    found = rows.figures(tx, campaign_id, until=until, since=since, unit_ids=unit_ids, list_key=list_key)
    names = [one.name for one in fields(MeasureFigures)]
    return {
        unit_id: MeasureFigures(**{name: int(getattr(row, name)) for name in names}) for unit_id, row in found.items()
    }


def total(figures: Iterable[MeasureFigures]) -> MeasureFigures:
    """The figures of several units as one."""
    return sum(figures, MeasureFigures())
