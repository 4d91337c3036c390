"""What leaves an instance: errors and escalations to the call above, messages and signals to who waits in the tree."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from domain.ledger import Tag
from engine.contract import Raised
from models import Tx, Wait, new_id
from models.batches import batches
from models.queries import clock, running
from services.running.effects import Effects

BATCH = 500  # who hears a signal in one transaction


def raise_out(tx: Tx, fx: Effects, instance: Mapping[str, Any], raised: Raised) -> None:
    """Queue what tells the others; it leaves with the rows of this command."""
    if raised.kind in ("error", "escalation"):
        _tell_above(fx, instance, raised)
    elif raised.kind == "signal":
        _broadcast(tx, fx, instance, raised)
    else:
        _send(fx, instance, raised, {})


def _tell_above(fx: Effects, instance: Mapping[str, Any], raised: Raised) -> None:
    if instance["parent_id"] is None:
        # an error stands in its branch as a fault, which has an incident of its own; an escalation holds nobody
        if raised.kind == "escalation":
            sentence = f"升级事件“{raised.name}”没有被捕获，流程照常继续"
            data = {"element": raised.element, "sentence": sentence}
            fx.ledger(Tag.INSTANCE_ESCALATE, instance=instance, data=data)
        return
    args = {"parent": instance["parent_id"], "ref": instance["parent_ref"], "kind": raised.kind, "code": raised.name}
    _queue(fx, "child:raise", args)


def _broadcast(tx: Tx, fx: Effects, instance: Mapping[str, Any], raised: Raised) -> None:
    """A signal is for whoever waits now: those inside have heard it, who begins to wait later has not."""
    for some in batches(_listeners(tx, fx, instance, raised.name), BATCH):
        _send(fx, instance, raised, {"waits": [list(wait) for wait in some]})


def _listeners(tx: Tx, fx: Effects, instance: Mapping[str, Any], name: str) -> list[tuple[str, str]]:
    """(instance, ref) of the waits of the tree, also of instances that this very command starts."""
    trees = {started["id"]: started["root_id"] for started in fx.instances}
    new = [
        (row["instance_id"], row["ref"])
        for row in fx.rows[Wait]
        if (row["kind"], row["name"]) == ("signal", name) and trees.get(row["instance_id"]) == instance["root_id"]
    ]
    known = running.listeners(tx, name, instance["root_id"])
    return sorted(wait for wait in {*known, *new} if wait[0] != instance["id"])


def _send(fx: Effects, instance: Mapping[str, Any], raised: Raised, to: Mapping[str, Any]) -> None:
    message = {"kind": raised.kind, "name": raised.name, "payload": dict(raised.payload), "root": instance["root_id"]}
    _queue(fx, "message:deliver", {**message, **to})


def _queue(fx: Effects, kind: str, args: dict[str, Any]) -> None:
    key = new_id()
    fx.after.append(lambda tx: clock.enqueue(tx, kind, key, args, fx.now))
