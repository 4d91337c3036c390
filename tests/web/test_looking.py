"""Several campaigns beside each other: everybody looks at one of their own city, and may choose another."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

import models
from domain.authority import SYSTEM
from models import Campaign
from services.campaigns import campaigns
from services.running import jobs
from tests.support.site import Signed, as_holder, new_app, new_person, new_post, new_unit, sign_in
from tests.support.world import World, beijing
from tests.web.conftest import OFFICE

KEY = "jinzhong-hundred-day"
FIRST, SECOND = beijing("2021-12-27 09:00"), beijing("2022-01-03 09:00")
SWITCH = 'class="which"'


@pytest.fixture(scope="module")
def app(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """A city in which the notice runs twice, a week apart."""
    folder = tmp_path_factory.mktemp("two")
    world = World(database_url, folder, key=KEY, now=FIRST, enterprises=12)
    campaigns.launch(SYSTEM, KEY, past="shift", shift_days=7, again=True, now=SECOND)
    jobs.drain(SECOND)
    return new_app(database_url, world.store.folder)


@pytest.fixture
def dispatcher(app: Flask) -> Signed:
    return as_holder(app, OFFICE, "dispatcher")


def launched() -> list[str]:
    """Ids of the campaigns, the newest first."""
    with models.reading() as tx:
        return list(tx.execute(select(Campaign.id).order_by(Campaign.launched_at.desc())).scalars())


def shown(browser: Signed) -> str:
    """The campaign that the top of the page names."""
    return browser.get("/hazards").text.split('is-on" name="campaign" value="')[1].split('"')[0]


def test_the_newest_that_runs_is_looked_at_until_another_is_chosen(dispatcher: Signed) -> None:
    newest, oldest = launched()
    assert SWITCH in dispatcher.get("/hazards").text
    assert shown(dispatcher) == newest
    assert dispatcher.post("/account/campaign", {"campaign": oldest}).status_code == 303
    assert shown(dispatcher) == oldest
    assert dispatcher.post("/account/campaign", {"campaign": newest}).status_code == 303
    assert shown(dispatcher) == newest


def test_a_list_is_that_of_the_campaign_looked_at(dispatcher: Signed) -> None:
    """The campaign of a week ago has a statement open, the one launched today has none yet."""
    newest, oldest = launched()
    for one, listed in ((oldest, True), (newest, False)):
        dispatcher.post("/account/campaign", {"campaign": one})
        assert (f"/campaigns/{oldest}/units/" in dispatcher.get("/statements").text) == listed


@pytest.mark.parametrize("wrong", ["", "nobody-knows-it", "x" * 500])
def test_an_unknown_campaign_is_refused(dispatcher: Signed, wrong: str) -> None:
    answer = dispatcher.post("/account/campaign", {"campaign": wrong})
    assert answer.status_code == 404
    assert "没有找到该行动" in answer.text


def test_another_city_looks_at_its_own(app: Flask) -> None:
    """Nothing of this city is offered to somebody of another, whose city has launched nothing."""
    unit_id, _ = new_unit("别的市")
    person_id = new_person("别处的人")
    new_post(unit_id, "kind_staff", "staff", person_id)
    browser = sign_in(app, person_id)
    assert SWITCH not in browser.get("/hazards").text
    assert browser.post("/account/campaign", {"campaign": launched()[0]}).status_code == 404
