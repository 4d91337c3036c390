"""Numbers under races, keys that are changed, the choices of the settings, and calls that are refused."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from config import Settings
from domain.authority import SYSTEM
from domain.errors import Conflict, Forbidden, Invalid, NotFound
from domain.workdays import Calendar
from models import reading, transaction
from models.queries import clues as rows
from scripts import backup
from services.clues import clue_page, clue_results, clue_show
from services.clues import clues as verbs
from services.clues import vault as vaults
from services.clues.clue_terms import paused, result_due
from services.plans import calendar
from services.plans.launched import chosen_home
from services.running import jobs
from services.running.handed_in import HandedIn
from tests.support import clues
from tests.support.site import new_app
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


def came_back(world: World, subject: str) -> str:
    """A clue whose objection was upheld after it had been escalated; it was due before this day."""
    clue_id = clues.hand_in(world, unit="平遥县", subject=subject)
    before = world.now - timedelta(days=1)
    with transaction() as tx:
        rows.change(tx, clue_id, status="released", result_due=before, escalated_at=before, escalated_for="idle")
    return clue_id


def test_a_clue_that_came_back_begins_anew_and_may_be_escalated_again(world: World) -> None:
    clue_id = came_back(world, "重新交办")
    clues.give(world, clue_id, unit="介休市", county="介休市")
    with reading() as tx:
        row = rows.one(tx, clue_id)
    assert row and (row.status, row.escalated_at, row.escalated_for, row.result_due) == ("classified", None, None, None)


def test_a_clue_that_is_turned_away_is_not_overdue(world: World) -> None:
    clue_id, office = came_back(world, "不再受理"), clues.holder("office", "dispatcher", world.now)
    before = clue_page.page(office, clue_page.Filters(), world.now)
    verbs.reject(office, clue_id, "重复反映", world.now)
    after = clue_page.page(office, clue_page.Filters(), world.now)
    assert before and after and before.counts["overdue"] == after.counts["overdue"] == 0
    late = clue_page.page(office, clue_page.Filters(overdue=True), world.now)
    assert late and not late.lines


def test_a_result_reported_again_brings_its_new_referrals_only(world: World) -> None:
    clue_id = clues.hand_in(world, unit="平遥县", subject="两移交")
    with transaction() as tx:
        about = {"outcome": None, "opinion": "", "at": world.now, "person_id": None, "post_id": ""}
        first = HandedIn(
            data={"refer_police": True, "police_reason": "涉嫌危险作业"}, unit_id=clues.unit_id(tx, "平遥县"), **about
        )
        second = replace(first, data={**first.data, "refer_discipline": True, "discipline_reason": "监管人员涉嫌失职"})
        assert clue_results.refer(tx, rows.locked(tx, clue_id), first, world.now) == ["police"]
        rows.change(tx, clue_id, result=dict(first.data))
        assert clue_results.refer(tx, rows.locked(tx, clue_id), second, world.now) == ["discipline"]
        assert [row.to for row in rows.referrals_of(tx, clue_id)] == ["police", "discipline"]


def test_the_days_of_an_objection_are_working_days_and_may_be_switched_off(world: World) -> None:
    with reading() as tx:
        home = chosen_home(tx, None)
    assert home
    plan, cal = home.plan, Calendar()
    objected, ruled = beijing("2022-01-28 16:00"), beijing("2022-02-07 09:00")
    assert paused(plan, cal, objected, ruled) == 3  # 29 and 30 January, 7 February
    assert paused(plan, cal, objected, beijing("2022-01-28 18:00")) == 0
    unpaused = replace(plan, settings={**plan.settings, "objection_stops_clock": False})
    assert paused(unpaused, cal, objected, ruled) == 0
    assert result_due(plan, cal, beijing("2022-01-26 10:00")) == beijing("2022-02-10 00:00")
    assert result_due(plan, cal, beijing("2022-01-26 10:00"), 3) == beijing("2022-02-15 00:00")


def test_the_loop_from_the_hand_over_to_the_conclusion(world: World) -> None:
    """On both databases; a day off that was entered meanwhile moves the end of the term, and nobody is late before."""
    world.at(beijing("2021-12-30 07:00"))
    clues.hand_in(world, unit="祁县", subject="全程", reporter=clues.REPORTER)
    world.at(beijing("2021-12-30 09:00"))
    world.complete(world.open_tasks("confirm_list")[0])
    world.complete(world.open_tasks("seal_letters")[0])
    assert clues.seen(world, "全程")["result_due"] == "2022-01-12 00:00"
    calendar.set_day(SYSTEM, date(2022, 1, 11), working=False, name="临时放假", now=world.now)
    jobs.drain(world.now)
    # at once, not only when the term ends: lists sort and warn by it
    assert clues.seen(world, "全程")["result_due"] == "2022-01-13 00:00"
    world.complete(world.open_tasks("verify_clue", unit="祁县")[0])
    world.at(beijing("2022-01-12 12:00"))
    assert clues.seen(world, "全程")["escalated"] is False
    task = world.open_tasks("report_result", unit="祁县")[0]
    assert task.due_at == beijing("2022-01-13 00:00")
    world.complete(task, verdict="true")
    for element in ("sign_party", "sign_government"):
        world.complete(world.open_tasks(element, unit="祁县")[0])
    world.complete(world.open_tasks("check_result")[0])
    assert clues.seen(world, "全程")["status"] == "concluded"
    with reading() as tx:
        clue_id = clues.id_of(tx, "全程")
    shown = clue_show.one(clues.holder("祁县", "liaison", world.now), clue_id, world.now)
    tags = [event.tag for event in shown.events]
    assert tags[0] == "clue:register" and tags[-1] == "clue:conclude"
    assert {"clue:hand_over", "letter:issue", "clue:verify", "clue:result:report", "clue:result:check"} <= set(tags)
    assert [one.kind for one in shown.signatures] == ["party_principal", "government_principal"]
    assert not any(tag.startswith("clue:reporter") for tag in tags)


def test_a_backup_takes_the_keys_along(world: World, tmp_path: Path) -> None:
    settings = Settings.from_env({"VAR_DIR": str(tmp_path)})
    vaults.Vault(settings.var_dir / vaults.KEY_FILE).mark("x")
    assert [path.name for path in backup.files(settings)] == [vaults.KEY_FILE]


def test_the_key_is_changed_by_a_command(world: World, tmp_path: Path) -> None:
    app = new_app(world.database.url.render_as_string(hide_password=False), world.store.folder)
    done = app.test_cli_runner().invoke(args=["rotate-reporter-key"])
    assert done.exit_code == 0, done.output
    assert "密钥已更换" in done.output
    lost = new_app(world.database.url.render_as_string(hide_password=False), tmp_path)
    refused = lost.test_cli_runner().invoke(args=["rotate-reporter-key"])
    assert refused.exit_code == 1 and "无法解密" in refused.output
