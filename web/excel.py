"""Sending a list as an Excel file: `return sends("隐患清单", Sheet(title=..., head=..., rows=...))`."""

from __future__ import annotations

import io
import re
import unicodedata

from flask import Response, send_file

from services.excel import MEDIA_TYPE, Sheet, workbook
from web.http import now, settings

LONGEST_NAME = 80


def sends(name: str, *sheets: Sheet) -> Response:
    """The lists as one workbook under this name and today's date."""
    return sends_file(name, workbook(*sheets))


def sends_file(name: str, content: bytes) -> Response:
    """A finished workbook under this name and today's date."""
    day = f"{now().astimezone(settings().zone):%Y%m%d}"
    response = send_file(
        io.BytesIO(content), mimetype=MEDIA_TYPE, as_attachment=True, download_name=f"{file_name(name)}_{day}.xlsx"
    )
    response.headers["Cache-Control"] = "private, no-store"
    return response


def file_name(name: str) -> str:
    """A name that every file system takes: no paths, no invisible letters, not too long."""
    visible = "".join(letter for letter in name if unicodedata.category(letter)[0] != "C")
    return re.sub(r'[\\/:*?"<>|\s]+', "_", visible).strip("._")[:LONGEST_NAME] or "导出"
