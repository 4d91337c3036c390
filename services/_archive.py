"""What is in a zip file, by its table of contents: nothing is unpacked."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import IO


class Broken(Exception):
    """It cannot be read as a zip file."""


def members(file: Path | IO[bytes]) -> list[zipfile.ZipInfo]:
    """The entries of a zip file; raises Broken."""
    try:
        with zipfile.ZipFile(file) as archive:
            return archive.infolist()
    # RuntimeError: what zipfile raises for a version of the format that it does not know
    except (zipfile.BadZipFile, ValueError, RuntimeError, OSError) as fault:
        raise Broken from fault
