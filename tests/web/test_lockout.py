"""Tries to sign in are counted where every process sees them."""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import models
from domain.authority import SYSTEM
from services.access import sessions
from services.directory import directory
from tests.support.serving import Served
from tests.support.site import PASSWORD

TRIES = 24


def test_many_tries_at_two_processes_reach_the_password_five_times(
    served: Callable[..., Served], new_database: Callable[..., str]
) -> None:
    url = new_database("sqlite")
    models.bind(url)
    new = directory.NewPerson(username="many", name="王某", password=PASSWORD, must_change=False)
    directory.create_person(SYSTEM, new, min_length=10, now=datetime.now(UTC))
    server = served(url, web_workers=2, DEMO="off")
    with ThreadPoolExecutor(8) as pool:
        sentences = list(pool.map(lambda _: _try(server.url), range(TRIES)))
    # the fifth is told of the lock that it set off
    assert sentences.count(sessions.WRONG) == 4
    assert sum("锁定" in sentence for sentence in sentences) == TRIES - 4


def _try(address: str) -> str:
    """What a wrong password is answered."""
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
    token = re.search(r'name="csrf_token" value="([^"]+)"', browser.open(f"{address}/login").read().decode())
    assert token
    body = urllib.parse.urlencode({"username": "many", "password": "wrong-horse-9", "csrf_token": token[1]})
    try:
        # our own server
        request = urllib.request.Request(f"{address}/login", body.encode(), {"Accept": "application/json"})  # noqa: S310
        browser.open(request)
    except urllib.error.HTTPError as refusal:
        return str(json.loads(refusal.read())["error"])
    raise AssertionError("a wrong password was right")
