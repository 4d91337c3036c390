"""A running campaign behind the web application, once a module."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from tests.support.site import Signed, as_holder, new_app
from tests.support.world import World, beijing

CAMPAIGN = "jinzhong-hundred-day"
LAUNCH = "2021-12-28 09:00"
COUNTY = "榆次区"
OFFICE = "市“百日攻坚”集中行动领导组办公室"


@pytest.fixture(scope="module")
def world(new_database: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> World:
    """The Jinzhong campaign on its first morning."""
    folder = tmp_path_factory.mktemp("world")
    return World(new_database("sqlite"), folder, key=CAMPAIGN, now=beijing(LAUNCH), enterprises=5)


@pytest.fixture(scope="module")
def app(world: World, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """The application on the world's database."""
    url = world.database.url.render_as_string(hide_password=False)
    return new_app(url, tmp_path_factory.mktemp("var"))


@pytest.fixture
def liaison(app: Flask) -> Signed:
    """The county's liaison."""
    return as_holder(app, COUNTY, "liaison")


@pytest.fixture
def dispatcher(app: Flask) -> Signed:
    """The campaign office's dispatcher."""
    return as_holder(app, OFFICE, "dispatcher")
