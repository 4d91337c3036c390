"""The posts by which somebody works on records of the campaign: those of some roles, each with its unit."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from domain.authority import Actor, HeldPost
from models import Tx
from models.queries import units as rows

WORKERS = frozenset({"staff", "office"})


def held(tx: Tx, actor: Actor, roles: Iterable[str] = WORKERS) -> list[tuple[HeldPost, Any]]:
    """The posts in use with one of these roles, and the unit of each."""
    wanted = frozenset(roles)
    posts = [post for post in actor.in_use if post.role in wanted]
    units = rows.by_ids(tx, [post.unit_id for post in posts]) if posts else {}
    return [(post, units[post.unit_id]) for post in posts if post.unit_id in units]
