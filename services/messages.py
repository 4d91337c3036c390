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
from services import instances
from services.jobs import handler


@handler("message:deliver")
def deliver(tx: Tx, args: Mapping[str, Any], now: datetime) -> None:
    """Hand a thrown message or signal to the instances of the tree that wait for it: a message to the first only."""
    waiting = running.waiting_for(tx, args["kind"], args["name"], args["root"])
    for instance_id in waiting[:1] if args["kind"] == "message" else waiting:
        instance = instances.lock(tx, instance_id)
        if instance is None or instance["status"] != "running":
            continue
        fx = instances.effects(tx, SYSTEM, now)
        command = Deliver(name=args["name"], payload=args["payload"])
        instances.step(tx, fx, instance, command, tag=Tag.MESSAGE_DELIVER, data={"name": args["name"]})
        fx.flush(tx)
