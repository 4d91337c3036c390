"""The page that shows how a notice becomes a campaign: its files, and nothing else, make one that runs."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from config import ROOT
from services.campaigns import coverage
from services.rehearsal import rehearsal_run
from tests.journeys.test_scenarios import play, world_of

KEY = "luliang-heating-check"
PAGE = ROOT / "docs" / "notice-to-campaign.md"
FILE = re.compile(r"^`(processes/[^`]+)`：\n\n```\w+\n(.*?)^```$", re.DOTALL | re.MULTILINE)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installation that has what every one has, and what the page says."""
    root = tmp_path_factory.mktemp("installation")
    for shared in ("processes/shared", "processes/units", "forms"):
        shutil.copytree(ROOT / shared, root / shared)
    for name, text in FILE.findall(PAGE.read_text(encoding="utf-8")):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def test_every_clause_has_its_place(root: Path) -> None:
    text, complete = coverage.clause_table(KEY, root)
    assert complete, text
    assert "共 7 条：已办理 6，部分办理 0，后续部分办理 0，不在系统内办理 1，有误 0" in text


def test_its_scenario_holds(root: Path, new_database: Callable[..., str], tmp_path: Path) -> None:
    [path] = (root / "processes" / KEY / "scenarios").iterdir()
    scenario = yaml.safe_load(path.read_text(encoding="utf-8"))
    play(world_of(scenario, KEY, new_database("sqlite"), tmp_path, root), scenario, path.stem)


def test_it_runs_from_its_launch_to_the_signature(root: Path) -> None:
    done = rehearsal_run.run(rehearsal_run.Order(campaign=KEY, root=root, enterprises=0))
    assert done.stuck == ()
    happened = done.account["ledger"]
    assert happened["measure:accept"] == 14  # thirteen counties and the department that leads
    assert happened["statement:open"] == 4
    assert (happened["stage:gate:pass"], happened["campaign:end"]) == (1, 1)
