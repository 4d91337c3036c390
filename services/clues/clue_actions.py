"""Host actions of the clue loop (附件1): hand-over, verification, objection, result, check, escalation, conclusion."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from domain import clues as words
from domain.errors import Invalid, NotFound
from domain.ledger import Tag
from domain.plan import Plan
from domain.workdays import BEIJING, limit
from engine.contract import ActionSignature, Scalar
from models import Signature, Tx, new_id
from models.queries import clues as rows
from models.queries import letters as letter_rows
from models.queries import units as unit_rows
from services.clues import clue_results, letters, supervision
from services.clues.clue_terms import objection_due, paused, paused_by_return, result_due
from services.plans.units import unit_named
from services.plans.versions import CampaignFacts, edition_of, plan_of
from services.publications import publications
from services.running import handed_in, starts
from services.running.effects import Effects
from services.running.hosts import host_action

LOOP = "clue_loop"
LIST_FORM, SEAL_FORM = "clue_hand_over", "clue_seal"
VERIFICATION, RULING = "clue_verification", "clue_ruling"
RESULT, CHECK, ESCALATED = "clue_result", "clue_check", "escalated_verification"
Results = Mapping[str, Scalar]


def _plan(tx: Tx, facts: CampaignFacts) -> Plan:
    return plan_of(edition_of(tx, facts.edition_id), facts)


def _locked(tx: Tx, clue_id: Scalar) -> Any:
    clue = rows.locked(tx, str(clue_id))
    if clue is None:
        raise NotFound("没有找到这条线索。")
    return clue


def _note(fx: Effects, tag: Tag, instance: Mapping[str, Any], clue: Any, by: Any = None, **data: Any) -> None:
    """What happened to a clue; `by` is the form that brought it about."""
    about = {"post_id": by.post_id, "unit_id": by.unit_id} if by else {}
    fx.ledger(tag, instance=instance, data={"clue": clue.id, "number": clue.number, **data}, **about)


def _status(clue: Any, status: str) -> str:
    """An escalated clue stays escalated until it is concluded."""
    return "escalated" if clue.escalated_at else status


# -- hand-over ---------------------------------------------------------------------------------------------------------
@host_action("clue.collect", "汇集待交办线索", ActionSignature(results={"listed": "int", "registered_at": "str"}))
def collect(tx: Tx, *, instance: Mapping[str, Any], facts: CampaignFacts, fx: Effects) -> Results:
    """How many classified clues wait; without any there is nothing to do."""
    found = rows.to_hand_over(tx, str(facts.id))
    if not found:
        return {"listed": 0, "registered_at": fx.now.isoformat()}
    since = min(_counted_from(tx, clue) for clue in found)
    return {"listed": len(found), "registered_at": since.astimezone(BEIJING).isoformat()}


def _counted_from(tx: Tx, clue: Any) -> datetime:
    """From when its hand-over is counted; a clue that came back is as new when it was classified again."""
    again: datetime = clue.classified_at if rows.letters_of(tx, clue.id) else clue.registered_at
    return again


@host_action("clue.hand_over", "逐条交办线索", ActionSignature(results={"handed_over": "int"}))
def hand_over(tx: Tx, *, instance: Mapping[str, Any], facts: CampaignFacts, fx: Effects) -> Results:
    """Every clue of the confirmed list: a sealed letter, its deadlines, and the loop of the responsible unit."""
    plan = _plan(tx, facts)
    confirmed = handed_in.newest(tx, fx, instance["id"], LIST_FORM)
    office = unit_rows.unit(tx, str(facts.office_unit_id))
    found = rows.to_hand_over(tx, str(facts.id), confirmed.at, lock=True)
    sealed = handed_in.newest(tx, fx, instance["id"], SEAL_FORM)
    handler = letter_rows.person_name(tx, confirmed.person_id)
    for clue in found:
        _hand_over(tx, fx, instance, facts, plan, clue, office, handler, sealed)
    return {"handed_over": len(found)}


def _hand_over(
    tx: Tx,
    fx: Effects,
    instance: Mapping[str, Any],
    facts: CampaignFacts,
    plan: Plan,
    clue: Any,
    office: Any,
    handler: str,
    sealed: Any,
) -> None:
    now = fx.now
    due = result_due(plan, fx.calendar, now)
    at_once = plan.settings.get("receipt_moment") != "confirmed"
    received: dict[str, Any] = {"received_at": None, "objection_due": None}
    if at_once:
        received = {"received_at": now, "objection_due": objection_due(plan, fx.calendar, now)}
    supervisor = _supervisor(tx, facts, plan, clue)
    letter_id, letter = letters.issue(
        tx,
        plan,
        clue,
        supervisor=supervisor,
        result_due=due,
        office=office,
        handler=handler,
        sealed_by=fx.actor.person_id,
        now=now,
    )
    rows.change(tx, clue.id, status="assigned", assigned_at=now, result_due=due, letter_id=letter_id, **received)
    about = {"clue": clue.id, "number": clue.number, "letter": letter, "unit": clue.unit}
    for tag in (Tag.LETTER_ISSUE, Tag.CLUE_HAND_OVER):
        fx.ledger(tag, instance=instance, post_id=sealed.post_id, unit_id=clue.unit_id, data=about)
    _start_loop(tx, clue, letter_id, now)
    supervision.start(tx, clue, letter_id=letter_id, number=letter, supervisor=supervisor, due=due, now=now)


def _start_loop(tx: Tx, clue: Any, letter_id: str, now: datetime) -> None:
    inputs = {"clue_id": clue.id, "clue_number": clue.number, "assigned_at": now.astimezone(BEIJING).isoformat()}
    starts.start_later(
        tx,
        campaign_id=clue.campaign_id,
        process=LOOP,
        unit_id=clue.unit_id,
        key=f"{clue.id}:{letter_id}",
        title=f"线索 {clue.number}（{clue.subject}）",
        inputs=inputs,
        now=now,
    )


def _supervisor(tx: Tx, facts: CampaignFacts, plan: Plan, clue: Any) -> Any:
    """The department that leads the clue's sector supervises it (附件3), unless it handles the clue itself.

    Nobody does in a campaign whose notice does not order it: its folder has no such process.
    """
    if supervision.PROCESS not in edition_of(tx, facts.edition_id).processes:
        return None
    sector = (plan.raw.get("sectors") or {}).get(clue.sector) or {}
    leads = unit_named(tx, plan, str(sector.get("lead_department") or ""))
    return leads if leads and leads.id != clue.unit_id else None


_ON_CLUE = {"clue_id": "str"}


@host_action("clue.take_up", "线索进入办理", ActionSignature(arguments=_ON_CLUE))
def take_up(tx: Tx, clue_id: Scalar, *, instance: Mapping[str, Any], facts: CampaignFacts, fx: Effects) -> Results:
    """The clue knows the process that works on it."""
    clue = _locked(tx, clue_id)
    rows.change(tx, clue.id, instance_id=instance["id"])
    return {}


@host_action("clue.receive", "签收交办清单", ActionSignature(arguments=_ON_CLUE))
def receive(tx: Tx, clue_id: Scalar, *, instance: Mapping[str, Any], facts: CampaignFacts, fx: Effects) -> Results:
    """Where the plan has units confirm their receipt, the objection is counted from that moment."""
    clue, plan = _locked(tx, clue_id), _plan(tx, facts)
    rows.change(tx, clue.id, received_at=fx.now, objection_due=objection_due(plan, fx.calendar, fx.now))
    _note(fx, Tag.CLUE_RECEIVE, instance, clue)
    return {}


# -- verification and objection ----------------------------------------------------------------------------------------
@host_action(
    "clue.verify",
    "记载核实情况",
    ActionSignature(arguments=_ON_CLUE, results={"objected_at": "str", "objection_pending": "bool"}),
)
def verify(tx: Tx, clue_id: Scalar, *, instance: Mapping[str, Any], facts: CampaignFacts, fx: Effects) -> Results:
    """Taken over, or objected to; an objection after its time is refused."""
    clue, form = _locked(tx, clue_id), handed_in.newest(tx, fx, instance["id"], VERIFICATION)
    if form.outcome != "object":
        rows.change(tx, clue.id, status=_status(clue, "verified"), verified_at=fx.now)
        _note(fx, Tag.CLUE_VERIFY, instance, clue, form)
        return {"objected_at": None, "objection_pending": False}
    if clue.objection_due is not None and fx.now > clue.objection_due:
        sentence = (
            f"异议反馈期限已于 {limit(clue.objection_due)} 截止（收到交办清单后 2 个工作日内），请核实后继续办理。"
        )
        raise Invalid(sentence, fields={"outcome": "已过异议反馈期限"})
    values = {"verified_at": fx.now, "objected_at": fx.now, "objection": form.opinion}
    rows.change(tx, clue.id, status=_status(clue, "objected"), **values)
    _note(fx, Tag.CLUE_OBJECT, instance, clue, form, opinion=form.opinion)
    return {"objected_at": fx.now.astimezone(BEIJING).isoformat(), "objection_pending": True}


@host_action(
    "clue.rule",
    "记载异议裁定",
    ActionSignature(arguments=_ON_CLUE, results={"paused_days": "int", "objection_pending": "bool"}),
)
def rule(tx: Tx, clue_id: Scalar, *, instance: Mapping[str, Any], facts: CampaignFacts, fx: Effects) -> Results:
    """Upheld: the clue goes back to the register. Refused: it goes on, and the days of the objection do not count."""
    clue, plan = _locked(tx, clue_id), _plan(tx, facts)
    form = handed_in.newest(tx, fx, instance["id"], RULING)
    still = paused(plan, fx.calendar, clue.objected_at, fx.now)
    verdict = "upheld" if form.outcome == "uphold" else "refused"
    values: dict[str, Any] = {"ruled_at": fx.now, "verdict": verdict}
    values["result_due"] = result_due(plan, fx.calendar, clue.assigned_at, still)
    values["status"] = "released" if verdict == "upheld" else _status(clue, "verified")
    rows.change(tx, clue.id, **values)
    data: dict[str, Any] = {"verdict": verdict, "paused_days": still, "opinion": form.opinion}
    if verdict == "upheld":
        data["round"] = _round(tx, clue.id)
        supervision.withdraw_later(tx, clue, "异议成立，线索退回重新分类", fx.now)
    _note(fx, Tag.CLUE_RULE, instance, clue, form, **data)
    return {"paused_days": still, "objection_pending": False}


_ROUND = (
    "registered_at", "assigned_at", "received_at", "objection_due", "objected_at", "ruled_at", "result_due",
    "escalated_at",
)  # fmt: skip


def _round(tx: Tx, clue_id: str) -> dict[str, Any]:
    """A hand-over that came to nothing, as it stood: the next one writes over it."""
    row = rows.one(tx, clue_id)
    if row is None:
        raise NotFound
    moments = {name: at.isoformat() if (at := getattr(row, name)) else None for name in _ROUND}
    return {"unit": row.unit, "verdict": row.verdict, "escalated_for": row.escalated_for, **moments}


# -- the deadline ------------------------------------------------------------------------------------------------------
@host_action(
    "clue.look",
    "核对办理期限",
    ActionSignature(arguments=_ON_CLUE, results={"late_state": "str", "late_done": "bool", "returned_again": "bool"}),
)
def look(tx: Tx, clue_id: Scalar, *, instance: Mapping[str, Any], facts: CampaignFacts, fx: Effects) -> Results:
    """What the end of the term finds: `done`, `waiting` (the clock stands still or was moved) or `late`."""
    clue, plan = _locked(tx, clue_id), _plan(tx, facts)
    variables = instance["variables"]
    before = bool(variables.get("late_done"))
    if clue.reported_at is not None or clue.status in ("concluded", "released"):
        return {"late_state": "done", "late_done": before, "returned_again": False}
    pending = clue.objected_at is not None and clue.ruled_at is None
    # counted again: the calendar may have changed since, and the timer goes by the same count
    due = result_due(plan, fx.calendar, clue.assigned_at, int(variables.get("paused_days") or 0))
    rows.change(tx, clue.id, result_due=due)
    if (pending and plan.settings.get("objection_stops_clock")) or due > fx.now:
        again = bool(variables.get("returned_again"))
        return {"late_state": "waiting", "late_done": before, "returned_again": again}
    _escalate(tx, fx, instance, clue, words.escalation_for(clue.verified_at))
    return {"late_state": "late", "late_done": False, "returned_again": False}


def _escalate(
    tx: Tx, fx: Effects, instance: Mapping[str, Any], clue: Any, reason: str, by: Any = None, opinion: str = ""
) -> None:
    """Once: the first reason stays."""
    if clue.escalated_at is not None:
        return
    rows.change(tx, clue.id, status="escalated", escalated_at=fx.now, escalated_for=reason)
    sentence = words.ESCALATIONS[reason]
    _note(fx, Tag.CLUE_ESCALATE, instance, clue, by, reason=reason, sentence=sentence, opinion=opinion)


# -- result and check --------------------------------------------------------------------------------------------------
@host_action("clue.report", "记载办理结果", ActionSignature(arguments=_ON_CLUE))
def report(tx: Tx, clue_id: Scalar, *, instance: Mapping[str, Any], facts: CampaignFacts, fx: Effects) -> Results:
    """Signed, so reported: the moment that counts is the last signature's."""
    clue, form = _locked(tx, clue_id), handed_in.newest(tx, fx, instance["id"], RESULT)
    values = {"result": dict(form.data), "reported_at": fx.now}
    values |= {"signed_by_post_id": _last_signer(tx, fx, instance["id"]), "status": _status(clue, "reported")}
    rows.change(tx, clue.id, **values)
    _note(fx, Tag.CLUE_REPORT, instance, clue, late=bool(clue.result_due and fx.now > clue.result_due))
    for to in clue_results.refer(tx, clue, form, fx.now):
        _note(fx, Tag.CLUE_REFER, instance, clue, form, to=to)
    return {}


def _last_signer(tx: Tx, fx: Effects, instance_id: str) -> str | None:
    own = [row["post_id"] for row in fx.rows[Signature] if row["instance_id"] == instance_id]
    signed = [row.post_id for row in rows.signatures_of(tx, instance_id)]
    return next(iter([*reversed(own), *reversed(signed)]), None)


@host_action(
    "clue.check",
    "记载审核意见",
    ActionSignature(
        arguments={"clue_id": "str", "returned_times": "int"},
        results={"check_state": "str", "times": "int", "paused_days": "int", "returned_again": "bool"},
    ),
)
def check(
    tx: Tx,
    clue_id: Scalar,
    returned_times: Scalar,
    *,
    instance: Mapping[str, Any],
    facts: CampaignFacts,
    fx: Effects,
) -> Results:
    """Satisfied: what was decided enters the ledgers. Else the plan says: escalated at once, or once more first."""
    clue, plan = _locked(tx, clue_id), _plan(tx, facts)
    form, times = handed_in.newest(tx, fx, instance["id"], CHECK), int(returned_times or 0)
    still = int(instance["variables"].get("paused_days") or 0)
    judged = {"times": times, "paused_days": still, "returned_again": False}
    if form.outcome == "satisfied":
        clue_results.enter(tx, fx, instance, clue)
        _note(fx, Tag.CLUE_CHECK, instance, clue, form, outcome="satisfied")
        return {"check_state": "satisfied", **judged}
    opinion = form.opinion
    if plan.settings.get("unsatisfactory_result") == "return_once" and not times:
        still = paused_by_return(plan, fx.calendar, clue, still, fx.now)
        _give_back(tx, fx, instance, clue, form, result_due(plan, fx.calendar, clue.assigned_at, still))
        return {"check_state": "again", "times": times + 1, "paused_days": still, "returned_again": True}
    _note(fx, Tag.CLUE_CHECK, instance, clue, form, outcome=form.outcome, opinion=opinion)
    _escalate(tx, fx, instance, clue, str(form.outcome), form, opinion)
    return {"check_state": "unsatisfactory", **judged}


def _give_back(tx: Tx, fx: Effects, instance: Mapping[str, Any], clue: Any, form: Any, due: datetime) -> None:
    """As if it had not been reported: it is owed until `due`, and who does not report then is escalated."""
    rows.change(tx, clue.id, status=_status(clue, "verified"), reported_at=None, result_due=due)
    data = {"outcome": form.outcome, "opinion": form.opinion, "due_at": due.isoformat()}
    data["reported_at"] = clue.reported_at.isoformat()
    _note(fx, Tag.CLUE_RETURN, instance, clue, form, **data)


# -- escalated verification and conclusion -----------------------------------------------------------------------------
@host_action(
    "clue.escalated",
    "记载提级核查结果",
    ActionSignature(
        arguments={"clue_id": "str", "main_done": "bool"}, results={"concluded": "bool", "late_done": "bool"}
    ),
)
def escalated(
    tx: Tx, clue_id: Scalar, main_done: Scalar, *, instance: Mapping[str, Any], facts: CampaignFacts, fx: Effects
) -> Results:
    """What the escalated verification found; it concludes the clue where it says so, or where all else is done."""
    clue, form = _locked(tx, clue_id), handed_in.newest(tx, fx, instance["id"], ESCALATED)
    found, measures = (str(form.data.get(name) or "") for name in ("found", "accountability"))
    oversight = {
        "id": new_id(),
        "campaign_id": clue.campaign_id,
        "mode": "escalated_verification",
        "unit_id": form.unit_id,
        "target_id": instance["unit_id"],
        "sector": clue.sector,
        "began_at": clue.escalated_at or fx.now,
        "reason": f"线索 {clue.number}：{words.ESCALATIONS.get(clue.escalated_for or '', '')}",
        "conclusion": f"{found}\n{measures}".strip(),
        "problems": int(form.data.get("problems") or 0),
        "finished_at": fx.now,
        "instance_id": instance["id"],
        "recorded_by": form.person_id,
    }
    rows.add(tx, "oversight", oversight)
    clue_results.hold_accountable(tx, clue, form, fx.now)
    _note(fx, Tag.CLUE_ESCALATED_VERIFY, instance, clue, form, opinion=found[:400])
    concluded = form.outcome == "conclude" or bool(main_done)
    if concluded:
        _conclude(tx, fx, instance, clue, found)
    return {"concluded": concluded, "late_done": True}


@host_action(
    "clue.conclude",
    "线索办结",
    ActionSignature(arguments={"clue_id": "str", "waits": "bool"}, results={"concluded": "bool", "main_done": "bool"}),
)
def conclude(
    tx: Tx, clue_id: Scalar, waits: Scalar, *, instance: Mapping[str, Any], facts: CampaignFacts, fx: Effects
) -> Results:
    """Checked; concluded, unless an escalated verification is still under way: then that one concludes."""
    if not waits:
        clue = _locked(tx, clue_id)
        checked = handed_in.newest(tx, fx, instance["id"], CHECK)
        _conclude(tx, fx, instance, clue, str(checked.data.get("basis") or checked.opinion))
    return {"concluded": not waits, "main_done": True}


def _conclude(tx: Tx, fx: Effects, instance: Mapping[str, Any], clue: Any, conclusion: str) -> None:
    rows.change(tx, clue.id, status="concluded", concluded_at=fx.now, conclusion=conclusion)
    _note(fx, Tag.CLUE_CONCLUDE, instance, clue)
    publications.publish_result_later(tx, clue.id, fx.now)
