"""Who acts in a rehearsal: the holders of posts, looked up once, for its directory does not change while it plays."""

from __future__ import annotations

from datetime import datetime

from domain.authority import Actor, HeldPost
from domain.errors import NotFound
from models import Tx, reading
from models.queries import rehearsal as rows


def actor_of(tx: Tx, post_id: str, now: datetime) -> Actor:
    """Whoever holds the post at `now`, acting for it."""
    held = rows.holders(tx, post_id, now)
    if not held:
        raise NotFound("这个岗位无人任职。")
    row = held[0]
    post = HeldPost(
        id=row.id,
        kind=row.kind,
        role=row.role,
        name=row.name,
        unit_id=row.unit_id,
        unit_name=row.unit_name,
        unit_path=row.unit_path,
        unit_level=row.unit_level,
        stand_in=row.held_as == "stand_in",
    )
    return Actor(person_id=row.person_id, name=row.person_name, posts=(post,), acting=post)


class Cast:
    """Everybody who has acted so far."""

    def __init__(self) -> None:
        self._by_post: dict[str, Actor] = {}
        self._posts: dict[tuple[str, str], str] = {}

    def holder(self, tx: Tx, post_id: str, now: datetime) -> Actor:
        """The holder of a post."""
        if post_id not in self._by_post:
            self._by_post[post_id] = actor_of(tx, post_id, now)
        return self._by_post[post_id]

    def of(self, unit_id: str, kind: str, now: datetime) -> Actor:
        """The holder of the unit's post of this kind."""
        with reading() as tx:
            if (unit_id, kind) not in self._posts:
                post_id = rows.post_of(tx, unit_id, kind)
                if post_id is None:
                    raise NotFound(f"单位没有“{kind}”这个岗位。")
                self._posts[unit_id, kind] = post_id
            return self.holder(tx, self._posts[unit_id, kind], now)
