"""`flask rehearse` from beginning to end: an empty database, a city in it, the campaign published, launched, played."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from catalog.directory_data import DirectoryData
from domain.authority import Actor
from domain.errors import NotFound
from domain.plan import Plan
from models import reading
from models.queries import demo as demo_rows
from services.campaigns import definitions
from services.campaigns.launching import OFFICE_GROUP
from services.clues.vault import Vault
from services.rehearsal import rehearsal
from services.rehearsal.demo_city import NO_PASSWORD, directory_for, settle
from services.rehearsal.rehearsal import Progress, Rehearsal, Style
from services.rehearsal.rehearsal_acts import actor_of
from services.rehearsal.scratch import scratch_database
from services.tasks.attachments import Store

_PREPARED_BEFORE = timedelta(days=3)
_MAX_BYTES = 1 << 20
KEY_FILE = "reporters.key"


@dataclass(frozen=True, kw_only=True)
class Order:
    """What is to be rehearsed, and how; `database` None = a temporary file, `enterprises` None = all of the city's."""

    campaign: str
    seed: int = 1
    on_time: float = 0.9
    until: datetime | None = None
    enterprises: int | None = None
    database: str | None = None
    root: Path = definitions.ROOT


def run(order: Order, *, progress: Progress = lambda _now, _acts: None) -> Rehearsal:
    """Rehearse in a database that holds nothing; raises what the product refuses, as it would on the day."""
    *children, definition = definitions.load_family(order.campaign, order.root)
    with scratch_database(order.database, seed=order.seed) as files:
        before = definition.plan.starts_at - _PREPARED_BEFORE
        data = _city(definition.plan, order)
        plans = [one.plan for one in (definition, *children)]
        settle(data, *plans, now=before, password_hash=NO_PASSWORD, demo=False)
        actor = _office_actor(_office_code(definition.plan, data), before)
        for one in (*children, definition):
            definitions.store(actor, one, before)
        store, vault = Store(files, _MAX_BYTES), Vault(files / KEY_FILE)
        style = Style(seed=order.seed, on_time=order.on_time, progress=progress, store=store, vault=vault)
        return rehearsal.rehearse(order.campaign, actor, style, until=order.until)


def _city(plan: Plan, order: Order) -> DirectoryData:
    data = directory_for(plan, order.root)
    return data if order.enterprises is None else data.with_few(order.enterprises)


def _office_code(plan: Plan, data: DirectoryData) -> str:
    """The unit that runs the campaign."""
    named = plan.units[OFFICE_GROUP].members if OFFICE_GROUP in plan.units else ()
    return next((data.by_short_name[name].code for name in named if name in data.by_short_name), "")


def _office_actor(unit_code: str, at: datetime) -> Actor:
    """The head of the campaign office."""
    with reading() as tx:
        post_id = demo_rows.post_id(tx, unit_code, "director")
        if post_id is None:
            raise NotFound("单位目录里没有办公室主任，无人可以启动行动。")
        return actor_of(tx, post_id, at)
