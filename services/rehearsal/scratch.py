"""A database for a rehearsal: a temporary file, or a named one that holds nothing. The real one is never touched."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import migrations
from domain.errors import Conflict
from models import Database, bind, ids
from models.queries import rehearsal as rows
from services.plans import versions


@contextmanager
def scratch_database(url: str | None, *, seed: int) -> Iterator[Path]:
    """Bind this process to an empty database with all tables, its ids counted from the seed; yields a folder for files.

    `url`: a database that must be empty, kept afterwards; None: a SQLite file that is gone afterwards.
    """
    with tempfile.TemporaryDirectory(prefix="bihuan-rehearsal-") as folder:
        address = url or f"sqlite:///{folder}/rehearsal.db"
        _refuse_used(address)
        migrations.upgrade(address)
        versions.forget()
        # what is lost with the machine is rehearsed again
        database = bind(address, durable=False)
        try:
            with ids.seeded(seed):
                yield Path(folder)
        finally:
            versions.forget()
            database.dispose()


def _refuse_used(url: str) -> None:
    """A database with anything in it is somebody's."""
    database = Database(url)
    try:
        with database.reading() as tx:
            table = rows.why_not_empty(tx)
    finally:
        database.dispose()
    if table is not None:
        raise Conflict(
            f"推演只用空的数据库，所给的数据库里已有数据（表 {table}），没有改动。请另建一个空库或去掉 --database。"
        )
