"""The demo city's directory is whole, and a wrong directory is refused."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

from catalog.directory_data import DirectoryData, read_directory, unresolved_members
from catalog.plans import parse_plan
from domain.errors import NotFound, Refused
from tests.catalog.samples import DIRECTORY, JINZHONG


@pytest.fixture(scope="module")
def directory() -> DirectoryData:
    return read_directory(DIRECTORY)


def test_tree(directory: DirectoryData) -> None:
    levels = Counter(unit.level for unit in directory.units)
    assert (levels["province"], levels["enterprise"]) == (1, 300)
    counties = [u for u in directory.units if u.level == "county" and u.kind in ("government", "park")]
    assert len(counties) == 12
    codes = [unit.code for unit in directory.units]
    assert len(codes) == len(set(codes))
    seen: set[str | None] = {None}
    for unit in directory.units:
        assert unit.parent in seen
        seen.add(unit.code)


def test_campaign_office_is_in_the_safety_commission_office(directory: DirectoryData) -> None:
    office = directory.by_short_name["市“百日攻坚”集中行动领导组办公室"]
    assert office.parent == directory.by_short_name["市安委办"].code
    kinds = {post.kind: post.role for post in directory.posts_of(office)}
    assert kinds == {
        "city_leader": "leader",
        "director": "office",
        "dispatcher": "office",
        "admin": "admin",
        "auditor": "auditor",
    }


def test_every_county_has_its_authority_townships_and_posts(directory: DirectoryData) -> None:
    plan = parse_plan((JINZHONG / "plan.yaml").read_text(encoding="utf-8"))
    for name in [*plan.units["counties"].members, *plan.units["development_zone"].members]:
        county = directory.by_short_name[name]
        below = [unit for unit in directory.units if unit.parent == county.code]
        assert f"{name}应急局" in {unit.short_name for unit in below}
        assert sum(unit.level == "township" for unit in below) >= (3 if county.kind == "park" else 5)
        assert {"liaison", "principal", "deputy", "officer", "party_principal", "government_principal"} == {
            post.kind for post in directory.posts_of(county)
        }


def test_enterprises_cover_counties_and_sectors(directory: DirectoryData) -> None:
    sectors = parse_plan((JINZHONG / "plan.yaml").read_text(encoding="utf-8")).raw["sectors"]
    units = {unit.code: unit for unit in directory.units}
    assert {enterprise.sector for enterprise in directory.enterprises} == set(sectors)
    assert Counter(e.county for e in directory.enterprises).most_common()[-1][1] >= 20
    assert {e.supervised_by for e in directory.enterprises} == {"city", "county"}
    for enterprise in directory.enterprises:
        # the locality's safety authority stands above the enterprise and receives what it reports
        above = units[enterprise.unit.parent or ""]
        assert above.parent == enterprise.county
        assert "officer" in {post.kind for post in directory.posts_of(above)}
        assert {post.kind: post.role for post in directory.posts_of(enterprise.unit)} == {
            "safety_officer": "enterprise",
            "principal": "enterprise",
        }


def test_names_are_invented_and_marked(directory: DirectoryData) -> None:
    names = [enterprise.unit.name for enterprise in directory.enterprises]
    assert len(names) == len(set(names))
    assert all(name.endswith("（示范）") for name in names)


def test_the_plan_finds_its_units_and_posts(directory: DirectoryData) -> None:
    plan = parse_plan((JINZHONG / "plan.yaml").read_text(encoding="utf-8"))
    assert unresolved_members(plan, directory) == ()


def test_what_the_plan_does_not_find_is_named(directory: DirectoryData) -> None:
    text = (JINZHONG / "plan.yaml").read_text(encoding="utf-8").replace("榆次区, 太谷区", "榆次区, 太谷县")
    findings = unresolved_members(parse_plan(text), directory)
    assert [finding.sentence for finding in findings] == ["单位组“各县（区、市）”的成员“太谷县”不在单位目录中"]


SMALL: dict[str, Any] = {
    "id": "small",
    "name": "示例",
    "city": "10",
    "posts": {"city": {"match": {"level": "city"}, "posts": {"principal": {"name": "主要负责人", "role": "leader"}}}},
    "units": [
        {"code": "10", "name": "示例市", "short_name": "示例市", "level": "city", "kind": "government"},
        {"code": "11", "name": "甲县", "short_name": "甲县", "level": "county", "kind": "government", "parent": "10"},
        {"code": "12", "name": "乙镇", "short_name": "乙镇", "level": "township", "kind": "government", "parent": "11"},
    ],
    "enterprises": [
        {
            "code": "13",
            "name": "某厂",
            "parent": "11",
            "county": "11",
            "township": "乙镇",
            "sector": "coal",
            "supervised_by": "county",
        }
    ],
}


def refused(tmp_path: Path, raw: object) -> str:
    path = tmp_path / "directory.yaml"
    path.write_text(yaml.safe_dump(raw, allow_unicode=True), encoding="utf-8")
    with pytest.raises(Refused) as fault:
        read_directory(path)
    return fault.value.message


def with_unit(**changes: Any) -> dict[str, Any]:
    return SMALL | {"units": [*SMALL["units"][:-1], SMALL["units"][-1] | changes]}


def test_wrong_directories_are_refused(tmp_path: Path) -> None:
    assert "代码重复" in refused(tmp_path, with_unit(code="11"))
    assert "上级“99”不在它之前" in refused(tmp_path, with_unit(parent="99"))
    assert "“planet”不在可选范围内" in refused(tmp_path, with_unit(level="planet"))
    assert "有不认识的键“phone”" in refused(tmp_path, with_unit(phone="1"))
    assert "没有代码为“9999”的单位" in refused(tmp_path, SMALL | {"city": "9999"})
    enterprise = SMALL["enterprises"][0] | {"township": "丙镇"}
    assert "乡镇“丙镇”不在“11”内" in refused(tmp_path, SMALL | {"enterprises": [enterprise]})
    assert "缺少“units”" in refused(tmp_path, {key: SMALL[key] for key in SMALL if key != "units"})


def test_a_missing_file_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        read_directory(tmp_path / "none.yaml")


def test_small_directory_is_right(tmp_path: Path) -> None:
    path = tmp_path / "directory.yaml"
    path.write_text(yaml.safe_dump(SMALL, allow_unicode=True), encoding="utf-8")
    data = read_directory(path)
    assert data.city == "10"
    assert [unit.code for unit in data.units] == ["10", "11", "12", "13"]
