"""A unit directory as a file: the units of a city, their kinds of posts, its enterprises. No people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from catalog.city_groups import GroupData, group_findings, groups_of
from catalog.schema_check import schema_findings
from catalog.yaml_text import read_yaml
from domain.errors import Finding, NotFound, Refused
from domain.plan import Plan

Raw = Mapping[str, Any]
NAMED_LEVELS = (
    "province",
    "city",
    "county",
)  # units that plans name; townships share names, enterprises are no members


@dataclass(frozen=True, kw_only=True)
class UnitData:
    """A node of the unit tree; `parent` is the code of the unit above."""

    code: str
    name: str
    short_name: str
    level: str  # province | city | county | township | village | enterprise
    kind: str  # government | department | sector_group | office | park | enterprise
    parent: str | None
    aliases: tuple[str, ...] = ()  # what notices call it, in every plan of the city
    named: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # notice -> what only that notice calls it
    category: str = ""  # 市级部门, 市委部门, 垂管单位 ...
    note: str = ""


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
    """Units of this level (and kind, and with one of these codes, if named) have these posts."""

    level: str
    kind: str | None
    posts: tuple[PostData, ...]
    codes: tuple[str, ...] = ()

    def fits(self, unit: UnitData) -> bool:
        """Whether the rule speaks of `unit`."""
        return (
            unit.level == self.level and self.kind in (None, unit.kind) and (not self.codes or unit.code in self.codes)
        )


@dataclass(frozen=True, kw_only=True)
class DirectoryData:
    """The whole directory; units come with those above them first, enterprises last."""

    id: str
    name: str
    city: str  # code of the city whose campaign office this is
    units: tuple[UnitData, ...]
    enterprises: tuple[EnterpriseData, ...]
    rules: tuple[PostRule, ...]
    notices: Mapping[str, str] = field(default_factory=dict)  # key of a campaign -> short title of its notice
    groups: Mapping[str, GroupData] = field(default_factory=dict)  # collective names, for plans that say `from`

    @cached_property
    def city_name(self) -> str:
        """The full name of the city, which a plan writes as its `jurisdiction`."""
        return next(unit.name for unit in self.units if unit.code == self.city)

    @cached_property
    def by_short_name(self) -> Mapping[str, UnitData]:
        """Units by the name that plans use for them."""
        return {unit.short_name: unit for unit in self.units if unit.level in NAMED_LEVELS}

    def find(self, name: str, notice: str = "") -> UnitData | None:
        """The unit that a notice calls by this name: what only this notice calls so, then short name, name, alias."""
        return self._named.get((notice, name)) or self._named.get(("", name))

    @cached_property
    def _named(self) -> Mapping[tuple[str, str], UnitData]:
        units = [unit for unit in self.units if unit.level in NAMED_LEVELS]
        found = {(notice, name): unit for unit in units for notice, names in unit.named.items() for name in names}
        for unit in units:
            found |= {("", name): unit for name in (*unit.aliases, unit.name)}
        return found | {("", unit.short_name): unit for unit in units}

    def with_few(self, enterprises: int) -> DirectoryData:
        """The same city with its first enterprises only."""
        kept = self.enterprises[:enterprises]
        units = [unit for unit in self.units if unit.level != "enterprise"]
        return replace(self, enterprises=kept, units=(*units, *(one.unit for one in kept)))

    def posts_of(self, unit: UnitData) -> tuple[PostData, ...]:
        """The posts a unit has; of a kind that two rules give, the first."""
        found = {post.kind: post for rule in reversed(self.rules) if rule.fits(unit) for post in rule.posts}
        return tuple(found.values())


def read_directory(path: Path) -> DirectoryData:
    """The directory of a file; raises Refused with every fault."""
    if not path.is_file():
        raise NotFound(f"没有单位目录文件 {path.name}")
    state = path.stat()
    return _read(path, state.st_mtime_ns, state.st_size)


@lru_cache(maxsize=8)
def _read(path: Path, _changed: int, _size: int) -> DirectoryData:
    """The file as it stands; a programme's plans all ask for the same one."""
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
            if directory.find(member, plan.id) is None:
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
    yield from _name_findings(raw)
    yield from group_findings(raw, _known(raw["units"]).__contains__)
    yield from _rule_findings(raw, seen)
    if raw["city"] not in seen:
        yield Finding("directory.city", f"city：没有代码为“{raw['city']}”的单位", element="city")
    townships = _townships(raw["units"])
    for enterprise in raw.get("enterprises", ()):
        if enterprise["township"] not in townships.get(enterprise["county"], ()):
            yield _finding(enterprise, f"乡镇“{enterprise['township']}”不在“{enterprise['county']}”内")


def _name_findings(raw: Raw) -> Iterator[Finding]:
    """A name that a plan may write must lead to one unit: it is nobody else's short name, name or alias."""
    units = [unit for unit in raw["units"] if unit["level"] in NAMED_LEVELS]
    names: dict[str, str] = {}
    for unit in units:
        for kind, name in (("简称", unit["short_name"]), ("名称", unit["name"])):
            if names.setdefault(name, unit["code"]) != unit["code"]:
                yield _finding(unit, f"{kind}“{name}”已是单位“{names[name]}”的名称")
    for unit in units:
        for alias in unit.get("aliases", ()):
            if alias in names:
                yield _finding(unit, f"别名“{alias}”已是单位“{names[alias]}”的名称或别名")
            names.setdefault(alias, unit["code"])
    yield from _notice_name_findings(raw, units, names)


def _notice_name_findings(raw: Raw, units: Iterable[Raw], names: Mapping[str, str]) -> Iterator[Finding]:
    """What only one notice calls a unit may be short and common, but in that notice it means one unit."""
    notices = raw.get("notices", {})
    taken: dict[tuple[str, str], str] = {}
    for unit in units:
        for notice, own in unit.get("named", {}).items():
            if notice not in notices:
                yield _finding(unit, f"named：notices 中没有“{notice}”")
            for name in own:
                other = taken.setdefault((notice, name), names.get(name, unit["code"]))
                if other != unit["code"]:
                    yield _finding(unit, f"通知“{notice}”所称“{name}”已指单位“{other}”")


def _known(units: Iterable[Raw]) -> set[str]:
    """Every name that leads to a unit."""
    named = [unit for unit in units if unit["level"] in NAMED_LEVELS]
    return {name for unit in named for name in (unit["short_name"], unit["name"], *unit.get("aliases", ()))}


def _rule_findings(raw: Raw, codes: Mapping[str, Raw]) -> Iterator[Finding]:
    for key, rule in raw["posts"].items():
        for code in rule["match"].get("units", ()):
            if code not in codes:
                yield Finding("directory.posts", f"posts.{key}：没有代码为“{code}”的单位", element=f"posts.{key}")


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
    units = tuple(_unit(entry) for entry in raw["units"])
    enterprises = tuple(_enterprise(entry) for entry in raw.get("enterprises", ()))
    return DirectoryData(
        id=raw["id"],
        name=raw["name"],
        city=raw["city"],
        units=(*units, *(enterprise.unit for enterprise in enterprises)),
        enterprises=enterprises,
        rules=tuple(_rule(rule) for rule in raw["posts"].values()),
        notices=raw.get("notices", {}),
        groups=groups_of(raw),
    )


def _unit(raw: Raw) -> UnitData:
    named = {notice: tuple(names) for notice, names in raw.get("named", {}).items()}
    return UnitData(**{"parent": None, **raw, "aliases": tuple(raw.get("aliases", ())), "named": named})


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
    match = raw["match"]
    return PostRule(level=match["level"], kind=match.get("kind"), posts=posts, codes=tuple(match.get("units", ())))
