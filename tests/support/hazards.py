"""Hazards as tests enter them: by hand, by whoever holds a post, at the first enterprise of a county."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from domain.authority import Actor
from models import Campaign, Enterprise, Hazard, Holding, Post, Unit, reading, transaction
from services.inspections import hazards
from services.rehearsal.rehearsal_acts import actor_of
from services.running import jobs
from tests.support.world import World


def campaign_id() -> str:
    """The only campaign."""
    with reading() as tx:
        return tx.execute(select(Campaign.id)).scalar_one()


def unit_id(name: str) -> str:
    """A unit by its short name."""
    with reading() as tx:
        return tx.execute(select(Unit.id).where(Unit.short_name == name)).scalar_one()


def enterprise_of(county: str) -> str:
    """The first enterprise of a county."""
    query = select(Enterprise.unit_id).where(Enterprise.county_id == unit_id(county)).order_by(Enterprise.unit_id)
    with reading() as tx:
        return str(tx.execute(query).scalars().first())


def holder(unit: str, post: str, now: datetime) -> Actor:
    """Whoever holds a post; the office is the first of its kind."""
    where = Unit.kind == "office" if unit == "office" else Unit.short_name == unit
    named = select(Post.id).join(Unit, Unit.id == Post.unit_id).where(Post.kind == post, where)
    query = named.order_by(Unit.code).limit(1)
    with reading() as tx:
        return actor_of(tx, tx.execute(query).scalar_one(), now)


def enter(
    world: World,
    *,
    grade: str = "general",
    by: tuple[str, str] = ("榆次区", "officer"),
    county: str = "榆次区",
    **more: Any,
) -> str:
    """A hazard entered by hand; its rectification has begun."""
    data = {"enterprise_id": enterprise_of(county), "grade": grade, "text": "安全出口堵塞", **more}
    hazard_id = hazards.register_direct(holder(*by, world.now), campaign_id(), data, world.now)
    jobs.drain(world.now)
    return hazard_id


def row(hazard_id: str) -> Any:
    """A hazard as it stands."""
    with reading() as tx:
        return tx.execute(select(Hazard.__table__).where(Hazard.id == hazard_id)).one()


def by_number(number: str) -> Any:
    """A hazard by its number."""
    with reading() as tx:
        return tx.execute(select(Hazard.__table__).where(Hazard.number == number)).one()


def reopen(world: World, *, number: str, by: tuple[str, str], reason: str = "回头看发现反弹") -> None:
    """It has come back."""
    hazards.reopen(holder(*by, world.now), by_number(number).id, reason, world.now)
    jobs.drain(world.now)


def leave(world: World, *, county: str) -> None:
    """The first enterprise of a county takes no part any more."""
    posts = select(Post.id).where(Post.unit_id == enterprise_of(county))
    with transaction() as tx:
        tx.execute(update(Holding).where(Holding.post_id.in_(posts)).values(until=world.now))


def take_over(world: World, *, post: tuple[str, str], number: str) -> None:
    """Whoever handed a hazard's rectification in gets this post too."""
    unit, kind = post
    held = select(Post.id).where(Post.unit_id == unit_id(unit), Post.kind == kind)
    with transaction() as tx:
        person = {"person_id": by_number(number).submitted_by}
        tx.execute(update(Holding).where(Holding.post_id.in_(held)).values(person))


def hand_post(world: World, *, post: tuple[str, str], to: tuple[str, str]) -> None:
    """A post gets another holder: whoever holds that other post."""
    unit, kind = post
    held = select(Post.id).where(Post.unit_id == unit_id(unit), Post.kind == kind)
    person = holder(*to, world.now).person_id
    with transaction() as tx:
        tx.execute(update(Holding).where(Holding.post_id.in_(held)).values(person_id=person))
