"""Oversight 督导: the office opens it when it sees fit (适时), one process a unit that is overseen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from domain.authority import Actor, HeldPost
from domain.errors import Forbidden, Invalid
from domain.ledger import Tag
from domain.oversight import ALL_MODES, MODES, NEEDS_REASON
from domain.plan import Plan
from domain.workdays import BEIJING, typed_day
from models import Tx, new_id
from models.queries import oversight as rows
from services._command import command
from services._held import held
from services.inspections.inspections import running_home
from services.plans.units import group_units
from services.running import instances
from services.running.starts import start_later

PROCESS = "oversight"
TARGETS = "overseen_units"  # the plan's group of those whom the office may oversee
TARGETS_BEFORE = "weekly_reporters"  # what it was in plans that were frozen without such a group
MODES_SETTING = "oversight_modes"  # the ways of overseeing that a notice orders, where it does not order all
LONGEST = {"team": 60, "media": 200, "reason": 1000}


@dataclass(frozen=True, kw_only=True)
class _Opening:
    mode: str
    began_at: datetime
    texts: Mapping[str, str]
    targets: Sequence[Any]


def open(actor: Actor, campaign_id: str, data: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """Open oversight of units: targets (unit ids), mode, team, media, reason, begins_on. One process a unit starts.

    Raises Forbidden for all but the office, Invalid with the fields.
    """
    targets = data.get("targets")
    wanted = list(dict.fromkeys(map(str, targets))) if isinstance(targets, (list, tuple)) else []
    answer = {"oversights": [new_id() for _ in wanted[:100]]}
    with command(actor, ("oversight:open", campaign_id, data), answer, now) as run:
        if run.replay is not None:
            return run.replay  # type: ignore[no-any-return]
        found = running_home(run.tx, campaign_id)
        post = _office_post(run.tx, actor)
        asked = _read(run.tx, found.plan, wanted, data, now)
        mode = modes(found.plan)[asked.mode]
        pairs = zip(answer["oversights"], asked.targets, strict=True)
        lines = [_row(one, campaign_id, post, asked, unit) for one, unit in pairs]
        rows.write(run.tx, [line | {"recorded_by": actor.person_id} for line in lines])
        fx = instances.effects(run.tx, actor, now)
        for line, unit in zip(lines, asked.targets, strict=True):
            event = {"oversight": line["id"], "mode": asked.mode, "target": unit.id}
            fx.ledger(Tag.OVERSIGHT_OPEN, campaign_id=campaign_id, unit_id=unit.id, post_id=post.id, data=event)
            _start(run.tx, campaign_id, line, unit, mode, now)
        fx.flush(run.tx)
        return answer


def targets(tx: Tx, plan: Plan) -> list[Any]:
    """Whom the office may oversee; nobody where the plan names nobody."""
    group = targets_group(plan)
    return group_units(tx, plan, group) if group else []


def targets_group(plan: Plan) -> str | None:
    """The plan's unit group of those who may be overseen."""
    return next((name for name in (TARGETS, TARGETS_BEFORE) if name in plan.units), None)


def modes(plan: Plan) -> dict[str, str]:
    """The ways of overseeing that this campaign has."""
    ordered, named = plan.settings.get(MODES_SETTING), mode_names(plan)
    return {key: named[key] for key in MODES if not isinstance(ordered, list | tuple) or key in ordered}


def mode_names(plan: Plan) -> dict[str, str]:
    """What each way is called: as the notice says (`choices` of the setting), else as usual."""
    said = (plan.raw.get("settings") or {}).get(MODES_SETTING) or {}
    return {**ALL_MODES, **{key: name for key, name in (said.get("choices") or {}).items() if key in MODES}}


def _start(tx: Tx, campaign_id: str, line: Mapping[str, Any], unit: Any, mode: str, now: datetime) -> None:
    start_later(
        tx,
        campaign_id=campaign_id,
        process=PROCESS,
        unit_id=unit.id,
        key=line["id"],
        title=f"{mode} · {unit.short_name}",
        inputs={"oversight_id": line["id"]},
        now=now,
    )


def _office_post(tx: Tx, actor: Actor) -> HeldPost:
    found = held(tx, actor, {"office"})
    if not found:
        raise Forbidden("督导由行动办公室组织，您的岗位不能启动。")
    return found[0][0]


def _read(tx: Tx, plan: Plan, wanted: Sequence[str], data: Mapping[str, Any], now: datetime) -> _Opening:
    faults: dict[str, str] = {}
    known = {unit.id: unit for unit in targets(tx, plan)}
    if not wanted:
        faults["targets"] = "请选择要督导的单位"
    elif any(one not in known for one in wanted):
        group = targets_group(plan)
        faults["targets"] = f"只能督导{plan.units[group].name}" if group else "方案没有写明督导哪些单位"
    mode = str(data.get("mode") or "")
    if mode not in modes(plan):
        faults["mode"] = "请选择督导方式"
    texts = {name: str(data.get(name) or "").strip() for name in LONGEST}
    faults |= {name: f"不超过 {LONGEST[name]} 字" for name, text in texts.items() if len(text) > LONGEST[name]}
    if not texts["team"]:
        faults["team"] = "请填写督导组"
    if mode in NEEDS_REASON and not texts["reason"]:
        faults["reason"] = f"{mode_names(plan)[mode]}须写明理由"
    began_at = _begin(data.get("begins_on"), now, faults)
    if faults:
        raise Invalid(fields=faults)
    return _Opening(mode=mode, began_at=began_at, texts=texts, targets=[known[one] for one in wanted])


def _begin(value: Any, now: datetime, faults: dict[str, str]) -> datetime:
    """The planned day; today where nothing was chosen."""
    if not value:
        return now
    try:
        day = typed_day(str(value)[:10])
    except ValueError:
        faults["begins_on"] = "日期格式不正确"
        return now
    if day < now.astimezone(BEIJING).date():
        faults["begins_on"] = "督导开始日期不能早于今天"
    return datetime.combine(day, time.min, BEIJING)


def _row(oversight_id: str, campaign_id: str, post: HeldPost, asked: _Opening, unit: Any) -> dict[str, Any]:
    return {
        "id": oversight_id,
        "campaign_id": campaign_id,
        "mode": asked.mode,
        "unit_id": post.unit_id,
        "target_id": unit.id,
        "began_at": asked.began_at,
        **asked.texts,
    }
