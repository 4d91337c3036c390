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


REMINDER = """  r_lists:
    name: 清单动态更新
    clause: 三
    kind: monthly
    owed_by: counties
    receiver: 市行动办公室
    process: list_update
    dues: ['2022-01-20', '2022-02-20']
    covers: month
    opens_before_hours: 72
"""


def remind_of_lists(root: Path) -> None:
    """The learning child reminds the counties of their lists every month."""
    path = root / "processes" / LEARNING / "plan.yaml"
    text = path.read_text(encoding="utf-8").replace("diagrams: [monthly]", "diagrams: [monthly, list_update]")
    path.write_text(text.replace("reports:\n", f"reports:\n{REMINDER}", 1), encoding="utf-8")
