"""A small house: the real scripts and settings around a stand-in for the application."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields
from pathlib import Path

import psutil
import pytest

from config import ROOT, Settings

PATIENCE_SECONDS = 60


@dataclass
class House:
    """The small house and how to call its scripts."""

    root: Path
    port: int
    environ: dict[str, str] = field(default_factory=dict)

    def command(self, script: str, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
        """Run a script to its end; both its streams are in `stdout`."""
        return subprocess.run(
            [sys.executable, "-m", f"scripts.{script}", *arguments],
            cwd=self.root,
            env=os.environ | self.environ | environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=PATIENCE_SECONDS,
        )

    @property
    def backups(self) -> list[Path]:
        """The backups made so far, oldest first."""
        return sorted((self.root / "var" / "backups").glob("*.tar.gz"))


class Service:
    """A started scripts.serve with its printed lines."""

    def __init__(self, house: House, **environ: str) -> None:
        self.house = house
        self.log = house.root / f"serve-{time.monotonic_ns()}.log"
        with self.log.open("wb") as log:
            self.process = psutil.Popen(
                [sys.executable, "-m", "scripts.serve"],
                cwd=house.root,
                env=os.environ | house.environ | environ,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def wait_for(self, words: str) -> str:
        """Wait until the words were printed."""
        wait_until(lambda: words in self.log.read_text() or self.process.poll() is not None, self.log.read_text)
        assert words in self.log.read_text(), self.log.read_text()
        return self.log.read_text()

    def children(self, module: str) -> list[psutil.Process]:
        """The direct children that run this module."""
        return [child for child in self.process.children() if module in child.cmdline()]

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send the signal and return the exit code."""
        self.process.send_signal(number)
        return int(self.process.wait(PATIENCE_SECONDS))


def wait_until(condition: Callable[[], bool], explain: Callable[[], str] = str) -> None:
    """Poll; what this waits for comes from other processes."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, explain()
        time.sleep(0.05)


@pytest.fixture
def house(tmp_path: Path) -> House:
    """The small house on a free port."""
    root = tmp_path / "house"
    shutil.copytree(ROOT / "tests" / "running" / "standin", root)
    shutil.copytree(ROOT / "scripts", root / "scripts")
    for name in ("config.py", "gunicorn.conf.py"):
        shutil.copy(ROOT / name, root / name)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    untouched = dict.fromkeys((item.name.upper() for item in fields(Settings)), "")
    return House(root, port, untouched | {"PORT": str(port), "WEB_WORKERS": "1"})


@pytest.fixture
def serve(house: House) -> Iterator[Callable[..., Service]]:
    """Start the small house; whatever happens, nothing is left running."""
    started: list[Service] = []

    def start(**environ: str) -> Service:
        started.append(Service(house, **environ))
        return started[-1]

    yield start
    for service in started:
        if service.process.poll() is None:
            service.stop()
