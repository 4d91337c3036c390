"""Fixtures for everyone: databases on both backends, a real server, a real browser."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

import models
from tests.support import databases, run_folder
from tests.support.serving import Served

BACKENDS = ("sqlite", "postgresql")
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_configure(config: pytest.Config) -> None:
    """The first process opens the run; xdist's workers only use it."""
    if not hasattr(config, "workerinput"):
        run_folder.open_run()


def pytest_unconfigure(config: pytest.Config) -> None:
    """The first process ends last."""
    if not hasattr(config, "workerinput"):
        databases.drop_template()
        run_folder.close_run()


@pytest.fixture(scope="module")
def new_database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., str]]:
    """`new_database("sqlite" or "postgresql", migrated=True)`: the address of a database nobody else knows."""
    folder = tmp_path_factory.mktemp("databases")
    with ExitStack() as ends:

        def make(backend: str, *, migrated: bool = True) -> str:
            url = databases.create(backend, folder, migrated=migrated)
            ends.callback(databases.drop, url)
            return url

        yield make


@pytest.fixture(scope="module", params=BACKENDS)
def backend(request: pytest.FixtureRequest) -> str:
    """A test that asks for it runs on both databases."""
    return str(request.param)


@pytest.fixture(scope="module")
def database_url(backend: str, new_database: Callable[..., str]) -> str:
    """One migrated database a module, on both backends."""
    return new_database(backend)


@pytest.fixture(scope="module")
def sqlite_url(new_database: Callable[..., str]) -> str:
    """One migrated SQLite database a module."""
    return new_database("sqlite")


@pytest.fixture(scope="module")
def postgresql_url(new_database: Callable[..., str]) -> str:
    """One migrated PostgreSQL database a module."""
    return new_database("postgresql")


@pytest.fixture(scope="module")
def database(database_url: str) -> Iterator[models.Database]:
    """The module's database, bound in this process."""
    bound = models.bind(database_url)
    yield bound
    bound.dispose()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Served]]:
    """`served(database_url, web_workers=2, workers=1, DEMO="off")`: gunicorn and worker, stopped after the module."""
    with ExitStack() as ends:

        def start(database_url: str, *, web_workers: int = 2, workers: int = 1, **environ: str) -> Served:
            folder = tmp_path_factory.mktemp("served")
            server = Served(database_url, folder, web_workers=web_workers, workers=workers, environ=environ)
            ends.callback(server.stop)
            return server

        yield start


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, or the one that CHROMIUM names."""
    program = os.environ.get("CHROMIUM") or "/usr/bin/chromium"
    assert Path(program).is_file(), "no Chromium: run scripts/system-packages"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=CHROMIUM_ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page in a browser without memory; a script error on it fails the test."""
    context = browser.new_context(locale="zh-CN", timezone_id="Asia/Shanghai", viewport={"width": 1280, "height": 800})
    context.set_default_timeout(10_000)
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    context.close()
    assert not errors, errors
