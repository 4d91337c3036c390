"""What follows a disposal: the process that the plan names for its kind (比照事故调查处理), by who disposed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from domain.plan import Plan
from models import Tx
from services.inspections import disposal_input
from services.running.starts import start_later


def follow(tx: Tx, plan: Plan, disposed: Sequence[Mapping[str, Any]], now: datetime) -> None:
    """Start what follows each of these rows of the register, behind the commit."""
    catalogue = disposal_input.catalogue(plan)
    for row in disposed:
        entry = catalogue[row["kind"]]
        if "process" in entry:
            start_later(
                tx,
                campaign_id=row["campaign_id"],
                process=str(entry["process"]),
                unit_id=row["unit_id"],
                key=row["id"],
                title=f"{entry['name']} · {row['subject']}",
                inputs={"disposal_id": row["id"]},
                now=now,
            )
