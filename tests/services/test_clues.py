"""Numbers under races, keys that are changed, the choices of the settings, and calls that are refused."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from domain.errors import Conflict, Forbidden, Invalid, NotFound
from models import reading
from models.queries import clues as rows
from services import clues as verbs
from services import vault as vaults
from services.clue_actions import _paused, result_due
from services.stage_bar import chosen_home
from tests.support import clues
from tests.support.world import World, beijing

KEY = "jinzhong-hundred-day"


@pytest.fixture(scope="module")
def world(new_database: Callable[..., str], backend: str, tmp_path_factory: pytest.TempPathFactory) -> World:
    folder = tmp_path_factory.mktemp("city")
    return World(new_database(backend), folder, key=KEY, now=beijing("2021-12-27 09:00"), enterprises=5)


def test_twelve_at_once_get_twelve_numbers_in_a_row(world: World) -> None:
    dispatcher, vault = clues.holder("office", "dispatcher", world.now), clues.vault_of(world)
    vault.mark("made before the threads")

    def one(n: int) -> str:
        intake = verbs.Intake(channel="phone", kind="hazard", subject=f"并发{n}", text="问题")
        return verbs.register(dispatcher, intake, {}, vault, world.now).number

    with ThreadPoolExecutor(4) as pool:
        numbers = sorted(pool.map(one, range(12)))
    assert numbers == [f"JZ20211227{n:02d}" for n in range(1, 13)]


def test_keys_change_and_every_reporter_still_opens(world: World) -> None:
    clue_id = clues.hand_in(world, unit="平遥县", subject="换钥匙", reporter=clues.REPORTER)
    vault, keeper = clues.vault_of(world), clues.holder("office", "dispatcher", world.now)
    with reading() as tx:
        before = rows.reporter(tx, clue_id)
    assert vaults.rotate(vault, keeper, world.now) == 1
    with reading() as tx:
        after = rows.reporter(tx, clue_id)
    assert before and after and before.key_id != after.key_id
    assert verbs.reveal(keeper, clue_id, "回告办理结果", vault, world.now) == clues.REPORTER


def test_what_is_refused(world: World) -> None:
    office, liaison = (clues.holder(*who, world.now) for who in (("office", "dispatcher"), ("平遥县", "liaison")))
    clue_id = clues.hand_in(world, unit="平遥县", subject="拒绝")
    with reading() as tx:
        unit, outsider = clues.unit_id(tx, "平遥县"), clues.unit_id(tx, "市商务局")
    where = {"county_id": unit, "sector": "coal_mine", "now": world.now}
    with pytest.raises(Forbidden):
        verbs.classify(liaison, clue_id, unit_id=unit, **where)
    with pytest.raises(NotFound):
        verbs.classify(office, "nothing", unit_id=unit, **where)
    with pytest.raises(Invalid) as fault:
        verbs.classify(office, clue_id, unit_id=outsider, **where)
    assert "unit_id" in fault.value.fields
    with pytest.raises(Invalid):
        verbs.classify(office, clue_id, unit_id=unit, **{**where, "sector": "magic"})
    with pytest.raises(Conflict):
        verbs.refer(office, clue_id, "police", "涉嫌犯罪", world.now)
    with pytest.raises(NotFound):
        verbs.answer_referral(office, "nothing", "已收到", world.now)


def test_the_days_of_an_objection_are_working_days_and_may_be_switched_off(world: World) -> None:
    with reading() as tx:
        home = chosen_home(tx, None)
    assert home
    from dataclasses import replace

    from domain.workdays import Calendar

    plan, cal = home.plan, Calendar()
    objected, ruled = beijing("2022-01-28 16:00"), beijing("2022-02-07 09:00")
    assert _paused(plan, cal, objected, ruled) == 3  # 29 and 30 January, 7 February
    assert _paused(plan, cal, objected, beijing("2022-01-28 18:00")) == 0
    unpaused = replace(plan, settings={**plan.settings, "objection_stops_clock": False})
    assert _paused(unpaused, cal, objected, ruled) == 0
    assert result_due(plan, cal, beijing("2022-01-26 10:00")) == beijing("2022-02-10 00:00")
    assert result_due(plan, cal, beijing("2022-01-26 10:00"), 3) == beijing("2022-02-15 00:00")


def test_a_backup_takes_the_keys_along(world: World, tmp_path: Path) -> None:
    from config import Settings
    from scripts import backup

    settings = Settings.from_env({"VAR_DIR": str(tmp_path)})
    vaults.Vault(settings.var_dir / "reporters.key").mark("x")
    assert [path.name for path in backup.files(settings)] == ["reporters.key"]
