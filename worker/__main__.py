"""`python -m worker`: carries out timers, schedules and jobs until it is told to stop."""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType

import services.handlers  # noqa: F401  registers every job handler
from config import Settings
from services.running import workers
from worker import logs
from worker.loop import Loop


def main() -> int:
    """The command; 0 when it was asked to leave and left."""
    settings = Settings.from_env(os.environ)
    logs.configure(settings.log_level)
    workers.attach(settings.database_url)
    loop = Loop()

    def leave(_number: int, _frame: FrameType | None) -> None:
        loop.stop()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, leave)
    loop.run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
