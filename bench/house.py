"""The real thing on one database: gunicorn, a worker and, where asked for, a PostgreSQL that waits for the disk."""

from __future__ import annotations

import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from sqlalchemy.engine import make_url

import models
from bench import city
from bench.client import Client
from bench.cpu import Meter
from services.plans import versions
from tests.support import databases, postgres
from tests.support.serving import Served

BACKENDS = ("sqlite", "postgresql")
WEB_WORKERS = 2
NAME = "measurement"  # of this process, as the database server sees it
# Nobody is sent to the login page while a long measurement runs.
ENVIRON = {"SESSION_IDLE_MINUTES": "1440", "SESSION_HOURS": "168", "DEMO": "off"}


@dataclass
class House:
    """A running installation with its city; `database` is this process's own way to look into it."""

    backend: str
    database: models.Database
    served: Served
    city: city.City
    postmaster: int | None

    def client(self, seat: city.Seat) -> Client:
        """Somebody at a keyboard."""
        return Client(self.served.port, seat)

    def meter(self) -> Meter:
        """Web, worker and database server; what this process asks the server itself, in any thread, is left out."""
        roots = [process.pid for process in self.served.processes if process.poll() is None]
        if self.postmaster is None:
            return Meter(roots)
        with self.database.reading() as tx:
            mine = tx.exec_driver_sql("SELECT pid FROM pg_stat_activity WHERE application_name = %s", (NAME,))
            return Meter([*roots, self.postmaster], without=mine.scalars())

    def stored_bytes(self) -> int:
        """How large the database is."""
        with self.database.reading() as tx:
            if self.backend == "sqlite":
                pages = tx.exec_driver_sql("SELECT page_count FROM pragma_page_count").scalar_one()
                free = tx.exec_driver_sql("SELECT freelist_count FROM pragma_freelist_count").scalar_one()
                return int((pages - free) * tx.exec_driver_sql("PRAGMA page_size").scalar_one())
            return int(tx.exec_driver_sql("SELECT pg_database_size(current_database())").scalar_one())


@contextmanager
def open_house(
    backend: str, *, largest: int = 1300, workers: int = 1, application: str = "app:create_app()", **environ: str
) -> Iterator[House]:
    """Everything started, and everything gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="bihuan-bench-"))
    try:
        with _database(backend, folder) as (url, postmaster):
            databases.migrate(url)
            database = models.bind(make_url(url).update_query_dict({"application_name": NAME} if postmaster else {}))
            versions.forget()
            people = city.build(largest)
            served = Served(
                url,
                folder,
                web_workers=WEB_WORKERS,
                workers=workers,
                environ=ENVIRON | environ,
                application=application,
            )
            try:
                yield House(backend, database, served, people, postmaster)
            finally:
                served.stop()
                database.dispose()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def leave_in_order() -> None:
    """A measurement that is told to stop takes its servers with it."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))


@contextmanager
def _database(backend: str, folder: Path) -> Iterator[tuple[str, int | None]]:
    if backend == "sqlite":
        yield f"sqlite:///{folder}/bench.db", None
        return
    server = postgres.start(folder, durable=True)
    try:
        address = make_url(server).set(drivername="postgresql", database="postgres")
        with psycopg.connect(address.render_as_string(hide_password=False), autocommit=True) as connection:
            connection.execute("CREATE DATABASE bench")
        pid = int((folder / "data" / "postmaster.pid").read_text().split()[0])
        yield make_url(server).set(database="bench").render_as_string(hide_password=False), pid
    finally:
        postgres.stop(folder)
