"""The small campaign of measures played on its calendar: reports meet their targets, everything is looked at."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from sqlalchemy import select

import models
from models import MeasureWork
from services.rehearsal import rehearsal_run
from services.rehearsal.rehearsal_run import Order
from tests.support import measures


def test_a_rehearsal_reports_what_meets_the_targets(
    backend: str, new_database: Callable[..., str], tmp_path: Path
) -> None:
    url = new_database(backend, migrated=False)
    order = Order(campaign=measures.KEY, on_time=1.0, database=url, root=measures.root(tmp_path))
    done = rehearsal_run.run(order)
    models.bind(url)
    with models.reading() as tx:
        found = list(tx.execute(select(MeasureWork.__table__)))
    assert len(found) == 15
    assert {(row.status, row.met) for row in found} == {("accepted", True)}
    assert sum(bool(row.reported) for row in found) == 11
    assert {one["process"]: one["ended"] for one in done.account["instances"]} == {"campaign": 1, "measure": 11}
    assert not any(one["incidents"] for one in done.account["instances"])
