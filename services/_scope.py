"""Data scope (domain.authority.Actor.sees) as the queries need it: whose rows a list may show."""

from __future__ import annotations

from domain.authority import Actor
from domain.errors import Forbidden


def paths_of(actor: Actor) -> tuple[str, ...] | None:
    """The paths of the units whose trees the actor sees; None = everything."""
    if actor.sees_all:
        return None
    return tuple(dict.fromkeys(post.unit_path for post in actor.in_use))


def units_of(actor: Actor) -> tuple[str, ...]:
    """The units the actor holds posts of."""
    return tuple(dict.fromkeys(post.unit_id for post in actor.in_use))


def demand(actor: Actor, unit_path: str) -> None:
    """Refuse what lies outside the data scope."""
    if not actor.sees(unit_path):
        raise Forbidden("该单位不在您的数据范围内。")
