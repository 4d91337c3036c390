"""A launched campaign with its plan, and which of them somebody looks at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from domain.authority import Actor
from domain.errors import NotFound
from domain.plan import Plan
from models import Tx, reading
from models.queries import campaigns as rows
from models.queries import units as unit_rows
from services.plans.versions import CampaignFacts, Edition, campaign_facts, edition_of, plan_of

CITY = "city"  # the level of units that have campaigns of their own


@dataclass(frozen=True)
class Home:
    """A launched campaign with its edition and its plan as shifted."""

    row: Any
    edition: Edition
    facts: CampaignFacts
    plan: Plan

    @property
    def short_title(self) -> str:
        """The campaign's everyday name."""
        return str((self.plan.raw.get("document") or {}).get("short_title") or self.plan.title)


def home_of(tx: Tx, row: Any) -> Home:
    """The plan behind a campaign's row."""
    edition = edition_of(tx, row.version_id)
    facts = campaign_facts(tx, row.id, edition)
    return Home(row, edition, facts, plan_of(edition, facts))


def home(tx: Tx, campaign_id: str) -> Home:
    """A launched campaign by its id."""
    row = rows.campaign(tx, campaign_id)
    if row is None:
        raise NotFound("没有找到该行动。")
    return home_of(tx, row)


def chosen_home(tx: Tx, actor: Actor | None, campaign_id: str | None = None) -> Home | None:
    """The campaign asked for, else the one that the actor looks at; None while nothing is launched."""
    if campaign_id:
        return home(tx, campaign_id)
    found = campaigns_of(tx, actor)
    looked_at = [row for row in found if actor and row.id == actor.campaign_id]
    running = [row for row in found if row.status == "running"]
    return home_of(tx, (looked_at or running or found)[0]) if found else None


def campaigns_of(tx: Tx, actor: Actor | None) -> list[Any]:
    """The campaigns of the actor's own city, the newest first; all, for visitors and for who holds no post."""
    found = rows.campaigns(tx)
    if actor is None or not actor.in_use:
        return found
    cities = _cities(tx, [row.owner_path for row in found])
    return [row for row in found if _is_at_home(actor, cities[row.owner_path])]


def _cities(tx: Tx, owner_paths: Sequence[str]) -> dict[str, str]:
    """Path of a campaign's office -> path of the city it belongs to, the office itself where there is none above."""
    above = {path: path.strip("/").split("/") for path in owner_paths}
    units = unit_rows.by_ids(tx, sorted({unit_id for ids in above.values() for unit_id in ids}))
    found = {}
    for path, ids in above.items():
        cities = [units[one].path for one in ids if one in units and units[one].level == CITY]
        found[path] = cities[0] if cities else path
    return found


def _is_at_home(actor: Actor, city_path: str) -> bool:
    return any(post.unit_path.startswith(city_path) or city_path.startswith(post.unit_path) for post in actor.in_use)


@dataclass(frozen=True, kw_only=True)
class View:
    """The campaign that somebody looks at, what runs in it, and the other campaigns of their city."""

    id: str
    name: str
    processes: frozenset[str]
    others: tuple[tuple[str, str], ...]


def view(actor: Actor) -> View | None:
    """What the top of a page and the menu say; None while nothing is launched."""
    with reading() as tx:
        found = chosen_home(tx, actor)
        if found is None:
            return None
        return View(
            id=found.row.id,
            name=found.row.name,
            processes=frozenset(found.edition.processes),
            others=tuple(one for one in choices(tx, actor) if one[0] != found.row.id),
        )


def choices(tx: Tx, actor: Actor) -> tuple[tuple[str, str], ...]:
    """The campaigns of the actor's city for a select field."""
    return tuple((row.id, row.name) for row in campaigns_of(tx, actor))
