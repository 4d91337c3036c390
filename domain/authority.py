"""Who acts: a person through the posts they hold, or the system itself."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

LEADS_EVERYBODY = "city"  # the level of units whose leaders see the whole campaign


@dataclass(frozen=True, kw_only=True)
class HeldPost:
    """A post somebody holds now, with its unit and that unit's place in the tree."""

    id: str
    kind: str
    role: str
    name: str
    unit_id: str
    unit_name: str
    unit_path: str
    unit_level: str = ""
    stand_in: bool = False


@dataclass(frozen=True)
class Actor:
    """The one who gives a command. `acting` narrows the posts to one; `command_key` is the Idempotency-Key;
    `campaign_id` is the campaign they look at, where they have chosen one."""

    person_id: str | None
    name: str
    posts: tuple[HeldPost, ...] = ()
    acting: HeldPost | None = None
    command_key: str | None = None
    must_change_password: bool = False
    campaign_id: str | None = None

    @cached_property
    def in_use(self) -> tuple[HeldPost, ...]:
        """The posts acted for: the chosen one, or all."""
        return (self.acting,) if self.acting else self.posts

    @cached_property
    def post_ids(self) -> tuple[str, ...]:
        return tuple(post.id for post in self.in_use)

    @cached_property
    def roles(self) -> frozenset[str]:
        return frozenset(post.role for post in self.in_use)

    def post(self, post_id: str) -> HeldPost | None:
        """The held post with this id, if it is in use."""
        return next((post for post in self.in_use if post.id == post_id), None)

    @cached_property
    def sees_all(self) -> bool:
        """Whether nothing is outside the data scope: the campaign office, auditors, leaders of the city."""
        return any(
            post.role in ("office", "auditor") or (post.role == "leader" and post.unit_level == LEADS_EVERYBODY)
            for post in self.in_use
        )

    def sees(self, unit_path: str) -> bool:
        """Data scope: one's own unit and all below, also for the leaders of counties, departments and townships."""
        if self.sees_all:
            return True
        return any(unit_path.startswith(post.unit_path) for post in self.in_use)

    def with_key(self, key: str | None) -> Actor:
        return replace(self, command_key=key)


SYSTEM = Actor(person_id=None, name="系统")
