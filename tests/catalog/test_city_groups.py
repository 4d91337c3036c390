"""Collective names of a city: groups of the directory, aliases, and what only one notice calls a unit."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml

from catalog.directory_data import DirectoryData, read_directory
from catalog.plans import dump, parse_plan, plan_of
from domain.errors import Refused
from tests.catalog.samples import ROOT, small

CITY: dict[str, Any] = {
    "id": "small",
    "name": "示例",
    "city": "10",
    "notices": {"small": "示例行动", "other": "另一行动"},
    "groups": {
        "counties": {"name": "全部县", "source": "product", "called": ["各县级政府"], "members": ["甲县", "乙县"]},
        "bureaus": {"name": "各局", "source": "product", "level": "city", "categories": ["部门"]},
        "listed": {"name": "名单单位", "notice": "small", "clause": "附件", "members": ["市交通局"]},
        "all": {"name": "各县各局", "source": "product", "union": ["counties", "bureaus"]},
        "firms": {"name": "各企业", "source": "product", "level": "enterprise", "note": "很多"},
    },
    "posts": {
        "city": {"match": {"level": "city"}, "posts": {"principal": {"name": "主要负责人", "role": "leader"}}},
        "office": {
            "match": {"level": "city", "units": ["12"]},
            "posts": {"director": {"name": "主任", "role": "office"}},
        },
    },
    "units": [
        {"code": "10", "name": "示例市", "short_name": "示例市", "level": "city", "kind": "government"},
        {
            "code": "11", "name": "示例市交通运输局", "short_name": "市交通局", "level": "city", "kind": "department",
            "parent": "10", "category": "部门", "aliases": ["市交通运输局"], "named": {"other": ["市局"]},
        },
        {
            "code": "12", "name": "示例市能源局", "short_name": "市能源局", "level": "city", "kind": "department",
            "parent": "10", "category": "部门", "named": {"small": ["市局"]},
        },
        {"code": "13", "name": "甲县", "short_name": "甲县", "level": "county", "kind": "government", "parent": "10"},
        {"code": "14", "name": "乙县", "short_name": "乙县", "level": "county", "kind": "government", "parent": "10"},
    ],
}  # fmt: skip


def folder_with(tmp_path: Path, raw: dict[str, Any]) -> Path:
    (tmp_path / "city.yaml").write_text(yaml.safe_dump(raw, allow_unicode=True), encoding="utf-8")
    return tmp_path


def read(tmp_path: Path, **changes: Any) -> DirectoryData:
    return read_directory(folder_with(tmp_path, changed(**changes)) / "city.yaml")


def changed(**changes: Any) -> dict[str, Any]:
    """The city with changes by dotted place (`__` for the dot, a number in a list)."""
    raw = deepcopy(CITY)
    for place, value in changes.items():
        *way, last = place.split("__")
        node: Any = raw
        for step in way:
            node = node[int(step)] if isinstance(node, list) else node.setdefault(step, {})
        node[int(last) if isinstance(node, list) else last] = value
    return raw


def refused(tmp_path: Path, **changes: Any) -> str:
    with pytest.raises(Refused) as fault:
        read(tmp_path, **changes)
    return fault.value.message


def test_a_unit_is_found_by_short_name_name_and_alias(tmp_path: Path) -> None:
    city = read(tmp_path)
    for name in ("市交通局", "示例市交通运输局", "市交通运输局"):
        found = city.find(name)
        assert found is not None
        assert found.code == "11"
    assert city.find("市教育局") is None


def test_a_common_name_means_what_the_notice_means(tmp_path: Path) -> None:
    city = read(tmp_path)
    assert city.find("市局") is None
    assert [getattr(city.find("市局", notice), "code", None) for notice in ("other", "small")] == ["11", "12"]


def test_groups_have_their_members_by_list_level_and_union(tmp_path: Path) -> None:
    groups = read(tmp_path).groups
    assert groups["counties"].members == ("甲县", "乙县")
    assert groups["bureaus"].members == ("市交通局", "市能源局")
    assert groups["all"].members == ("甲县", "乙县", "市交通局", "市能源局")
    assert (groups["firms"].members, groups["firms"].level) == ((), "enterprise")


def test_a_department_that_runs_a_campaign_has_the_office_posts(tmp_path: Path) -> None:
    city = read(tmp_path)
    kinds = {unit.code: {post.kind for post in city.posts_of(unit)} for unit in city.units}
    assert kinds["12"] == {"principal", "director"}
    assert kinds["11"] == {"principal"}


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"units__2__aliases": ["市交通局"]}, "12（示例市能源局）：别名“市交通局”已是单位“11”的名称或别名"),
        ({"units__2__aliases": ["市交通运输局"]}, "别名“市交通运输局”已是单位“11”的名称或别名"),
        ({"units__2__short_name": "市交通局"}, "简称“市交通局”已是单位“11”的名称"),
        ({"units__2__named": {"other": ["市局"]}}, "通知“other”所称“市局”已指单位“11”"),
        ({"units__2__named": {"small": ["市交通局"]}}, "通知“small”所称“市交通局”已指单位“11”"),
        ({"units__2__named": {"none": ["市局"]}}, "named：notices 中没有“none”"),
        ({"groups__counties__members": ["丙县"]}, "成员“丙县”不在单位目录中"),
        ({"groups__counties__called": ["市交通运输局"]}, "“市交通运输局”是一个单位的名称或别名，不能又是单位组"),
        ({"groups__bureaus__called": ["各县级政府"]}, "“各县级政府”也是另一个单位组的名称，分不清指谁"),
        ({"groups__all__union": ["counties", "none"]}, "没有单位组“none”"),
        ({"groups__all__union": ["counties", "all"]}, "单位组互相包含，成了循环"),
        ({"groups__all__union": ["firms"]}, "单位组“firms”按级别选取，不能并入"),
        ({"groups__all__level": "city"}, "写 level，或者写 members、union（可以同写），二者写且只写一个"),
        ({"groups__bureaus__categories": ["没有"]}, "没有类别为“没有”的单位"),
        ({"groups__firms__categories": ["部门"]}, "categories 只能与省、市、县级的 level 同写"),
        ({"groups__listed__notice": "none"}, "notices 中没有“none”"),
        ({"groups__counties": {"name": "各县", "members": ["甲县"]}}, "须写明出处 clause，或者 source: product"),
        ({"posts__office__match__units": ["99"]}, "posts.office：没有代码为“99”的单位"),
    ],
)
def test_a_directory_that_is_not_clear_is_refused(tmp_path: Path, changes: dict[str, Any], sentence: str) -> None:
    assert sentence in refused(tmp_path, **changes)


class TestPlan:
    """A plan that takes its groups from the directory."""

    def plan(self, tmp_path: Path, **units: Any) -> Any:
        folder = folder_with(tmp_path, CITY)
        changes = {f"units__{key}": entry for key, entry in units.items()}
        return parse_plan(small(document__jurisdiction="示例市", **changes), folder)

    def test_a_group_is_filled_in(self, tmp_path: Path) -> None:
        plan = self.plan(tmp_path, own={"from": "counties"})
        group = plan.units["own"]
        assert (group.name, group.members, group.clause) == ("全部县", ("甲县", "乙县"), "product")
        assert plan.raw["units"]["own"]["called"] == ["各县级政府"]
        assert plan_of(dump(plan)) == plan, "the frozen copy needs no directory"

    def test_what_the_plan_says_itself_wins(self, tmp_path: Path) -> None:
        own = {"from": "counties", "name": "两县", "clause": "二", "called": ["两县政府"]}
        plan = self.plan(tmp_path, own=own)
        assert (plan.units["own"].name, plan.units["own"].clause) == ("两县", "二")
        assert plan.raw["units"]["own"]["called"] == ["全部县", "各县级政府", "两县政府"]

    def test_a_list_of_the_plans_own_notice_keeps_its_clause(self, tmp_path: Path) -> None:
        assert self.plan(tmp_path, own={"from": "listed"}).units["own"].clause == "附件"

    def test_a_level_stays_a_level(self, tmp_path: Path) -> None:
        group = self.plan(tmp_path, own={"from": "firms"}).units["own"]
        assert (group.level, group.members) == ("enterprise", ())

    @pytest.mark.parametrize(
        ("entry", "sentence"),
        [
            ({"from": "none"}, "units.own：“示例市”的单位目录中没有单位组“none”"),
            ({"from": "counties", "members": ["甲县"]}, "units.own：写了 from 就不再写 members"),
        ],
    )
    def test_a_wrong_reference_is_refused(self, tmp_path: Path, entry: dict[str, Any], sentence: str) -> None:
        with pytest.raises(Refused) as fault:
            self.plan(tmp_path, own=entry)
        assert sentence in fault.value.message

    def test_a_city_without_a_directory_is_named(self) -> None:
        with pytest.raises(Refused) as fault:
            parse_plan(
                small(document__jurisdiction="无名市", units__own={"from": "counties"}), ROOT / "processes" / "units"
            )
        assert "没有“无名市”的单位目录" in fault.value.message


def test_a_group_needs_a_name_and_a_source_where_nothing_gives_them() -> None:
    with pytest.raises(Refused) as fault:
        parse_plan(small(units__own={"members": ["甲县"]}))
    assert "缺少“name”" in fault.value.message
    assert "须写明出处 clause" in fault.value.message
