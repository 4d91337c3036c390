"""The form a user task brought, for a host action behind that task: also in the same command, before it is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.errors import Invalid
from models import Submission, Tx
from models.queries import records as rows
from services.running.effects import Effects


@dataclass(frozen=True, kw_only=True)
class HandedIn:
    """A submission: its checked answers, the button, the opinion, and who handed it in when."""

    data: Mapping[str, Any]
    outcome: str | None
    opinion: str
    at: datetime
    person_id: str | None
    post_id: str
    unit_id: str


def newest(tx: Tx, fx: Effects, instance_id: str, form: str) -> HandedIn:
    """The newest submission of a form in an instance; Invalid where there is none."""
    own = [r for r in fx.rows[Submission] if r["instance_id"] == instance_id and r["form_key"] == form]
    if own:
        return _of(own[-1])
    row = rows.newest_submission(tx, instance_id, form)
    if row is None:
        raise Invalid(f"流程中还没有填报表单“{form}”")
    return _of(row._asdict())


def _of(row: Mapping[str, Any]) -> HandedIn:
    return HandedIn(
        data=row["data"] or {},
        outcome=row["outcome"],
        opinion=row["opinion"],
        at=row["submitted_at"],
        person_id=row["submitted_by"],
        post_id=row["post_id"],
        unit_id=row["unit_id"],
    )
