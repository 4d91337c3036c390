"""What a due timer does: it ticks its process, or takes the next step of a task's escalation ladder."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from domain.authority import SYSTEM
from domain.ledger import Tag
from engine.contract import Tick
from models import Timer, transaction
from models.queries import clock
from services.running import escalation, instances
from services.running.jobs import due_kind


@due_kind(Timer)
def fire(timer: Any, lease: str, now: datetime) -> None:
    """Carry out one due timer; one that was moved or taken away meanwhile is done, quietly."""
    with transaction() as tx:
        # the instance first, then the timer: the same order as whoever completes a task
        instance = instances.lock(tx, timer.instance_id)
        if not clock.release(tx, Timer, timer.id, lease):
            return
        if instance is None or instance["status"] not in instances.LIVE:
            return
        fx = instances.effects(tx, SYSTEM, now)
        if timer.kind == "ladder":
            escalation.take_step(tx, fx, instance, timer)
        else:
            data = {"element": timer.element}
            instances.step(tx, fx, instance, Tick(ref=timer.ref), tag=Tag.TIMER_FIRE, data=data)
        fx.flush(tx)
