"""The database from outside: which migration it stands at, a copy of it, emptying it."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
from contextlib import closing
from enum import Enum
from pathlib import Path

import psycopg
from alembic.config import Config
from alembic.script import ScriptDirectory

from config import ROOT, Settings
from scripts.common import refuse

# The write-ahead log, its index and the lock of the queue of writers lie beside the database.
SQLITE_SUFFIXES = ("", "-wal", "-shm", ".lock")


class State(Enum):
    """Where the database stands against the migrations of this copy of the software."""

    EMPTY = "empty"
    BEHIND = "behind"
    CURRENT = "current"


def state(settings: Settings) -> State:
    """Compare the database with the migrations; a database from a newer version is refused."""
    revision = _revision(settings)
    if revision is None:
        return State.EMPTY
    script_directory = _script_directory()
    if revision in script_directory.get_heads():
        return State.CURRENT
    if revision not in {script.revision for script in script_directory.walk_revisions()}:
        refuse(f"数据库的版本（{revision}）比本程序新，请使用更新的程序，或用 make restore 恢复旧的备份。")
    return State.BEHIND


def copy_to(settings: Settings, target: Path) -> None:
    """A consistent copy, taken while others may be writing."""
    if settings.sqlite_file:
        with closing(sqlite3.connect(settings.sqlite_file, timeout=60)) as connection:
            connection.execute("VACUUM INTO ?", (str(target),))
    else:
        _pg_tool("pg_dump", "--format=custom", f"--file={target}", f"--dbname={libpq_url(settings)}")


def load_from(settings: Settings, source: Path) -> None:
    """Put a copy in the place of the present database, which must be empty."""
    if settings.sqlite_file:
        settings.sqlite_file.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(source, settings.sqlite_file)
    else:
        _pg_tool("pg_restore", "--no-owner", "--exit-on-error", f"--dbname={libpq_url(settings)}", str(source))


def is_sound(settings: Settings, copy: Path) -> bool:
    """Whether a copy can be read to its end."""
    if not settings.sqlite_file:
        return copy.stat().st_size > 0
    try:
        with closing(sqlite3.connect(copy)) as connection:
            return bool(connection.execute("PRAGMA integrity_check").fetchone() == ("ok",))
    except sqlite3.DatabaseError:
        return False


def clear(settings: Settings) -> None:
    """Remove everything in the database."""
    if settings.sqlite_file:
        for suffix in SQLITE_SUFFIXES:
            Path(f"{settings.sqlite_file}{suffix}").unlink(missing_ok=True)
        return
    with _connect(settings) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")


def counted(settings: Settings, table: str, column: str) -> dict[str, int]:
    """How many rows of a table have which value in a column; nothing where there is no such table."""
    query = f"SELECT {column}, count(*) FROM {table} GROUP BY {column}"  # noqa: S608  names of ours
    if settings.sqlite_file:
        with closing(sqlite3.connect(settings.sqlite_file, timeout=60)) as connection:
            known = connection.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (table,)).fetchone()
            return dict(connection.execute(query).fetchall()) if known else {}
    with _connect(settings) as server:
        row = server.execute("SELECT to_regclass(%s)", (table,)).fetchone()
        return dict(server.execute(query.encode()).fetchall()) if row and row[0] else {}  # type: ignore[arg-type]


def libpq_url(settings: Settings) -> str:
    """The address as libpq and its tools understand it."""
    return settings.database_url.replace("postgresql+psycopg://", "postgresql://", 1)


def _script_directory() -> ScriptDirectory:
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    return ScriptDirectory.from_config(config)


def _revision(settings: Settings) -> str | None:
    if settings.sqlite_file:
        return _sqlite_revision(settings.sqlite_file)
    with _connect(settings) as connection:
        known = connection.execute("SELECT to_regclass('alembic_version')").fetchone()
        if not known or not known[0]:
            return None
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        return row[0] if row else None


def _sqlite_revision(file: Path) -> str | None:
    if not file.exists():
        return None
    try:
        with closing(sqlite3.connect(file, timeout=60)) as connection:
            if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone():
                return None
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.DatabaseError as error:
        refuse(f"读不了数据库文件 {file}：{error}。")
    return row[0] if row else None


def _connect(settings: Settings) -> psycopg.Connection[tuple[str]]:
    try:
        return psycopg.connect(libpq_url(settings), connect_timeout=10)
    except psycopg.OperationalError as error:
        refuse(f"连接不上 DATABASE_URL 所指的 PostgreSQL：{str(error).strip()}")


def _pg_tool(name: str, *arguments: str) -> None:
    tool = shutil.which(name)
    if not tool:
        refuse(f"找不到 {name}：备份和恢复 PostgreSQL 需要其客户端工具（Debian 的软件包 postgresql-client）。")
    done = subprocess.run([tool, *arguments], check=False)
    if done.returncode:
        refuse(f"{name} 没有成功（退出码 {done.returncode}），原因见上文。")
