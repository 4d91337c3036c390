"""A launched campaign with its plan, and which of them somebody looks at."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from domain.authority import Actor
from domain.errors import NotFound
from domain.old_clues import terms_of
from domain.plan import Plan
from models import Tx, reading
from models.queries import campaigns as rows
from services.plans.units import city_path
from services.plans.versions import CampaignFacts, Edition, campaign_facts, edition_of, plan_of


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
        return self.plan.short_title


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
    row = _looked_at(actor, campaigns_of(tx, actor))
    return None if row is None else home_of(tx, row)


def _looked_at(actor: Actor | None, found: list[Any]) -> Any:
    chosen = [row for row in found if actor and row.id == actor.campaign_id]
    running = [row for row in found if row.status == "running"]
    return next(iter(chosen or running or found), None)


def in_tree(found: Iterable[Any]) -> list[Any]:
    """Campaigns in the given order, the child campaigns of each programme behind it, by their folders."""
    known = list(found)
    ids = {row.id for row in known}
    below: dict[str, list[Any]] = defaultdict(list)
    for row in sorted(known, key=lambda one: one.key):
        below[row.parent_id if row.parent_id in ids else ""].append(row)
    tops = [row for row in known if row.parent_id not in ids]
    return [one for top in tops for one in (top, *below[top.id])]


def campaigns_of(tx: Tx, actor: Actor | None) -> list[Any]:
    """The campaigns of the actor's own city, the newest first; all, for visitors and for who holds no post.

    Child campaigns stand behind their programme.
    """
    found = in_tree(rows.campaigns(tx))
    if actor is None or not actor.in_use:
        return found
    return [row for row in found if _is_at_home(actor, city_path(tx, home_of(tx, row).plan))]


def _is_at_home(actor: Actor, city: str) -> bool:
    return any(post.unit_path.startswith(city) or city.startswith(post.unit_path) for post in actor.in_use)


@dataclass(frozen=True, kw_only=True)
class Choice:
    """A campaign that somebody may look at; a child campaign stands below its programme."""

    id: str
    name: str
    child: bool


@dataclass(frozen=True, kw_only=True)
class View:
    """The campaign that somebody looks at, what runs in it, and all campaigns of their city."""

    id: str
    name: str
    processes: frozenset[str]
    titles: Mapping[str, str]  # endpoint -> what this campaign calls the page
    has_registers: bool  # whether its plan has lists that are kept up to date
    has_standing: bool  # whether anything is started item by item in any campaign of the city
    choices: tuple[Choice, ...]


def view(actor: Actor) -> View | None:
    """What the top of a page and the menu say; None while nothing is launched."""
    with reading() as tx:
        found = campaigns_of(tx, actor)
        row = _looked_at(actor, found)
        if row is None:
            return None
        seen = home_of(tx, row)
        return View(
            id=row.id,
            name=_name(tx, row),
            processes=frozenset(seen.edition.processes),
            titles={"old_clues.index": terms_of(seen.plan.settings).name},
            has_registers=any("register" in one for one in (seen.plan.raw.get("lists") or {}).values()),
            has_standing=any(home_of(tx, one).plan.standing for one in found),
            choices=tuple(Choice(id=one.id, name=_name(tx, one), child=bool(one.parent_id)) for one in found),
        )


def _name(tx: Tx, row: Any) -> str:
    """A child campaign is known below its programme, by its everyday name."""
    return home_of(tx, row).short_title if row.parent_id else str(row.name)


INDENT = "　└ "  # before a child campaign in a select field


def choices(tx: Tx, actor: Actor) -> tuple[tuple[str, str], ...]:
    """The campaigns of the actor's city for a select field."""
    return tuple((row.id, f"{INDENT if row.parent_id else ''}{_name(tx, row)}") for row in campaigns_of(tx, actor))
