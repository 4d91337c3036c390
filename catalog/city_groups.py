"""The collective names of a city (各县（市、区）政府, 各有关部门 ...): groups of its directory for all its plans."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from domain.errors import Finding

Raw = Mapping[str, Any]
SHAPES = ("members", "level", "union")
# their names are not unique in a city, or there are too many of them: such a group stays a level
BY_LEVEL = ("township", "village", "enterprise")


@dataclass(frozen=True, kw_only=True)
class GroupData:
    """A collective name: who is meant, where that is written, and what else notices call it."""

    id: str
    name: str
    called: tuple[str, ...] = ()
    members: tuple[str, ...] = ()  # short names; empty where `level` says who
    level: str | None = None
    notice: str = ""  # the notice whose `clause` lists the members; empty where the list is ours
    clause: str = ""
    note: str = ""

    @property
    def entry(self) -> dict[str, Any]:
        """What stands in a plan's `units` in place of `from`."""
        found: dict[str, Any] = {"name": self.name, "source": "product", "note": self.note}
        found |= {"called": list(self.called), "members": list(self.members), "level": self.level}
        return {key: value for key, value in found.items() if value}


def groups_of(raw: Raw) -> dict[str, GroupData]:
    """The groups of a directory that passed its checks, each with its members by name."""
    groups: Raw = raw.get("groups", {})
    return {
        key: GroupData(
            id=key,
            name=group["name"],
            called=tuple(group.get("called", ())),
            members=tuple(_members(group, groups, raw["units"])),
            level=group["level"] if group.get("level") in BY_LEVEL else None,
            **{name: group[name] for name in ("notice", "clause", "note") if name in group},
        )
        for key, group in groups.items()
    }


def _members(group: Raw, groups: Raw, units: Iterable[Raw]) -> list[str]:
    """Short names as the group lists, selects or unites them, each once."""
    found = list(group.get("members", ()))
    if "level" in group and group["level"] not in BY_LEVEL:
        found += [unit["short_name"] for unit in units if _selects(group, unit)]
    for part in group.get("union", ()):
        found += _members(groups[part], groups, units)
    return list(dict.fromkeys(found))


def _selects(group: Raw, unit: Raw) -> bool:
    return unit["level"] == group["level"] and (
        "categories" not in group or unit.get("category", "") in group["categories"]
    )


def group_findings(raw: Raw, known: Callable[[str], bool]) -> Iterator[Finding]:
    """What is wrong about the groups; `known`: whether a name leads to a unit of the directory."""
    groups: Raw = raw.get("groups", {})
    borne = Counter(name for group in groups.values() for name in {group["name"], *group.get("called", ())})
    for key, group in groups.items():
        for sentence in (*_shape(group), *_names(group, borne, known), *_parts(key, group, groups)):
            yield Finding("directory.group", f"groups.{key}（{group['name']}）：{sentence}", element=f"groups.{key}")
        if group.get("notice", "") not in {"", *raw.get("notices", {})}:
            sentence = f"groups.{key}：notices 中没有“{group['notice']}”"
            yield Finding("directory.group", sentence, element=f"groups.{key}")
    categories = {unit.get("category", "") for unit in raw["units"]}
    for key, group in groups.items():
        for name in group.get("categories", ()):
            if name not in categories:
                sentence = f"groups.{key}：没有类别为“{name}”的单位"
                yield Finding("directory.group", sentence, element=f"groups.{key}")


def _shape(group: Raw) -> Iterator[str]:
    if ("level" in group) == bool({"members", "union"} & group.keys()):
        yield "写 level，或者写 members、union（可以同写），二者写且只写一个"
    if "categories" in group and group.get("level") in (None, *BY_LEVEL):
        yield "categories 只能与省、市、县级的 level 同写"


def _names(group: Raw, borne: Counter[str], known: Callable[[str], bool]) -> Iterator[str]:
    for name in dict.fromkeys((group["name"], *group.get("called", ()))):
        if borne[name] > 1:
            yield f"“{name}”也是另一个单位组的名称，分不清指谁"
        if known(name):
            yield f"“{name}”是一个单位的名称或别名，不能又是单位组"
    for member in group.get("members", ()):
        if not known(member):
            yield f"成员“{member}”不在单位目录中"


def _parts(key: str, group: Raw, groups: Raw) -> Iterator[str]:
    for part in group.get("union", ()):
        if part not in groups:
            yield f"没有单位组“{part}”"
        elif groups[part].get("level") in BY_LEVEL:
            yield f"单位组“{part}”按级别选取，不能并入"
    if key in _reached(group, groups):
        yield "单位组互相包含，成了循环"


def _reached(group: Raw, groups: Raw) -> set[str]:
    reached: set[str] = set()
    waiting = list(group.get("union", ()))
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting.extend(groups.get(name, {}).get("union", ()))
    return reached
