"""The reporters' vault through make backup and restore: whoever reported can be read again, or it is said why not."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

import models
from config import ROOT
from services.clues import clues
from services.clues.vault import KEY_FILE, Unreadable, Vault
from tests.support import clues as given
from tests.support import postgres
from tests.support.world import World, beijing

SAID = f"没有与数据配套的举报人密钥（{KEY_FILE}）"


@dataclass(frozen=True)
class Installation:
    """A database and its data folder, and the scripts run on them as make runs them."""

    url: str
    var: Path

    def command(self, script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        environ: Mapping[str, str] = {
            "DATABASE_URL": self.url,
            "VAR_DIR": str(self.var),
            "PATH": f"{postgres.programs()}{os.pathsep}{os.environ['PATH']}",
        }
        command = [sys.executable, "-m", f"scripts.{script}", *arguments]
        return subprocess.run(
            command, cwd=ROOT, env={**os.environ, **environ}, stdout=-1, stderr=subprocess.STDOUT, text=True
        )

    def backed_up(self) -> tuple[Path, str]:
        """The file and what was said."""
        done = self.command("backup")
        assert done.returncode == 0, done.stdout
        return max((self.var / "backups").glob("*.tar.gz")), done.stdout

    def restored(self, source: Path) -> str:
        """What was said."""
        done = self.command("restore", str(source))
        assert done.returncode == 0, done.stdout
        return done.stdout

    def reporter(self, clue_id: str) -> dict[str, str]:
        """Opened by the keeper, in the restored database with the restored key."""
        database = models.bind(self.url)
        try:
            now = beijing("2022-01-05 09:00")
            keeper = given.holder("office", "dispatcher", now)
            return clues.reveal(keeper, clue_id, "核实线索需要联系举报人", Vault(self.var / KEY_FILE), now)
        finally:
            database.dispose()


@pytest.fixture(scope="module")
def old(backend: str, new_database: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """An installation in which somebody has reported something."""
    return Installation(new_database(backend), tmp_path_factory.mktemp("var"))


@pytest.fixture(scope="module")
def clue_id(old: Installation) -> str:
    world = World(old.url, old.var, key="jinzhong-hundred-day", now=beijing("2022-01-03 09:00"), enterprises=1)
    made = given.hand_in(world, unit="榆次区", subject="某采石场", reporter=given.REPORTER)
    world.database.dispose()
    return made


@pytest.fixture
def fresh(backend: str, new_database: Callable[..., str], tmp_path: Path) -> Installation:
    """Another machine: nothing is there."""
    url = new_database(backend, migrated=False)
    if backend == "sqlite":
        url = f"sqlite:///{tmp_path}/var/bihuan.db"
    return Installation(url, tmp_path / "var")


def without_key(source: Path, target: Path) -> Path:
    """The same backup, but somebody took the key out."""
    with tarfile.open(source) as archive, tarfile.open(target, "w:gz") as copy:
        for member in archive:
            if not member.name.endswith(KEY_FILE):
                copy.addfile(member, archive.extractfile(member) if member.isfile() else None)
    return target


def test_a_reporter_can_be_read_again_on_another_machine(old: Installation, clue_id: str, fresh: Installation) -> None:
    source, said = old.backed_up()
    assert SAID not in said
    assert SAID not in fresh.restored(source)
    assert (fresh.var / KEY_FILE).stat().st_mode & 0o777 == 0o600
    assert fresh.reporter(clue_id) == given.REPORTER


def test_without_the_key_it_is_said_and_the_key_can_be_brought_later(
    old: Installation, clue_id: str, fresh: Installation, tmp_path: Path
) -> None:
    source, _ = old.backed_up()
    said = fresh.restored(without_key(source, tmp_path / "keyless.tar.gz"))
    assert f"{SAID}，1 条举报人信息无法解密，其他数据不受影响。" in said
    with pytest.raises(Unreadable, match="密钥文件与数据不配套"):
        fresh.reporter(clue_id)
    shutil.copy2(old.var / KEY_FILE, fresh.var / KEY_FILE)
    assert fresh.reporter(clue_id) == given.REPORTER


def test_a_backup_without_a_key_takes_none_away(
    old: Installation, clue_id: str, fresh: Installation, tmp_path: Path
) -> None:
    source, _ = old.backed_up()
    fresh.var.mkdir()
    shutil.copy2(old.var / KEY_FILE, fresh.var / KEY_FILE)
    assert SAID not in fresh.restored(without_key(source, tmp_path / "keyless.tar.gz"))
    assert fresh.reporter(clue_id) == given.REPORTER


def test_a_backup_that_lacks_the_key_says_so_at_once(old: Installation, clue_id: str, tmp_path: Path) -> None:
    moved = Installation(old.url, tmp_path)
    _, said = moved.backed_up()
    assert f"数据目录里{SAID}，1 条" in said
