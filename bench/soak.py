"""`make soak`: the storm for many minutes on both databases, and a long look at memory, queues and the log of writes.

`python -m bench.soak [--minutes N] [--backends sqlite postgresql]`; ends with 1 if anything was lost, doubled or torn.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import func, select

from bench.chaos import storm
from bench.cpu import rss_mb
from bench.house import BACKENDS, House, leave_in_order, open_house
from models import Job

MINUTES = 30.0
LOOK_SECONDS = 10.0
# Under kills a lease has to run out before somebody else takes the row.
OLDEST_JOB_SECONDS = 60.0


@dataclass
class Watch:
    """What was seen from outside while the storm went on."""

    house: House
    oldest_job: float = 0.0
    largest_mb: float = 0.0
    largest_log_mb: float = 0.0
    _stop: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Look now and then."""
        while not self._stop.wait(LOOK_SECONDS):
            self.oldest_job = max(self.oldest_job, _oldest_job_seconds(self.house))
            processes = [p.pid for p in self.house.served.processes if p.poll() is None]
            self.largest_mb = max(self.largest_mb, rss_mb(processes))
            self.largest_log_mb = max(self.largest_log_mb, _write_log_mb(self.house))

    def stop(self) -> None:
        """Enough seen."""
        self._stop.set()


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m bench.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=MINUTES, help="每种数据库多少分钟")
    parser.add_argument("--backends", nargs="+", choices=BACKENDS, default=list(BACKENDS))
    asked = parser.parse_args()
    leave_in_order()
    passed = [_soak(backend, asked.minutes) for backend in asked.backends]
    return 0 if all(passed) else 1


def _soak(backend: str, minutes: float) -> bool:
    print(f"{backend}：{minutes:g} 分钟", flush=True)
    with tempfile.TemporaryDirectory() as folder, open_house(backend, largest=13) as house:
        watch = Watch(house)
        looker = threading.Thread(target=watch.run)
        looker.start()
        try:
            weather = storm(house, Path(folder), minutes=minutes, seed=time.time_ns() % 2**32)
        finally:
            watch.stop()
            looker.join()
    print(weather)
    memory, log = watch.largest_mb, watch.largest_log_mb
    print(f"最久未办的后台事项 {watch.oldest_job:.0f} 秒，内存 {memory:.0f} MB，WAL {log:.1f} MB")
    for line in [*weather.report.findings[:20], *weather.faults[:20]]:
        print("  ", line)
    return weather.report.clean and not weather.faults and watch.oldest_job <= OLDEST_JOB_SECONDS


def _oldest_job_seconds(house: House) -> float:
    with house.database.reading() as tx:
        due = tx.execute(select(func.min(Job.due_at))).scalar()
    return max(0.0, (datetime.now(UTC) - due).total_seconds()) if due else 0.0


def _write_log_mb(house: House) -> float:
    """SQLite's log of writes; PostgreSQL looks after its own."""
    file = house.database.url.database
    log = Path(f"{file}-wal") if house.backend == "sqlite" else None
    return log.stat().st_size / 1e6 if log and log.exists() else 0.0


if __name__ == "__main__":
    sys.exit(main())
