"""Going on after an incident: its cause has been seen to, and an administrator lets it be tried again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from domain.authority import Actor
from domain.errors import Conflict, Invalid, NotFound
from domain.ledger import Tag
from engine.contract import Command, Move, Retry
from models import Job, Schedule, Timer, Tx
from models.queries import clock, running
from models.queries import incidents as rows
from services._command import command
from services._record import record
from services.running import instances

# what was given up after too many attempts
ROWS: dict[str, Any] = {"timer": Timer, "job": Job, "schedule": Schedule}
SETTLED = "这个异常已经处理过了，请刷新页面。"


def retry(actor: Actor, incident_id: str, now: datetime) -> dict[str, Any]:
    """Try again what an incident stands for; where it fails again, that is an incident again.

    Raises NotFound, Conflict (settled meanwhile) and Invalid for what settles itself.
    """
    answer = {"incident": incident_id}
    with command(actor, ("incident:retry", incident_id), answer, now) as run:
        if run.replay is not None:
            return run.replay  # type: ignore[no-any-return]
        incident = rows.incident(run.tx, incident_id)
        if incident is None:
            raise NotFound("没有找到这个异常。")
        if incident.closed_at is not None:
            raise Conflict(SETTLED)
        if incident.kind == "no_holder":
            raise Invalid("这个异常不用重试：为该岗位安排任职以后，系统自动处理完毕。")
        if incident.kind in ROWS:
            clock.take_up(run.tx, ROWS[incident.kind], str(incident.source_id))
        elif incident.instance_id and incident.ref:
            _step(run.tx, actor, incident, now)
        _close(run.tx, actor, incident, now)
        return answer


def _step(tx: Tx, actor: Actor, incident: Any, now: datetime) -> None:
    """The branch runs again; a task that nobody could be given is given anew."""
    instance = instances.lock(tx, incident.instance_id)
    if instance is None or instance["status"] not in instances.LIVE:
        return
    again: Command = Retry(ref=incident.ref)
    if incident.kind == "no_post":
        again = Move(ref=incident.ref, to=incident.element)
    fx = instances.effects(tx, actor, now)
    data = {"incident": incident.id, "element": incident.element}
    instances.step(tx, fx, instance, again, tag=Tag.INSTANCE_RETRY, data=data)
    fx.flush(tx)


def _close(tx: Tx, actor: Actor, incident: Any, now: datetime) -> None:
    # a branch in error closes its incident itself when it stands no more
    if incident.kind == "engine" and incident.ref:
        return
    if not running.close_incidents(tx, [incident.id], now, by=actor.person_id):
        raise Conflict(SETTLED)
    about = {"instance_id": incident.instance_id, "campaign_id": incident.campaign_id}
    record(tx, Tag.INCIDENT_CLOSE, now, actor, {"incident": incident.id}, **about)
