"""A whole campaign played on its calendar: reproducible, the same on both databases, and honest about what is stuck."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import insert, text

import models
from app import create_app
from config import Settings
from domain.errors import Conflict
from domain.workdays import BEIJING
from models import CalendarDay, Job, reading, transaction
from models.queries import running
from services.rehearsal import rehearsal_account, rehearsal_run
from services.rehearsal.rehearsal import Rehearsal
from services.running import jobs
from web.rehearsal_table import tables

KEY = "jinzhong-hundred-day"
SHORT = datetime(2022, 1, 4, tzinfo=BEIJING)  # the first statements are due on the 3rd
SLACK = datetime(2022, 1, 25, tzinfo=BEIJING)
# What has happened by then: from here on a campaign only repeats itself until it ends.
THE_LOOP = {
    "clue:conclude", "clue:escalation:verify", "clue:objection:rule", "clue:reporter:seal", "escalation:step",
    "finding:transfer", "hazard:close", "hazard:supervision:list", "letter:supervision:report", "lists:hand_in",
    "old_clue:close", "oversight:record", "publication:publish", "ranking:publish", "referral:make", "sign_off:return",
    "spot_check:conclude", "stage:gate:pass", "statement:accept",
}  # fmt: skip


def rehearsed(**order: Any) -> Rehearsal:
    return rehearsal_run.run(rehearsal_run.Order(campaign=KEY, **order))


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.fixture(scope="module")
def whole() -> Rehearsal:
    """The hundred days with everybody on time."""
    return rehearsed(on_time=1.0)


@pytest.fixture(scope="module")
def short() -> Rehearsal:
    return rehearsed(until=SHORT)


@pytest.fixture(scope="module")
def slack() -> Rehearsal:
    """The weeks until the first results of clues are due, with half of the tasks late."""
    return rehearsed(on_time=0.5, until=SLACK)


# -- the hundred days --------------------------------------------------------------------------------------------------
def test_everybody_on_time_brings_the_campaign_to_its_end(whole: Rehearsal) -> None:
    assert whole.stuck == ()
    account = whole.account
    assert account["from"] == "2021-12-27T09:00:00+08:00"
    assert moment(account["to"]) > moment("2022-04-07T00:00:00+08:00")
    started = {one["process"]: one for one in account["instances"]}
    assert all(one["started"] == one["ended"] + one["cancelled"] for one in account["instances"])
    assert not any(one["incidents"] for one in account["instances"])
    withdrawn = {one["process"] for one in account["instances"] if one["cancelled"]}
    assert withdrawn <= {"department_supervision"}, "it ends with an objection that is upheld"
    assert started["campaign"]["started"] == 1
    assert started["weekly_statement"]["started"] == 23 * 14
    assert started["self_inspection"] | {"name": ""} == {
        "process": "self_inspection",
        "name": "",
        "parent": "campaign",
        "started": 300,
        "ended": 300,
        "cancelled": 0,
        "incidents": 0,
    }
    # where one leader sends a clue's result back, the other has nothing left to sign
    nothing_left = {"sign_party", "sign_government", "report_supervision"}
    assert {task["task"] for task in account["tasks"] if task["status"] != "done"} <= nothing_left
    assert {task["status"] for task in account["tasks"]} <= {"done", "withdrawn"}


def test_everybody_on_time_means_no_late_statement_and_no_escalation(whole: Rehearsal) -> None:
    account = whole.account
    assert not [one for one in account["statements"] if one["late"]]
    done = [task for task in account["tasks"] if task["due_at"] and task["completed_at"]]
    assert not [task for task in done if moment(task["completed_at"]) > moment(task["due_at"])]
    assert account["escalations"] == []
    assert "escalation:step" not in account["ledger"]
    assert "statement:late" not in account["ledger"]


def test_nobody_hands_in_a_statement_before_its_week_is_over(whole: Rehearsal, slack: Rehearsal) -> None:
    """On time means on Monday morning, in the hours in which people work."""
    weekly = [one for one in whole.account["statements"] if one["kind"] == "weekly"]
    for statement in [*weekly, *slack.account["statements"]]:
        if statement["submitted_at"] and statement["kind"] == "weekly":
            over = datetime.fromisoformat(statement["period"].partition("~")[2] + "T00:00:00+08:00") + timedelta(days=1)
            assert moment(statement["submitted_at"]) >= over
    for statement in weekly:
        at = moment(statement["submitted_at"])
        assert (at.weekday(), 8 <= at.hour < 10) == (0, True)


def test_statements_bring_their_cases_or_are_looked_at(whole: Rehearsal) -> None:
    """A county with fewer than two goes through the office, which lets it pass or sends it back."""
    account = whole.account
    assert Counter(one["kind"] for one in account["statements"]) == {"weekly": 23 * 14, "monthly": 23 * 4}
    reviews = [task for task in account["tasks"] if task["task"] == "review_shortage"]
    again = [task for task in account["tasks"] if task["task"] == "supplement_statement"]
    assert {task["outcome"] for task in reviews} == {"accept", "return"}
    assert len(again) == sum(task["outcome"] == "return" for task in reviews)
    assert 0 < len(reviews) < 11 * 14 / 4


def test_every_gate_is_signed_in_its_time(whole: Rehearsal) -> None:
    gates = {one["stage"]: one for one in whole.account["sign_offs"] if one["stage"] and one["outcome"] == "sign"}
    assert list(gates) == ["s1", "s2", "s3"]
    assert gates["s1"]["post"] == "city_leader"
    assert not [gate for gate in gates.values() if "尚未达到" in gate["opinion"]]
    assert Counter(one["what"] for one in whole.account["sign_offs"])["so_commitment"] == 2 * 12 + 72 + 11 + 300


def test_returned_papers_come_again(whole: Rehearsal) -> None:
    tasks = Counter(task["task"] for task in whole.account["tasks"])
    returned = Counter(task["task"] for task in whole.account["tasks"] if task["outcome"] == "return")
    assert tasks["supplement_report"] > 0
    assert tasks["receive_summary"] == 23 + returned["receive_summary"]


def test_the_account_says_every_time_with_its_offset(whole: Rehearsal) -> None:
    found = [leaf for leaf in _leaves(whole.account) if re.match(r"20\d\d-\d\d-\d\dT", str(leaf))]
    assert len(found) > 5000
    assert all(value.endswith("+08:00") for value in found)


def _leaves(node: Any) -> list[Any]:
    if isinstance(node, Mapping):
        return [leaf for child in node.values() for leaf in _leaves(child)]
    if isinstance(node, list):
        return [leaf for child in node for leaf in _leaves(child)]
    return [node]


def test_every_enterprise_is_visited_and_what_is_found_is_decided(whole: Rehearsal) -> None:
    ledger = whole.account["ledger"]
    # by its county, some also by their department, and those that were drawn
    assert ledger["inspection:record"] > 300
    assert ledger["finding:decide"] > 0.3 * ledger["inspection:record"]
    assert ledger["finding:transfer"] > 0
    assert ledger["hazard:register"] == ledger["hazard:close"] > 0.3 * ledger["inspection:record"]
    assert 0 < ledger["hazard:supervision:delist"] < ledger["hazard:close"]


def test_what_is_drawn_is_visited(whole: Rehearsal) -> None:
    draws = whole.account["spot_checks"]
    assert len({draw["department"] for draw in draws}) == 11
    assert all(draw["visited"] == draw["drawn"] >= draw["population"] / 10 for draw in draws)
    assert sum(draw["population"] for draw in draws) == 300


def test_every_county_has_its_clues_and_their_fates_are_dealt_out(whole: Rehearsal) -> None:
    """Six a county and the development zone; shares as asked for, and the rest on time."""
    clues = whole.account["clues"]
    last = {clue["number"]: clue for clue in clues}
    assert len(last) == 72
    assert len([clue for clue in clues if clue["objected_at"]]) == round(0.2 * 72)
    verdicts = Counter(clue["verdict"] for clue in clues)
    assert verdicts == {None: 61, "refused": 11, "upheld": 3}
    assert Counter(clue["escalated_for"] for clue in clues) == {None: 64, "idle": 7, "false": 4}
    for clue in last.values():
        assert moment(clue["registered_at"]) < moment(clue["assigned_at"]) <= moment(clue["reported_at"])
        assert moment(clue["reported_at"]) <= moment(clue["result_due"])
        assert clue["signed_by_post"] in ("party_principal", "government_principal", "principal")


# -- half late ---------------------------------------------------------------------------------------------------------
def test_late_people_bring_late_statements_and_escalations(slack: Rehearsal) -> None:
    account = slack.account
    statements = [one for one in account["statements"] if one["submitted_at"]]
    assert 0.2 < sum(one["late"] for one in statements) / len(statements) < 0.8
    assert {"urge", "yellow_card", "red_card", "bulletin"} <= {one["rung"] for one in account["escalations"]}
    assert account["ledger"]["escalation:step"] == len(account["escalations"])
    # late, but nothing that only a repair could move
    assert slack.stuck == ()


def test_late_people_bring_late_clues(slack: Rehearsal) -> None:
    late = [clue for clue in slack.account["clues"] if clue["escalated_for"] == "late"]
    assert late
    assert all(not clue["reported_at"] or moment(clue["reported_at"]) > moment(clue["result_due"]) for clue in late)


def test_late_people_still_work_in_office_hours(slack: Rehearsal) -> None:
    done = [moment(task["completed_at"]) for task in slack.account["tasks"] if task["completed_at"]]
    assert sum(8 <= at.hour < 18 for at in done) / len(done) > 0.97


# -- reproducible ------------------------------------------------------------------------------------------------------
def test_another_seed_gives_another(short: Rehearsal) -> None:
    other = rehearsed(until=datetime(2021, 12, 28, tzinfo=BEIJING), seed=2).account["tasks"]
    assert {task["completed_at"] for task in other if task["completed_at"]} - {
        task["completed_at"] for task in short.account["tasks"]
    }


def test_both_databases_give_the_same_account(slack: Rehearsal, new_database: Callable[..., str]) -> None:
    """Late people reach most of the loop early: statements, draws, clues to their conclusion, six lists, rankings."""
    url = new_database("postgresql", migrated=False)
    assert _bytes(rehearsed(on_time=0.5, until=SLACK, database=url)) == _bytes(slack)
    assert slack.account["ledger"].keys() >= THE_LOOP


def _bytes(done: Rehearsal) -> bytes:
    return orjson.dumps(done.account)


# -- whose database ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("foreign", [True, False])
def test_a_database_that_holds_something_is_refused(
    backend: str, foreign: bool, new_database: Callable[..., str]
) -> None:
    """A row of ours, or a table that is not ours."""
    url = new_database(backend)
    database = models.Database(url)
    with database.transaction() as tx:
        if foreign:
            tx.execute(text("CREATE TABLE notes (id INTEGER)"))
        else:
            tx.execute(insert(CalendarDay), {"day": SHORT.date(), "working": True})
    database.dispose()
    with pytest.raises(Conflict, match="已有数据"):
        rehearsed(until=SHORT, database=url)


# -- stuck -------------------------------------------------------------------------------------------------------------
def test_a_job_that_cannot_be_done_is_stuck(sqlite_url: str) -> None:
    """A job nobody knows fails five times on the rehearsal's own clock; then an incident stands for it."""
    models.bind(sqlite_url)
    with transaction() as tx:
        running.add(tx, Job, [{"id": "x", "kind": "no:such", "key": "k", "args": {}, "due_at": SHORT}])
    for n in range(6):
        jobs.drain(SHORT + timedelta(minutes=n))
    with reading() as tx:
        found = rehearsal_account.stuck(tx, SHORT + timedelta(hours=1))
    assert [sentence.split("：")[0] for sentence in found] == ["未处理的异常", "到期未执行的后台事项"]


@pytest.fixture
def command(tmp_path: Path) -> Callable[..., Any]:
    """`flask rehearse ...` in this process."""
    settings = Settings.from_env({"VAR_DIR": str(tmp_path)})
    runner = create_app(settings).test_cli_runner()
    return lambda *arguments: runner.invoke(args=["rehearse", KEY, *map(str, arguments)])


def test_the_command_writes_the_same_account_again(
    command: Callable[..., Any], tmp_path: Path, short: Rehearsal
) -> None:
    done = command("--until", "2022-01-03", "--seed", 1, "--on-time", 0.9, "--json", tmp_path / "account.json")
    assert done.exit_code == 0, done.output
    assert "没有卡住的事项" in done.output
    assert orjson.loads((tmp_path / "account.json").read_bytes()) == orjson.loads(_bytes(short))


def test_the_command_fails_where_something_is_stuck(
    command: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("planted")

    monkeypatch.setitem(jobs.HANDLERS, "children:start", broken)
    done = command("--until", "2021-12-28")
    assert done.exit_code == 1
    assert "卡住的事项" in done.output
    assert "下达到各单位" in done.output


def test_the_command_refuses_what_it_does_not_know(command: Callable[..., Any]) -> None:
    done = command("--database", "mysql://x")
    assert done.exit_code == 1
    assert "--database 须以 sqlite:/// 或 postgresql:// 开头" in done.output
    assert command("--on-time", "1.5").exit_code == 2


def test_tables_line_up_with_chinese_characters(short: Rehearsal) -> None:
    shown = tables(short.account, ["一项"])
    assert "【报表】" in shown
    assert "卡住的事项（1）" in shown
