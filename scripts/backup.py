"""make backup: database, attachments and secrets in one file, taken while the service may be running."""

from __future__ import annotations

import json
import os
import tarfile
import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from config import Settings
from scripts import database, reporters
from scripts.common import LOCK_SUFFIX, read_settings, refuse, say

MANIFEST = "manifest.json"
COPY = "database"
FILES = "files"
FOLDER = "backups"


def kind(settings: Settings) -> str:
    """Which database a backup can be put back into."""
    return "sqlite" if settings.sqlite_file else "postgresql"


def files(settings: Settings) -> Iterator[Path]:
    """The top entries of the data folder that are neither database, backups nor lock."""
    passed_over = {FOLDER}
    if settings.sqlite_file and settings.sqlite_file.parent == settings.var_dir:
        passed_over |= {f"{settings.sqlite_file.name}{suffix}" for suffix in database.SQLITE_SUFFIXES}
    for entry in sorted(settings.var_dir.iterdir()):
        if entry.name not in passed_over and not entry.name.endswith(LOCK_SUFFIX):
            yield entry


def back_up(settings: Settings) -> Path:
    """Write one backup file and return its path."""
    folder = settings.var_dir / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    made_at = datetime.now(settings.zone)
    target = folder / f"bihuan-{made_at:%Y%m%d-%H%M%S-%f}.tar.gz"
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        copy = Path(scratch) / COPY
        database.copy_to(settings, copy)
        if not database.is_sound(settings, copy):
            refuse("数据库的副本没有通过完整性检查，未生成备份；请先检查磁盘和数据库。")
        manifest = Path(scratch) / MANIFEST
        manifest.write_text(json.dumps({"database": kind(settings), "made_at": made_at.isoformat()}))
        _pack(settings, Path(scratch), target)
    return target


def _pack(settings: Settings, scratch: Path, target: Path) -> None:
    """The database was copied first, so every attachment it names is still there to be packed."""
    part = target.with_suffix(".part")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
        with tarfile.open(fileobj=stream, mode="w:gz", compresslevel=6) as archive:
            archive.add(scratch / MANIFEST, MANIFEST)
            archive.add(scratch / COPY, COPY)
            for entry in files(settings):
                archive.add(entry, f"{FILES}/{entry.name}")
        stream.flush()
        os.fsync(stream.fileno())
    part.rename(target)


def main() -> None:
    """The command."""
    settings = read_settings()
    if database.state(settings) is database.State.EMPTY:
        refuse("还没有数据库，没有可备份的数据。")
    say(f"备份已写入 {back_up(settings)}（含附件和密钥，请妥善保管）。")
    reporters.warn(settings, "数据目录里")


if __name__ == "__main__":
    main()
