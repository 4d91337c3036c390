"""The children of a call over measures: one for each measure in each unit that does it, noted before they start."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from domain.errors import Invalid
from domain.ledger import Tag
from domain.measures import ACCEPTED, WAITING
from domain.plan import Plan
from models import Tx, new_id
from models.queries import measures as rows
from models.queries import units as unit_rows
from services.plans.measures import Doer, hand_out
from services.plans.versions import CampaignFacts, Version, process_of
from services.running import instances
from services.running.effects import Effects

LONGEST_TITLE = 200
LIAISON = "liaison"


def lay_out(tx: Tx, group: Any, campaign_id: str | None, plan: Plan) -> int:
    """Note all that a call hands out; how many children it will have. What is accepted or runs is left alone."""
    if campaign_id is None:
        raise Invalid("措施清单只能在启动的行动中下达")
    name = group.plan["measures"]
    found = hand_out(tx, plan, name)
    if found.problems:
        raise Invalid("；".join(found.problems[:10]))
    before: dict[tuple[str, str], list[Any]] = {}
    for row in rows.standing(tx, campaign_id, name):
        before.setdefault((row.measure, row.unit_id), []).append(row)
    again = [first.id for known in before.values() if (first := _stopped(known)) is not None]
    new = [doer for doer in found.doers if (doer.measure.id, doer.unit.id) not in before]
    rows.hand_out_again(tx, again, group.id)
    rows.write(tx, [row for doer in new for row in _rows(doer, campaign_id, name, group.id)])
    return len(again) + len(new)


def _stopped(known: Sequence[Any]) -> Any:
    """The date at which a unit stands whose instance was cancelled; None where it runs or is done."""
    left = [row for row in known if row.status != ACCEPTED]
    return left[0] if left and not any(row.live for row in left) else None


def _rows(doer: Doer, campaign_id: str, name: str, group_id: str) -> Iterable[dict[str, Any]]:
    rounds = doer.measure.rounds()
    for number, (due_at, targets) in enumerate(rounds, 1):
        yield {
            "id": new_id(),
            "campaign_id": campaign_id,
            "list_key": name,
            "measure": doer.measure.id,
            "unit_id": doer.unit.id,
            "role": doer.role,
            "lead_unit_id": doer.lead_unit_id,
            "round": number,
            "last": number == len(rounds),
            "due_at": due_at,
            "target": bool(targets),
            "status": WAITING,
            "group_id": group_id if number == 1 else None,
            "instance_id": None,
            "reported": {},
        }


def start_batch(
    tx: Tx, fx: Effects, parent: dict[str, Any], group: Any, home: tuple[Version, CampaignFacts, Plan], size: int
) -> int:
    """Start the next children; how many they were."""
    version, facts, plan = home
    called = process_of(tx, version.edition, group.called)
    waiting = rows.not_started(tx, group.id, size)
    units = unit_rows.by_ids(tx, list({row.unit_id for row in waiting}))
    pairs = []
    for row in waiting:
        measure, unit = plan.measures[row.measure], units[row.unit_id]
        child = instances.start(
            tx,
            fx,
            called,
            facts,
            unit=unit,
            inputs={
                **group.plan["inputs"],
                **variables(row, row.lead_unit_id),
                "measure_post": _reporter(plan, unit),
            },
            title=f"{measure.name} · {unit.short_name}"[:LONGEST_TITLE],
            parent=parent,
            parent_ref=group.ref,
        )
        pairs.append({"id": row.id, "measure": row.measure, "unit": row.unit_id, "instance": child["id"]})
    fx.ledger(Tag.CHILDREN_START, instance=parent, data={"element": group.element, "started": len(waiting)})
    fx.flush(tx)
    rows.started(tx, str(facts.id), pairs)
    return len(waiting)


def _reporter(plan: Plan, unit: Any) -> str:
    """The post that reports for a unit: the liaison; an enterprise has none, so there its own officer does."""
    own = (post.id for post in plan.posts.values() if post.role == "enterprise")
    return next(own, LIAISON) if unit.level == "enterprise" else LIAISON


def variables(row: Any, lead_unit_id: str | None) -> dict[str, Any]:
    """What a child knows of its measure, at the date that is next."""
    return {
        "measure": row.measure,
        "measure_due": row.due_at.isoformat(),
        "measure_round": row.round,
        "measure_role": row.role,
        "measure_target": bool(row.target),
        "lead_unit": lead_unit_id or "",
    }
