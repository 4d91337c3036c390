"""What the diagrams of the appraisal ask the system for: compile, publish, file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from domain.errors import Invalid
from domain.ledger import Tag
from engine.contract import ActionSignature, Scalar
from models import Tx
from models.queries import rankings as rows
from services.counting.form_context import context_for
from services.plans.versions import CampaignFacts, edition_of, plan_of
from services.publications import appraisals
from services.publications.publication_actions import content_hash
from services.running.effects import Effects
from services.running.handed_in import newest
from services.running.hosts import host_action

REVIEW, APPROVAL, RECORD = "ranking_review", "ranking_approval", "final_appraisal_record"


@host_action(
    "appraisal.compile",
    "计算考评排队",
    ActionSignature(arguments={"report": "str"}, results={"publication_id": "str"}),
)
def compile_ranking(
    tx: Tx, *, report: str, instance: Mapping[str, Any], facts: CampaignFacts, fx: Effects
) -> Mapping[str, Scalar]:
    """Count the period; what an instance has compiled is not compiled again."""
    known = rows.of_instance(tx, instance["id"])
    if known is not None:
        return {"publication_id": known.id}
    plan = plan_of(edition_of(tx, facts.edition_id), facts)
    period = instance["variables"]["period"]
    span = appraisals.span_of(plan, fx.calendar, report, period)
    kind = appraisals.FINAL if plan.reports[report].kind == "once" else appraisals.MONTHLY
    found = appraisals.compile_ranking(tx, facts, plan, span, kind=kind, instance=instance, now=fx.now)
    fx.ledger(Tag.RANKING_COMPILE, instance=instance, data={"publication": found, "report": report, "period": period})
    return {"publication_id": found}


@host_action("appraisal.publish", "公布考评排队结果", ActionSignature(arguments={"publication_id": "str"}))
def publish(
    tx: Tx, *, publication_id: str, instance: Mapping[str, Any], facts: CampaignFacts, fx: Effects
) -> Mapping[str, Scalar]:
    """Publish the ranking as it was compiled, with the reviewer's words, in the name of who approved it."""
    row = _approved(tx, publication_id, instance, fx)
    fx.ledger(Tag.RANKING_PUBLISH, instance=instance, data={"publication": row.id, "hash": row.content_hash})
    return {}


@host_action("appraisal.file", "存档综合考评", ActionSignature(arguments={"publication_id": "str"}))
def file(
    tx: Tx, *, publication_id: str, instance: Mapping[str, Any], facts: CampaignFacts, fx: Effects
) -> Mapping[str, Scalar]:
    """Keep with the final appraisal what was done with it outside the system."""
    row = _approved(tx, publication_id, instance, fx)
    record = dict(newest(tx, fx, instance["id"], RECORD).data)
    # what was approved stays as it is: the record is the form that was handed in, and stands in the ledger
    fx.ledger(Tag.APPRAISAL_FILE, instance=instance, data={"publication": row.id, "hash": row.content_hash, **record})
    return {}


def _approved(tx: Tx, publication_id: str, instance: Mapping[str, Any], fx: Effects) -> Any:
    row = rows.one(tx, publication_id)
    if row is None or row.instance_id != instance["id"]:
        raise Invalid("没有找到要公布的考评结果。")
    review, approval = newest(tx, fx, instance["id"], REVIEW), newest(tx, fx, instance["id"], APPROVAL)
    note = {"body": str(review.data.get("comment") or ""), "media": ""}
    about = {"status": "published", "published_at": fx.now, "approved_by": approval.person_id}
    rows.change(tx, row.id, content_hash=content_hash(row, note), **note, **about)
    return rows.one(tx, row.id)


def _context(tx: Tx, facts: CampaignFacts, variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """The ranking that is reviewed and approved."""
    publication_id = str(variables.get("publication_id") or "")
    row = rows.one(tx, publication_id)
    if row is None:
        return {"standings": [], "suggestions": []}
    return {
        "ranking_title": row.title,
        "ranking_id": row.id,
        "standings": row.content["lines"],
        "suggestions": [
            {"unit": one["unit"], "reasons": "；".join(one["reasons"])} for one in row.content["key_supervision"]
        ],
    }


for _form in (REVIEW, APPROVAL, RECORD):
    context_for(_form)(_context)
