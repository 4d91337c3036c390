"""`flask coverage`: the clause table of an installation, from the campaign's folder alone."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app import create_app
from catalog.campaigns import list_campaigns
from catalog.coverage import FACTS_FILE, RULES_FILE, read_facts, read_rules, unused_rules
from config import Settings
from domain.errors import NotFound, Refused
from services.campaigns import coverage
from services.campaigns.coverage import clause_table
from services.campaigns.definitions import ROOT, load

KEY = "jinzhong-hundred-day"
UNMAPPED = "  - {id: somewhere.else, clause: 七, kind: rule, says: [另有一条]}\n"


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """An installation without tests."""
    for folder in ("processes", "forms"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    return tmp_path


@pytest.fixture
def command(tmp_path: Path, installed: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """`flask coverage ...` in that installation."""
    monkeypatch.setattr(coverage, "clause_table", lambda key: clause_table(key, installed))
    runner = create_app(Settings.from_env({"VAR_DIR": str(tmp_path / "var")})).test_cli_runner()
    return lambda *arguments: runner.invoke(args=["coverage", *arguments])


def spoil(installed: Path, name: str, old: str, new: str) -> None:
    path = installed / "processes" / KEY / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


CAMPAIGNS = list_campaigns(ROOT / "processes")


@pytest.mark.parametrize("key", CAMPAIGNS)
def test_the_real_table_is_whole(key: str, command: Callable[..., Any]) -> None:
    done = command(key)
    assert done.exit_code == 0, done.output
    assert done.output.rstrip().endswith("有误 0")


@pytest.mark.parametrize("key", CAMPAIGNS)
def test_no_rule_is_left_over(key: str) -> None:
    folder = ROOT / "processes" / key
    assert unused_rules(read_facts(folder / FACTS_FILE), read_rules(folder / RULES_FILE)) == ()


@pytest.mark.parametrize("key", CAMPAIGNS)
def test_every_step_answers_a_clause_of_its_own_notice(key: str) -> None:
    """A shared diagram must not bring the clause numbers of another city's notice."""
    clauses = {fact.clause for fact in read_facts(ROOT / "processes" / key / FACTS_FILE)} | {"product", None}
    strange = {
        f"{process.key}/{element.id}": element.clause
        for process in load(key).processes.values()
        for element in process.elements.values()
        if element.clause not in clauses
    }
    assert strange == {}


def test_the_table_names_the_place_and_the_carrier(command: Callable[..., Any]) -> None:
    done = command(KEY)
    assert "reports.r_weekly | 六（六） | reports.weekly_statement | 定期报告 weekly_statement；" in done.output


def test_an_unmapped_fact_is_shown_and_fails(command: Callable[..., Any], installed: Path) -> None:
    path = installed / "processes" / KEY / "clauses.yaml"
    path.write_text(path.read_text(encoding="utf-8") + UNMAPPED, encoding="utf-8")
    done = command(KEY)
    assert done.exit_code == 1
    assert "somewhere.else | 七 |  | 有误：没有对应的条目" in done.output
    assert done.output.rstrip().endswith("有误 1")


def test_words_that_were_changed_in_the_plan_fail(command: Callable[..., Any], installed: Path) -> None:
    """The list of facts does not follow the plan."""
    entry = "cases_per_statement:\n    name: "
    spoil(installed, "plan.yaml", f"{entry}负面典型案例", f"{entry}案例")
    done = command(KEY)
    assert done.exit_code == 1
    assert "方案中没有照录" in done.output


def test_a_folder_without_the_list_says_so(command: Callable[..., Any], installed: Path) -> None:
    (installed / "processes" / KEY / "clauses.yaml").unlink()
    done = command(KEY)
    assert done.exit_code == 1
    assert "没有条款清单（processes/jinzhong-hundred-day/clauses.yaml）" in done.output
    with pytest.raises(NotFound):
        clause_table("no-such-campaign", installed)


def test_a_list_of_another_shape_is_refused(command: Callable[..., Any], installed: Path) -> None:
    (installed / "processes" / KEY / "clauses.yaml").write_text("facts: [{id: 1}]\n", encoding="utf-8")
    with pytest.raises(Refused):
        clause_table(KEY, installed)
    assert command(KEY).exit_code == 1
