"""make restore FROM=...: puts a backup in the place of the present data, which is backed up first."""

from __future__ import annotations

import json
import shutil
import sys
import tarfile
import tempfile
from pathlib import Path, PurePosixPath

from config import Settings
from scripts import backup, database, reporters
from scripts.common import read_settings, refuse, say, sole_use


def clear(settings: Settings) -> None:
    """Remove database, attachments and secrets; backups stay."""
    database.clear(settings)
    for entry in list(backup.files(settings)):
        shutil.rmtree(entry) if entry.is_dir() else entry.unlink()


def keep_present(settings: Settings) -> None:
    """Whatever is about to be replaced is backed up."""
    if database.state(settings) is not database.State.EMPTY:
        say(f"当前数据已先备份到 {backup.back_up(settings)}。")


def restore(settings: Settings, source: Path) -> None:
    """Check the backup completely, then replace the present data."""
    folder = settings.var_dir / backup.FOLDER
    folder.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        unpacked = _unpack(settings, source, Path(scratch))
        keep_present(settings)
        _keep_keys(settings, unpacked / backup.FILES)
        clear(settings)
        database.load_from(settings, unpacked / backup.COPY)
        for entry in _entries(unpacked / backup.FILES):
            shutil.move(entry, settings.var_dir / entry.name)
    reporters.warn(settings, "这份备份和数据目录里")


def _keep_keys(settings: Settings, files: Path) -> None:
    """A backup without keys does not take the present ones away: they may be the only copy of what opens its names."""
    present, own = reporters.key_file(settings), files / reporters.KEY_FILE
    if present.exists() and not own.exists():
        files.mkdir(exist_ok=True)
        shutil.copy2(present, own)


def _unpack(settings: Settings, source: Path, scratch: Path) -> Path:
    try:
        with tarfile.open(source) as archive:
            _refuse_foreign_members(archive)
            archive.extractall(scratch)  # noqa: S202  every member was just looked at
        made_for = json.loads((scratch / backup.MANIFEST).read_text())["database"]
    except (tarfile.TarError, EOFError, OSError, ValueError, KeyError):
        refuse(f"{source} 不是完整的闭环备份文件，数据没有改动。")
    if made_for != backup.kind(settings):
        refuse(f"这份备份来自 {made_for}，而 DATABASE_URL 指向 {backup.kind(settings)}，数据没有改动。")
    if not database.is_sound(settings, scratch / backup.COPY):
        refuse(f"{source} 里的数据库没有通过完整性检查，数据没有改动。")
    return scratch


def _refuse_foreign_members(archive: tarfile.TarFile) -> None:
    """Only plain files and folders below the archive's root: Python before 3.11.4 has no filter that says so."""
    for member in archive:
        path = PurePosixPath(member.name)
        if not (member.isfile() or member.isdir()) or path.is_absolute() or ".." in path.parts:
            raise tarfile.TarError(member.name)


def _entries(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.is_dir() else []


def main() -> None:
    """The command."""
    if len(sys.argv) != 2 or not sys.argv[1]:
        refuse("请写明备份文件：make restore FROM=var/backups/文件名.tar.gz")
    source = Path(sys.argv[1])
    if not source.is_file():
        refuse(f"找不到备份文件 {source}。")
    settings = read_settings()
    with sole_use(settings):
        restore(settings, source)
    say("已恢复。请执行 make run 启动服务。")


if __name__ == "__main__":
    main()
