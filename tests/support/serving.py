"""The real thing for tests: gunicorn and worker processes on a free port, on a database of the test's choice."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

from config import ROOT

START_SECONDS = 60
STOP_SECONDS = 25
TAIL = 4000


class Served:
    """A running server; tests kill and start its processes as they like."""

    def __init__(
        self,
        database_url: str,
        folder: Path,
        *,
        web_workers: int,
        workers: int,
        environ: dict[str, str],
        application: str = "app:create_app()",
    ) -> None:
        self.application = application
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.folder = folder
        self.log = folder / "server.log"
        self.processes: list[subprocess.Popen[bytes]] = []
        self.environ = os.environ | {
            "HOST": "127.0.0.1",
            "PORT": str(self.port),
            "DATABASE_URL": database_url,
            "VAR_DIR": str(folder / "var"),
            "WEB_WORKERS": str(web_workers),
            **environ,
        }
        self.web = self.start_web()
        self.workers = [self.start_worker() for _ in range(workers)]
        self.wait_until_ready()

    def start_web(self) -> subprocess.Popen[bytes]:
        """Start gunicorn."""
        return self._start("gunicorn", self.application)

    def start_worker(self) -> subprocess.Popen[bytes]:
        """Start one more worker."""
        return self._start("worker")

    def flask(self, *arguments: str) -> str:
        """Run a command of the application on the same database and return what it printed."""
        command = [sys.executable, "-m", "flask", "--app", "app", *arguments]
        done = subprocess.run(command, cwd=ROOT, env=self.environ, capture_output=True, text=True)
        assert done.returncode == 0, f"flask {' '.join(arguments)} failed:\n{done.stdout}{done.stderr}"
        return done.stdout

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """End a process and its children without a warning, as a power cut would."""
        _signal_group(process, signal.SIGKILL)
        process.wait()

    def stop(self) -> None:
        """End everything that was started, in order."""
        for process in self.processes:
            process.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        for process in self.processes:
            with suppress(subprocess.TimeoutExpired):
                process.wait(max(0.1, deadline - time.monotonic()))
            self.kill(process)

    def wait_until_ready(self) -> None:
        """Wait for the first answer."""
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if self.web.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise AssertionError(f"the server did not start:\n{self.log.read_text()[-TAIL:]}")
            time.sleep(0.1)

    def _start(self, *module: str) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", *module],
                cwd=ROOT,
                env=self.environ,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.processes.append(process)
        return process

    def _answers(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=2)
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status < 500
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, number)
