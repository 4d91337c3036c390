"""The scenarios of the small campaign of measures: on time, late, returned, below target, refused by the leader."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from tests.journeys.test_scenarios import play
from tests.support import measures

SCENARIOS = sorted((measures.FOLDER / "scenarios").glob("*.yaml"))


@pytest.mark.parametrize("path", SCENARIOS, ids=[path.stem for path in SCENARIOS])
def test_scenario(path: Path, backend: str, new_database: Callable[..., str], tmp_path: Path) -> None:
    world = measures.city(new_database(backend), tmp_path)
    play(world, yaml.safe_load(path.read_text(encoding="utf-8")), path.stem)
