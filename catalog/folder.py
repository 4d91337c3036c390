"""Reads the files of a campaign folder: plain files inside it, of a known kind and a sane size, nothing else."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from domain.errors import Finding, Refused

MAX_PLAN = 1024 * 1024
MAX_DIAGRAM = 2 * 1024 * 1024
MAX_FORM = 512 * 1024
MAX_FILES = 500
KEY = re.compile(r"[a-z][a-z0-9_]{0,62}")


def files_of(folder: Path, suffix: str) -> dict[str, Path]:
    """key -> file, for every file of the folder with this suffix; Refused where one is not plainly there."""
    if folder.is_symlink():
        raise Refused([_finding(folder, "文件夹不能是链接")])
    if not folder.is_dir():
        return {}
    found, findings = {}, []
    for path in sorted(folder.iterdir()):
        if path.is_symlink():
            findings.append(_finding(path, "不能是链接，须为文件夹内的普通文件"))
        elif path.suffix == suffix and path.is_file():
            if not KEY.fullmatch(path.stem):
                findings.append(_finding(path, "文件名只能用小写英文字母、数字和下划线，以字母开头"))
            found[path.stem] = path
    if len(found) > MAX_FILES:
        findings.append(_finding(folder, f"{suffix} 文件超过 {MAX_FILES} 个"))
    if findings:
        raise Refused(findings)
    return found


def read(path: Path, limit: int) -> bytes:
    """The bytes of a plain file; Refused if it is a link or larger than `limit`."""
    if path.is_symlink() or not path.is_file():
        raise Refused([_finding(path, "不是文件夹内的普通文件")])
    with path.open("rb") as file:
        content = file.read(limit + 1)
    if len(content) > limit:
        raise Refused([_finding(path, f"超过 {limit // 1024} KiB")])
    return content


def read_text(path: Path, limit: int) -> str:
    """The same as text; Refused where it is not UTF-8."""
    try:
        return read(path, limit).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Refused([_finding(path, "不是 UTF-8 编码的文本")]) from None


def read_form(path: Path) -> dict[str, Any]:
    """A form's JSON object; Refused where it is none or a key stands twice."""
    text = read_text(path, MAX_FORM)
    try:
        form = json.loads(text, object_pairs_hook=_no_key_twice, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise Refused([_finding(path, "不是正确的 JSON（语法有误、键重复或嵌套过深）")]) from None
    if not isinstance(form, dict):
        raise Refused([_finding(path, "内容应为一个 JSON 对象")])
    return form


def _no_key_twice(pairs: list[tuple[str, Any]]) -> Mapping[str, Any]:
    mapping = dict(pairs)
    if len(mapping) != len(pairs):
        raise ValueError("duplicate key")
    return mapping


def _no_constant(name: str) -> Any:
    raise ValueError(name)


def _finding(path: Path, sentence: str) -> Finding:
    return Finding("folder.file", f"{path.name}：{sentence}", element=path.name)
