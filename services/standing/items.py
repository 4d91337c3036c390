"""Items of standing processes (常设事项): started by whom the plan names, taken back while nobody has acted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from domain.authority import Actor, HeldPost
from domain.errors import Conflict, Forbidden, Invalid, NotFound
from domain.ledger import Tag
from domain.plan import Plan, StandingProcess
from domain.workdays import BEIJING
from models import Tx, new_id
from models.queries import items as rows
from models.queries import running, serials
from models.queries import units as unit_rows
from services._command import command
from services.plans.launched import Home, home
from services.plans.units import group_units
from services.plans.versions import Version, process_of
from services.running import instances, jobs

LONGEST_TITLE = 120
LONGEST_REASON = 400
NUMBER = "{year}-{serial}"  # where the notice numbers nothing
REPEALED = "notice_repealed"  # the message for which the root process of an open-ended plan waits
OVER = "本通知已经终止受理，不能再发起新的事项。"


def start(actor: Actor, campaign_id: str, kind: str, data: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """Start one item: `title`, and `post_id` where the actor may start it by several posts.

    Raises NotFound, Conflict (the campaign is over), Forbidden (not by whom the plan names), Invalid with the fields.
    """
    answer = {"item": new_id(), "instance": new_id()}
    with command(actor, ("item:start", campaign_id, kind, data), answer, now) as run:
        if run.replay is not None:
            return run.replay  # type: ignore[no-any-return]
        found = home(run.tx, campaign_id)
        entry = entry_of(found.plan, kind)
        if found.row.status != "running":
            raise Conflict(OVER)
        post = _post(run.tx, actor, found.plan, entry, str(data.get("post_id") or ""))
        title = _title(entry, data)
        number = _number(run.tx, campaign_id, entry, now)
        _begin(run.tx, actor, found, entry, post, (number, title), answer, now)
        return answer


def _begin(
    tx: Tx,
    actor: Actor,
    found: Home,
    entry: StandingProcess,
    post: HeldPost,
    called: tuple[str, str],
    ids: Mapping[str, str],
    now: datetime,
) -> None:
    """The course of the item and the item itself."""
    number, title = called
    version = process_of(tx, found.edition, entry.process)
    fx = instances.effects(tx, actor, now)
    instances.start(
        tx,
        fx,
        version,
        found.facts,
        unit=unit_rows.unit(tx, post.unit_id),
        inputs=_inputs(version, item_number=number, item_title=title),
        title=f"{entry.name} · {title}"[:200],
        instance_id=ids["instance"],
    )
    row = {"campaign_id": found.row.id, "instance_id": ids["instance"], "unit_id": post.unit_id, "post_id": post.id}
    what = {"kind": entry.id, "number": number, "title": title}
    fx.ledger(Tag.ITEM_START, data={"item": ids["item"], **what}, **row)
    fx.flush(tx)
    start = {"id": ids["item"], "started_at": now, "started_by": actor.person_id, "withdrawn_for": ""}
    rows.add(tx, row | what | start)


def _inputs(version: Version, **known: str) -> dict[str, str]:
    """What the process declares to want to know of the item."""
    declared = version.process.model.variables
    return {name: value for name, value in known.items() if name in declared}


def entry_of(plan: Plan, kind: str) -> StandingProcess:
    """The plan's entry of a kind; NotFound."""
    entry = plan.standing.get(kind)
    if entry is None:
        raise NotFound("方案中没有这类事项。")
    return entry


def posts_for(tx: Tx, actor: Actor, plan: Plan, entry: StandingProcess) -> list[HeldPost]:
    """The posts by which the actor may start an item of this kind."""
    held = [post for post in actor.in_use if post.kind == entry.post]
    if not held:
        return []
    units = {unit.id for unit in group_units(tx, plan, entry.started_by)}
    return [post for post in held if post.unit_id in units]


def _post(tx: Tx, actor: Actor, plan: Plan, entry: StandingProcess, post_id: str) -> HeldPost:
    may = posts_for(tx, actor, plan, entry)
    if not may:
        who = f"{plan.units[entry.started_by].name}的{plan.posts[entry.post].name}"
        raise Forbidden(f"“{entry.name}”由{who}发起，您的岗位不能发起。")
    chosen = [post for post in may if post.id == post_id]
    if post_id and not chosen:
        raise Invalid(fields={"post_id": "您不能以这个岗位发起"})
    if not post_id and len(may) > 1:
        raise Invalid(fields={"post_id": "请选择以哪个岗位发起"})
    return (chosen or may)[0]


def _title(entry: StandingProcess, data: Mapping[str, Any]) -> str:
    title = " ".join(str(data.get("title") or "").split())
    if not title:
        raise Invalid(fields={"title": f"请填写{entry.item}"})
    if len(title) > LONGEST_TITLE:
        raise Invalid(fields={"title": f"不超过 {LONGEST_TITLE} 字"})
    return title


def _number(tx: Tx, campaign_id: str, entry: StandingProcess, now: datetime) -> str:
    """The item's number: by the notice's own pattern, else by year."""
    year = now.astimezone(BEIJING).year
    serial = serials.next_number(tx, campaign_id, f"item:{entry.id}:{year}")
    shown = str(serial) if entry.number else f"{serial:03}"
    return (entry.number or NUMBER).replace("{year}", str(year)).replace("{serial}", shown)


def withdraw(actor: Actor, item_id: str, why: str, now: datetime) -> dict[str, Any]:
    """Take back an item that one has started, while nobody else has acted on it."""
    why = why.strip()
    answer = {"item": item_id, "status": "withdrawn"}
    with command(actor, ("item:withdraw", item_id, why), answer, now) as run:
        if run.replay is not None:
            return run.replay  # type: ignore[no-any-return]
        row = rows.item(run.tx, item_id)
        if row is None:
            raise NotFound("没有找到这个事项。")
        instance = _locked(run.tx, row.instance_id)
        hindrance = hindered(run.tx, actor, row, instance["status"])
        if hindrance:
            raise hindrance
        if not why or len(why) > LONGEST_REASON:
            raise Invalid(fields={"why": f"请写明撤回理由，不超过 {LONGEST_REASON} 字"})
        fx = instances.effects(run.tx, actor, now)
        instances.cancel(run.tx, fx, instance)
        rows.withdraw(run.tx, item_id, now, why)
        about = {"unit_id": row.unit_id, "post_id": row.post_id}
        fx.ledger(Tag.ITEM_WITHDRAW, instance=instance, data={"item": item_id, "number": row.number}, **about)
        fx.flush(run.tx)
        return answer


def _locked(tx: Tx, instance_id: str) -> dict[str, Any]:
    instance = instances.lock(tx, instance_id)
    if instance is None:
        raise NotFound("没有找到该流程。")
    return instance


def hindered(tx: Tx, actor: Actor, row: Any, status: str) -> Conflict | Forbidden | None:
    """Why the actor cannot take the item back."""
    if actor.person_id is None or row.started_by != actor.person_id:
        return Forbidden("事项只能由发起人撤回。")
    if status not in instances.LIVE:
        return Conflict("该事项已经办结或者撤回。")
    if rows.done_by_others(tx, row.instance_id, actor.person_id):
        return Conflict("该事项已有人办理，不能撤回；确需停办的，请联系办理单位退回。")
    return None


def repeal(actor: Actor, campaign_id: str, now: datetime) -> dict[str, Any]:
    """End a notice without an end: no further items, no further periods; what has begun is finished."""
    answer = {"campaign": campaign_id, "status": "ending"}
    with command(actor, ("item:repeal", campaign_id), answer, now) as run:
        if run.replay is not None:
            return run.replay  # type: ignore[no-any-return]
        found = home(run.tx, campaign_id)
        if found.row.owner_unit_id not in {post.unit_id for post in actor.in_use if post.role == "office"}:
            raise Forbidden("终止受理由行动办公室办理。")
        if not may_repeal(run.tx, found):
            raise Conflict("该通知已经终止，或者有规定的结束日期，不需要终止。")
        message = {"kind": "message", "name": REPEALED, "root": found.row.instance_id, "payload": {}}
        jobs.enqueue(run.tx, "message:deliver", f"{REPEALED}:{campaign_id}", message, now)
        fx = instances.effects(run.tx, actor, now)
        fx.ledger(Tag.CAMPAIGN_REPEAL, campaign_id=campaign_id, data={})
        fx.flush(run.tx)
        return answer


def may_repeal(tx: Tx, found: Home) -> bool:
    """Whether the campaign runs until somebody ends it."""
    waiting: Sequence[str] = ()
    if found.row.status == "running" and found.row.instance_id:
        waiting = running.waiting_for(tx, "message", REPEALED, found.row.instance_id)
    return bool(waiting)
