"""Messages and signals between the instances of one campaign."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from domain.authority import SYSTEM
from domain.ledger import Tag
from engine.contract import Deliver
from models import Tx
from models.queries import running
from services.running import instances
from services.running.jobs import handler


@handler("message:deliver")
def deliver(tx: Tx, args: Mapping[str, Any], now: datetime) -> None:
    """Hand a thrown message to the first of the tree that waits for it, a signal to each of those it names."""
    if "waits" in args:
        _tell_each(tx, args, now)
        return
    wanted = (args["kind"], args["name"], args["root"])
    # all are locked before the first is written, and then asked again: one of them may have gone on meanwhile
    for instance_id in running.waiting_for(tx, *wanted):
        instances.lock(tx, instance_id)
    for instance_id in running.waiting_for(tx, *wanted):
        if _hand_over(tx, instance_id, args, now) and args["kind"] == "message":
            return


def _tell_each(tx: Tx, args: Mapping[str, Any], now: datetime) -> None:
    for instance_id in sorted({instance_id for instance_id, _ in args["waits"]}):
        instances.lock(tx, instance_id)
    for instance_id, ref in args["waits"]:
        # one that waits no more has gone on meanwhile, or two of its events were taken by one
        if running.awaits(tx, instance_id, ref):
            _hand_over(tx, instance_id, args, now, ref)


def _hand_over(tx: Tx, instance_id: str, args: Mapping[str, Any], now: datetime, ref: str | None = None) -> bool:
    # read again: what an instance before it did may have ended it
    instance = instances.lock(tx, instance_id)
    if instance is None or instance["status"] not in instances.LIVE:
        return False
    fx = instances.effects(tx, SYSTEM, now)
    command = Deliver(name=args["name"], payload=args["payload"], kind=args["kind"], ref=ref)
    instances.step(tx, fx, instance, command, tag=Tag.MESSAGE_DELIVER, data={"name": args["name"]})
    fx.flush(tx)
    return True
