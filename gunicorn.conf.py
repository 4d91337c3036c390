"""How gunicorn serves app:create_app(); the numbers come from the settings."""

import gc
import os
import select
import time
from pathlib import Path

from gunicorn.workers.sync import SyncWorker

from config import Settings

_settings = Settings.from_env(os.environ)


class LoneWorker(SyncWorker):
    """gunicorn's plain worker; of those at rest one wakes for a connection, always the same one first.

    With gunicorn's own select() every process wakes for every connection, and all but one have come for nothing.
    """

    _waiting = None
    _told = 0.0

    def notify(self) -> None:
        """Show life, once a second; gunicorn does it three times a request."""
        moment = time.monotonic()
        if moment - self._told > 1.0:
            self._told = moment
            super().notify()

    def wait(self, timeout: float) -> list:
        """Wait for a connection, a signal or the next sign of life."""
        self.notify()
        if self._waiting is None:
            self._waiting = select.epoll()
            self._waiting.register(self.PIPE[0], select.EPOLLIN)
            for listener in self.sockets:
                self._waiting.register(listener.fileno(), select.EPOLLIN | select.EPOLLEXCLUSIVE)
        for descriptor, _ in self._waiting.poll(timeout):
            if descriptor == self.PIPE[0]:
                os.read(self.PIPE[0], 1)
        return list(self.sockets)


wsgi_app = "app:create_app()"
bind = f"[{_settings.host}]:{_settings.port}" if ":" in _settings.host else f"{_settings.host}:{_settings.port}"
workers = _settings.web_workers
worker_class = LoneWorker if hasattr(select, "EPOLLEXCLUSIVE") else "sync"
proc_name = "bihuan"
# An export of a city's ledger takes seconds; a request that takes a minute hangs.
timeout = 60
graceful_timeout = 20
# The application writes one JSON line a request itself, with the ids that gunicorn does not know.
accesslog = None
errorlog = "-"
# Its news of every process that comes and goes is for those who look for a fault.
loglevel = "debug" if _settings.log_level == "DEBUG" else "warning"
# Heartbeats on a slow disk make gunicorn kill workers that are well.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108  a place for heartbeats, not for data
# Its default path lies in the user's home and is the same for every server on the machine.
control_socket_disable = True


def post_worker_init(worker: object) -> None:
    """What was loaded stays: the collector need not look at it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 100)
