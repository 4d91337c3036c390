"""The folder of one test run, shared by pytest's processes and removed by the first of them."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.support import postgres

VARIABLE = "BIHUAN_TEST_RUN"
PREFIX = "bihuan-test-"


def open_run() -> None:
    """Make the folder; pytest's other processes find it through the environment."""
    _sweep()
    os.environ[VARIABLE] = tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-")


def folder() -> Path:
    """The folder of this run."""
    return Path(os.environ[VARIABLE])


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """What is made once a run is made under this lock."""
    with (folder() / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def close_run() -> None:
    """Stop the server and remove the folder."""
    _remove(Path(os.environ.pop(VARIABLE)))


def _sweep() -> None:
    """A run that was killed could not clean up after itself."""
    for left in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        # another run may be removing the same one
        with suppress(FileNotFoundError):
            if left.stat().st_uid == os.getuid() and not _is_alive(int(left.name.split("-")[2])):
                _remove(left)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def _remove(run: Path) -> None:
    postgres.stop(run)
    shutil.rmtree(run, ignore_errors=True)
