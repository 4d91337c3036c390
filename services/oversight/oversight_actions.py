"""What the processes of oversight ask of the host: rows of what was seen, answers to what was found."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any

from domain.errors import Invalid
from domain.ledger import Tag
from domain.oversight import DEPARTMENT
from domain.workdays import BEIJING
from engine.contract import ActionSignature, Scalar
from models import Tx, new_id
from models.queries import oversight as rows
from models.queries import records
from services.counting.form_context import context_for
from services.counting.inspection_progress import COUNTIES
from services.plans.units import units_if_any
from services.plans.versions import CampaignFacts, edition_of, plan_of
from services.running import handed_in
from services.running.effects import Effects
from services.running.hosts import host_action

DEPARTMENT_FORM = "department_oversight"
RESULT_FORM = "oversight_result"
ANSWER_FORM = "oversight_answer"


# -- a department looks at the counties --------------------------------------------------------------------------------
def _counties(tx: Tx, facts: CampaignFacts) -> list[Any]:
    return units_if_any(tx, plan_of(edition_of(tx, facts.edition_id), facts), COUNTIES, "counties")


@context_for(DEPARTMENT_FORM)
def _lines(tx: Tx, facts: CampaignFacts, _variables: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"overseen": [{"county": unit.short_name} for unit in _counties(tx, facts)]}


@host_action("oversight.register_department", "登记督查记录", ActionSignature())
def _register(tx: Tx, *, instance: Mapping[str, Any], facts: CampaignFacts, fx: Effects) -> Mapping[str, Scalar]:
    """One row a county; Invalid where a line is missing or lies in the future."""
    form = handed_in.newest(tx, fx, instance["id"], DEPARTMENT_FORM)
    lines = {line["county"]: line for line in form.data.get("overseen") or ()}
    counties = _counties(tx, facts)
    missing = [unit.short_name for unit in counties if unit.short_name not in lines]
    if missing:
        raise Invalid(f"还有 {'、'.join(missing)} 没有填写督查情况。", fields={"overseen": "每个县（区、市）都要填写"})
    found = [_department_row(instance, form, unit, lines[unit.short_name], fx.now) for unit in counties]
    rows.write(tx, found)
    for row in found:
        event = {"oversight": row["id"], "mode": DEPARTMENT, "target": row["target_id"], "problems": row["problems"]}
        fx.ledger(Tag.OVERSIGHT_RECORD, instance=instance, post_id=form.post_id, data=event)
    return {}


def _department_row(
    instance: Mapping[str, Any], form: handed_in.HandedIn, unit: Any, line: Mapping[str, Any], now: datetime
) -> dict[str, Any]:
    return {
        "id": new_id(),
        "campaign_id": instance["campaign_id"],
        "mode": DEPARTMENT,
        "unit_id": instance["unit_id"],
        "target_id": unit.id,
        "began_at": _moment(line["began_on"], now, unit.short_name),
        "unannounced": bool(line.get("unannounced")),
        "conclusion": str(line["conclusion"]),
        "problems": int(line["problems"]),
        "finished_at": now,
        "instance_id": instance["id"],
        "recorded_by": form.person_id,
    }


def _moment(day: Any, now: datetime, whom: str) -> datetime:
    """The start of a day that was typed; it cannot lie ahead."""
    at = datetime.combine(date.fromisoformat(str(day)[:10]), time.min, BEIJING)
    if at > now:
        raise Invalid(f"{whom}：督导日期不能晚于今天。", fields={"began_on": "日期不能晚于今天"})
    return at


# -- the office looks at a unit ----------------------------------------------------------------------------------------
def _oversight(tx: Tx, instance: Mapping[str, Any]) -> Any:
    row = rows.one(tx, str(instance["variables"].get("oversight_id") or ""))
    if row is None:
        raise Invalid("没有找到这个流程的督导记录。")
    return row


@host_action("oversight.record", "登记督导结果", ActionSignature())
def _record(tx: Tx, *, instance: Mapping[str, Any], facts: CampaignFacts, fx: Effects) -> Mapping[str, Scalar]:
    """The result as the group wrote it."""
    row = _oversight(tx, instance)
    form = handed_in.newest(tx, fx, instance["id"], RESULT_FORM)
    problems = len(form.data.get("problem_rows") or ())
    rows.change(
        tx,
        row.id,
        began_at=_moment(form.data["began_on"], fx.now, row.target),
        unannounced=bool(form.data.get("unannounced")),
        media=str(form.data.get("media") or row.media),
        conclusion=str(form.data["conclusion"]),
        problems=problems,
        instance_id=instance["id"],
        recorded_by=form.person_id,
    )
    event = {"oversight": row.id, "mode": row.mode, "target": row.target_id, "problems": problems}
    fx.ledger(Tag.OVERSIGHT_RECORD, instance=instance, post_id=form.post_id, data=event)
    return {}


@context_for(ANSWER_FORM)
def _problems(tx: Tx, _facts: CampaignFacts, variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """The problems that the group found, one line each to be answered."""
    row = rows.one(tx, str(variables.get("oversight_id") or ""))
    result = records.newest_submission(tx, row.instance_id, RESULT_FORM) if row and row.instance_id else None
    found = (result.data or {}).get("problem_rows") or () if result else ()
    return {"answers": [{"problem": line["problem"]} for line in found]}


@host_action("oversight.answer", "登记督导答复", ActionSignature())
def _answer(tx: Tx, *, instance: Mapping[str, Any], facts: CampaignFacts, fx: Effects) -> Mapping[str, Scalar]:
    """Every problem has its answer; Invalid where a line is missing."""
    row = _oversight(tx, instance)
    form = handed_in.newest(tx, fx, instance["id"], ANSWER_FORM)
    answers = form.data.get("answers") or ()
    if len(answers) < row.problems:
        raise Invalid(f"督导发现 {row.problems} 个问题，须逐条答复。", fields={"answers": "每个问题都要答复"})
    event = {"oversight": row.id, "answers": len(answers), "done": sum(bool(line.get("done")) for line in answers)}
    fx.ledger(Tag.OVERSIGHT_ANSWER, instance=instance, post_id=form.post_id, data=event)
    return {}


@host_action("oversight.finish", "督导销号", ActionSignature())
def _finish(tx: Tx, *, instance: Mapping[str, Any], facts: CampaignFacts, fx: Effects) -> Mapping[str, Scalar]:
    """Nothing is left to answer."""
    row = _oversight(tx, instance)
    rows.change(tx, row.id, finished_at=fx.now)
    fx.ledger(Tag.OVERSIGHT_FINISH, instance=instance, data={"oversight": row.id, "mode": row.mode})
    return {}
