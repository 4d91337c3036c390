"""Host actions: what a service task may ask for by name (`bihuan:action`). They run in the caller's transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from domain.errors import Invalid
from engine.contract import ActionSignature, Scalar
from models import Tx

Handler = Callable[..., Mapping[str, Scalar]]


@dataclass(frozen=True, kw_only=True)
class HostAction:
    """A registered action: its Chinese name, what it takes and gives, and the function that does it."""

    title: str
    signature: ActionSignature
    handler: Handler


ACTIONS: dict[str, HostAction] = {}


def host_action(name: str, title: str, signature: ActionSignature) -> Callable[[Handler], Handler]:
    """Register a function as a host action."""

    def register(handler: Handler) -> Handler:
        ACTIONS[name] = HostAction(title=title, signature=signature, handler=handler)
        return handler

    return register


def signatures() -> dict[str, ActionSignature]:
    """What the publish gate checks service tasks against."""
    return {name: action.signature for name, action in ACTIONS.items()}


def carry_out(tx: Tx, name: str, arguments: Mapping[str, Scalar], **world: Any) -> Mapping[str, Scalar]:
    """Run an action; Invalid where an argument it needs is missing."""
    action = ACTIONS.get(name)
    if action is None:
        raise Invalid(f"没有名为“{name}”的系统操作")
    for key in action.signature.arguments:
        if arguments.get(key) is None and key not in action.signature.optional:
            raise Invalid(f"系统操作“{action.title}”缺少参数“{key}”")
    return action.handler(tx, **{key: arguments.get(key) for key in action.signature.arguments}, **world)
