"""Items of standing processes in scenarios: started, taken back, refused; the end of a notice; how items stand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import pytest
from sqlalchemy import Connection, select

import models
from domain import errors
from domain.authority import Actor
from models import Campaign, Item, Post, Unit
from services.rehearsal.rehearsal_acts import actor_of
from services.running import jobs
from services.standing import item_pages, items
from tests.support.world import World


def _campaign(tx: Connection) -> Any:
    return tx.execute(select(Campaign.id, Campaign.owner_unit_id).order_by(Campaign.launched_at)).first()


def _actor(world: World, unit: str, post: str) -> Actor:
    query = select(Post.id).join(Unit, Unit.id == Post.unit_id).where(Unit.short_name == unit, Post.kind == post)
    with models.reading() as tx:
        return actor_of(tx, tx.execute(query).scalar_one(), world.now)


def _office(world: World, post: str = "dispatcher") -> Actor:
    with models.reading() as tx:
        owner = _campaign(tx).owner_unit_id
        found = tx.execute(select(Post.id).where(Post.unit_id == owner, Post.kind == post)).scalar_one()
        return actor_of(tx, found, world.now)


def _item(title: str) -> str:
    with models.reading() as tx:
        return str(tx.execute(select(Item.id).where(Item.title == title)).scalar_one())


def _refused(kind: str | None) -> AbstractContextManager[Any]:
    return pytest.raises(getattr(errors, kind)) if kind else nullcontext()


def start(world: World, kind: str, unit: str, title: str, post: str = "liaison", refused: str | None = None) -> None:
    """Somebody of a unit starts an item, or is refused."""
    with models.reading() as tx:
        campaign = _campaign(tx).id
    with _refused(refused):
        items.start(_actor(world, unit, post), campaign, kind, {"title": title}, world.now)
    jobs.drain(world.now)


def withdraw(world: World, title: str, unit: str, why: str, post: str = "liaison", refused: str | None = None) -> None:
    """Somebody takes an item back, or is refused."""
    with _refused(refused):
        items.withdraw(_actor(world, unit, post), _item(title), why, world.now)


def repeal(world: World, refused: str | None = None) -> None:
    """The office ends the notice."""
    with models.reading() as tx:
        campaign = _campaign(tx).id
    with _refused(refused):
        items.repeal(_office(world), campaign, world.now)
    jobs.drain(world.now)


def stand(world: World, where: str, expected: Mapping[str, Mapping[str, str]]) -> None:
    """By its name: how an item stands (`state`), how it came out (`result`), its `number`, where it waits (`step`)."""
    for title, wanted in expected.items():
        page = item_pages.one(_office(world), _item(title))
        seen = {"state": page.line.sign.word, "result": page.line.result, "step": page.line.step}
        seen["number"] = page.row.number
        assert {name: seen[name] for name in wanted} == wanted, f"{where}: {title}"


ACTS: dict[str, Callable[..., Any]] = {"start_item": start, "withdraw_item": withdraw, "repeal_notice": repeal}
EXPECT: dict[str, Callable[..., None]] = {"items": stand}
