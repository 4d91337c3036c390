"""A unit directory as a file: the units of a city, their kinds of posts, its enterprises. No people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from catalog.schema_check import schema_findings
from catalog.yaml_text import read_yaml
from domain.errors import Finding, NotFound, Refused
from domain.plan import Plan

Raw = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class UnitData:
    """A node of the unit tree; `parent` is the code of the unit above."""

    code: str
    name: str
    short_name: str
    level: str  # province | city | county | township | village | enterprise
    kind: str  # government | department | sector_group | office | park | enterprise
    parent: str | None
    aliases: tuple[str, ...] = ()  # what other notices call it


@dataclass(frozen=True, kw_only=True)
class EnterpriseData:
    """What is known of an enterprise beyond its place in the tree; `county` is the code of its county."""

    unit: UnitData
    county: str
    township: str
    sector: str  # key of the plan's sectors
    supervised_by: str  # city | county
    enterprise_type: str = ""


@dataclass(frozen=True, kw_only=True)
class PostData:
    """A post of a unit: its kind is the key that plans and diagrams use."""

    kind: str
    name: str
    role: str


@dataclass(frozen=True, kw_only=True)
class PostRule:
    """Units of this level (and kind, if named) have these posts."""

    level: str
    kind: str | None
    posts: tuple[PostData, ...]

    def fits(self, unit: UnitData) -> bool:
        """Whether the rule speaks of `unit`."""
        return unit.level == self.level and self.kind in (None, unit.kind)


@dataclass(frozen=True, kw_only=True)
class DirectoryData:
    """The whole directory; units come with those above them first, enterprises last."""

    id: str
    name: str
    city: str  # code of the city whose campaign office this is
    units: tuple[UnitData, ...]
    enterprises: tuple[EnterpriseData, ...]
    rules: tuple[PostRule, ...]

    @cached_property
    def by_short_name(self) -> Mapping[str, UnitData]:
        """Units by the name that plans use for them."""
        return {unit.short_name: unit for unit in self.units if unit.level in ("province", "city", "county")}

    def with_few(self, enterprises: int) -> DirectoryData:
        """The same city with its first enterprises only."""
        kept = self.enterprises[:enterprises]
        units = [unit for unit in self.units if unit.level != "enterprise"]
        return replace(self, enterprises=kept, units=(*units, *(one.unit for one in kept)))

    def posts_of(self, unit: UnitData) -> tuple[PostData, ...]:
        """The posts a unit has by its level and kind."""
        return tuple(post for rule in self.rules if rule.fits(unit) for post in rule.posts)


def read_directory(path: Path) -> DirectoryData:
    """The directory of a file; raises Refused with every fault."""
    if not path.is_file():
        raise NotFound(f"没有单位目录文件 {path.name}")
    raw = read_yaml(path.read_text(encoding="utf-8"))
    findings = schema_findings(raw, "directory") or list(_tree_findings(raw))
    if findings:
        raise Refused(findings)
    return _directory(raw)


def unresolved_members(plan: Plan, directory: DirectoryData) -> tuple[Finding, ...]:
    """Members of the plan's unit groups and posts of its sign-offs that the directory does not have."""
    findings = []
    for group in plan.units.values():
        for member in group.members:
            if member not in directory.by_short_name:
                sentence = f"单位组“{group.name}”的成员“{member}”不在单位目录中"
                findings.append(Finding("directory.member", sentence, element=f"units.{group.id}"))
    kinds = {post.kind for rule in directory.rules for post in rule.posts}
    for post in plan.posts.values():
        if post.id not in kinds:
            findings.append(Finding("directory.post", f"岗位“{post.name}”不在单位目录中", element=f"posts.{post.id}"))
    return tuple(findings)


def _tree_findings(raw: Raw) -> Iterator[Finding]:
    """Codes stand once, parents stand above, an enterprise lies in the county and township it names."""
    seen: dict[str, Raw] = {}
    for unit in (*raw["units"], *raw.get("enterprises", ())):
        if unit["code"] in seen:
            yield _finding(unit, "代码重复")
        if "parent" in unit and unit["parent"] not in seen:
            yield _finding(unit, f"上级“{unit['parent']}”不在它之前")
        seen[unit["code"]] = unit
    yield from _alias_findings(raw["units"])
    if raw["city"] not in seen:
        yield Finding("directory.city", f"city：没有代码为“{raw['city']}”的单位", element="city")
    townships = _townships(raw["units"])
    for enterprise in raw.get("enterprises", ()):
        if enterprise["township"] not in townships.get(enterprise["county"], ()):
            yield _finding(enterprise, f"乡镇“{enterprise['township']}”不在“{enterprise['county']}”内")


def _alias_findings(units: Iterable[Raw]) -> Iterator[Finding]:
    """An alias must lead to one unit: it is nobody else's name nor alias."""
    names: dict[str, str] = {}
    for unit in units:
        if unit["level"] != "township":  # townships of different counties may share a name, and have no aliases
            names |= {unit["name"]: unit["code"], unit["short_name"]: unit["code"]}
    for unit in units:
        for alias in unit.get("aliases", ()):
            if names.setdefault(alias, "") != "":
                yield _finding(unit, f"别名“{alias}”已是单位“{names[alias]}”的名称或别名")
            names[alias] = unit["code"]


def _townships(units: Iterable[Raw]) -> Mapping[str, set[str]]:
    """Code of a county -> short names of its townships."""
    found: dict[str, set[str]] = {}
    for unit in units:
        if unit["level"] == "township" and "parent" in unit:
            found.setdefault(unit["parent"], set()).add(unit["short_name"])
    return found


def _finding(unit: Raw, sentence: str) -> Finding:
    return Finding("directory.unit", f"{unit['code']}（{unit['name']}）：{sentence}", element=unit["code"])


def _directory(raw: Raw) -> DirectoryData:
    units = tuple(
        UnitData(**{"parent": None, **unit, "aliases": tuple(unit.get("aliases", ()))}) for unit in raw["units"]
    )
    enterprises = tuple(_enterprise(entry) for entry in raw.get("enterprises", ()))
    return DirectoryData(
        id=raw["id"],
        name=raw["name"],
        city=raw["city"],
        units=(*units, *(enterprise.unit for enterprise in enterprises)),
        enterprises=enterprises,
        rules=tuple(_rule(rule) for rule in raw["posts"].values()),
    )


def _enterprise(raw: Raw) -> EnterpriseData:
    unit = UnitData(
        code=raw["code"],
        name=raw["name"],
        short_name=raw.get("short_name", raw["name"])[:60],
        level="enterprise",
        kind="enterprise",
        parent=raw["parent"],
    )
    return EnterpriseData(
        unit=unit,
        county=raw["county"],
        township=raw["township"],
        sector=raw["sector"],
        supervised_by=raw["supervised_by"],
        enterprise_type=raw.get("enterprise_type", ""),
    )


def _rule(raw: Raw) -> PostRule:
    posts = tuple(PostData(kind=kind, **post) for kind, post in raw["posts"].items())
    return PostRule(level=raw["match"]["level"], kind=raw["match"].get("kind"), posts=posts)
