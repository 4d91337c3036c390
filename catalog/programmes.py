"""Programmes: a campaign folder with child campaigns in folders of its own, one storey deep.

The key of a child is `programme/child`; its library is the shared one, then the programme's, then its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from catalog.folder import MAX_PLAN, read_text
from catalog.yaml_text import read_yaml
from domain.errors import Finding, NotFound
from domain.plan import Plan

PLAN_FILE = "plan.yaml"
_KEY = re.compile(r"[a-z][a-z0-9-]{1,62}(?:/[0-9a-z][0-9a-z-]{1,40})?")


def folder_of(processes: Path, key: str) -> Path:
    """The folder of a campaign by its key; NotFound for what cannot be a key."""
    if not _KEY.fullmatch(key):
        raise NotFound(f"没有名为“{key}”的行动方案")
    return processes.joinpath(*key.split("/"))


def list_campaigns(root: Path) -> tuple[str, ...]:
    """Keys of the campaign folders below `root`, each programme before its children: the folders that hold a plan."""
    found = []
    for folder in _with_plan(root):
        found.append(folder.name)
        found += [f"{folder.name}/{child.name}" for child in _with_plan(folder)]
    return tuple(found)


def parent_of(folder: Path) -> Path | None:
    """The programme's folder that a campaign folder lies in; None for a campaign of its own."""
    return folder.parent if _is_campaign(folder.parent) else None


def key_of(folder: Path) -> str:
    """The key of a campaign folder: its name, below that of its programme."""
    parent = parent_of(folder)
    return f"{parent.name}/{folder.name}" if parent else folder.name


def family_findings(folder: Path, plan: Plan) -> list[Finding]:
    """Children without a folder, folders that their programme does not name, children with children."""
    parent = parent_of(folder)
    if parent is not None:
        return list(_as_child(folder, parent, plan))
    return list(_as_programme(folder, plan))


def _as_child(folder: Path, parent: Path, plan: Plan) -> Iterator[Finding]:
    if plan.children:
        yield _finding("children", f"“{plan.id}”已是下级行动，不能再有下级行动（children）")
    named = read_yaml(read_text(parent / PLAN_FILE, MAX_PLAN)).get("children")
    if not isinstance(named, list) or folder.name not in named:
        sentence = f"上级方案“{parent.name}”的 children 没有列出下级行动“{folder.name}”"
        yield _finding(folder.name, sentence)


def _as_programme(folder: Path, plan: Plan) -> Iterator[Finding]:
    there = {child.name for child in _with_plan(folder)}
    for name in plan.children:
        if name not in there:
            yield _finding("children", f"下级行动“{name}”没有文件夹，或其中没有 {PLAN_FILE}")
    for name in sorted(there - set(plan.children)):
        yield _finding(name, f"文件夹“{name}”里有方案，children 却没有列出它")


def _finding(element: str, sentence: str) -> Finding:
    return Finding("folder.children", sentence, element=element)


def _with_plan(root: Path) -> list[Path]:
    return sorted(path for path in root.iterdir() if _is_campaign(path)) if root.is_dir() else []


def _is_campaign(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink() and (path / PLAN_FILE).is_file()


__all__ = ["PLAN_FILE", "family_findings", "folder_of", "key_of", "list_campaigns", "parent_of"]
