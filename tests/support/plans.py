"""Campaign folders as a city may have changed them: the same files with other settings in the plan."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from config import ROOT


def with_settings(folder: Path, key: str, settings: Mapping[str, Any]) -> Path:
    """A copy of the campaign folders and forms below `folder` in which these settings have these values."""
    root = folder / "as-set"
    for name in ("processes", "forms"):
        shutil.copytree(ROOT / name, root / name)
    path = root / "processes" / key / "plan.yaml"
    plan = yaml.safe_load(path.read_text(encoding="utf-8"))
    for name, value in settings.items():
        setting = plan["settings"][name]
        setting["value"] = value
        for place in setting.get("same_as", ()):
            *way, last = place.split(".")
            entry = plan
            for step in way:
                entry = entry[step]
            entry[last] = value
    path.write_text(yaml.safe_dump(plan, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return root
