"""What a clue's result brings into the ledgers: referrals when it is reported; findings and disposals once accepted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from domain.errors import Invalid
from models import Tx, new_id
from models.queries import clues as rows
from services.clues.clues import write_referral
from services.inspections import hazards
from services.running.effects import Effects

# count of the result form -> kind of disposal and the measure of the notice's seven; a row a unit or licence
COUNTED: Mapping[str, tuple[str, str]] = {
    "shutdown_rectification": ("suspension", "em3"),
    "closed_banned": ("closure", "em1"),
    "licence_revoked": ("licence", "em2"),
    "joint_sanction": ("joint_sanction", "em2"),
}
PERSONS: Mapping[str, tuple[str, str]] = {
    "party_administrative_sanction": ("party_sanction", "em5"),
    "criminal_liability": ("criminal", "em4"),
}
REFERRALS = {"police": "police_reason", "discipline": "discipline_reason"}
UNTRUE = "untrue"


def refer(tx: Tx, clue: Any, form: Any, now: datetime) -> Sequence[str]:
    """The referrals that the unit reports with its result (两移交); those of a result it reported before are made."""
    made = []
    before: Mapping[str, Any] = clue.result or {}
    for to, why in REFERRALS.items():
        if form.data.get(f"refer_{to}") and not before.get(f"refer_{to}"):
            reason = str(form.data.get(why) or "").strip()
            if not reason:
                raise Invalid(fields={why: "请写明移送的事由"})
            write_referral(tx, clue, to, reason, unit_id=form.unit_id, by=form.person_id, now=now)
            made.append(to)
    return made


def enter(tx: Tx, fx: Effects, instance: Mapping[str, Any], clue: Any) -> None:
    """The accepted result as findings and disposals of the unit that handled the clue."""
    data: Mapping[str, Any] = clue.result or {}
    if data.get("verdict") == UNTRUE:
        return
    unit_id = str(instance["unit_id"])
    for finding in _findings(clue, data, unit_id, fx.now):
        rows.add(tx, "finding", finding)
        if finding["kind"] == "hazard":
            # rectified or not: that it is, somebody else has to accept
            hazards.register(tx, fx, finding=finding, now=fx.now)
    for disposal in _disposals(clue, data, unit_id, fx.now):
        rows.add(tx, "disposal", disposal)


def _findings(clue: Any, data: Mapping[str, Any], unit_id: str, now: datetime) -> Iterator[dict[str, Any]]:
    """Every hazard and unlawful act that was listed; where none was, the clue itself."""
    nature = str(data.get("illegality_nature") or "")
    listed = [("hazard", one) for one in data.get("hazards") or ()]
    listed += [("illegal_act", one) for one in data.get("illegal_acts") or ()]
    details = [(kind, str(one.get("detail") or "")) for kind, one in listed]
    for kind, detail in details or [(clue.kind, nature or str(data.get("summary") or ""))]:
        yield {
            "id": new_id(),
            "campaign_id": clue.campaign_id,
            "clue_id": clue.id,
            "enterprise_id": clue.enterprise_id,
            "enterprise_name": clue.subject,
            "county_id": clue.county_id,
            "sector": clue.sector,
            "kind": kind,
            "grade": "major" if kind == "hazard" else "general",
            "detail": detail or clue.text,
            "found_at": now,
            "unit_id": unit_id,
            "holder_unit_id": unit_id,
            "status": "decided",
            "decided_at": now,
            "illegality": nature[:200],
            "escalated": clue.escalated_at is not None,
        }


def _disposals(clue: Any, data: Mapping[str, Any], unit_id: str, now: datetime) -> Iterator[dict[str, Any]]:
    fine = float(data.get("administrative_penalty") or 0)
    basis = str(data.get("penalty_basis") or "")[:300]
    if fine > 0:
        yield _disposal(clue, unit_id, now, "fine", "em2", data, amount=fine, basis=basis)
    for name, (kind, measure) in COUNTED.items():
        for _ in range(int(data.get(name) or 0)):
            yield _disposal(clue, unit_id, now, kind, measure, data)
    for name, (kind, measure) in PERSONS.items():
        if persons := int(data.get(name) or 0):
            yield _disposal(clue, unit_id, now, kind, measure, data, persons=persons)


def hold_accountable(tx: Tx, clue: Any, form: Any, now: datetime) -> None:
    """Persons that an escalated verification had held to account."""
    persons = int(form.data.get("accountable_persons") or 0)
    if persons:
        facts = {"summary": str(form.data.get("accountability") or "")}
        rows.add(tx, "disposal", _disposal(clue, form.unit_id, now, "accountability", "em5", facts, persons=persons))


def _disposal(
    clue: Any, unit_id: str, now: datetime, kind: str, measure: str, data: Mapping[str, Any], **more: Any
) -> dict[str, Any]:
    return {
        "id": new_id(),
        "campaign_id": clue.campaign_id,
        "kind": kind,
        "measure": measure,
        "clue_id": clue.id,
        "enterprise_id": clue.enterprise_id,
        "subject": clue.subject,
        "county_id": clue.county_id,
        "facts": str(data.get("summary") or ""),
        "unit_id": unit_id,
        "decided_at": now,
        **more,
    }
