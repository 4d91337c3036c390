"""make backup, restore and demo-reset: what was there is there again, and nothing is replaced unread."""

from __future__ import annotations

import os
import sqlite3
import stat
import tarfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
import pytest

from tests.running.conftest import House, Service
from tests.support import postgres


@pytest.fixture(params=["sqlite", "postgresql"])
def filled(request: pytest.FixtureRequest, house: House, new_database: Callable[..., str]) -> House:
    """A house with one note in its database and one attachment."""
    if request.param == "postgresql":
        tools = postgres.programs()
        house.environ |= {
            "DATABASE_URL": new_database("postgresql", migrated=False),
            "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}",
        }
    assert house.command("prepare").returncode == 0
    write_note(house, "整改已验收")
    attachments = house.root / "var" / "attachments"
    attachments.mkdir(parents=True)
    (attachments / "现场照片.jpg").write_bytes(b"picture")
    return house


@contextmanager
def connected(house: House) -> Iterator[sqlite3.Connection | psycopg.Connection]:
    """The house's database."""
    if url := house.environ["DATABASE_URL"]:
        with psycopg.connect(url.replace("+psycopg", "")) as connection:
            yield connection
    else:
        with closing(sqlite3.connect(house.root / "var" / "bihuan.db")) as connection, connection:
            yield connection


def write_note(house: House, words: str) -> None:
    with connected(house) as connection:
        connection.execute("DELETE FROM note")
        connection.execute(f"INSERT INTO note VALUES ('{words}')")  # noqa: S608  words of this test


def read_note(house: House) -> str:
    with connected(house) as connection:
        row = connection.execute("SELECT words FROM note").fetchone()
    return row[0] if row else ""


def test_a_backup_brings_back_database_and_files(filled: House) -> None:
    assert filled.command("backup").returncode == 0
    write_note(filled, "后来的改动")
    (filled.root / "var" / "attachments" / "现场照片.jpg").write_bytes(b"changed")
    (filled.root / "var" / "attachments" / "后来的附件.jpg").write_bytes(b"later")
    done = filled.command("restore", str(filled.backups[0]))
    assert done.returncode == 0, done.stdout
    assert read_note(filled) == "整改已验收"
    assert (filled.root / "var" / "attachments" / "现场照片.jpg").read_bytes() == b"picture"
    assert not (filled.root / "var" / "attachments" / "后来的附件.jpg").exists()


def test_what_a_restore_replaces_can_be_brought_back_too(filled: House) -> None:
    filled.command("backup")
    write_note(filled, "后来的改动")
    filled.command("restore", str(filled.backups[0]))
    filled.command("restore", str(filled.backups[1]))
    assert read_note(filled) == "后来的改动"


def test_demo_reset_begins_afresh_and_keeps_a_backup(filled: House) -> None:
    done = filled.command("demo_reset")
    assert done.returncode == 0, done.stdout
    assert read_note(filled) == ""
    assert not (filled.root / "var" / "attachments").exists()
    filled.command("restore", str(filled.backups[0]))
    assert read_note(filled) == "整改已验收"


@pytest.fixture
def kept(house: House) -> House:
    """A house on SQLite with one backup."""
    house.command("prepare")
    house.command("backup")
    return house


def test_a_backup_is_for_its_owner_only(kept: House) -> None:
    assert stat.S_IMODE(kept.backups[0].stat().st_mode) == 0o600


def test_a_backup_can_be_made_while_the_service_runs(house: House, serve: Callable[..., Service]) -> None:
    serve().wait_for("按 Ctrl-C 停止")
    assert house.command("backup").returncode == 0
    done = house.command("restore", str(house.backups[0]))
    assert done.returncode == 1
    assert "正被运行中的闭环服务使用" in done.stdout


@pytest.mark.parametrize("kept_bytes", [0, 100, -20])
def test_a_damaged_backup_changes_nothing(kept: House, kept_bytes: int) -> None:
    write_note(kept, "整改已验收")
    damaged = kept.root / "damaged.tar.gz"
    damaged.write_bytes(kept.backups[0].read_bytes()[:kept_bytes])
    done = kept.command("restore", str(damaged))
    assert done.returncode == 1
    assert "数据没有改动" in done.stdout
    assert read_note(kept) == "整改已验收"


def test_a_backup_that_points_outside_is_refused(kept: House, tmp_path: Path) -> None:
    evil = tmp_path / "evil.tar.gz"
    (tmp_path / "x").write_text("x")
    with tarfile.open(evil, "w:gz") as archive:
        archive.add(tmp_path / "x", "../../outside")
    assert kept.command("restore", str(evil)).returncode == 1
    assert not (kept.root.parent / "outside").exists()


def test_a_backup_of_the_other_database_is_refused(kept: House, new_database: Callable[..., str]) -> None:
    done = kept.command("restore", str(kept.backups[0]), DATABASE_URL=new_database("postgresql", migrated=False))
    assert done.returncode == 1
    assert "这份备份来自 sqlite" in done.stdout


def test_there_must_be_something_to_back_up_or_restore(house: House) -> None:
    assert house.command("backup").stdout == "还没有数据库，没有可备份的数据。\n"
    assert "请写明备份文件" in house.command("restore", "").stdout
    assert "找不到备份文件" in house.command("restore", "nowhere.tar.gz").stdout


def test_demo_reset_spares_a_real_installation(kept: House) -> None:
    write_note(kept, "整改已验收")
    assert kept.command("demo_reset", DEMO="off").returncode == 1
    assert read_note(kept) == "整改已验收"
