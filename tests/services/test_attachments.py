"""Names of files, and a disk that is full."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest

from domain.errors import Invalid, StorageFull, TooLarge
from services.tasks import attachments


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("方案.pdf", "方案.pdf"),
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\Users\\王\\方案.pdf", "方案.pdf"),
        ("方\x00案\n.pdf", "方案.pdf"),
        ("fdp.\u202eexe.pdf", "fdp.exe.pdf"),
        ("  方案.pdf. ", "方案.pdf"),
        ("长" * 300 + ".pdf", "长" * 116 + ".pdf"),
    ],
)
def test_a_name_is_the_last_part_without_tricks(given: str, kept: str) -> None:
    assert attachments.clean_name(given) == kept


@pytest.mark.parametrize("given", ["", "/", "..", "pdf", ".pdf", "a/", "\x00"])
def test_a_name_without_an_ending_is_refused(given: str) -> None:
    with pytest.raises(Invalid):
        attachments.clean_name(given)


def test_reading_stops_at_the_limit(tmp_path: Path) -> None:
    content = io.BytesIO(b"0" * (5 << 20))
    with pytest.raises(TooLarge), attachments._received(content, attachments.Store(tmp_path, 2 << 20)):
        raise AssertionError("too much was taken")
    assert content.tell() <= 3 << 20
    assert not list((tmp_path / "incoming").iterdir())


def test_a_full_disk_is_a_refusal_and_not_a_fault() -> None:
    with pytest.raises(StorageFull), attachments._full_disk_is_said(), open("/dev/full", "wb", buffering=0) as full:
        full.write(b"0")
    with pytest.raises(FileNotFoundError), attachments._full_disk_is_said():
        os.stat("/no/such/place")
