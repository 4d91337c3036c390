"""发起事项 over HTTP: who is offered what, starting, the list and its file, taking back, ending the notice."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import select
from werkzeug.test import TestResponse

import models
from bench import city
from models import Item, reading
from services.campaigns import campaigns
from services.plans import versions
from services.running import jobs
from tests.support.seats import actor_of_seat
from tests.support.site import JSON, Signed, new_app, sign_in

FOLDER = Path(__file__).resolve().parents[1] / "services" / "standing-city"
NOW = datetime.now(UTC)


@dataclass
class Town:
    """The application, who sits in it, the campaign of the notice."""

    app: Flask
    people: city.City
    campaign: str

    def browser(self, unit_id: str) -> Signed:
        with reading() as tx:
            person = actor_of_seat(self.people.by_unit[unit_id], NOW).person_id
            assert tx
        return sign_in(self.app, str(person))

    def county(self, n: int) -> Signed:
        return self.browser(self.people.seats["county"][n].unit_id)

    @property
    def office(self) -> Signed:
        person = actor_of_seat(self.people.office, NOW).person_id
        return sign_in(self.app, str(person))


@pytest.fixture(scope="module")
def town(sqlite_url: str, tmp_path_factory: pytest.TempPathFactory) -> Town:
    models.bind(sqlite_url)
    versions.forget()
    people = city.build(largest=13, folder=FOLDER)
    campaign = campaigns.launch(actor_of_seat(people.office, NOW), FOLDER.name, past="keep", now=NOW)["campaign"]
    return Town(new_app(sqlite_url, tmp_path_factory.mktemp("var")), people, str(campaign))


def started(town: Town, title: str) -> str:
    answer = town.county(0).post(f"/start/{town.campaign}/paper", {"title": title})
    assert answer.status_code == 303
    with reading() as tx:
        return str(tx.execute(select(Item.id).where(Item.title == title)).scalar_one())


def told(answer: TestResponse) -> tuple[int, str]:
    return answer.status_code, answer.get_data(as_text=True)


def test_the_menu_and_the_page_offer_what_the_plan_allows(town: Town) -> None:
    mine, other = town.county(0).get("/start").text, town.county(2).get("/start").text
    assert 'href="/start"' in town.county(0).get("/inbox").text
    for page in (mine, other):
        assert "文件审核" in page
        assert "由两个县 · 联络人发起" in page
    assert f"/start/{town.campaign}/paper" in mine
    assert f"/start/{town.campaign}/paper" not in other
    assert told(town.county(2).get(f"/start/{town.campaign}/paper"))[0] == 403
    assert told(town.county(2).post(f"/start/{town.campaign}/paper", {"title": "越权"}))[0] == 403


def test_starting_leads_to_the_first_step_and_faults_stand_at_their_field(town: Town) -> None:
    status, page = told(town.county(0).post(f"/start/{town.campaign}/paper", {"title": " "}))
    assert (status, "请填写文件标题" in page) == (422, True)
    answer = town.county(0).post(f"/start/{town.campaign}/paper", {"title": "关于防汛的通知"})
    assert (answer.status_code, "/tasks/" in answer.headers["Location"]) == (303, True)
    assert "请接着填写第一步" in town.county(0).get(answer.headers["Location"]).text or answer.headers["Set-Cookie"]
    found = town.county(0).post(f"/start/{town.campaign}/paper", {"title": "程序发起"}, headers=JSON).get_json()
    assert set(found) == {"item", "instance"}


def test_an_item_is_found_shown_and_sent_as_a_file(town: Town) -> None:
    item = started(town, "关于<b>防火</b>的通知")
    listed = town.county(0).get("/start/items?q=防火&state=open").text
    assert "关于&lt;b&gt;防火&lt;/b&gt;的通知" in listed
    assert "填写送审文件" in listed
    assert "没有符合条件的事项" in town.county(0).get("/start/items?q=没有这件").text
    assert "防火" not in town.county(3).get("/start/items").text
    assert told(town.county(3).get(f"/start/items/{item}"))[0] == 403
    shown = town.county(0).get(f"/start/items/{item}").text
    assert "撤回这个事项" in shown
    assert "去办理" in shown
    book = load_workbook(io.BytesIO(town.office.get("/start/items/export?q=防火").data))
    cells = [str(cell.value) for row in book.worksheets[0].iter_rows() for cell in row if cell.value]
    assert "关于<b>防火</b>的通知" in cells


def test_taking_back_wants_a_reason(town: Town) -> None:
    item = started(town, "要撤回的")
    status, page = told(town.county(0).post(f"/start/items/{item}/withdraw", {"why": ""}))
    assert (status, "请写明撤回理由" in page) == (422, True)
    assert told(town.county(1).post(f"/start/items/{item}/withdraw", {"why": "代撤"}))[0] == 403
    assert town.county(0).post(f"/start/items/{item}/withdraw", {"why": "不发了"}).status_code == 303
    shown = town.county(0).get(f"/start/items/{item}").text
    assert "已撤回" in shown
    assert "不发了" in shown
    assert "撤回这个事项" not in shown
    assert told(town.county(0).post(f"/start/items/{item}/withdraw", {"why": "再撤"}))[0] == 409


def test_the_office_ends_the_notice(town: Town) -> None:
    assert "终止受理" not in town.county(0).get("/start").text
    assert "终止受理" in town.office.get("/start").text
    assert told(town.county(0).post(f"/start/repeal/{town.campaign}", {}))[0] == 403
    assert "长期" in town.office.get("/campaigns").text
    assert "逐件办理的事项" in town.office.get(f"/campaigns/{town.campaign}").text
    assert town.office.post(f"/start/repeal/{town.campaign}", {}).status_code == 303
    jobs.drain(datetime.now(UTC))
    assert told(town.county(0).post(f"/start/{town.campaign}/paper", {"title": "晚了"}))[0] == 409
    assert f"/start/{town.campaign}/paper" not in town.county(0).get("/start").text
    assert "关于防汛的通知" in town.county(0).get("/start/items").text
