"""A plan words the steps of the diagrams it shares: what is compiled and drawn says what the plan says."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from catalog.campaigns import CampaignDefinition, load_campaign
from domain.errors import Refused
from tests.catalog.samples import JINZHONG, ROOT
from tests.support.actions import ACTIONS

WORDS = {"clause": "七", "name": "报方案", "documentation": "照本地通知报送。"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(JINZHONG, tmp_path / JINZHONG.name))


def load(folder: Path, steps: dict[str, Any]) -> CampaignDefinition:
    path = folder / "plan.yaml"
    path.write_text(
        f"{path.read_text(encoding='utf-8')}\n{yaml.safe_dump({'steps': steps}, allow_unicode=True)}", encoding="utf-8"
    )
    return load_campaign(folder, ROOT / "processes" / "shared", ROOT / "forms", actions=ACTIONS)


def test_a_step_has_the_plan_s_clause_and_words(folder: Path) -> None:
    process = load(folder, {"submit_plan": {"file_plan": WORDS}}).processes["submit_plan"]
    step = process.elements["file_plan"]
    assert (step.clause, step.name, step.documentation) == ("七", "报方案", "照本地通知报送。")
    assert "照本地通知报送。" in process.xml
    assert "12月底前" not in process.xml
    other = process.elements["receive_plan"]
    assert (other.clause, other.name) == ("product", "接收实施方案")


def test_ours_is_shown_as_ours_and_a_process_has_its_words(folder: Path) -> None:
    steps = {
        "submit_plan": {
            "file_plan": {"source": "product"},
            "submit_plan": {"name": "报送方案", "documentation": "各报各的。"},
        }
    }
    process = load(folder, steps).processes["submit_plan"]
    assert process.elements["file_plan"].clause == "product"
    assert process.name == "报送方案"
    assert "各报各的。" in process.xml


def test_words_come_where_there_were_none(folder: Path) -> None:
    process = load(folder, {"clue_loop": {"take_up_clue": {"documentation": "系统记载。"}}}).processes["clue_loop"]
    assert process.elements["take_up_clue"].documentation == "系统记载。"


def test_the_same_diagram_is_the_library_s_for_a_plan_without_words(folder: Path) -> None:
    process = load_campaign(folder, ROOT / "processes" / "shared", ROOT / "forms", actions=ACTIONS).processes[
        "submit_plan"
    ]
    assert process.xml == (ROOT / "processes" / "shared" / "submit_plan.bpmn").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("steps", "sentence"),
    [
        ({"submit_plan": {"no_such_step": WORDS}}, "steps.submit_plan.no_such_step：流程“submit_plan”中没有这一步"),
        ({"no_such_process": {"file_plan": WORDS}}, "steps.no_such_process：本行动没有流程“no_such_process”"),
    ],
)
def test_a_step_that_is_not_there_is_refused(folder: Path, steps: dict[str, Any], sentence: str) -> None:
    with pytest.raises(Refused) as fault:
        load(folder, steps)
    assert any(sentence in finding.sentence for finding in fault.value.findings)


@pytest.mark.parametrize("entry", [{}, {"clause": "七", "source": "product"}, {"text": "另有一句"}])
def test_an_entry_of_another_shape_is_refused(folder: Path, entry: dict[str, str]) -> None:
    with pytest.raises(Refused):
        load(folder, {"submit_plan": {"file_plan": entry}})
