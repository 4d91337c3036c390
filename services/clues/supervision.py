"""挂牌督办 of what was handed over (附件3): the department that a letter names lists the matter and reports back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from domain.authority import SYSTEM
from domain.errors import Conflict, NotFound
from domain.ledger import Tag
from domain.workdays import BEIJING
from engine.contract import ActionSignature, Scalar
from models import Notice, Tx, new_id
from models.queries import clues as clue_rows
from models.queries import letters as rows
from services.counting.form_texts import labels_of
from services.plans.versions import CampaignFacts, edition_of
from services.running import instances, jobs, starts
from services.running.effects import Effects
from services.running.handed_in import HandedIn, newest
from services.running.hosts import host_action

PROCESS = "department_supervision"
LISTING, FEEDBACK = "matter_supervision", "supervision_feedback"
_ON_LETTER = {"letter_id": "str"}
Results = Mapping[str, Scalar]


def start(tx: Tx, clue: Any, *, letter_id: str, number: str, supervisor: Any, due: datetime, now: datetime) -> None:
    """Behind the hand-over: the supervising department gets its work, owed when the letter says."""
    if supervisor is None:
        return
    starts.start_later(
        tx,
        campaign_id=clue.campaign_id,
        process=PROCESS,
        unit_id=supervisor.id,
        key=letter_id,
        title=f"督办 {number}（{clue.subject}）",
        inputs={
            "letter_id": letter_id,
            "letter_number": number,
            "supervision_feedback_due": due.astimezone(BEIJING).isoformat(),
        },
        now=now,
    )


def withdraw_later(tx: Tx, clue: Any, reason: str, now: datetime) -> None:
    """Behind the commit the supervision of a clue ends whose hand-over came to nothing; its letter stands no more."""
    for letter in clue_rows.letters_of(tx, clue.id):
        if letter.supervisor is not None:
            jobs.enqueue(tx, "supervision:withdraw", letter.id, {"letter": letter.id, "reason": reason}, now)


@jobs.handler("supervision:withdraw")
def _withdraw(tx: Tx, args: Mapping[str, Any], now: datetime) -> None:
    letter = _letter(tx, args["letter"])
    if letter.supervision_id is None:
        raise Conflict("督办流程尚未开始，稍后再撤销。")
    instance = instances.lock(tx, letter.supervision_id)
    if instance is None or instance["status"] not in instances.LIVE:
        return
    fx = instances.effects(tx, SYSTEM, now)
    text = f"【督办撤销】{letter.number}交办事项：{args['reason']}，不再督办，无需反馈。"
    for task in clue_rows.tasks_of(tx, instance["id"]):
        about = {"post_id": task.post_id, "campaign_id": instance["campaign_id"]}
        fx.add(Notice, id=new_id(), task_id=None, kind="withdrawn", text=text[:400], created_at=now, **about)
    instances.cancel(tx, fx, instance)
    data = {"clue": letter.clue_id, "letter": letter.number, "sentence": args["reason"]}
    fx.ledger(Tag.LETTER_SUPERVISION_WITHDRAW, instance=instance, data=data)
    fx.flush(tx)


@host_action("supervision.take_up", "督办事项进入办理", ActionSignature(arguments=_ON_LETTER))
def take_up(tx: Tx, letter_id: Scalar, *, instance: Mapping[str, Any], facts: CampaignFacts, fx: Effects) -> Results:
    """The letter knows the process that supervises it."""
    rows.change(tx, _letter(tx, letter_id).id, supervision_id=instance["id"])
    return {}


@host_action("supervision.list", "记载挂牌督办", ActionSignature(arguments=_ON_LETTER))
def listed(tx: Tx, letter_id: Scalar, *, instance: Mapping[str, Any], facts: CampaignFacts, fx: Effects) -> Results:
    """The matter is listed: what is demanded stands in the ledger of the clue."""
    letter, form = _letter(tx, letter_id), newest(tx, fx, instance["id"], LISTING)
    _note(fx, Tag.LETTER_LIST, instance, letter, form, opinion=str(form.data.get("demands") or "")[:400])
    return {}


@host_action("supervision.report", "记载督办情况及结果", ActionSignature(arguments=_ON_LETTER))
def reported(tx: Tx, letter_id: Scalar, *, instance: Mapping[str, Any], facts: CampaignFacts, fx: Effects) -> Results:
    """What the supervision came to; late is what came behind the letter's date."""
    letter, form = _letter(tx, letter_id), newest(tx, fx, instance["id"], FEEDBACK)
    labels = labels_of(edition_of(tx, facts.edition_id).forms.get(FEEDBACK, {}))
    due = datetime.fromisoformat(str(instance["variables"]["supervision_feedback_due"]))
    said = {
        "opinion": str(form.data.get("situation") or "")[:400],
        "sentence": labels.text("result", form.data.get("result")),
        "late": fx.now > due,
    }
    _note(fx, Tag.LETTER_SUPERVISION_REPORT, instance, letter, form, **said)
    return {}


def _letter(tx: Tx, letter_id: Scalar) -> Any:
    row = rows.one(tx, str(letter_id))
    if row is None:
        raise NotFound("没有找到这份交办（移送）书。")
    return row


def _note(fx: Effects, tag: Tag, instance: Mapping[str, Any], letter: Any, form: HandedIn, **data: Any) -> None:
    about = {"clue": letter.clue_id, "letter": letter.number, **data}
    fx.ledger(tag, instance=instance, post_id=form.post_id, unit_id=form.unit_id, data=about)
