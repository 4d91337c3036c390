"""Databases for tests: migrated once a run by Alembic, copied for everyone who asks."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path
from uuid import uuid4

import psycopg
from alembic import command
from alembic.config import Config
from sqlalchemy.engine import make_url

from config import ROOT
from tests.support import postgres, run_folder

PATIENCE_SECONDS = 20


def migrate(url: str, revision: str = "head") -> None:
    """Run the migrations on this database."""
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    config.attributes["url"] = url
    command.upgrade(config, revision)


def create(backend: str, folder: Path, *, migrated: bool = True) -> str:
    """A new database of one's own; the folder is where SQLite puts it."""
    if backend == "postgresql":
        return _create_postgresql(migrated=migrated)
    file = folder / f"{_name()}.db"
    if migrated:
        shutil.copy(_sqlite_template(), file)
    return f"sqlite:///{file}"


def drop(url: str) -> None:
    """Remove a database, also one that a server still uses."""
    address = make_url(url)
    if address.get_backend_name() == "postgresql":
        _execute(f'DROP DATABASE IF EXISTS "{address.database}" WITH (FORCE)')


def drop_template() -> None:
    """On a server of somebody else nothing is left behind."""
    note = run_folder.folder() / "postgresql-template"
    if note.exists():
        drop(_server_url(note.read_text()))


def _name() -> str:
    return f"bihuan_test_{uuid4().hex}"


def _sqlite_template() -> Path:
    template = run_folder.folder() / "template.db"
    with run_folder.one_at_a_time():
        if not template.exists():
            draft = template.with_name("draft.db")
            migrate(f"sqlite:///{draft}")
            draft.rename(template)
    return template


def _create_postgresql(*, migrated: bool) -> str:
    name = _name()
    template = _postgresql_template() if migrated else "template0"
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            _execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
            return _server_url(name)
        except psycopg.errors.ObjectInUse:
            # The last connection of the migration is still closing.
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def _postgresql_template() -> str:
    note = run_folder.folder() / "postgresql-template"
    _server_url("postgres")
    with run_folder.one_at_a_time():
        if not note.exists():
            name = _name()
            _execute(f'CREATE DATABASE "{name}"')
            migrate(_server_url(name))
            note.write_text(name)
    return note.read_text()


def _server_url(database: str) -> str:
    address = make_url(os.environ.get("TEST_DATABASE_URL") or _own_server())
    return address.set(drivername="postgresql+psycopg", database=database).render_as_string(hide_password=False)


def _own_server() -> str:
    note = run_folder.folder() / "postgresql-address"
    if not note.exists():
        with run_folder.one_at_a_time():
            if not note.exists():
                address = postgres.start(run_folder.folder())
                note.write_text(address)
    return note.read_text()


def _execute(statement: str) -> None:
    own = os.environ.get("TEST_DATABASE_URL")
    database = (make_url(own).database if own else None) or "postgres"
    address = make_url(_server_url(database)).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(statement.encode())
