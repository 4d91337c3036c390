"""What a PDF printed by Chromium says, page by page: enough of the format to count pages and to read their letters."""

from __future__ import annotations

import re
import unicodedata
import zlib
from dataclasses import dataclass

_OBJECT = re.compile(rb"(\d+) 0 obj\s(.*?)endobj", re.DOTALL)
_STREAM = re.compile(rb"/Length (\d+)\b.*?>>\s*stream\r?\n", re.DOTALL)
_PAGE = re.compile(rb"/Type\s*/Page\b")
_BOX = re.compile(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]")
_SHOWN = re.compile(rb"/(F\d+) [\d.]+ Tf|<([0-9A-Fa-f]+)> Tj")
_FONT = re.compile(rb"/(F\d+) (\d+) 0 R")
_MAPPED = re.compile(rb"begin(bfchar|bfrange)(.*?)end\1", re.DOTALL)
_RADICAL = re.compile("[\u2f00-\u2fd5]")
_HEX = re.compile(rb"<([0-9A-Fa-f]+)>")


@dataclass(frozen=True)
class Sheet:
    """A page: its size in points and its text, without blanks."""

    width: float
    height: float
    text: str


def sheets(content: bytes) -> list[Sheet]:
    """The pages of a PDF, in order."""
    objects = {int(found[1]): found[2] for found in _OBJECT.finditer(content)}
    kids = next(o for o in objects.values() if re.search(rb"/Type\s*/Pages\b", o) and b"/Parent" not in o)
    return [_sheet(objects, objects[number]) for number in _leaves(objects, kids)]


def _leaves(objects: dict[int, bytes], node: bytes) -> list[int]:
    """Numbers of the pages below a node of the tree of pages."""
    found: list[int] = []
    for kid in re.findall(rb"(\d+) 0 R", re.search(rb"/Kids \[(.*?)\]", node, re.DOTALL)[1]):  # type: ignore[index]
        below = objects[int(kid)]
        found += [int(kid)] if _PAGE.search(below) else _leaves(objects, below)
    return found


def _sheet(objects: dict[int, bytes], page: bytes) -> Sheet:
    box = _BOX.search(page)
    contents = re.search(rb"/Contents (\d+) 0 R", page)
    assert box and contents, page[:400]
    fonts = {name: objects[int(number)] for name, number in _FONT.findall(page)}
    text = _text(_stream(objects[int(contents[1])]), {name: _letters(objects, font) for name, font in fonts.items()})
    return Sheet(float(box[1]), float(box[2]), _RADICAL.sub(_whole, re.sub(r"\s", "", text)))


def _whole(radical: re.Match[str]) -> str:
    """Fonts name some letters by the radicals that look the same."""
    return unicodedata.normalize("NFKC", radical[0])


def _text(drawn: bytes, fonts: dict[bytes, dict[bytes, str]]) -> str:
    said: list[str] = []
    letters: dict[bytes, str] = {}
    for font, shown in _SHOWN.findall(drawn):
        if font:
            letters = fonts[font]
            continue
        wide = max((len(code) for code in letters), default=2)
        shown = shown.upper()
        said += [letters.get(shown[at : at + wide], "") for at in range(0, len(shown), wide)]
    return "".join(said)


def _letters(objects: dict[int, bytes], font: bytes) -> dict[bytes, str]:
    """Code, as it is written in a page, -> letter."""
    number = re.search(rb"/ToUnicode (\d+) 0 R", font)
    found: dict[bytes, str] = {}
    for kind, body in _MAPPED.findall(_stream(objects[int(number[1])]) if number else b""):
        codes = [code.upper() for code in _HEX.findall(body)]
        step = 2 if kind == b"bfchar" else 3
        for at in range(0, len(codes), step):
            first, last, letter = codes[at], codes[at + step - 2], codes[at + step - 1]
            for n in range(int(last, 16) - int(first, 16) + 1):
                code = f"{int(first, 16) + n:0{len(first)}X}".encode()
                found[code] = (
                    (bytes.fromhex(letter.decode())).decode("utf-16-be") if not n else chr(int(letter, 16) + n)
                )
    return found


def _stream(body: bytes) -> bytes:
    found = _STREAM.search(body)
    assert found, body[:200]
    content = body[found.end() : found.end() + int(found[1])]
    return zlib.decompress(content) if b"/FlateDecode" in body[: found.end()] else content
