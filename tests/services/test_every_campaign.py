"""Every campaign of this installation runs: its first weeks, with few enterprises and a fifth of the work late.

`make rehearse-all` plays each from its launch to its end.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from scripts.rehearse_all import campaigns
from services.campaigns import definitions
from services.rehearsal import rehearsal_run

DAYS = 30


@pytest.mark.parametrize("key", [key for key in campaigns() if key != "jinzhong-hundred-day"])
def test_its_first_weeks_leave_nothing_stuck(key: str) -> None:
    until = definitions.load(key).plan.starts_at + timedelta(days=DAYS)
    done = rehearsal_run.run(rehearsal_run.Order(campaign=key, on_time=0.8, enterprises=6, until=until))
    assert done.stuck == ()
    assert done.acts > 0
    assert [one for one in done.account["tasks"] if one["status"] == "done"]
