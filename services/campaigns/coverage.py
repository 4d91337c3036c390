"""The clause table of a campaign folder, for the command line."""

from __future__ import annotations

from pathlib import Path

from catalog.coverage import FACTS_FILE, folder_coverage, table
from catalog.programmes import folder_of
from domain.errors import NotFound
from services.campaigns.definitions import ROOT, load


def clause_table(key: str, root: Path = ROOT) -> tuple[str, bool]:
    """The table as text, and whether every clause has its place; NotFound without a clause list."""
    definition = load(key, root)
    folder = folder_of(root / "processes", key)
    if not (folder / FACTS_FILE).is_file():
        raise NotFound(f"方案“{key}”没有条款清单（processes/{key}/{FACTS_FILE}），无法核对。")
    rows = folder_coverage(definition, folder)
    return table(rows), not any(row.problems for row in rows)
