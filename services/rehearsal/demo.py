"""The demo city: its campaign was launched six weeks ago and has been played to today, so every inbox holds something.

Seeding goes on where it was broken off, and does nothing once it is done.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from catalog.campaigns import list_campaigns
from catalog.directory_data import DirectoryData
from domain.authority import Actor
from domain.errors import NotFound, Refused
from domain.plan import Plan
from domain.workdays import BEIJING
from models import hurried, reading, transaction
from models.queries import demo as rows
from models.queries import rehearsal as play_rows
from services.access import passwords
from services.campaigns import campaigns, definitions
from services.clues.vault import Vault
from services.rehearsal import rehearsal
from services.rehearsal.demo_city import directory_for, settle
from services.rehearsal.demo_shown import CAMPAIGN, Account, Left, RecentClues, accounts, demo_plan
from services.rehearsal.rehearsal_acts import actor_of
from services.rehearsal.rehearsal_run import KEY_FILE
from services.tasks.attachments import Store

BEGAN_BEFORE = timedelta(weeks=6)
SEED, ON_TIME = 1, 0.9
PASSWORD_FILE = "demo-password"  # noqa: S105 - a file's name
_PREPARED_BEFORE = timedelta(days=3)

Say = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class City:
    """Where the demo city is built: the data folder, where uploads lie, the rule for passwords."""

    var_dir: Path
    store: Store
    password_min_length: int
    root: Path = definitions.ROOT


def seed(city: City, now: datetime, say: Say) -> bool:
    """Build the demo city, or go on building it; False where nothing was done."""
    with reading() as tx:
        state = rows.state(tx)
        if state is None and rows.in_use(tx):
            say("数据库里已有单位、人员或行动，不再建演示城市（不需要演示时请设 DEMO=off）。")
            return False
    if state is not None and state.get("done"):
        _keep_password(city)
        return False
    state = state or {"shift_days": _shift_days(demo_plan(city.root), now), "done": False}
    plan = demo_plan(city.root).shifted(timedelta(days=state["shift_days"]))
    data = directory_for(plan, city.root)
    with hurried():
        _build(city, plan, data, state, say)
        since = _launch(plan, data, state, say)
        _play(city, data, since, now, say)
    with transaction() as tx:
        rows.note(tx, {**state, "done": True}, now)
    say("演示城市已建成。")
    return True


def _shift_days(plan: Plan, now: datetime) -> int:
    """Whole weeks, so that the plan's first day lies six weeks back or up to a week more."""
    return (now - BEGAN_BEFORE - plan.starts_at) // timedelta(weeks=1) * 7


def _build(city: City, plan: Plan, data: DirectoryData, state: dict[str, Any], say: Say) -> None:
    """Directory, people and editions, as of some days before the launch."""
    at = plan.starts_at - _PREPARED_BEFORE
    say("正在导入单位目录，建立演示人员……")
    word = _password(city)
    with transaction() as tx:
        rows.note(tx, state, at)
    people = settle(data, plan, now=at, password_hash=passwords.hashed(word), demo=True)
    if not people:
        # an earlier attempt made them, perhaps with a word that was lost
        with transaction() as tx:
            rows.set_passwords(tx, passwords.hashed(word))
    say("正在发布行动方案……")
    director = _director(data, at)
    for key in list_campaigns(city.root / "processes"):
        try:
            definitions.publish(director, key, at, root=city.root)
        except Refused as refused:
            if key == CAMPAIGN:
                raise
            say(f"方案 {key} 未通过检查，没有发布：{refused.findings[0].sentence}")


def _launch(plan: Plan, data: DirectoryData, state: dict[str, Any], say: Say) -> datetime:
    """Launch unless an earlier attempt did; from when on it is to be played."""
    at = plan.starts_at + rehearsal.LAUNCH_HOUR
    with reading() as tx:
        launched = play_rows.launched(tx, CAMPAIGN)
        last = play_rows.last_event(tx)
    if launched is not None:
        return max(at, last or at)
    say(f"正在启动“百日攻坚”集中行动（{at:%Y年%m月%d日}）……")
    campaigns.launch(_director(data, at), CAMPAIGN, past="shift", shift_days=state["shift_days"], now=at)
    return at


def _play(city: City, data: DirectoryData, since: datetime, now: datetime, say: Say) -> None:
    weeks: dict[date, None] = {}

    def progress(at: datetime, acts: int) -> None:
        day = at.astimezone(BEIJING).date()
        monday = day - timedelta(days=day.weekday())
        if monday not in weeks:
            weeks[monday] = None
            say(f"　办到 {day:%m月%d日}，已办 {acts} 件")

    say("正在按日程办理到今天……")
    style = rehearsal.Style(
        store=city.store,
        vault=Vault(city.var_dir / KEY_FILE),
        seed=SEED,
        on_time=ON_TIME,
        leave_open=Left(accounts(city.root), now),
        agendas=(partial(RecentClues, now=now),),
        progress=progress,
    )
    played = rehearsal.play_on(style, since, now)
    if played.refusals:
        say(f"　有 {len(played.refusals)} 件未能办成，例如：{played.refusals[0]}")
    say(f"　共办理 {played.acts} 件。")


def _director(data: DirectoryData, at: datetime) -> Actor:
    """The head of the campaign office, who publishes and launches."""
    office = next(unit for unit in data.units if unit.kind == "office")
    with reading() as tx:
        post_id = rows.post_id(tx, office.code, "director")
        if post_id is None:
            raise NotFound("单位目录里没有办公室主任。")
        return actor_of(tx, post_id, at)


def is_built() -> bool:
    """Whether the demo city is there."""
    with reading() as tx:
        return bool((rows.state(tx) or {}).get("done"))


# -- the password ------------------------------------------------------------------------------------------------------
def password(city: City) -> str | None:
    """The password of all demo accounts; None where it is not known."""
    try:
        return (city.var_dir / PASSWORD_FILE).read_text(encoding="utf-8").strip() or None
    except FileNotFoundError:
        return None


def _password(city: City) -> str:
    """The password, made by the first call and kept where only this user can read it."""
    known = password(city)
    if known is not None:
        return known
    word = _new_word(city.password_min_length)
    city.var_dir.mkdir(parents=True, exist_ok=True)
    path = city.var_dir / PASSWORD_FILE
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(word)
    return word


def _keep_password(city: City) -> None:
    """A lost password is replaced by a new one."""
    if password(city) is None:
        stored = passwords.hashed(_password(city))
        with transaction() as tx:
            rows.set_passwords(tx, stored)


def _new_word(length: int) -> str:
    """Syllables that can be read aloud and typed."""
    word = ""
    while len(word) < max(length, 12):
        word += secrets.choice("bdfghjkmnprtwxz") + secrets.choice("aeiou")
    return word


__all__ = ["Account", "City", "accounts", "is_built", "password", "seed"]
