"""Host actions: what a service task may ask for by name (`bihuan:action`). They run in the caller's transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from domain.errors import Invalid
from models import Tx

Scalar = str | int | float | bool | None
Handler = Callable[..., Mapping[str, Scalar]]


@dataclass(frozen=True, kw_only=True)
class HostAction:
    """A registered action: its Chinese name, its argument types and its result types."""

    name: str
    title: str
    arguments: Mapping[str, type]
    results: Mapping[str, type]
    handler: Handler


ACTIONS: dict[str, HostAction] = {}


def host_action(
    name: str, title: str, *, arguments: Mapping[str, type], results: Mapping[str, type]
) -> Callable[[Handler], Handler]:
    """Register a function as a host action."""

    def register(handler: Handler) -> Handler:
        ACTIONS[name] = HostAction(name=name, title=title, arguments=arguments, results=results, handler=handler)
        return handler

    return register


def carry_out(tx: Tx, name: str, arguments: Mapping[str, Scalar], **world: Any) -> Mapping[str, Scalar]:
    """Run an action with checked arguments; its results are scalars only."""
    action = ACTIONS.get(name)
    if action is None:
        raise Invalid(f"没有名为“{name}”的系统操作")
    for key, kind in action.arguments.items():
        if not isinstance(arguments.get(key), kind):
            raise Invalid(f"系统操作“{action.title}”的参数“{key}”不正确")
    return action.handler(tx, **{key: arguments[key] for key in action.arguments}, **world)
