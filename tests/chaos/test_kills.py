"""Web servers, web processes and workers are killed at random while people work: nothing is lost, nothing twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.chaos import Storm, storm
from bench.house import BACKENDS, open_house

KILLS = 60
KILLS_TO_FIND_THE_BUG = 25


@pytest.mark.parametrize("backend", BACKENDS)
def test_sixty_kills_lose_nothing_and_double_nothing(backend: str, tmp_path: Path) -> None:
    with open_house(backend, largest=13) as house:
        weather = storm(house, tmp_path, kills=KILLS)
        log = house.served.log.read_text()
    report = weather.report
    assert (report.lost, report.doubled, report.findings) == (0, 0, []), str(weather)
    assert not weather.faults, weather.faults[:10]
    assert weather.kills == KILLS
    assert report.acknowledged > 2 * KILLS, str(weather)
    assert set(weather.answers) <= {200, 201, 409, 503}, str(weather)
    assert "row_failed" not in log, log[-4000:]


def test_the_checker_finds_a_planted_bug(tmp_path: Path) -> None:
    """The same storm over a transaction that is none: if this finds nothing, the test above proves nothing."""
    weather = _torn(tmp_path)
    assert not weather.report.clean, str(weather)


def _torn(folder: Path) -> Storm:
    with open_house("sqlite", largest=13, application="tests.chaos.torn:create_app()") as house:
        return storm(house, folder, kills=KILLS_TO_FIND_THE_BUG)
