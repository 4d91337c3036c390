"""Keeps the server's processes alive and leaves none behind."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from types import FrameType

from config import ROOT
from scripts.common import say

PR_SET_PDEATHSIG = 1
POLL_SECONDS = 0.2
FIRST_DELAY = 1.0
LONGEST_DELAY = 30.0
# A process that lived this long has not failed to start: the next restart waits for the first delay again.
SETTLED_SECONDS = 60.0
# Longer than gunicorn's graceful timeout.
STOP_SECONDS = 25.0


class Child:
    """One process of the service, in a session of its own: Ctrl-C reaches it only through us, in order."""

    def __init__(self, label: str, command: Sequence[str]) -> None:
        self.label = label
        self.command = list(command)
        self.delay = FIRST_DELAY
        self.start()

    def start(self) -> None:
        """Start the process now."""
        self.started_at = time.monotonic()
        self.restart_at: float | None = None
        # preexec_fn is unsafe beside threads; this program has none.
        self.process = subprocess.Popen(self.command, cwd=ROOT, start_new_session=True, preexec_fn=_die_with_parent)

    def watch(self) -> None:
        """Notice a death, wait, start again."""
        now = time.monotonic()
        if self.restart_at is not None:
            if now >= self.restart_at:
                self.start()
        elif self.process.poll() is not None:
            self.signal_group(signal.SIGKILL)
            if now - self.started_at > SETTLED_SECONDS:
                self.delay = FIRST_DELAY
            say(f"{self.label}已退出（代码 {self.process.returncode}），{self.delay:.0f} 秒后重启。")
            self.restart_at = now + self.delay
            self.delay = min(self.delay * 2, LONGEST_DELAY)

    def signal_group(self, number: signal.Signals) -> None:
        """Reach the process and what it started."""
        try:
            os.killpg(self.process.pid, number)
        except ProcessLookupError:
            return


class Supervisor:
    """Runs until it is told to stop; the first child is the web server."""

    def __init__(self, commands: Sequence[tuple[str, Sequence[str]]], is_ready: Callable[[], bool]) -> None:
        self.commands = commands
        self.is_ready = is_ready
        self.stops_asked = 0

    def run(self, announce: Callable[[], None]) -> int:
        """Start everything, announce once the web server answers, keep it alive; return the exit code."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._ask_to_stop)
        children = [Child(label, command) for label, command in self.commands]
        try:
            return self._watch(children, announce)
        finally:
            self._stop(children)

    def _watch(self, children: list[Child], announce: Callable[[], None]) -> int:
        announced = False
        while not self.stops_asked:
            if not announced and children[0].process.poll() is not None:
                say(f"{children[0].label}未能启动，原因见上文。")
                return 1
            if not announced and self.is_ready():
                announced = True
                announce()
            for child in children:
                child.watch()
            time.sleep(POLL_SECONDS)
        return 0

    def _ask_to_stop(self, _number: int, _frame: FrameType | None) -> None:
        self.stops_asked += 1

    def _stop(self, children: list[Child]) -> None:
        """Ask, wait, then end whatever is left; a second Ctrl-C ends the waiting."""
        for child in children:
            if child.process.poll() is None:
                child.process.terminate()
        asked_before = self.stops_asked
        deadline = time.monotonic() + STOP_SECONDS
        while any(child.process.poll() is None for child in children) and time.monotonic() < deadline:
            if self.stops_asked > asked_before:
                break
            time.sleep(POLL_SECONDS / 4)
        for child in children:
            child.signal_group(signal.SIGKILL)
            child.process.wait()


def _die_with_parent() -> None:
    """On Linux the kernel tells the child when this process is killed outright."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
