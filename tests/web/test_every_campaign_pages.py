"""Whatever a notice orders: each entry of the menu that its campaign shows opens, for the office and for a unit."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask

from scripts.rehearse_all import campaigns
from services.campaigns import definitions
from tests.support.site import as_holder, new_app
from tests.support.world import World
from web.navigation import NAVIGATION


@pytest.mark.parametrize("key", campaigns())
def test_every_menu_entry_opens(
    key: str, new_database: Callable[..., str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    plan = definitions.load(key).plan
    now = plan.starts_at + timedelta(hours=9)
    world = World(new_database("sqlite"), tmp_path_factory.mktemp("world"), key=key, now=now, enterprises=3)
    url = world.database.url.render_as_string(hide_password=False)
    app: Flask = new_app(url, tmp_path_factory.mktemp("var"))
    signed = as_holder(app, plan.units["campaign_office"].members[0], "director")
    with app.test_request_context():
        paths = [app.url_for(entry.endpoint) for group in NAVIGATION for entry in group.entries]
    answers = {path: signed.get(path, follow_redirects=True).status_code for path in paths}
    assert {path: status for path, status in answers.items() if status not in (200, 403)} == {}
