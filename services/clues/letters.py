"""Hand-over letters (附件3): the number, never given twice, and the row with the annex's fields as they were issued."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from domain import clues as words
from domain.plan import Plan
from domain.workdays import BEIJING, day_of
from models import Tx, new_id
from models.queries import clues as rows
from models.queries import serials

FORM = "f_handover"
FOUND = ("inspection", "grid")


def issue(
    tx: Tx,
    plan: Plan,
    clue: Any,
    *,
    supervisor: Any,
    result_due: datetime,
    office: Any,
    handler: str,
    sealed_by: str | None,
    now: datetime,
) -> tuple[str, str]:
    """Write the letter of a clue that is being handed over; its id and number."""
    form = (plan.raw.get("forms") or {})[FORM]
    number = _number(tx, plan, form, clue, now)
    letter_id = new_id()
    row = {
        "id": letter_id,
        "campaign_id": clue.campaign_id,
        "number": number,
        "clue_id": clue.id,
        "addressee_id": clue.unit_id,
        "supervisor_id": supervisor.id if supervisor else None,
        "content": _content(form, clue, number, supervisor, office, result_due, now) | {"handler": handler},
        "issued_at": now,
        "sealed_by": sealed_by,
    }
    rows.add(tx, "letter", row)
    return letter_id, number


def _number(tx: Tx, plan: Plan, form: Mapping[str, Any], clue: Any, now: datetime) -> str:
    """The annex's scheme: counted by sector and year."""
    sector = (plan.raw.get("sectors") or {}).get(clue.sector) or {}
    short, year = str(sector.get("short_name") or ""), now.astimezone(BEIJING).year
    serial = serials.next_number(tx, clue.campaign_id, f"letter:{clue.sector}:{year}")
    return str(form["number_scheme"]["pattern"]).format(sector_short=short, year=year, serial=serial)


def _content(
    form: Mapping[str, Any], clue: Any, number: str, supervisor: Any, office: Any, result_due: datetime, now: datetime
) -> dict[str, Any]:
    """The annex's fields; who reported the matter is none of them."""
    channels = next(field["options"] for field in form["fields"] if field["id"] == "source_channel")
    due = day_of(result_due).isoformat()
    return {
        "letter_no": number,
        "clue_no": clue.number,
        "addressee": clue.unit,
        "received_on": clue.registered_at.astimezone(BEIJING).date().isoformat(),
        "receiving_body": office.name,
        "source_channel": channels[1] if clue.channel in FOUND else channels[0],
        "subject_company": clue.subject,
        "matter": words.KINDS[clue.kind],
        "text": clue.text,
        "feedback_due": due,
        "supervising_bureau": supervisor.short_name if supervisor else "",
        "supervision_feedback_due": due if supervisor else "",
        "issuing_office": office.name,
        "issued_on": now.astimezone(BEIJING).date().isoformat(),
    }
