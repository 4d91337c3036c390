"""Photos of visits, findings, hazards and clues: who adds them, who sees them, what is refused and why."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, expect
from sqlalchemy import select, update
from werkzeug.test import TestResponse

import models
from models import Finding, Hazard, Inspection, Ledger, Photo
from services.tasks import photos
from tests.support import acts, clues, hazards
from tests.support.played import KEY, LAUNCH
from tests.support.site import JSON, Signed, as_holder, new_app
from tests.support.world import World, beijing
from tests.web.test_attachments import PDF, png
from tests.web.test_browser import address
from web.session import COOKIE

FOUND = {"kind": "illegal_act", "item": "o9", "detail": "特种作业人员无证上岗"}
SUBJECTS = ("inspection", "finding", "hazard", "clue")

__all__ = ["address"]


@pytest.fixture(scope="module")
def world(new_database: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> World:
    """A county has inspected and found something, a hazard came of another finding, a clue was handed to it."""
    world = World(new_database("sqlite"), tmp_path_factory.mktemp("world"), key=KEY, now=LAUNCH, enterprises=3)
    world.at(beijing("2022-01-12 10:00"))
    acts.inspect_own(world, "榆次区", count=1, found=[FOUND])
    hazards.enter(world, text="消防通道堵塞")
    clues.hand_in(world, unit="榆次区", subject="某煤业公司")
    world.at(beijing("2022-01-14 10:00"))
    world.complete(world.open_tasks("confirm_list")[-1])
    world.complete(world.open_tasks("seal_letters")[-1])
    return world


@pytest.fixture(scope="module")
def app(world: World, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    return new_app(world.database.url.render_as_string(hide_password=False), tmp_path_factory.mktemp("var"))


@pytest.fixture
def county(app: Flask) -> Signed:
    return as_holder(app, "榆次区", "officer")


@pytest.fixture
def subject_ids(world: World) -> dict[str, str]:
    tables: dict[str, Any] = {"inspection": Inspection, "finding": Finding, "hazard": Hazard}
    with models.reading() as tx:
        found = {name: tx.execute(select(table.id)).scalars().first() for name, table in tables.items()}
    return found | {"clue": world.ask(clues.id_of, "某煤业公司")}


def send(
    browser: Signed, subject: str, subject_id: str, *files: tuple[str, bytes], moment: str = "before"
) -> TestResponse:
    uploads = [(io.BytesIO(content), name) for name, content in files]
    data = {"photos": uploads, "moment": moment, "csrf_token": browser.csrf}
    return browser.client.post(f"/photos/{subject}/{subject_id}", data=data, headers=JSON)


def rows() -> list[Any]:
    with models.reading() as tx:
        return list(tx.execute(select(Photo.__table__).order_by(Photo.added_at, Photo.id)))


@pytest.mark.parametrize("subject", SUBJECTS)
def test_several_at_once_and_shown_on_the_page(county: Signed, subject_ids: dict[str, str], subject: str) -> None:
    subject_id = subject_ids[subject]
    answer = send(county, subject, subject_id, ("一.png", png(8)), ("二.png", png(9)))
    assert answer.status_code == 201 and answer.get_json()["refused"] == []
    assert send(county, subject, subject_id, ("三.png", png(10)), moment="after").status_code == 201
    shown = {"inspection": "inspections", "finding": "findings", "hazard": "hazards", "clue": "clues"}[subject]
    page = county.get(f"/{shown}/{subject_id}").text
    before, after = page.split("整改前</h3>")[1].split("整改后</h3>")
    assert (before.count("<img"), after.split("</ul>")[0].count("<img")) == (2, 1)
    address = re.search(r'src="(/photos/\w+)"', page)
    assert address is not None
    picture = county.get(address[1])
    assert picture.data == png(8) and picture.mimetype == "image/png"
    assert "sandbox" in picture.headers["Content-Security-Policy"]
    with models.reading() as tx:
        assert tx.execute(select(Ledger.data).where(Ledger.tag == "photo:add")).first() is not None


@pytest.mark.parametrize("subject", SUBJECTS)
def test_another_county_neither_adds_nor_sees(
    app: Flask, county: Signed, subject_ids: dict[str, str], subject: str
) -> None:
    (photo,) = send(county, subject, subject_ids[subject], ("证.png", png(11))).get_json()["ids"]
    stranger = as_holder(app, "祁县", "officer")
    assert send(stranger, subject, subject_ids[subject], ("别人.png", png())).status_code == 403
    assert stranger.get(f"/photos/{photo}").status_code == 403
    assert stranger.post(f"/photos/{photo}/remove").status_code == 403
    assert app.test_client().get(f"/photos/{photo}", headers=JSON).status_code == 401


def test_the_enterprise_shows_that_it_has_put_it_right(app: Flask, subject_ids: dict[str, str]) -> None:
    with models.reading() as tx:
        enterprise = tx.execute(select(Hazard.enterprise_id).where(Hazard.id == subject_ids["hazard"])).scalar_one()
        name = tx.execute(select(models.Unit.short_name).where(models.Unit.id == enterprise)).scalar_one()
    own = as_holder(app, name, "safety_officer")
    assert send(own, "hazard", subject_ids["hazard"], ("改.png", png(12)), moment="after").status_code == 201
    assert send(own, "finding", subject_ids["finding"], ("改.png", png(12))).status_code == 403
    assert send(own, "clue", subject_ids["clue"], ("改.png", png(12))).status_code == 403


def test_a_hazard_shows_the_photos_of_the_finding_it_came_from(county: Signed, subject_ids: dict[str, str]) -> None:
    (photo,) = send(county, "finding", subject_ids["finding"], ("源.png", png(13))).get_json()["ids"]
    hazard = subject_ids["hazard"]
    assert photo not in county.get(f"/hazards/{hazard}").text
    with models.transaction() as tx:
        tx.execute(update(Hazard).where(Hazard.id == hazard).values(finding_id=subject_ids["finding"]))
    page = county.get(f"/hazards/{hazard}").text
    assert f"/photos/{photo}" in page
    assert f"/photos/{photo}/remove" not in page, "it is taken off where it was added"


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("报告.pdf", PDF, "只能上传照片"),
        ("照片.png", PDF, "内容与扩展名不符"),
        ("照片.heic", b"\x00\x00\x00\x18ftypheic" + b"x" * 40, "不接受这种文件"),
        ("空.png", b"", "文件是空的"),
        ("无扩展名", png(), "没有扩展名"),
    ],
)
def test_what_is_no_photo_is_refused_and_not_kept(
    app: Flask, county: Signed, subject_ids: dict[str, str], name: str, content: bytes, says: str
) -> None:
    before = rows()
    answer = send(county, "hazard", subject_ids["hazard"], (name, content))
    assert answer.status_code == 422 and says in answer.get_json()["error"]
    assert rows() == before
    incoming = app.config["SETTINGS"].var_dir / "attachments" / "incoming"
    assert list(incoming.iterdir()) == []


def test_one_bad_file_does_not_lose_the_others(county: Signed, subject_ids: dict[str, str]) -> None:
    found = send(county, "hazard", subject_ids["hazard"], ("好.png", png(14)), ("坏.pdf", PDF)).get_json()
    assert len(found["ids"]) == 1
    assert found["refused"] == ["“坏.pdf”：只能上传照片（JPG、PNG、WebP）。"]
    data = {"photos": [(io.BytesIO(png(15)), "好2.png"), (io.BytesIO(PDF), "坏.pdf")], "moment": "before"}
    told = county.post(f"/photos/hazard/{subject_ids['hazard']}", data)
    assert told.status_code == 303 and told.location.endswith("#photos")
    assert "已上传 1 张照片。“坏.pdf”没有上传" in county.get(f"/hazards/{subject_ids['hazard']}").text


def test_too_large_too_many_nothing_chosen(
    app: Flask, county: Signed, subject_ids: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    hazard = subject_ids["hazard"]
    assert "请选择" in send(county, "hazard", hazard).get_json()["error"]
    assert send(county, "hazard", hazard, ("a.png", png(16)), moment="later").status_code == 422
    limit = app.config["SETTINGS"].max_upload_mb
    large = png(8) + b"\x00" * (limit << 20)
    answer = send(county, "hazard", hazard, ("大.png", large))
    assert answer.status_code == 413 and f"{limit} MB" in answer.get_json()["error"]
    monkeypatch.setattr(photos, "MOST", 1)
    assert "最多 1 张" in send(county, "hazard", hazard, ("多.png", png(17))).get_json()["error"]


def test_unknown_things(county: Signed) -> None:
    assert send(county, "person", "x", ("a.png", png())).status_code == 404
    for subject in SUBJECTS:
        assert send(county, subject, "nothing", ("a.png", png())).status_code == 404
    assert county.get("/photos/nothing").status_code == 404
    assert county.post("/photos/nothing/remove").status_code == 404


def test_whoever_added_it_takes_it_off_and_the_office_may(
    app: Flask, county: Signed, subject_ids: dict[str, str]
) -> None:
    hazard = subject_ids["hazard"]
    one, two = send(county, "hazard", hazard, ("甲.png", png(18)), ("乙.png", png(19))).get_json()["ids"]
    assert as_holder(app, "榆次区", "liaison").post(f"/photos/{one}/remove").status_code == 403
    assert county.post(f"/photos/{one}/remove").status_code == 303
    assert county.get(f"/photos/{one}").status_code == 404
    assert county.post(f"/photos/{one}/remove").status_code == 404
    assert as_holder(app, acts.OFFICE, "director").post(f"/photos/{two}/remove").status_code == 303
    with models.reading() as tx:
        told = tx.execute(select(Ledger.data).where(Ledger.tag == "photo:remove")).scalars()
        assert {one, two} <= {data["photo"] for data in told}


@pytest.mark.parametrize("size", [(1366, 768), (390, 844)])
def test_chosen_photos_are_sent_one_by_one(
    browser: Browser, address: str, county: Signed, subject_ids: dict[str, str], size: tuple[int, int]
) -> None:
    context = browser.new_context(locale="zh-CN", viewport={"width": size[0], "height": size[1]})
    try:
        context.add_cookies([{"name": COOKIE, "value": county.token, "url": address}])
        page = context.new_page()
        page.goto(f"{address}/inspections/{subject_ids['inspection']}")
        count = page.locator(".photo").count()
        expect(page.get_by_text("拍照", exact=True)).to_be_visible()
        assert page.locator("input[capture]").get_attribute("accept") == "image/*"
        files: Any = [
            {"name": f"现场{n}.png", "mimeType": "image/png", "buffer": png(20 + n + size[0])} for n in range(2)
        ]
        page.locator('input[name="photos"]').set_input_files(files)
        expect(page.locator(".photo")).to_have_count(count + 2)
        page.locator("[data-picture]").last.click()
        expect(page.locator("dialog.picture img")).to_be_visible()
        page.keyboard.press("Escape")
        page.locator('input[name="photos"]').set_input_files(
            [{"name": "文.png", "mimeType": "image/png", "buffer": b"%PDF-1.4"}]
        )
        expect(page.locator("[data-photo-state]")).to_contain_text("内容与扩展名不符")
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    finally:
        context.close()
