"""Dotted places in a plan, as conflicts, settings and the clause table write them: `reports.r_plan.deadline`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def resolve(raw: Any, place: str) -> Any:
    """What stands at a dotted place; in a list a segment is an entry's id (children included) or its number."""
    node = raw
    for segment in place.split("."):
        if isinstance(node, Mapping):
            node = node.get(segment)
        elif isinstance(node, list):
            node = _in_list(node, segment)
        else:
            return None
    return node


def _in_list(entries: Sequence[Any], segment: str) -> Any:
    for entry in entries:
        if not isinstance(entry, Mapping):
            continue
        if entry.get("id") == segment:
            return entry
        below = _in_list(entry.get("children", ()), segment) if not segment.isdigit() else None
        if below is not None:
            return below
    if segment.isdigit() and 1 <= int(segment) <= len(entries):
        return entries[int(segment) - 1]
    return None
