"""Every unit that a plan names stands in the one directory of its city, or is one of its collective names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from catalog.directory_data import DirectoryData, read_directory
from catalog.plan_groups import directory_of
from catalog.plans import parse_plan
from domain.plan import Plan

PROCESSES = Path(__file__).resolve().parents[2] / "processes"
UNITS = PROCESSES / "units"
PLANS = sorted(path for path in PROCESSES.rglob("plan.yaml"))
NAMED = ("lead_units", "responsible_units", "supporting_units", "supervising_units", "carried_by")


@pytest.fixture(params=PLANS, ids=[str(path.parent.relative_to(PROCESSES)) for path in PLANS])
def plan(request: pytest.FixtureRequest) -> Plan:
    return parse_plan(request.param.read_text(encoding="utf-8"), UNITS)


def test_every_named_unit_is_known(plan: Plan) -> None:
    directory = directory_of(plan.jurisdiction, UNITS)
    assert directory is not None, f"no directory of {plan.jurisdiction}"
    unknown = sorted({name for name in _names(plan.raw) if not _known(plan, directory, name)})
    assert unknown == []


def test_every_member_of_a_group_is_a_unit(plan: Plan) -> None:
    directory = directory_of(plan.jurisdiction, UNITS)
    assert directory is not None
    members = {member for group in plan.units.values() for member in group.members}
    assert sorted(member for member in members if directory.find(member, plan.id) is None) == []


def _names(node: Any) -> Iterator[str]:
    """Names in the lists of units, wherever in the plan they stand."""
    if isinstance(node, Mapping):
        for key, value in node.items():
            if key in NAMED and isinstance(value, list):
                yield from value
            else:
                yield from _names(value)
    elif isinstance(node, list):
        for entry in node:
            yield from _names(entry)


def _known(plan: Plan, directory: DirectoryData, name: str) -> bool:
    """A unit, or a group of the plan by its key, its name or what the notice calls it, or one of the city's."""
    called = set(plan.units)
    for entry in plan.raw["units"].values():
        called |= {entry["name"], *entry.get("called", ())}
    for group in directory.groups.values():
        called |= {group.name, *group.called}
    return name in called or directory.find(name, plan.id) is not None


def test_luliang_is_the_table_of_all_its_notices() -> None:
    """What the notices of 吕梁 name most, under each of its names."""
    directory = read_directory(UNITS / "shanxi-luliang.yaml")
    same = {
        "市应急管理局": ("市应急局", "市级应急管理局", "市应急部门"),
        "市审批局": ("市行政审批局", "市行政审批服务管理局"),
        "市自然资源局": ("市规划和自然资源局", "市规自局"),
        "市城市管理局": ("市城管局",),
        "吕梁煤监分局": ("市煤矿安全监察局",),
        "市邮政管理局": ("吕梁邮政管理局",),
        "人行吕梁市中心支行": ("人民银行吕梁市中心支行",),
        "吕梁市经济开发区": ("吕梁经济技术开发区",),
        "交城县": ("交城县政府",),
        "吕梁市": ("市政府", "市人民政府"),
    }
    for short_name, others in same.items():
        found = {getattr(directory.find(name), "short_name", name) for name in (short_name, *others)}
        assert found == {short_name}
    coal, equipment = "luliang-three-year/04-coal-mines", "luliang-three-year/12-special-equipment"
    means = {notice: directory.find("市局", notice) for notice in (coal, equipment)}
    assert [getattr(unit, "short_name", "") for unit in means.values()] == ["市应急管理局", "市市场监管局"]
    assert len(directory.groups["counties"].members) == 13
    assert len(directory.groups["emergency_all_levels"].members) == 14
