"""The small programme `action` with its two child campaigns, in a root of its own beside the real libraries."""

from __future__ import annotations

import shutil
from pathlib import Path

from config import ROOT

KEY = "action"
LEARNING, FIRE = "action/01-learning", "action/02-fire"
FOLDER = Path(__file__).parent / "programme" / "processes"


def installed(folder: Path) -> Path:
    """A root whose only campaigns are the programme's."""
    root = folder / "programme"
    shutil.copytree(FOLDER, root / "processes")
    for name in ("shared", "units"):
        shutil.copytree(ROOT / "processes" / name, root / "processes" / name)
    shutil.copytree(ROOT / "forms", root / "forms")
    return root
