"""Puts the groups of a city's directory into a plan that names them: `counties: {from: counties}`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from catalog.city_groups import SHAPES, GroupData
from catalog.directory_data import DirectoryData, read_directory
from domain.errors import Finding, Refused

Raw = Mapping[str, Any]


def with_city_groups(raw: Raw, folder: Path | None) -> Raw:
    """The plan with every `from` filled in from the directory of its city below `folder`; Refused with every fault.

    What the plan's entry says itself (name, clause, note) wins; its `called` comes on top of the directory's.
    """
    units: Raw = raw["units"]
    if not any("from" in entry for entry in units.values()):
        return raw
    directory = directory_of(raw["document"]["jurisdiction"], folder)
    groups = directory.groups if directory else {}
    findings = [
        Finding("plan.from", f"units.{key}：{sentence}", element=f"units.{key}")
        for key, entry in units.items()
        if "from" in entry
        for sentence in _faults(entry, groups, raw["document"]["jurisdiction"], directory)
    ]
    if findings:
        raise Refused(findings)
    filled = {key: _filled(entry, groups, raw["id"]) if "from" in entry else entry for key, entry in units.items()}
    return {**raw, "units": filled}


def directory_of(city: str, folder: Path | None) -> DirectoryData | None:
    """The directory file of this city, by the full name of its city unit."""
    for path in sorted(folder.glob("*.yaml")) if folder else ():
        directory = read_directory(path)
        if directory.city_name == city:
            return directory
    return None


def _faults(entry: Raw, groups: Mapping[str, GroupData], city: str, directory: DirectoryData | None) -> list[str]:
    if directory is None:
        return [f"写了 from，但没有“{city}”的单位目录（processes/units/）"]
    found = []
    if entry["from"] not in groups:
        found.append(f"“{city}”的单位目录中没有单位组“{entry['from']}”")
    own = [name for name in (*SHAPES, "kind") if name in entry]
    if own:
        found.append(f"写了 from 就不再写 {'、'.join(own)}")
    return found


def _filled(entry: Raw, groups: Mapping[str, GroupData], notice: str) -> dict[str, Any]:
    group = groups[entry["from"]]
    filled = {**group.entry, **entry}
    if "clause" in entry or (group.notice == notice and "source" not in entry):
        filled.pop("source", None)
        filled["clause"] = entry.get("clause", group.clause)
    called = list(dict.fromkeys((*group.called, *entry.get("called", ()))))
    if "name" in entry and group.name not in (entry["name"], *called):
        called.insert(0, group.name)  # what the notice calls it otherwise still leads here
    return {**filled, "called": called} if called else filled
