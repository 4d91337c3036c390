"""What a file really is, by its content; what is dangerous or unknown is refused with a sentence."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path

import filetype

from domain.errors import Invalid
from services import _archive

HEAD_BYTES = 8192
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
OLE_MACROS = ("_VBA_PROJECT".encode("utf-16-le"), "_VBA_PROJECT_CUR".encode("utf-16-le"))
ZIP = b"PK\x03\x04"
ZIP_MEMBERS = 3000
ZIP_UNPACKED = 300 * 1024 * 1024
ZIP_RATIO = 100
ZIP_RATIO_FROM = 1024 * 1024
ACCEPTED = "可以上传：图片（JPG、PNG、WebP）、PDF、Word、Excel、PPT、OFD。"


@dataclass(frozen=True)
class Kind:
    """A kind of file that is accepted, with the endings its names may have."""

    media_type: str
    endings: tuple[str, ...]
    shown: bool = False  # a browser shows it without harm


IMAGES = {
    "image/jpeg": Kind("image/jpeg", ("jpg", "jpeg"), shown=True),
    "image/png": Kind("image/png", ("png",), shown=True),
    "image/webp": Kind("image/webp", ("webp",), shown=True),
}
PDF = Kind("application/pdf", ("pdf",), shown=True)
OFFICE = "application/vnd.openxmlformats-officedocument"
ZIPPED = {
    "word/document.xml": Kind(f"{OFFICE}.wordprocessingml.document", ("docx",)),
    "xl/workbook.xml": Kind(f"{OFFICE}.spreadsheetml.sheet", ("xlsx",)),
    "ppt/presentation.xml": Kind(f"{OFFICE}.presentationml.presentation", ("pptx",)),
    "OFD.xml": Kind("application/ofd", ("ofd",)),
}
OLD_OFFICE = {
    "doc": "application/msword",
    "wps": "application/vnd.ms-works",
    "xls": "application/vnd.ms-excel",
    "et": "application/vnd.ms-excel",
    "ppt": "application/vnd.ms-powerpoint",
    "dps": "application/vnd.ms-powerpoint",
}
SHOWN = frozenset(kind.media_type for kind in (*IMAGES.values(), PDF) if kind.shown)


def media_type_of(path: Path, name: str) -> str:
    """The media type of an accepted file; Invalid for everything else."""
    with path.open("rb") as handle:
        head = handle.read(HEAD_BYTES)
    if not head:
        raise _refused("文件是空的。")
    kind = _kind(path, head, name)
    if _ending(name) not in kind.endings:
        raise _refused(f"“{name}”的内容与扩展名不符，请用原来的扩展名上传。")
    return kind.media_type


def _kind(path: Path, head: bytes, name: str) -> Kind:
    if head.startswith(b"%PDF-"):
        return PDF
    if head.startswith(ZIP):
        return _zipped(path)
    if head.startswith(OLE):
        return _old_office(path, name)
    found = IMAGES.get(filetype.guess_mime(head) or "")
    if found is None:
        raise _refused(f"不接受这种文件。{ACCEPTED}")
    return found


def _zipped(path: Path) -> Kind:
    """Office files and OFD are zips: looked into by their table of contents, never unpacked."""
    try:
        members = _archive.members(path)
    except _archive.Broken as fault:
        raise _refused("文件已损坏，打不开。") from fault
    _refuse_bomb(members)
    names = {member.filename for member in members}
    if any(name.lower().rsplit("/", 1)[-1] in ("vbaproject.bin", "vbadata.xml") for name in names):
        raise _refused("文件中含有宏，请另存为不含宏的文件后再上传。")
    found = next((kind for part, kind in ZIPPED.items() if part in names), None)
    if found is None:
        raise _refused(f"不接受压缩包，请逐个上传其中的文件。{ACCEPTED}")
    return found


def _refuse_bomb(members: list[zipfile.ZipInfo]) -> None:
    unpacked = sum(member.file_size for member in members)
    swollen = any(
        member.file_size > ZIP_RATIO_FROM and member.file_size > ZIP_RATIO * max(member.compress_size, 1)
        for member in members
    )
    if len(members) > ZIP_MEMBERS or unpacked > ZIP_UNPACKED or swollen:
        raise _refused("文件展开后过大，不能上传。")


def _old_office(path: Path, name: str) -> Kind:
    content = path.read_bytes()
    if any(mark in content for mark in OLE_MACROS):
        raise _refused("文件中含有宏，请另存为不含宏的文件后再上传。")
    ending = _ending(name)
    if ending not in OLD_OFFICE:
        raise _refused(f"不接受这种文件。{ACCEPTED}")
    return Kind(OLD_OFFICE[ending], (ending,))


def _ending(name: str) -> str:
    return Path(name).suffix.lower().removeprefix(".")


def _refused(sentence: str) -> Invalid:
    return Invalid(sentence, fields={"file": sentence})
