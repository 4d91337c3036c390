"""Clues as tests hand them in: registered by the office's dispatcher and classified to a unit."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select

from domain.authority import Actor
from models import Clue, Post, Tx, Unit, reading
from models.queries import clues as rows
from services.clues import clue_account, clues
from services.clues.vault import Vault
from services.plans.launched import chosen_home
from services.rehearsal.rehearsal_acts import actor_of
from tests.support.world import World

REPORTER = {"name": "张某", "phone": "0354-0000000", "address": "某街某号"}


def unit_id(tx: Tx, name: str) -> str:
    """A unit by its short name."""
    return str(tx.execute(select(Unit.id).where(Unit.short_name == name)).scalar_one())


def holder(unit: str, post: str, now: datetime) -> Actor:
    """Whoever holds a post of a unit; the office is the first of its kind."""
    query = select(Post.id).join(Unit, Unit.id == Post.unit_id).where(Post.kind == post)
    where = Unit.kind == "office" if unit == "office" else Unit.short_name == unit
    with reading() as tx:
        return actor_of(tx, tx.execute(query.where(where).order_by(Unit.code).limit(1)).scalar_one(), now)


def vault_of(world: World) -> Vault:
    """The vault of a test's city."""
    return Vault(world.store.folder / "reporters.key")


def hand_in(
    world: World,
    *,
    unit: str,
    subject: str,
    county: str | None = None,
    sector: str = "coal_mine",
    kind: str = "illegal_act",
    channel: str = "phone",
    reporter: Mapping[str, str] | None = None,
) -> str:
    """Register a clue and classify it to a unit; its id."""
    dispatcher = holder("office", "dispatcher", world.now)
    intake = clues.Intake(
        channel=channel, kind=kind, subject=subject, text="夜间违规生产，安全设施不全。", place="某村"
    )
    made = clues.register(dispatcher, intake, reporter or {}, vault_of(world), world.now)
    give(world, made.id, unit=unit, county=county or unit, sector=sector)
    return made.id


def give(world: World, clue_id: str, *, unit: str, county: str, sector: str = "coal_mine") -> None:
    """Classify a registered clue."""
    with reading() as tx:
        responsible, place = unit_id(tx, unit), unit_id(tx, county)
    dispatcher = holder("office", "dispatcher", world.now)
    clues.classify(dispatcher, clue_id, unit_id=responsible, county_id=place, sector=sector, now=world.now)


def id_of(tx: Tx, subject: str) -> str:
    """A clue by what it is about."""
    return str(tx.execute(select(Clue.id).where(Clue.subject == subject)).scalar_one())


def seen(world: World, subject: str) -> dict[str, Any]:
    """A clue as the rehearsal's document lists it (its last entry), with its state and how many entries it has."""
    with reading() as tx:
        row = rows.one(tx, id_of(tx, subject))
        found = chosen_home(tx, None)
        assert row and found
        entries = [entry for entry in clue_account.clues(tx, found.row.id) if entry["number"] == row.number]
    shown = {name: _minute(value) for name, value in (entries[-1] if entries else {}).items()}
    return {**shown, "status": row.status, "entries": len(entries)}


def _minute(value: Any) -> Any:
    """A moment as a scenario writes it."""
    is_moment = isinstance(value, str) and value.endswith("+08:00")
    return value[:16].replace("T", " ") if is_moment else value
