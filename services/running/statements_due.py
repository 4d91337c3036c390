"""Which submission fulfils which owed statement, and when it is accepted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from domain.ledger import Tag
from engine.contract import Element
from models import Tx
from models.queries import periods as rows
from services.plans.versions import Version
from services.running.effects import Effects


def note_submission(
    tx: Tx,
    fx: Effects,
    instance: Mapping[str, Any],
    version: Version,
    element: Element,
    submission_id: str,
    decisions: Mapping[str, Any],
) -> None:
    """Mark the period of a scheduled instance as submitted when its own unit hands in a form.

    The first submission sets the time that counts; a later one (cases supplemented) changes only the content.
    """
    if "period" not in instance["variables"]:
        return
    period = rows.of_instance(tx, instance["id"])
    if period is None or period.status == rows.WORK:
        return
    values: dict[str, Any] = {}
    own = element.assignment is not None and element.assignment.unit == "own"
    if own and element.form:
        values["submission_id"] = submission_id
        values["cases"] = next((v for k, v in decisions.items() if k.endswith("cases")), period.cases)
        if period.submitted_at is None:
            # the instance may have ended with it: what is accepted stays accepted
            values |= {"submitted_at": fx.now, "status": "accepted" if instance["status"] == "ended" else "submitted"}
            late = fx.now > period.due_at
            data = {"report": period.report, "period": period.period, "late": late, "cases": values["cases"]}
            fx.ledger(Tag.STATEMENT_SUBMIT, instance=instance, data=data)
            if late:
                fx.ledger(Tag.STATEMENT_LATE, instance=instance, data=data)
    if values:
        fx.after.append(lambda tx: rows.update_period(tx, period.id, **values))


def accept(fx: Effects, instance: Mapping[str, Any]) -> None:
    """A scheduled instance has ended, whoever or whatever ended it: its statement is accepted."""
    if "period" not in instance["variables"]:
        return

    def write(tx: Tx) -> None:
        period = rows.accept(tx, instance["id"])
        if period is not None:
            last = Effects(actor=fx.actor, now=fx.now, calendar=fx.calendar)
            last.ledger(
                Tag.STATEMENT_ACCEPT, instance=instance, data={"report": period.report, "period": period.period}
            )
            last.flush(tx)

    fx.after.append(write)
