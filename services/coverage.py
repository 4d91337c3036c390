"""The clause table of a campaign folder, for the command line."""

from __future__ import annotations

from pathlib import Path

from catalog.coverage import RULES_FILE, coverage, read_facts, read_rules, table
from domain.errors import NotFound
from services.definitions import ROOT, load

CLAUSES = "tests/catalog/clauses"


def clause_table(key: str, root: Path = ROOT) -> tuple[str, bool]:
    """The table as text, and whether every clause has its place; NotFound without a clause list."""
    facts_path = root / CLAUSES / f"{key}.yaml"
    if not facts_path.is_file():
        raise NotFound(f"方案“{key}”没有条款清单（{CLAUSES}/{key}.yaml），无法核对。")
    rows = coverage(load(key, root), read_facts(facts_path), read_rules(root / "processes" / key / RULES_FILE))
    return table(rows), not any(row.problems for row in rows)
