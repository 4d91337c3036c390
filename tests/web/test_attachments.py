"""Files are files: what they are is read from their content, and none of them becomes a weapon."""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

import models
from models import Attachment, Ledger
from tests.support.site import JSON, Signed, as_holder
from tests.support.world import World
from tests.web.conftest import COUNTY

OFFICE_PARTS = {
    "docx": "word/document.xml",
    "xlsx": "xl/workbook.xml",
    "pptx": "ppt/presentation.xml",
    "ofd": "OFD.xml",
}
PDF = b"%PDF-1.4\n%%EOF\n"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def png(side: int = 8) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    lines = zlib.compress(b"".join(b"\x00" + b"\x20\x40\x80" * side for _ in range(side)))
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", lines) + chunk(b"IEND", b"")


def zipped(*names: str, content: bytes = b"x") -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, content)
    return file.getvalue()


@pytest.fixture
def task(world: World) -> Any:
    """The county has to send in its plan, as a file."""
    return world.open_tasks("file_plan", unit=COUNTY)[0]


def upload(browser: Signed, task: Any, name: str, content: bytes) -> TestResponse:
    data = {"file": (io.BytesIO(content), name), "csrf_token": browser.csrf}
    return browser.client.post(f"/tasks/{task.id}/attachments", data=data, headers=JSON)


def row_of(attachment_id: str) -> Any:
    with models.reading() as tx:
        return tx.execute(select(Attachment.__table__).where(Attachment.id == attachment_id)).one()


GOOD = {
    "现场.png": png(),
    "照片.JPG": b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + b"0" * 64,
    "方案.pdf": PDF,
    "旧表.xls": OLE + b"0" * 600,
    "旧文.doc": OLE + b"0" * 600,
    **{f"文件.{ending}": zipped("[Content_Types].xml", part) for ending, part in OFFICE_PARTS.items()},
}


@pytest.mark.parametrize("name", GOOD)
def test_what_people_use_is_taken(liaison: Signed, task: Any, name: str) -> None:
    answer = upload(liaison, task, name, GOOD[name])
    assert answer.status_code == 201, answer.json
    row = row_of(answer.json["id"])
    assert (row.name, row.size) == (name, len(GOOD[name]))
    back = liaison.get(f"/attachments/{row.id}")
    assert back.data == GOOD[name]
    assert back.content_type.partition(";")[0] == row.media_type


BAD = {
    "a program": ("安装.exe", b"MZ" + b"\x00" * 100, "不接受这种文件"),
    "a program called a picture": ("图.png", b"MZ" + b"\x00" * 100, "不接受这种文件"),
    "a page": ("页.html", b"<!doctype html><script>alert(1)</script>", "不接受这种文件"),
    "a page called a PDF": ("页.pdf", b"<!doctype html><script>alert(1)</script>", "不接受这种文件"),
    "a drawing with a script": ("图.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "不接受这种文件"),
    "plain text": ("记录.txt", "文字".encode(), "不接受这种文件"),
    "a picture called a document": ("文.docx", png(), "扩展名不符"),
    "a PDF called a picture": ("文.png", PDF, "扩展名不符"),
    "two endings": ("文.pdf.html", PDF, "扩展名不符"),
    "an archive": ("包.zip", zipped("a.txt"), "不接受压缩包"),
    "an archive called a document": ("包.docx", zipped("a.txt"), "不接受压缩包"),
    "an archive in an archive": ("包.docx", zipped("inner.zip", content=zipped("a.txt")), "不接受压缩包"),
    "a broken document": ("坏.docx", zipped("word/document.xml")[:60], "已损坏"),
    "a document with macros": ("宏.docx", zipped("word/document.xml", "word/vbaProject.bin"), "宏"),
    "a document with macros in capitals": ("宏.xlsx", zipped("xl/workbook.xml", "xl/VBAPROJECT.BIN"), "宏"),
    "an old table with macros": ("宏.xls", OLE + "_VBA_PROJECT".encode("utf-16-le"), "宏"),
    "a bomb": ("大.docx", zipped("word/document.xml", content=b"\x00" * 30_000_000), "展开后过大"),
    "a bomb of small files": ("多.docx", zipped("word/document.xml", *map(str, range(3001))), "展开后过大"),
    "an old container of another kind": ("安装.msi", OLE + b"0" * 600, "不接受这种文件"),
    "nothing": ("空.pdf", b"", "文件是空的"),
    "no ending": ("pdf", PDF, "没有扩展名"),
    "a hidden name": (".pdf", PDF, "没有扩展名"),
}


@pytest.mark.parametrize("what", BAD)
def test_what_is_dangerous_or_unknown_is_refused(liaison: Signed, task: Any, what: str) -> None:
    name, content, sentence = BAD[what]
    answer = upload(liaison, task, name, content)
    assert answer.status_code == 422, answer.json
    assert sentence in answer.json["error"] + answer.json["fields"].get("file", "")


def test_nothing_refused_is_left_on_disk(app: Flask, liaison: Signed, task: Any) -> None:
    store = app.config["SETTINGS"].var_dir / "attachments"
    upload(liaison, task, "包.zip", zipped("left-behind.txt"))
    assert not list((store / "incoming").iterdir())


def test_a_path_in_a_name_leads_nowhere(liaison: Signed, task: Any) -> None:
    answer = upload(liaison, task, "../../etc/passwd.pdf", PDF)
    assert row_of(answer.json["id"]).name == "passwd.pdf"


def test_one_content_lies_on_disk_once(app: Flask, liaison: Signed, task: Any) -> None:
    content = PDF + b"once"
    first, second = (row_of(upload(liaison, task, f"{n}.pdf", content).json["id"]) for n in range(2))
    assert first.sha256 == second.sha256
    place = app.config["SETTINGS"].var_dir / "attachments" / first.sha256[:2] / first.sha256
    assert place.read_bytes() == content
    liaison.post(f"/attachments/{first.id}/remove")
    assert liaison.get(f"/attachments/{second.id}").data == content


def test_a_file_is_handed_out_as_a_file(liaison: Signed, task: Any) -> None:
    picture = upload(liaison, task, "现场照片.png", png(9)).json["id"]
    table = upload(liaison, task, "表.xlsx", GOOD["文件.xlsx"]).json["id"]
    saved = liaison.get(f"/attachments/{picture}")
    assert saved.headers["Content-Disposition"].startswith("attachment;")
    assert "filename*=UTF-8''%E7%8E%B0%E5%9C%BA%E7%85%A7%E7%89%87.png" in saved.headers["Content-Disposition"]
    shown = liaison.get(f"/attachments/{picture}/preview")
    assert shown.headers["Content-Disposition"].startswith("inline;")
    for answer in (saved, shown):
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert "sandbox" in answer.headers["Content-Security-Policy"]
        assert "no-store" in answer.headers["Cache-Control"]
    assert liaison.get(f"/attachments/{table}/preview").status_code == 404


def test_too_large_is_told(app: Flask, liaison: Signed, task: Any) -> None:
    limit = app.config["SETTINGS"].max_upload_mb * 1024 * 1024
    answer = upload(liaison, task, "大.pdf", PDF + b"0" * limit)
    assert answer.status_code == 413
    assert "20 MB" in answer.json["error"]
    assert upload(liaison, task, "更大.pdf", PDF + b"0" * (limit + 6 * 1024 * 1024)).status_code == 413


def test_only_a_holder_changes_and_only_who_sees_the_task_reads(
    app: Flask, liaison: Signed, dispatcher: Signed, task: Any
) -> None:
    file = upload(liaison, task, "方案.pdf", PDF + b"scope").json["id"]
    stranger = as_holder(app, "太谷区", "liaison")
    assert dispatcher.get(f"/attachments/{file}").status_code == 200
    assert stranger.get(f"/attachments/{file}").status_code == 403
    assert stranger.get(f"/attachments/{file}/preview").status_code == 403
    for browser in (dispatcher, stranger):
        assert upload(browser, task, "方案.pdf", PDF).status_code == 403
        assert browser.post(f"/attachments/{file}/remove", headers=JSON).status_code == 403
    assert liaison.get(f"/attachments/{file}").status_code == 200


def test_a_removed_file_is_gone_and_stands_in_the_ledger(liaison: Signed, task: Any) -> None:
    file = upload(liaison, task, "弃.pdf", PDF + b"gone").json["id"]
    assert "弃.pdf" in liaison.get(f"/tasks/{task.id}/attachments").text
    assert liaison.post(f"/attachments/{file}/remove").status_code == 303
    assert liaison.get(f"/attachments/{file}").status_code == 404
    assert liaison.post(f"/attachments/{file}/remove", headers=JSON).status_code == 404
    assert "弃.pdf" not in liaison.get(f"/tasks/{task.id}/attachments").text
    with models.reading() as tx:
        rows = tx.execute(select(Ledger.tag, Ledger.data).where(Ledger.task_id == task.id, Ledger.tag.like("attach%")))
        told = [tag for tag, data in rows if data["attachment"] == file]
    assert told == ["attachment:add", "attachment:remove"]


def test_there_is_an_end_to_files(app: Flask, world: World) -> None:
    task = world.open_tasks("file_plan", unit="左权县")[0]
    browser = as_holder(app, "左权县", "liaison")
    answers = [upload(browser, task, f"{n}.pdf", PDF + str(n).encode()) for n in range(21)]
    assert [answer.status_code for answer in answers] == [201] * 20 + [422]


def test_after_completion_files_stand_still(app: Flask, world: World) -> None:
    task = world.open_tasks("file_plan", unit="榆社县")[0]
    browser = as_holder(app, "榆社县", "liaison")
    body = {"answers": world.answers(task), "version": task.version}
    refused = browser.send("POST", f"/tasks/{task.id}/complete", body)
    assert (refused.status_code, "attachments" in refused.json["fields"]) == (422, True)
    file = upload(browser, task, "方案.pdf", PDF).json["id"]
    assert browser.send("POST", f"/tasks/{task.id}/complete", body).status_code == 200
    assert upload(browser, task, "晚.pdf", PDF).status_code == 409
    assert browser.post(f"/attachments/{file}/remove", headers=JSON).status_code == 409
    assert browser.get(f"/attachments/{file}").status_code == 200
    assert not re.search("data-remove-file", browser.get(f"/tasks/{task.id}").text)
