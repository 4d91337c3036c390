"""The loop of one worker: take what is due, rest when there is nothing, show that it lives, look for what got stuck."""

from __future__ import annotations

import logging
import os
import random
import secrets
import socket
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime

import structlog

from domain.errors import Busy
from services.running import jobs, workers

# Several workers must not ask in step, hence a span.
REST_SECONDS = (0.3, 0.5)
BEAT_SECONDS = 5.0
RECOVERY_SECONDS = 60.0
SWEEP_SECONDS = 3600.0
LONGEST_PAUSE = 10.0

log = structlog.get_logger()


def utc_now() -> datetime:
    """The clock of this process, read here and handed down."""
    return datetime.now(UTC)


class Loop:
    """Runs in the process's main thread; `stop()` may come from a signal: the row in hand is finished first.

    Its name is host and process; its leases begin with it, so that a neighbour can see whether their holder lives.
    """

    def __init__(self, now: Callable[[], datetime] = utc_now) -> None:
        self.host = socket.gethostname()[:20]
        self.name = f"{self.host}:{os.getpid()}"
        self.now = now
        self._stopping = threading.Event()
        self._beat_at = 0.0
        self._recover_at = 0.0
        self._sweep_at = 0.0
        self._faults = 0

    def stop(self) -> None:
        """Leave after the row in hand."""
        self._stopping.set()

    def run(self) -> None:
        """Turn until stopped; no fault ends the loop, it only makes it slower."""
        log.info("worker_start", worker=self.name)
        while not self._stopping.is_set():
            self._stopping.wait(self._round())
        self._leave()
        log.info("worker_stop", worker=self.name)

    def _round(self) -> float:
        """One look at what is due; the seconds to rest after it."""
        began = time.monotonic()
        try:
            self._keep_house()
            done = jobs.turn(self.now, lease=f"{self.name}:{secrets.token_hex(4)}", go_on=self._go_on)
        except Exception as fault:
            return self._pause(fault)
        self._faults = 0
        for failure in done.failures:
            self._report(failure)
        if done.taken:
            ms = round((time.monotonic() - began) * 1000)
            log.info("turn", worker=self.name, taken=done.taken, failed=len(done.failures), ms=ms)
            return 0.0
        return random.uniform(*REST_SECONDS)  # noqa: S311  spreads the questions, keeps no secret

    def _report(self, failure: jobs.Failure) -> None:
        level = logging.ERROR if failure.parked else logging.WARNING
        about = {"worker": self.name, "kind": failure.kind, "row": failure.row_id, "attempt": failure.attempt}
        log.log(level, "row_failed", **about, exc_info=failure.fault)

    def _go_on(self) -> bool:
        """Asked between two rows: a long batch neither looks like death nor delays leaving."""
        self._show_life()
        return not self._stopping.is_set()

    def _keep_house(self) -> None:
        self._show_life()
        moment = time.monotonic()
        if moment < self._recover_at:
            return
        self._recover_at = moment + RECOVERY_SECONDS
        freed, woken = workers.free_leases(self._is_dead), workers.recover(self.now())
        if freed or woken:
            log.warning("recovered", worker=self.name, leases=freed, calls=woken)
        if moment >= self._sweep_at:
            self._sweep_at = moment + SWEEP_SECONDS
            workers.tell_vacancies(self.now())
            workers.sweep(self.now())

    def _is_dead(self, lease: str) -> bool:
        """Whether the holder of a lease was a process of this machine that is gone."""
        host, _, rest = lease.partition(":")
        pid = rest.partition(":")[0]
        return host == self.host and pid.isdecimal() and not _lives(int(pid))

    def _show_life(self) -> None:
        moment = time.monotonic()
        if moment >= self._beat_at:
            self._beat_at = moment + BEAT_SECONDS
            workers.beat(self.name, self.now())

    def _pause(self, fault: Exception) -> float:
        """The longer the more faults follow each other: a database that is away is not hammered."""
        self._faults += 1
        pause: float = min(LONGEST_PAUSE, 0.5 * 2 ** min(self._faults, 6)) * random.uniform(0.8, 1.2)  # noqa: S311
        if isinstance(fault, Busy):
            log.warning("database_busy", worker=self.name, pause=round(pause, 1))
        else:
            log.error("turn_failed", worker=self.name, pause=round(pause, 1), exc_info=fault)
        return pause

    def _leave(self) -> None:
        try:
            workers.leave(self.name)
        except Exception as fault:
            log.warning("leave_failed", worker=self.name, exc_info=fault)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
