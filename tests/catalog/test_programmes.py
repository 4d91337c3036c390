"""A programme's folder and those of its child campaigns: found, read in order, refused when they differ."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from catalog.campaigns import CampaignDefinition, list_campaigns, load_campaign
from catalog.plans import parse_plan
from catalog.programmes import folder_of, key_of
from domain.errors import NotFound, Refused
from tests.catalog.samples import ROOT
from tests.support.actions import ACTIONS

SAMPLE = ROOT / "tests" / "support" / "programme"


@dataclass(frozen=True)
class Folders:
    """A copy of the small programme to spoil."""

    processes: Path

    def load(self, key: str = "action") -> CampaignDefinition:
        return load_campaign(
            folder_of(self.processes, key), ROOT / "processes" / "shared", ROOT / "forms", actions=ACTIONS
        )

    def refused(self, key: str = "action") -> list[str]:
        with pytest.raises(Refused) as fault:
            self.load(key)
        return [finding.sentence for finding in fault.value.findings]

    def change(self, key: str, **entries: Any) -> None:
        """Write these entries into a plan; None takes one away."""
        path = folder_of(self.processes, key) / "plan.yaml"
        plan = {**yaml.safe_load(path.read_text(encoding="utf-8")), **entries}
        kept = {name: entry for name, entry in plan.items() if entry is not None}
        path.write_text(yaml.safe_dump(kept, allow_unicode=True, sort_keys=False), encoding="utf-8")


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    shutil.copytree(SAMPLE / "processes", tmp_path / "processes")
    return Folders(tmp_path / "processes")


def test_a_programme_comes_before_its_children(folders: Folders) -> None:
    assert list_campaigns(folders.processes) == ("action", "action/01-learning", "action/02-fire")


def test_keys_of_folders(folders: Folders) -> None:
    for key in list_campaigns(folders.processes):
        assert key_of(folder_of(folders.processes, key)) == key
        assert folders.load(key).key == folders.load(key).plan.id == key


@pytest.mark.parametrize("key", ["", "../action", "action/", "/action", "action/01-learning/x", "Action", "action/.."])
def test_what_is_no_key_leads_nowhere(folders: Folders, key: str) -> None:
    with pytest.raises(NotFound):
        folder_of(folders.processes, key)


def test_a_plan_knows_its_family(folders: Folders) -> None:
    programme, child = folders.load().plan, folders.load("action/01-learning").plan
    assert programme.child_keys == ("action/01-learning", "action/02-fire")
    assert (programme.parent, child.parent, child.child_keys) == ("", "action", ())


def test_the_library_is_shared_then_the_programmes_then_its_own(folders: Folders) -> None:
    """Both have `annex_campaign` and `annex_plan` from the programme; fire has an `annex_plan` of its own."""
    learning, fire = folders.load("action/01-learning"), folders.load("action/02-fire")
    assert learning.processes["annex_campaign"].digest == fire.processes["annex_campaign"].digest
    assert learning.processes["annex_plan"].name == "印发子方案"
    assert fire.processes["annex_plan"].name == "印发消防子方案"
    assert fire.forms["annex_plan"]["properties"]["title"] == "消防子方案"
    assert learning.forms["annex_plan"]["properties"]["title"] == "子方案"
    assert "campaign" not in learning.processes, "the programme's own root is not the child's"


def test_a_programme_does_not_take_in_what_only_its_children_use(folders: Folders) -> None:
    """`monthly` answers a report that the programme's own plan does not have."""
    assert set(folders.load().processes) == {"campaign"}
    assert set(folders.load("action/01-learning").processes) == {"annex_campaign", "annex_plan", "monthly"}
    folders.change("action", diagrams=["annex_plan"])
    assert set(folders.load().processes) == {"campaign", "annex_plan"}


def test_children_that_nothing_starts(folders: Folders) -> None:
    diagram = folders.processes / "action" / "campaign.bpmn"
    spoilt = diagram.read_text(encoding="utf-8").replace('bihuan:campaigns="children"', 'bihuan:over="counties"')
    diagram.write_text(
        spoilt.replace('name="开展各专题专项"', 'name="开展" calledElement="annex_plan"'), encoding="utf-8"
    )
    sentence = "下级行动（children）应由主流程“campaign”的一个调用活动（bihuan:campaigns）启动"
    assert folders.refused() == [sentence]


def test_a_child_without_a_folder(folders: Folders) -> None:
    shutil.rmtree(folders.processes / "action" / "02-fire")
    assert folders.refused() == ["下级行动“02-fire”没有文件夹，或其中没有 plan.yaml"]


def test_a_folder_that_the_programme_does_not_name(folders: Folders) -> None:
    folders.change("action", children=["01-learning"])
    assert folders.refused() == ["文件夹“02-fire”里有方案，children 却没有列出它"]
    assert folders.refused("action/02-fire") == ["上级方案“action”的 children 没有列出下级行动“02-fire”"]
    assert folders.load("action/01-learning").key == "action/01-learning"


def test_a_campaign_that_names_no_children_has_none(folders: Folders) -> None:
    folders.change("action", children=None)
    assert "上级方案“action”的 children 没有列出下级行动“02-fire”" in folders.refused("action/02-fire")


def test_a_child_with_children(folders: Folders) -> None:
    folders.change("action/01-learning", children=["x1"])
    assert "“action/01-learning”已是下级行动，不能再有下级行动（children）" in folders.refused("action/01-learning")


def test_a_root_that_is_not_there(folders: Folders) -> None:
    folders.change("action/01-learning", root="somewhere")
    assert "缺少主流程 somewhere.bpmn" in folders.refused("action/01-learning")


def test_the_root_is_the_folders_own_unless_the_plan_says_so(folders: Folders) -> None:
    """The programme's own diagram never runs as a child's by mistake."""
    folders.change("action/01-learning", root=None)
    assert "缺少主流程 campaign.bpmn" in folders.refused("action/01-learning")


def test_a_child_that_calls_itself_otherwise(folders: Folders) -> None:
    folders.change("action/01-learning", id="01-learning")
    assert len(folders.refused("action/01-learning")) == 1
    folders.change("action/01-learning", id="action/02-fire")
    assert folders.refused("action/01-learning") == ["方案 id“action/02-fire”应与文件夹名“action/01-learning”一致"]


@pytest.mark.parametrize("children", [["a/b"], ["01-learning", "01-learning"], [], "01-learning", ["../x"]])
def test_names_of_children(children: Any) -> None:
    plan = yaml.safe_load((SAMPLE / "processes" / "action" / "plan.yaml").read_text(encoding="utf-8"))
    with pytest.raises(Refused) as fault:
        parse_plan(yaml.safe_dump({**plan, "children": children}, allow_unicode=True))
    assert all(finding.sentence.startswith("children") for finding in fault.value.findings)


def test_the_programmes_plan_may_be_no_plan_at_all(folders: Folders) -> None:
    (folders.processes / "action" / "plan.yaml").write_text("- a list\n", encoding="utf-8")
    assert folders.refused("action/01-learning")
