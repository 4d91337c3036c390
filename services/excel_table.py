"""An Excel file that somebody uploads, read as a table: looked into before it is opened, every fault a sentence."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from openpyxl import load_workbook

from domain.errors import Invalid
from services import _archive

# reliability: what is larger is not opened
UNPACKED, RATIO, MEMBERS, ROWS = 50 << 20, 100, 200, 100_000
NOTE = "示例行"  # how a note under our template's rows begins


@dataclass(frozen=True, kw_only=True)
class Fault:
    """A row of the file that cannot be taken, and why."""

    row: int
    sentence: str


def table(content: bytes, head: Sequence[str]) -> Iterator[tuple[int, tuple[Any, ...]]]:
    """(row number, its cells) of the first sheet, below the head; Invalid where it is no such file at all."""
    _refuse_bomb(content)
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        lines = list(book.worksheets[0].iter_rows(max_row=ROWS + 1, max_col=len(head), values_only=True))
    except Exception as fault:  # whatever a broken file makes the library raise is the same sentence
        raise _refused("文件已损坏或不是 Excel 工作簿（.xlsx），打不开。") from fault
    if len(lines) > ROWS:
        raise _refused(f"文件超过 {ROWS} 行，请分次导入。")
    start = next((n for n, line in enumerate(lines[:10]) if tuple(map(cell_text, line)) == tuple(head)), None)
    if start is None:
        raise _refused(f"没有找到表头，第一行应为：{'、'.join(head)}。请下载模板填写。")
    for number, line in enumerate(lines[start + 1 :], start + 2):
        values = tuple(line) + (None,) * (len(head) - len(line))
        if any(cell_text(value) for value in values) and not _is_note(values):
            yield number, values


def cell_text(value: Any) -> str:
    """A cell as text: a whole number without its point, nothing that is no character."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]", "", str(value)).strip()


def _refuse_bomb(content: bytes) -> None:
    """The table of contents is read first: what would swell is not unpacked."""
    try:
        members = _archive.members(io.BytesIO(content))
    except _archive.Broken as fault:
        raise _refused("请上传 Excel 工作簿（.xlsx）。") from fault
    unpacked = sum(member.file_size for member in members)
    packed = max(sum(member.compress_size for member in members), 1)
    if len(members) > MEMBERS or unpacked > UNPACKED or unpacked > RATIO * packed:
        raise _refused("文件展开后过大，不能导入，请分次导入。")


def _refused(sentence: str) -> Invalid:
    return Invalid(sentence, fields={"file": sentence})


def _is_note(values: Sequence[Any]) -> bool:
    return cell_text(values[0]).startswith(NOTE) and not any(cell_text(value) for value in values[1:])
