"""What the process `measure` asks of the host: results held against the targets, checks, returns, acceptance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from domain.errors import Invalid
from domain.ledger import Tag
from domain.measures import ACCEPTED, CHECKED, OPEN, REPORTED, RETURNED, aim, is_number, meets, portion, shown, wanted
from domain.plan import Plan, Target
from engine.contract import ActionSignature, Scalar
from models import Tx
from models.queries import measures as rows
from services.counting.form_context import context_for
from services.plans.versions import CampaignFacts, edition_of, plan_of
from services.running import handed_in
from services.running.effects import Effects
from services.running.hosts import host_action
from services.running.measure_children import variables

REPORT_FORM = "measure_report"
CHECK_FORM = "measure_check"
ACCEPTANCE_FORM = "measure_acceptance"
RETURN = "return"
BELOW = "未达到"
VERDICTS = {True: "已达到", False: BELOW}
NO_REASON = "有目标没有达到，同意验收须写明理由。"


def targets_due(plan: Plan, values: Mapping[str, Any]) -> tuple[Target, ...]:
    """The targets that are due at the date at which an instance stands, each as it is meant for its unit."""
    measure = plan.measures.get(str(values.get("measure") or ""))
    rounds = measure.rounds() if measure is not None else ()
    number = int(values.get("measure_round") or 1)
    due = rounds[number - 1][1] if 0 < number <= len(rounds) else ()
    return tuple(portion(target, str(values.get("unit_name") or "")) for target in due)


def _due(tx: Tx, facts: CampaignFacts, values: Mapping[str, Any]) -> tuple[Target, ...]:
    return targets_due(plan_of(edition_of(tx, facts.edition_id), facts), values)


def _split(targets: Sequence[Target]) -> tuple[list[Target], list[Target]]:
    """Those that the system judges, and those in words."""
    return [t for t in targets if is_number(t)], [t for t in targets if not is_number(t)]


@context_for(REPORT_FORM)
def _asked(tx: Tx, facts: CampaignFacts, values: Mapping[str, Any]) -> Mapping[str, Any]:
    """A line for each target; what would meet it is known to the rehearsal only."""
    figures, results = ([_line(target) for target in part] for part in _split(_due(tx, facts, values)))
    return {"figures": figures, "results": results, "no_figures": not figures, "no_results": not results}


def _line(target: Target) -> dict[str, Any]:
    return {"indicator": target.indicator, "wanted": wanted(target), "aim": aim(target)}


@context_for(ACCEPTANCE_FORM)
def _to_accept(tx: Tx, facts: CampaignFacts, values: Mapping[str, Any]) -> Mapping[str, Any]:
    """The targets with what was reported: that is what the signature is bound to."""
    row = rows.work(tx, facts.id or "", *_place(values))
    reported = row.reported if row is not None else {}
    targets = [_judged(target, reported.get(target.id) or {}) for target in _due(tx, facts, values)]
    below = [
        f"{one['indicator']}（{one['wanted']}，完成 {one['reported']}）" for one in targets if one["verdict"] == BELOW
    ]
    return {"targets": targets, "unmet_targets": below}


def _judged(target: Target, reported: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "indicator": target.indicator,
        "wanted": wanted(target),
        "reported": shown(target, reported.get("value")) or "未填写",
        "verdict": VERDICTS[bool(reported.get("met"))],
    }


def _place(values: Mapping[str, Any]) -> tuple[str, str, int]:
    """Which row an instance stands for: measure, unit, number of the date."""
    unit_id, number = str(values.get("unit_id") or ""), int(values.get("measure_round") or 1)
    return str(values.get("measure") or ""), unit_id, number


def _work(tx: Tx, instance: Mapping[str, Any]) -> Any:
    row = rows.work(tx, instance["campaign_id"] or "", *_place(instance["variables"]))
    if row is None:
        raise Invalid("没有找到这个流程的任务记录。")
    return row


# -- the unit reports --------------------------------------------------------------------------------------------------
@host_action("measure.record_report", "登记任务完成情况", ActionSignature())
def _report(tx: Tx, *, instance: Mapping[str, Any], facts: CampaignFacts, fx: Effects) -> Mapping[str, Scalar]:
    """What was reached of each target, judged; Invalid where a target has no line."""
    row = _work(tx, instance)
    form = handed_in.newest(tx, fx, instance["id"], REPORT_FORM)
    reported = _reported(_due(tx, facts, instance["variables"]), form.data)
    met = all(one["met"] for one in reported.values())
    rows.change(
        tx, row.id, status=REPORTED, reported=reported, met=met, reported_at=form.at, reported_by=form.person_id
    )
    event = {"measure": row.measure, "round": row.round, "met": met, "late": form.at > row.due_at}
    fx.ledger(Tag.MEASURE_REPORT, instance=instance, post_id=form.post_id, data=event)
    return {}


def _reported(targets: Sequence[Target], data: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    figures, results = _split(targets)
    found: dict[str, dict[str, Any]] = {}
    for part, name in ((figures, "figures"), (results, "results")):
        lines = list(data.get(name) or ())
        if len(lines) != len(part):
            raise Invalid("每项目标都要填写完成情况，请刷新页面后再提交。", fields={name: f"应有 {len(part)} 项"})
        for target, line in zip(part, lines, strict=True):
            met = meets(target, float(line["value"])) if is_number(target) else line.get("met") == "yes"
            found[target.id] = {"value": line["value"], "met": met}
    return found


# -- somebody else looks at it -----------------------------------------------------------------------------------------
@host_action("measure.record_check", "登记核验结论", ActionSignature())
def _check(tx: Tx, *, instance: Mapping[str, Any], facts: CampaignFacts, fx: Effects) -> Mapping[str, Scalar]:
    """The lead unit or the office found it right, or sends it back."""
    row = _work(tx, instance)
    form = handed_in.newest(tx, fx, instance["id"], CHECK_FORM)
    if form.outcome == RETURN:
        _send_back(tx, fx, instance, row, form)
        return {}
    rows.change(tx, row.id, status=CHECKED)
    event = {"measure": row.measure, "round": row.round, "method": form.data.get("method")}
    fx.ledger(Tag.MEASURE_CHECK, instance=instance, post_id=form.post_id, unit_id=form.unit_id, data=event)
    return {}


@host_action("measure.record_acceptance", "登记验收意见", ActionSignature())
def _acceptance(tx: Tx, *, instance: Mapping[str, Any], facts: CampaignFacts, fx: Effects) -> Mapping[str, Scalar]:
    """The signature on the targets; below target it needs a reason."""
    row = _work(tx, instance)
    form = handed_in.newest(tx, fx, instance["id"], ACCEPTANCE_FORM)
    if form.outcome == RETURN:
        _send_back(tx, fx, instance, row, form)
    elif not row.met and not form.opinion:
        raise Invalid(NO_REASON, fields={"opinion": "请写明理由"})
    elif not row.met:
        rows.change(tx, row.id, reason=form.opinion)
    return {}


def _send_back(tx: Tx, fx: Effects, instance: Mapping[str, Any], row: Any, form: handed_in.HandedIn) -> None:
    rows.change(tx, row.id, status=RETURNED, returns=row.returns + 1, reason=form.opinion)
    event = {"measure": row.measure, "round": row.round, "reason": form.opinion}
    fx.ledger(Tag.MEASURE_RETURN, instance=instance, post_id=form.post_id, unit_id=form.unit_id, data=event)


# -- done --------------------------------------------------------------------------------------------------------------
_NEXT = {"more": "bool", "due": "str", "round": "int", "target": "bool"}


@host_action("measure.accept", "任务验收销号", ActionSignature(results=_NEXT))
def _accept(tx: Tx, *, instance: Mapping[str, Any], facts: CampaignFacts, fx: Effects) -> Mapping[str, Scalar]:
    """This date is done; the next one is opened where there is one."""
    row = _work(tx, instance)
    reason = row.reason if row.met is False else ""
    rows.change(tx, row.id, status=ACCEPTED, accepted_at=fx.now, accepted_by=fx.actor.person_id, reason=reason)
    event = {"measure": row.measure, "round": row.round, "met": row.met, "reason": reason}
    fx.ledger(Tag.MEASURE_ACCEPT, instance=instance, data=event)
    following = rows.work(tx, row.campaign_id, row.measure, row.unit_id, row.round + 1)
    if following is None:
        known = instance["variables"]
        return {"more": False, **{name: known[f"measure_{name}"] for name in ("due", "round", "target")}}
    rows.change(tx, following.id, status=OPEN)
    ahead = variables(following, row.lead_unit_id)
    return {"more": True, **{name: ahead[f"measure_{name}"] for name in ("due", "round", "target")}}
