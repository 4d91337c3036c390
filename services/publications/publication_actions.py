"""Host actions of a publication (附件1 一（四）): compiled from the register of clues, amended, published."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson

from domain import clues as words
from domain.errors import Conflict, NotFound
from domain.ledger import Tag
from domain.plan import Plan
from domain.workdays import BEIJING
from engine.contract import ActionSignature, Scalar
from models import Signature, Tx, new_id
from models.queries import publications as rows
from models.queries import records
from services.counting.form_texts import labels_of
from services.plans.versions import CampaignFacts, edition_of, plan_of
from services.running.effects import Effects
from services.running.hosts import host_action

NOTE_FORM, RESULT_FORM, TEN_ITEMS = "publication_note", "clue_result", "f_result_publication"
OFFICE = "campaign_office"
MEASURED = ("shutdown_rectification", "closed_banned", "administrative_penalty", "licence_revoked")
DEALT_WITH = ("joint_sanction", "party_administrative_sanction", "criminal_liability")
_WITH_ID = {"publication_id": "str"}
Results = Mapping[str, Scalar]


@host_action(
    "publication.compile",
    "形成公开内容",
    ActionSignature(
        arguments={"kind": "str", "clue_id": "str"},
        optional=frozenset({"clue_id"}),
        results={"publication_id": "str", "listed": "int"},
    ),
)
def compile_content(
    tx: Tx, kind: Scalar, clue_id: Scalar, *, instance: Mapping[str, Any], facts: CampaignFacts, fx: Effects
) -> Results:
    """Write the draft; where there is nothing to publish there is none."""
    plan = plan_of(edition_of(tx, facts.edition_id), facts)
    variables = instance["variables"]
    made = _result(tx, plan, facts, str(clue_id)) if clue_id else _listed(tx, plan, facts, str(kind), variables)
    if made is None:
        return {"publication_id": None, "listed": 0}
    title, content, listed = made
    row = {
        "id": new_id(),
        "campaign_id": facts.id,
        "kind": kind,
        "unit_id": instance["unit_id"],
        "period": variables.get("period") or "",
        "clue_id": clue_id,
        "title": title,
        "content": content,
        "compiled_at": fx.now,
        "instance_id": instance["id"],
    }
    rows.add(tx, row)
    fx.ledger(Tag.PUBLICATION_COMPILE, instance=instance, data={"publication": row["id"], "title": title})
    return {"publication_id": str(row["id"]), "listed": listed}


def _listed(
    tx: Tx, plan: Plan, facts: CampaignFacts, kind: str, variables: Mapping[str, Any]
) -> tuple[str, dict[str, Any], int] | None:
    """The list of a day or a week; the office's is the whole city's."""
    since, until = (datetime.fromisoformat(variables[name]) for name in ("period_start", "period_end"))
    whole = OFFICE in str(variables.get("unit_groups") or "").split()
    found = rows.handed_over(tx, str(facts.id), since, until, None if whole else variables["unit_id"])
    content: dict[str, Any] = {"clues": [_entry(plan, clue) for clue in found]}
    if kind == "assignment_list":
        title = f"{'' if whole else variables['unit_name']}问题线索交办清单（{_day(since)}）"
        return (title, content, len(found)) if found else None
    so_far = rows.handed_over(tx, str(facts.id), None, until, None)
    content |= {"progress": _progress(so_far, until), "handled": _handled(so_far)}
    title = f"交办问题清单和查处整改进展情况（{_day(since)}至{_day(until, last=True)}）"
    return (title, content, len(so_far)) if so_far else None


def _day(at: datetime, *, last: bool = False) -> str:
    local = at.astimezone(BEIJING)
    if last:
        local = local.fromtimestamp(local.timestamp() - 1, BEIJING)
    return f"{local.year}年{local.month}月{local.day}日"


def _entry(plan: Plan, clue: Any) -> dict[str, str]:
    """A line of the list. What was reported, in whose words and from where it came stays in the house."""
    sector = (plan.raw.get("sectors") or {}).get(clue.sector) or {}
    return {
        "number": clue.number,
        "subject": clue.subject,
        "kind": words.KINDS.get(clue.kind, clue.kind),
        "sector": str(sector.get("name") or ""),
        "county": clue.county or "",
        "unit": clue.unit,
        "assigned_on": _day(clue.assigned_at),
        "due_on": _day(clue.result_due, last=True) if clue.result_due else "",
    }


def _progress(found: Sequence[Any], until: datetime) -> list[dict[str, Any]]:
    """How far each unit has come with everything handed over to it."""
    units = {clue.unit_id: clue.unit for clue in sorted(found, key=lambda clue: clue.code)}
    return [{"unit": name, **_count([c for c in found if c.unit_id == key], until)} for key, name in units.items()]


def _count(found: Sequence[Any], until: datetime) -> dict[str, int]:
    done = sum(clue.concluded_at is not None and clue.concluded_at < until for clue in found)
    escalated = sum(clue.escalated_at is not None and clue.escalated_at < until for clue in found)
    return {"handed_over": len(found), "concluded": done, "under_way": len(found) - done, "escalated": escalated}


def _handled(found: Sequence[Any]) -> dict[str, float]:
    """What concluded clues came to: figures of their results, added up."""
    total: Counter[str] = Counter()
    for clue in found:
        if clue.status == "concluded" and isinstance(clue.result, Mapping):
            for name in (*MEASURED, *DEALT_WITH):
                total[name] += clue.result.get(name) or 0
    return {name: round(total[name], 2) for name in (*MEASURED, *DEALT_WITH)}


def _result(tx: Tx, plan: Plan, facts: CampaignFacts, clue_id: str) -> tuple[str, dict[str, Any], int] | None:
    """The ten items of a clue's result, in the notice's order."""
    clue = rows.clue(tx, clue_id)
    if clue is None or not isinstance(clue.result, Mapping):
        return None
    labels = labels_of(edition_of(tx, facts.edition_id).forms.get(RESULT_FORM, {}))
    fields = ((plan.raw.get("forms") or {}).get(TEN_ITEMS) or {}).get("fields") or ()
    items = [(field["label"], _item(field, clue, labels)) for field in fields]
    content = {**_entry(plan, clue), "items": items}
    return f"{clue.number}号问题线索办理结果", content, 1


UNITS = {"shutdown_rectification": "家", "closed_banned": "家", "administrative_penalty": "万元"}
UNITS |= {"licence_revoked": "个", "joint_sanction": "家"}
UNITS |= {"party_administrative_sanction": "人", "criminal_liability": "人"}


def _item(field: Mapping[str, Any], clue: Any, labels: Any) -> str:
    """An item in words; that a clue was escalated is known better than its result says."""
    key = field["id"]
    if key == "escalated_verification" and clue.escalated_at:
        return f"已提级核查（{words.ESCALATIONS.get(clue.escalated_for or '', '')}）"
    value = clue.result.get(key)
    if value is None or value == "":
        return "无"
    if field.get("type") == "percent":
        return f"{value}%" if isinstance(value, int | float) else str(value)
    return f"{labels.text(key, value)}{UNITS.get(key, '')}"


# -- published ---------------------------------------------------------------------------------------------
@host_action("publication.publish", "公开", ActionSignature(arguments=_WITH_ID))
def publish(
    tx: Tx, publication_id: Scalar, *, instance: Mapping[str, Any], facts: CampaignFacts, fx: Effects
) -> Results:
    """Approved, so published: from now on its content stays, and a checksum shows that it did."""
    row = _draft(tx, publication_id)
    note = note_of(tx, instance["id"])
    digest = content_hash(row, note)
    signers = [one["signed_by"] for one in fx.rows[Signature] if one["instance_id"] == instance["id"]]
    rows.change(
        tx,
        row.id,
        status="published",
        published_at=fx.now,
        approved_by=signers[-1] if signers else fx.actor.person_id,
        content_hash=digest,
        **note,
    )
    data = {"publication": row.id, "title": row.title, "hash": digest}
    fx.ledger(Tag.PUBLICATION_PUBLISH, instance=instance, data=data)
    return {}


def _draft(tx: Tx, publication_id: Scalar) -> Any:
    row = rows.locked(tx, str(publication_id))
    if row is None:
        raise NotFound("没有找到要公开的内容。")
    if row.status != "draft":
        raise Conflict("这项内容已经公开或撤回，不能再改。")
    return row


def note_of(tx: Tx, instance_id: str) -> dict[str, str]:
    """What the editor wrote to go with the list, the newest of it."""
    found = records.newest_submission(tx, instance_id, NOTE_FORM)
    data = found.data if found is not None else {}
    return {name: str(data.get(name) or "") for name in ("body", "media")}


def content_hash(row: Any, note: Mapping[str, str]) -> str:
    """The checksum of everything a reader sees."""
    seen = {"title": row.title, "content": row.content, **note}
    return hashlib.sha256(orjson.dumps(seen, option=orjson.OPT_SORT_KEYS)).hexdigest()
