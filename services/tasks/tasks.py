"""User tasks: complete one, keep a draft. The verb the whole product turns on."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import orjson

from catalog.forms import attachments
from domain.authority import Actor, HeldPost
from domain.errors import Conflict, Forbidden, Invalid, NotFound
from domain.ledger import Tag
from engine.contract import Complete, Element, Output
from models import Signature, Submission, Tx, new_id, reading, transaction
from models.queries import records, running
from services._command import command, packed
from services.counting import counted_forms
from services.counting.form_context import MET
from services.plans.versions import Version
from services.running import instances, statements_due
from services.running.effects import Effects
from services.tasks import _ahead

_KINDS: dict[str, tuple[type, ...]] = {"int": (int,), "float": (int, float), "bool": (bool,), "str": (str,)}
OPINION_LIMIT = 2000
LOOKS = 3  # how often the form is checked again for a task whose process moved meanwhile
UNCONFIRMED = "签署须输入您的登录口令确认身份。"
RESTLESS = "该任务所在的流程正在变动，请稍后再提交。您填写的内容仍保留在页面上。"


def complete(
    actor: Actor,
    task_id: str,
    *,
    answers: Mapping[str, Any],
    outcome: str | None = None,
    opinion: str = "",
    version: int | None = None,
    confirmed: datetime | None = None,
    now: datetime,
) -> dict[str, Any]:
    """Complete a task: its form is checked against the frozen version, its process taken further in one commit.

    A form with formulas is checked first, outside the transaction; refusals come inside: NotFound, Forbidden (not a
    holder of its post), Conflict (done meanwhile), Invalid (with the fields). `confirmed`: when a signer showed who.
    """
    asked = ("task:complete", task_id, answers, outcome, opinion)
    answer = {"task": task_id, "status": "done"}
    for look in range(1 + LOOKS):
        seen = _ahead.look(actor, task_id, answers, version) if look else None
        with (
            suppress(_ahead.Moved),
            command(actor, asked, answer, now, look=lambda tx: running.lock_task(tx, task_id)) as run,
        ):
            if run.replay is not None:
                return run.replay  # type: ignore[no-any-return]
            task, instance, post = _claim(run.found, actor, version)
            if seen is None:
                seen = _ahead.at_once(run.tx, task, instance, answers)
            else:
                _ahead.must_stand(run.tx, seen, task, instance)
            data = _checked(run.tx, seen, task["id"]) | _counted(run.tx, seen, instance)
            chosen = _outcome(seen.element, outcome)
            said = chosen, _opinion(seen.element, seen.context, chosen, opinion), _confirmed(seen.element, confirmed)
            done = _Done(actor, task, instance, post, seen.element, data, *said)
            _write(run.tx, done, seen.home, now)
            return answer
    raise Conflict(RESTLESS)


@dataclass(frozen=True)
class _Done:
    """A task that passed every refusal: who did what with it."""

    actor: Actor
    task: dict[str, Any]
    instance: dict[str, Any]
    post: HeldPost
    element: Element
    data: dict[str, Any]
    outcome: str | None
    opinion: str
    confirmed: datetime | None

    @property
    def affirmed(self) -> bool:
        """Whether the first of the drawn outcomes was chosen, or there is no choice."""
        return not self.element.outcomes or self.outcome == self.element.outcomes[0].value


def _write(tx: Tx, done: _Done, home: Version, now: datetime) -> None:
    """The task closed, its form kept, its process taken further."""
    task, element = done.task, done.element
    fx = instances.effects(tx, done.actor, now)
    by, outcome = done.actor.person_id, done.outcome
    fx.must_hit.append(lambda tx: running.finish_task(tx, task["id"], at=now, by=by, outcome=outcome))
    fx.finished.add((done.instance["id"], task["ref"]))
    submission_id = _submit(fx, done)
    if element.sign_off is not None:
        _sign(fx, done)
    decisions = _decisions(element, done.data, done.outcome)
    event = {"name": task["name"], "outcome": done.outcome, "element": element.id, "opinion": done.opinion}
    about = {"task_id": task["id"], "post_id": done.post.id, "unit_id": task["unit_id"]}
    step = Complete(ref=task["ref"], decisions=decisions)
    instances.step(tx, fx, done.instance, step, tag=Tag.TASK_COMPLETE, data=event, **about)
    statements_due.note_submission(tx, fx, done.instance, home, element, submission_id, decisions)
    if task["due_at"] is not None:
        fx.along.append(lambda tx: running.drop_ladders(tx, done.instance["id"], [task["id"]]))
    fx.flush(tx)


def _claim(row: Any, actor: Actor, version: int | None) -> tuple[dict[str, Any], dict[str, Any], HeldPost]:
    """The task and its instance, both locked, after every refusal that needs no form."""
    if row is None:
        raise NotFound("没有找到这项任务，可能已被删除或地址有误。")
    everything = row._asdict()
    instance = {name: everything[name] for name in running.INSTANCE_COLUMNS}
    task = {name: everything[f"task_{name}"] for name in ("id", "name", "unit_id", "status", "version")}
    task |= {name: everything[name] for name in ("ref", "element", "post_id", "due_at")}
    post = actor.post(task["post_id"])
    if post is None:
        raise Forbidden("这项任务不属于您的岗位，不能办理。")
    if task["status"] != "open":
        raise Conflict("该任务已被他人办理或已收回，请刷新页面后查看。")
    if version is not None and version != task["version"]:
        raise Conflict("该任务在您打开之后已有变动，请刷新页面后再办理。您填写的内容仍保留在页面上。")
    if instance["status"] not in instances.LIVE:
        raise Conflict("该流程已经结束，不能再办理，请联系行动办公室。")
    return task, instance, post


def _checked(tx: Tx, seen: _ahead.Seen, task_id: str) -> dict[str, Any]:
    """The answers as the frozen form accepted them."""
    if seen.form is None:
        return {}
    if seen.checked.errors:
        raise Invalid(fields=seen.checked.errors)
    if attachments(seen.form) == "required" and not records.has_attachment(tx, task_id):
        raise Invalid("请先上传附件再提交。", fields={"attachments": "请上传附件"})
    return dict(seen.checked.data)


def _counted(tx: Tx, seen: _ahead.Seen, instance: Mapping[str, Any]) -> dict[str, Any]:
    """Figures as they stand in this transaction with what they were counted from, for a form that has any.

    Raises Moved where a row came in between: the form is looked at again with the figures that count.
    """
    counted = counted_forms.freeze(tx, seen.element, seen.facts, instance["variables"])
    if counted is None:
        return {}
    if any(seen.context.get(field) != value for field, value in counted.figures.items()):
        raise _ahead.Moved
    return counted.kept()


def _outcome(element: Element, outcome: str | None) -> str | None:
    offered = [o.value for o in element.outcomes]
    if not offered:
        return None
    if outcome not in offered:
        names = "、".join(o.name for o in element.outcomes)
        raise Invalid(f"请选择办理结果：{names}", fields={"outcome": "请选择办理结果"})
    return outcome


def _opinion(element: Element, context: Mapping[str, Any], outcome: str | None, opinion: str) -> str:
    """The opinion, required where something is sent back or a gate is signed with criteria unmet."""
    opinion = opinion.strip()
    if len(opinion) > OPINION_LIMIT:
        raise Invalid(f"意见不能超过 {OPINION_LIMIT} 字", fields={"opinion": "意见过长"})
    if opinion or not element.outcomes:
        return opinion
    if outcome != element.outcomes[0].value:
        raise Invalid("请填写理由后再提交。", fields={"opinion": "请填写理由"})
    unmet = [one["name"] for one in context.get("criteria", ()) if one["met"] != MET[True]] if element.stage else []
    if unmet:
        reason = f"阶段关口条件未全部达到（{'；'.join(unmet)}），签署须写明理由。"
        raise Invalid(reason, fields={"opinion": "请写明理由"})
    return opinion


def _confirmed(element: Element, confirmed: datetime | None) -> datetime | None:
    """When the signer last showed who they are; nothing is signed without it."""
    if element.sign_off is not None and confirmed is None:
        raise Invalid(UNCONFIRMED, fields={"password": UNCONFIRMED})
    return confirmed


def _submit(fx: Effects, done: _Done) -> str:
    submission_id = new_id()
    fx.add(
        Submission,
        id=submission_id,
        task_id=done.task["id"],
        instance_id=done.instance["id"],
        campaign_id=done.instance["campaign_id"],
        unit_id=done.task["unit_id"],
        form_key=done.element.form or "",
        data=done.data,
        outcome=done.outcome,
        opinion=done.opinion,
        submitted_at=fx.now,
        submitted_by=done.actor.person_id,
        post_id=done.post.id,
    )
    return submission_id


def _sign(fx: Effects, done: _Done) -> None:
    """Completing this task is signing: who signed exactly what, and whether a stage is passed by it."""
    task, instance, element = done.task, done.instance, done.element
    content = {
        "task": task["id"],
        "element": element.id,
        "data": done.data,
        "outcome": done.outcome,
        "opinion": done.opinion,
    }
    fx.add(
        Signature,
        id=new_id(),
        campaign_id=instance["campaign_id"],
        instance_id=instance["id"],
        task_id=task["id"],
        sign_off=element.sign_off,
        stage=element.stage,
        unit_id=task["unit_id"],
        outcome=done.outcome or "sign",
        opinion=done.opinion,
        content_hash=hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest(),
        signed_at=fx.now,
        confirmed_at=done.confirmed,
        signed_by=done.actor.person_id,
        post_id=done.post.id,
    )
    about = {"instance": instance, "task_id": task["id"], "post_id": done.post.id, "unit_id": task["unit_id"]}
    tag = Tag.SIGN_OFF if done.affirmed else Tag.SIGN_OFF_RETURN
    said = {"sign_off": element.sign_off, "stage": element.stage, "confirmed_at": done.confirmed}
    fx.ledger(tag, data=said, **about)
    if done.affirmed and element.stage and instance["campaign_id"]:
        fx.ledger(Tag.STAGE_PASS, data={"stage": element.stage}, **about)
        campaign_id, stage = instance["campaign_id"], element.stage
        fx.after.append(lambda tx: running.set_gate(tx, campaign_id, stage, signed_at=fx.now))


def _decisions(element: Element, data: Mapping[str, Any], outcome: str | None) -> dict[str, Any]:
    """What the process may know of the form: its declared outputs and the outcome."""
    decisions = {output.variable: _scalar(output, data.get(output.field)) for output in element.outputs}
    if outcome is not None:
        decisions[next(o.variable for o in element.outcomes if o.value == outcome)] = outcome
    return decisions


def _scalar(output: Output, value: Any) -> Any:
    if isinstance(value, list) and output.type == "int":
        return len(value)
    if value is None:
        return {"int": 0, "float": 0.0, "bool": False}.get(output.type)
    if output.type == "date":
        return date.fromisoformat(str(value)[:10]).isoformat()
    kinds = _KINDS[output.type]
    if not isinstance(value, kinds) or (isinstance(value, bool) and output.type != "bool"):
        raise Invalid("填写的内容类型不正确", fields={output.field: "类型不正确"})
    return value


# -- drafts ------------------------------------------------------------------------------------------------------------
def save_draft(actor: Actor, task_id: str, data: Mapping[str, Any], now: datetime) -> None:
    """Keep what has been typed; only for a holder of the task's post, while it is open."""
    if len(packed(data)) > 1 << 20:
        raise Invalid("草稿内容过大，未能保存。")
    with transaction() as tx:
        task = running.open_task(tx, task_id)
        if task is None:
            raise Conflict("该任务已办结或收回，草稿不再保存。")
        if actor.post(task.post_id) is None:
            raise Forbidden("这项任务不属于您的岗位，不能办理。")
        records.put_draft(tx, {"task_id": task_id, "person_id": actor.person_id, "data": dict(data), "saved_at": now})


def draft(actor: Actor, task_id: str) -> dict[str, Any] | None:
    """One's own draft of a task: {data, saved_at}."""
    with reading() as tx:
        row = records.draft(tx, task_id, actor.person_id or "")
        return {"data": row.data, "saved_at": row.saved_at} if row else None


__all__ = ["complete", "draft", "save_draft"]
