"""A campaign folder is taken as a whole or refused with every fault; nothing outside it is read."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from catalog.campaigns import CampaignDefinition, list_campaigns, load_campaign
from catalog.plans import plan_of
from domain.errors import NotFound, Refused
from tests.catalog.samples import JINZHONG, ROOT
from tests.support.actions import ACTIONS


@dataclass(frozen=True)
class Folders:
    """A copy of the real folders to spoil."""

    campaign: Path
    shared: Path
    forms: Path

    def load(self) -> CampaignDefinition:
        return load_campaign(self.campaign, self.shared, self.forms, actions=ACTIONS)

    def refused(self) -> list[str]:
        with pytest.raises(Refused) as fault:
            self.load()
        return [finding.sentence for finding in fault.value.findings]

    def replace(self, name: str, old: str, new: str) -> None:
        path = self.campaign / name if (self.campaign / name).exists() else self.shared / name
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    shutil.copytree(JINZHONG, tmp_path / "processes" / JINZHONG.name)
    shutil.copytree(ROOT / "processes" / "shared", tmp_path / "processes" / "shared")
    shutil.copytree(ROOT / "forms", tmp_path / "forms")
    processes = tmp_path / "processes"
    return Folders(campaign=processes / JINZHONG.name, shared=processes / "shared", forms=tmp_path / "forms")


STANDING = ROOT / "tests" / "services" / "standing-city"


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("process: review", "process: letters", "流程“letters”没有流程图"),
        ("    process: review", "    process: campaign", "不能用流程“逐件审核”：它由系统启动"),
        ("    process: review", "    process: yearly_check", "不能用流程“年度检查”：它由系统启动"),
        ("variable: verdict", "variable: outcome", "流程“文件审核”没有这个变量"),
    ],
)
def test_an_item_needs_a_process_of_its_own_that_knows_its_result(
    tmp_path: Path, old: str, new: str, sentence: str
) -> None:
    shutil.copytree(STANDING, tmp_path / STANDING.name)
    plan = tmp_path / STANDING.name / "plan.yaml"
    nothing = tmp_path / "none"
    assert load_campaign(tmp_path / STANDING.name, nothing, nothing).plan.standing["paper"].process == "review"
    text = plan.read_text(encoding="utf-8")
    plan.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(Refused, match=sentence):
        load_campaign(tmp_path / STANDING.name, nothing, nothing)


def test_a_unit_named_by_a_group_must_be_one_of_the_plans(tmp_path: Path) -> None:
    shutil.copytree(STANDING, tmp_path / STANDING.name)
    diagram = tmp_path / STANDING.name / "review.bpmn"
    diagram.write_text(diagram.read_text(encoding="utf-8").replace("group:archive", "group:cellar"), encoding="utf-8")
    with pytest.raises(Refused, match="方案中没有名为“cellar”的单位组"):
        load_campaign(tmp_path / STANDING.name, tmp_path / "none", tmp_path / "none")


def test_the_real_folder(folders: Folders) -> None:
    definition = folders.load()
    assert definition.key == "jinzhong-hundred-day"
    assert set(definition.processes) >= {
        "campaign", "weekly_statement", "submit_plan", "public_commitment", "self_inspection", "final_summary",
        "spot_check", "rectification", "full_inspection", "department_oversight", "oversight",
    }  # fmt: skip
    assert "weekly_statement" in definition.forms
    assert definition.processes["weekly_statement"].schedule == "weekly_statement"
    assert plan_of(definition.plan_json) == definition.plan


def test_a_disposal_starts_a_process_that_is_there(folders: Folders) -> None:
    folders.replace("plan.yaml", "needs: [basis], measure: em3}", "needs: [basis], measure: em3, process: inquiry}")
    with pytest.raises(Refused, match="处置方式“停产整顿”写明发起流程“inquiry”，但没有这个流程"):
        folders.load()


def test_same_folder_same_digest_other_folder_other_digest(folders: Folders) -> None:
    digest = folders.load().digest
    assert folders.load().digest == digest
    folders.replace("plan.yaml", "# 单位组。", "# 另一句说明。")
    assert folders.load().digest == digest, "a comment is no change"
    folders.replace("campaign.bpmn", '<dc:Bounds x="', '<dc:Bounds x="1')
    moved = folders.load().digest
    assert moved != digest, "a moved drawing is"
    folders.replace("plan.yaml", "at_least: 0.9", "at_least: 0.8")
    planned = folders.load().digest
    assert planned != moved
    form = folders.forms / "receipt.json"
    form.write_text(form.read_text(encoding="utf-8").replace("接收意见", "签收意见"), encoding="utf-8")
    assert folders.load().digest != planned


def test_own_files_come_before_shared_ones(folders: Folders) -> None:
    shutil.copy(folders.shared / "submit_plan.bpmn", folders.campaign / "submit_plan.bpmn")
    folders.replace("submit_plan.bpmn", 'name="报送实施方案和联络人"', 'name="本行动的报送"')
    shutil.copy(folders.forms / "receipt.json", folders.campaign / "forms" / "receipt.json")
    form = folders.campaign / "forms" / "receipt.json"
    form.write_text(form.read_text(encoding="utf-8").replace("接收意见", "本行动的意见"), encoding="utf-8")
    definition = folders.load()
    assert definition.processes["submit_plan"].name == "本行动的报送"
    assert definition.forms["receipt"]["name"] == "本行动的意见"


def test_only_what_is_reached_is_frozen(folders: Folders) -> None:
    (folders.shared / "unused.bpmn").write_text("<not even xml", encoding="utf-8")
    (folders.forms / "unused.json").write_text("{not json", encoding="utf-8")
    assert "unused" not in folders.load().processes


SPOILT = {
    "deadline": ("submit_plan.bpmn", 'deadline="plan_due"', 'deadline="some_day"', "some_day"),
    "form": ("submit_plan.bpmn", 'form="plan_submission"', 'form="nothing"', "引用的表单“nothing”不存在"),
    "form elsewhere": ("submit_plan.bpmn", 'form="plan_submission"', 'form="../../etc/passwd"', "不存在"),
    "post": ("submit_plan.bpmn", 'post="dispatcher"', 'post="mayor"', "mayor"),
    "ladder": (
        "submit_plan.bpmn",
        'bihuan:deadline="plan_due"',
        'bihuan:deadline="plan_due" bihuan:ladder="steep"',
        "steep",
    ),
    "unit group": ("campaign.bpmn", 'over="enterprises"', 'over="companies"', "companies"),
    "process": ("campaign.bpmn", 'calledElement="submit_plan"', 'calledElement="submit_poem"', "submit_poem"),
    "process elsewhere": ("campaign.bpmn", 'calledElement="submit_plan"', 'calledElement="../x"', "../x"),
    "stage": ("campaign.bpmn", 'bihuan:stage="s1"', 'bihuan:stage="s7"', "s7"),
    "sign-off": ("campaign.bpmn", 'signOff="so_stage_1"', 'signOff="so_king"', "so_king"),
    "schedule": ("weekly_statement.bpmn", 'schedule="weekly_statement"', 'schedule="hourly"', "hourly"),
    "not recurring": ("weekly_statement.bpmn", 'schedule="weekly_statement"', 'schedule="r_plan"', "不是定期报告"),
    "long name": ("submit_plan.bpmn", 'name="', 'name="' + "报" * 130, "的名称超过 120 个字"),
    "long outcome": ("submit_plan.bpmn", 'value="accept"', f'value="{"a" * 60}"', "的取值超过 40 个字符"),
    "never due": ("plan.yaml", "    last_due: '2022-04-04T10:00:00+08:00'\n", "", "永远不会开期"),
    "periods alike": (
        "plan.yaml",
        "kind: weekly\n    owed_by: weekly_reporters",
        "kind: daily\n    owed_by: weekly_reporters",
        "只会开一期",
    ),
    "quota": ("weekly_statement.bpmn", "quota('cases_per_statement')", "quota('poems')", "poems"),
    "field": ("weekly_statement.bpmn", 'field="typical_cases"', 'field="poems"', "取用的字段“poems”不在表单"),
    "field of another type": (
        "self_inspection.bpmn",
        'field="hazards_found" variable="hazards_found" type="int"',
        'field="hazards_found" variable="hazards_found" type="str"',
        "当作 str，它是 int",
    ),
    "signer": ("campaign.bpmn", 'post="city_leader"', 'post="dispatcher"', "由岗位“dispatcher”签字"),
    "unknown attribute": ("submit_plan.bpmn", 'bihuan:form="receipt"', 'bihuan:form="receipt" bihuan:x="y"', "x"),
    "script": ("submit_plan.bpmn", "bpmn:userTask", "bpmn:scriptTask", "脚本任务"),
    "doctype": ("submit_plan.bpmn", "<bpmn:definitions", "<!DOCTYPE a [<!ENTITY b 'c'>]><bpmn:definitions", "DOCTYPE"),
    "xml": ("submit_plan.bpmn", "</bpmn:process>", "", "submit_plan.bpmn"),
    "name of the file": ("submit_plan.bpmn", 'id="submit_plan"', 'id="hand_in_plan"', "应与文件名一致"),
    "plan": ("plan.yaml", "owed_by: counties", "owed_by: countys", "单位组中没有“countys”"),
    "plan id": ("plan.yaml", "id: jinzhong-hundred-day", "id: jinzhong", "应与文件夹名“jinzhong-hundred-day”一致"),
    "gate not drawn": (
        "campaign.bpmn",
        'signOff="so_stage_2" bihuan:stage="s2"',
        'signOff="so_stage_2"',
        "写明有阶段关口",
    ),
    "report process": ("plan.yaml", "process: weekly_statement", "process: submit_plan", "没有这样的定期流程"),
}


@pytest.mark.parametrize(("name", "old", "new", "reason"), SPOILT.values(), ids=SPOILT)
def test_what_does_not_resolve_is_refused(folders: Folders, name: str, old: str, new: str, reason: str) -> None:
    folders.replace(name, old, new)
    sentences = folders.refused()
    assert any(reason in sentence for sentence in sentences), sentences


def test_all_faults_of_all_files_at_once(folders: Folders) -> None:
    folders.replace("submit_plan.bpmn", 'deadline="plan_due"', 'deadline="some_day"')
    folders.replace("final_summary.bpmn", 'deadline="final_summary_due"', 'deadline="other_day"')
    (folders.forms / "receipt.json").write_text("{", encoding="utf-8")
    sentences = "；".join(folders.refused())
    assert all(word in sentences for word in ("some_day", "other_day", "receipt.json", "submit_plan.bpmn"))


def test_processes_must_not_call_themselves(folders: Folders) -> None:
    shutil.copy(folders.shared / "final_summary.bpmn", folders.shared / "echo.bpmn")
    folders.replace("echo.bpmn", 'id="final_summary"', 'id="echo"')
    folders.replace("campaign.bpmn", 'calledElement="final_summary"', 'calledElement="campaign"')
    assert any("经调用又回到自身" in sentence for sentence in folders.refused())


def test_without_its_main_process_a_folder_is_no_campaign(folders: Folders) -> None:
    (folders.campaign / "campaign.bpmn").unlink()
    assert any("缺少主流程" in sentence for sentence in folders.refused())


FOREIGN = {"components": [{"type": "iframe", "id": "a", "url": "https://example.org"}]}
BROKEN_FORMS = [
    ("{", "不是正确的 JSON"),
    ("[]", "一个 JSON 对象"),
    ("{}", "表单没有任何控件"),
    ('{"id": 1, "id": 2}', "键重复"),
    ("[" * 100_000, "嵌套过深"),
    ('{"a": NaN}', "不是正确的 JSON"),
    ("\ufeff", "不是正确的 JSON"),
    (json.dumps(FOREIGN), "不能嵌入其他网页"),
]


@pytest.mark.parametrize(("text", "reason"), BROKEN_FORMS)
def test_broken_forms_are_refused(folders: Folders, text: str, reason: str) -> None:
    (folders.forms / "receipt.json").write_text(text, encoding="utf-8")
    sentences = folders.refused()
    assert sentences == [sentence for sentence in sentences if "receipt.json" in sentence]
    assert any(reason in sentence for sentence in sentences)


def test_files_of_another_encoding_or_size_are_refused(folders: Folders) -> None:
    (folders.forms / "receipt.json").write_bytes("{}".encode("utf-16"))
    assert any("UTF-8" in sentence for sentence in folders.refused())
    (folders.forms / "receipt.json").write_text(json.dumps({"a": "x" * 600_000}), encoding="utf-8")
    assert any("超过 512 KiB" in sentence for sentence in folders.refused())


def link(path: Path, target: Path) -> None:
    shutil.move(path, target)
    path.symlink_to(target)


LINKS: dict[str, Callable[[Folders], Path]] = {
    "plan": lambda f: f.campaign / "plan.yaml",
    "diagram": lambda f: f.campaign / "campaign.bpmn",
    "shared diagram": lambda f: f.shared / "submit_plan.bpmn",
    "form": lambda f: f.forms / "receipt.json",
    "own form": lambda f: f.campaign / "forms" / "weekly_statement.json",
    "forms folder": lambda f: f.campaign / "forms",
    "shared folder": lambda f: f.shared,
}


@pytest.mark.parametrize("which", LINKS.values(), ids=LINKS)
def test_links_are_refused(folders: Folders, tmp_path: Path, which: Callable[[Folders], Path]) -> None:
    link(which(folders), tmp_path / "elsewhere")
    assert any("链接" in sentence or "普通文件" in sentence for sentence in folders.refused())


def test_a_linked_campaign_folder_is_not_found(folders: Folders, tmp_path: Path) -> None:
    link(folders.campaign, tmp_path / "elsewhere")
    with pytest.raises(NotFound):
        folders.load()
    assert list_campaigns(folders.campaign.parent) == ()


def test_a_folder_without_a_plan_is_not_found(folders: Folders) -> None:
    (folders.campaign / "plan.yaml").unlink()
    with pytest.raises(NotFound) as fault:
        folders.load()
    assert "jinzhong-hundred-day" in fault.value.message


def test_list_of_campaigns() -> None:
    assert "jinzhong-hundred-day" in list_campaigns(ROOT / "processes")
    assert "shared" not in list_campaigns(ROOT / "processes")
    assert list_campaigns(ROOT / "no such folder") == ()
