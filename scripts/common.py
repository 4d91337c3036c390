"""What the scripts share: the settings, one sentence and the end, the lock on the data folder, flask commands."""

from __future__ import annotations

import fcntl
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

from config import ROOT, Settings

LOCK_SUFFIX = ".serve.lock"


def read_settings() -> Settings:
    """The settings of this process's environment."""
    return Settings.from_env(os.environ)


def refuse(sentence: str) -> NoReturn:
    """End with one sentence and exit code 1."""
    raise SystemExit(sentence)


def end_on_signals() -> None:
    """Asked to stop in the middle of the preparations: a command that is running ends with us, without a traceback."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda received, _frame: sys.exit(128 + received))


def say(sentence: str) -> None:
    """Speak at once: the lines of child processes follow in the same terminal."""
    print(sentence, flush=True)


@contextmanager
def sole_use(settings: Settings) -> Iterator[None]:
    """Hold the data folder; the system lets go of it when the process ends, however it ends."""
    settings.var_dir.mkdir(parents=True, exist_ok=True)
    # A SQLite file is for one machine; on PostgreSQL several machines may share the folder.
    holder = "only" if settings.sqlite_file else socket.gethostname()
    with (settings.var_dir / f"{holder}{LOCK_SUFFIX}").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            refuse(f"数据目录 {settings.var_dir} 正被运行中的闭环服务使用，请先停止它再执行本操作。")
        yield


def run_flask(name: str) -> bool:
    """Run a command of the application in this terminal; false when it failed, having said why."""
    return subprocess.run([sys.executable, "-m", "flask", "--app", "app", name], cwd=ROOT, check=False).returncode == 0
