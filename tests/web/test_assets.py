"""Static files: packed for those who can unpack, kept for good where their name says what is in them."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask

from config import ROOT
from tests.support.site import new_app, new_person, sign_in

STATIC = ROOT / "web" / "static"


@pytest.fixture(scope="module")
def app(new_database: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> Flask:
    return new_app(new_database("sqlite"), tmp_path_factory.mktemp("var"))


def test_what_was_built_comes_packed(app: Flask) -> None:
    client = app.test_client()
    address = "/static/dist/vendor/tabler.min.css"
    plain = client.get(address)
    packed = client.get(address, headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in plain.headers and packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data == (STATIC / "dist/vendor/tabler.min.css").read_bytes()
    assert packed.mimetype == plain.mimetype == "text/css"
    assert len(packed.data) < len(plain.data) / 4
    for answer in (plain, packed):
        assert "Accept-Encoding" in answer.headers["Vary"]


def test_no_way_leads_out_of_the_folder(app: Flask) -> None:
    client = app.test_client()
    for path in ("../policy.py", "..%2fpolicy.py", "css/../../policy.py", "no/such.css"):
        assert client.get(f"/static/{path}", headers={"Accept-Encoding": "gzip"}).status_code == 404, path


def test_addresses_carry_the_mark_of_the_content(app: Flask) -> None:
    page = sign_in(app, new_person()).get("/help").text
    address = page.split('href="/static/css/app.css')[1].split('"')[0]
    assert address.startswith("?v=")
    kept = app.test_client().get(f"/static/css/app.css{address}")
    assert "immutable" in kept.headers["Cache-Control"]
    assert "immutable" not in app.test_client().get("/static/css/app.css").headers["Cache-Control"]


def test_pages_name_only_files_that_are_there(app: Flask) -> None:
    used = {
        part.split("'")[0]
        for template in (ROOT / "web" / "templates").rglob("*.html")
        for part in template.read_text(encoding="utf-8").split("asset('")[1:]
    }
    assert used
    assert not [name for name in used if not (STATIC / name).is_file()]
    assert Path(app.static_folder or "") == STATIC
