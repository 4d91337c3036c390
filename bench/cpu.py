"""CPU time of whole process trees, to the nanosecond where the kernel keeps it so."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import psutil

_TICK = os.sysconf("SC_CLK_TCK")


class Meter:
    """Sums what trees of processes have used since `begin`."""

    def __init__(self, roots: Iterable[int], *, without: Iterable[int] = ()) -> None:
        self.roots = list(roots)
        self.without = set(without)
        self._begun = 0.0

    def begin(self) -> None:
        """Start counting."""
        self._begun = self._total()

    @property
    def ms(self) -> float:
        """Milliseconds since `begin`."""
        return (self._total() - self._begun) * 1000

    def _total(self) -> float:
        return sum(_seconds(pid) for root in self.roots for pid in _tree(root) if pid not in self.without)


def _tree(root: int) -> list[int]:
    """A process with all below it; one that dies meanwhile has none."""
    with suppress(psutil.NoSuchProcess):
        return [root, *(child.pid for child in psutil.Process(root).children(recursive=True))]
    return [root]


def _seconds(pid: int) -> float:
    """A process's own time with that of its children that have ended."""
    try:
        own = sum(_thread_seconds(thread) for thread in Path(f"/proc/{pid}/task").iterdir())
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return own + (int(fields[13]) + int(fields[14])) / _TICK
    except (FileNotFoundError, ProcessLookupError):
        return 0.0


def _thread_seconds(thread: Path) -> float:
    return int((thread / "schedstat").read_text().split()[0]) / 1e9


def rss_mb(roots: Iterable[int]) -> float:
    """Resident memory of trees, shared pages counted once each."""
    pids = [pid for root in roots for pid in _tree(root)]
    return sum(_rss(pid) for pid in pids) / 1e6


def _rss(pid: int) -> int:
    with suppress(psutil.NoSuchProcess):
        return int(psutil.Process(pid).memory_info().rss)
    return 0
