"""A campaign launched after dates of its notice: kept, moved by whole weeks, or opened at once. Both databases."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

import models
from domain import signs
from domain.authority import SYSTEM
from domain.errors import Invalid
from models import Campaign, Ledger, Notice, Period, Stage, Task, Timer
from models.queries import campaigns as campaign_rows
from models.queries import rankings
from models.queries import statements as statement_rows
from services.campaigns import campaigns, commitments, launch_page, outlook
from services.plans.launched import chosen_home
from services.running import jobs
from services.tasks import gates, inbox, task_page, tasks
from tests.support.acts import ANY_OFFICE, somebody
from tests.support.world import World, beijing

KEY = "jinzhong-hundred-day"
LATE = beijing("2022-02-09 09:00")  # the first stage ended on 10 January, six Mondays have passed


@pytest.fixture(scope="module", params=["keep", "late"])
def launched(
    request: pytest.FixtureRequest, new_database: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, World]]:
    backend = {"keep": "sqlite", "late": "postgresql"}[request.param]
    folder = tmp_path_factory.mktemp("late")
    world = World(new_database(backend), folder, key=KEY, now=LATE, launch=False, enterprises=3)
    campaigns.launch(SYSTEM, KEY, past=request.param, now=LATE)
    jobs.drain(LATE)
    yield request.param, world


def ask(query: Any) -> list[Any]:
    with models.reading() as tx:
        return list(tx.execute(query))


def campaign_id() -> str:
    return str(ask(select(Campaign.id))[0].id)


def arrived() -> list[Any]:
    return ask(select(Task.__table__).where(Task.due_at <= Task.opened_at))


def test_what_comes_late_is_told_once_and_urges_nobody(launched: tuple[str, World]) -> None:
    _, world = launched
    late = {task.id: task for task in arrived()}
    assert "file_plan" in {task.element for task in late.values()}
    world.at(LATE + timedelta(days=3))
    told = Counter(row.task_id for row in ask(select(Ledger.task_id).where(Ledger.tag == "early_warning:send")))
    assert {told[task_id] for task_id in late if late[task_id].element == "file_plan"} == {1}
    assert ask(select(Ledger.seq).where(Ledger.tag == "escalation:step", Ledger.task_id.in_(late))) == []
    assert ask(select(Timer.id).where(Timer.kind == "ladder", Timer.ref.in_(late))) == []
    notes = ask(select(Notice.text, Notice.task_id).where(Notice.kind == "escalation:arrived_late"))
    assert all("【送达时已逾期】" in note.text for note in notes)
    assert {note.task_id for note in notes} == late.keys() & {note.task_id for note in notes}


def test_nobody_is_counted_as_late(launched: tuple[str, World]) -> None:
    past, world = launched
    with models.reading() as tx:
        counted = campaign_rows.task_counts(tx, [campaign_id()], world.now)[campaign_id()]
        per_unit = campaign_rows.statement_counts(tx, campaign_id(), LATE)
        ranked = rankings.statements(tx, campaign_id(), beijing("2022-01-01 00:00"), LATE)
        pressed = statement_rows.pressed(tx, campaign_id(), LATE, None)
    assert counted.arrived_late > 0
    overdue = ask(
        select(func.count())
        .select_from(Task)
        .where(Task.status == "open", Task.due_at < world.now, Task.due_at > Task.opened_at)
    )[0][0]
    assert counted.overdue == overdue
    assert {row.missing for row in per_unit.values()} <= {0}
    assert ranked == []
    assert pressed == []
    assert any(row.arrived_late for row in per_unit.values()) == (past == "late")


def test_missed_periods_are_left_out_or_opened_once(launched: tuple[str, World]) -> None:
    past, _ = launched
    missed = ask(select(Period.report, Period.unit_id, Period.period, Period.opened_late).where(Period.due_at <= LATE))
    if past == "keep":
        assert missed == []
        return
    assert missed
    assert all(period.opened_late for period in missed)
    assert max(Counter((row.report, row.unit_id, row.period) for row in missed).values()) == 1


def test_the_holder_sees_why(launched: tuple[str, World]) -> None:
    _, world = launched
    liaison = somebody(world, "榆次区", "liaison")
    task_id = next(task.id for task in arrived() if task.element == "file_plan" and task.post_id in liaison.post_ids)
    shown = task_page.page(liaison, task_id, world.now)
    assert (shown.sign, shown.light.word if shown.light else "") == (signs.ARRIVED_LATE, "送达时已逾期")
    assert shown.row.due_at < shown.row.opened_at, "the printed limit stays"
    todo = inbox.todo(liaison, inbox.Query(), world.now)
    mine = next(item for item in todo.items if item.id == task_id)
    assert mine.light is not None
    assert mine.light.color == "yellow"
    late = inbox.todo(liaison, inbox.Query(late=True), world.now)
    assert task_id not in {item.id for item in late.items}
    world.complete(next(task for task in world.open_tasks("file_plan") if task.id == task_id))
    assert task_page.page(liaison, task_id, world.now).sign == signs.DONE


def test_the_gate_of_a_stage_that_is_over_is_signed_with_a_reason(launched: tuple[str, World]) -> None:
    past, world = launched
    gate_id = str(ask(select(Stage.gate_task_id).where(Stage.key == "s1"))[0].gate_task_id)
    leader = somebody(world, ANY_OFFICE, "city_leader")
    shown = gates.page(leader, gate_id, world.now)
    assert (shown.mine, shown.sign) == (True, signs.GATE_OPEN), "not the leader's fault either"
    assert shown.unmet
    with pytest.raises(Invalid):
        tasks.complete(
            leader, gate_id, answers=gates.answers_of(shown, ""), outcome="sign", confirmed=world.now, now=world.now
        )
    reason = "通知印发时本阶段已经结束，转入下一阶段"
    answers = gates.answers_of(shown, reason)
    tasks.complete(leader, gate_id, answers=answers, outcome="sign", opinion=reason, confirmed=world.now, now=world.now)
    assert gates.page(leader, gate_id, world.now).sign == signs.GATE_PASSED


def test_a_stage_that_is_over_keeps_its_days_and_its_commitments_are_not_late(launched: tuple[str, World]) -> None:
    _, world = launched
    stage = ask(select(Stage.starts_at, Stage.ends_at).where(Stage.key == "s1"))[0]
    assert stage.starts_at < stage.ends_at
    with models.reading() as tx:
        found = chosen_home(tx, None)
        assert found is not None
        tallies = commitments.tallies_of(tx, found, None, (), world.now)
    assert sum(tally.owed for tally in tallies) > 0
    assert {tally.late for tally in tallies} == {0}


class TestPreview:
    """What the launch page says before anything is done."""

    def choices(self, shift: int = 0) -> dict[str, str]:
        return {one.past: "".join(one.sentences) for one in launch_page.choices(KEY, shift, LATE)}

    def test_every_choice_says_what_it_does(self, launched: tuple[str, World]) -> None:
        said = self.choices(42)
        found = outlook.outlook(KEY, shift_days=0, now=LATE)
        assert f"{found.arrive_late} 项任务送达时原定期限已过" in said["keep"]
        assert "已经结束的阶段：“" in said["keep"]
        assert f"已过的定期工作 {found.missed} 期（逐单位计 {found.owed} 项）不再下达" in said["keep"]
        assert f"已过的定期工作 {found.missed} 期（逐单位计 {found.owed} 项）立即下达，每期一次" in said["late"]
        assert "全部日期往后移 6 周，星期不变，第一天是 2022年2月7日。" in said["shift"]

    def test_a_plan_that_is_ahead_brings_nothing_late(self, launched: tuple[str, World]) -> None:
        early = beijing("2021-12-01 09:00")
        said = {one.past: "".join(one.sentences) for one in launch_page.choices(KEY, 0, early)}
        assert set(said.values()) >= {"没有任务送达时就已逾期，没有错过的定期报告。"}

    def test_the_numbers_are_those_of_the_launch(self, launched: tuple[str, World]) -> None:
        past, _ = launched
        found = outlook.outlook(KEY, shift_days=0, now=LATE)
        periods = ask(select(Period.report, Period.period).distinct().where(Period.due_at <= LATE))
        assert (len(periods) == found.missed) == (past == "late")

    @pytest.mark.parametrize(
        ("day", "weeks"), [("2027-03-01", 270), ("2027-03-07", 270), ("2021-12-27", 0), ("2021-12-20", -1)]
    )
    def test_a_day_gives_whole_weeks(self, launched: tuple[str, World], day: str, weeks: int) -> None:
        assert launch_page.weeks(KEY, date.fromisoformat(day), LATE) == weeks


def test_a_second_run_from_a_chosen_week_keeps_the_weekdays(new_database: Any, tmp_path: Path) -> None:
    now = datetime.fromisoformat("2027-02-26T09:00+08:00")
    World(new_database("sqlite"), tmp_path, key=KEY, now=now, launch=False, enterprises=2)
    weeks = launch_page.weeks(KEY, date(2027, 3, 1), now)
    shown = launch_page.page(KEY, past="shift", shift_days=7 * weeks, now=now)
    assert shown.preview.starts_at.date() == date(2027, 3, 1)
    assert not any(task.row.past for _, tasks_ in shown.tasks for task in tasks_)
    assert "第一天是 2027年3月1日" in "".join(shown.choices[0].sentences)
