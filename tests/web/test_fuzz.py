"""Every route asked by everybody for what is foreign or absurd: never a fault, never a row of somebody else.

Short and the same each time; FUZZ=long tries every combination.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.routing import Rule as Route
from werkzeug.test import TestResponse

import models
from models import Enterprise, Post, Task, Unit
from tests.support import fuzz
from tests.support.crowded import ABROAD, HOME, SECRET, crowded
from tests.support.site import JSON, Signed, holder_of, new_app, sign_in
from tests.support.world import World
from tests.web.conftest import OFFICE
from web.policy import POLICY

LONG = fuzz.long_form()
MANY = 5 if LONG else 1
CHOICES = (*map(fuzz.escaped, fuzz.ABSURD), *fuzz.BROKEN)
# Where the marked words of the other county are told to whoever may know them.
TELLING = {
    f"{noun}.{page}" for noun in ("hazards", "findings", "clues", "old_clues") for page in ("index", "show", "export")
} | {"responsibility.index", "publicity.index", "disposals.index"}
# Whoever sits here sees one county or less of it.
LOCAL = ("liaison", "leader", "township", "enterprise")
EVERYWHERE = ("department", "office", "city_leader", "admin", "auditor")
EVERYBODY = ("visitor", *LOCAL, *EVERYWHERE)
OTHERS = ("visitor", "leader", "township", "department", "city_leader", "admin")
OWNED = frozenset({"holder", "scope", "reader"})
# It tells a load balancer that no worker lives here.
UNWELL = frozenset({"health.ready"})
# They do what their address says and need no form.
NEED_NO_FORM = frozenset(
    {"account.logout", "account.act_for", "people.reset", "people.end", "incidents.retry", "responsibility.end"}
)


@pytest.fixture(scope="module")
def world(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> World:
    return crowded(database_url, tmp_path_factory.mktemp("world"))


@pytest.fixture(scope="module")
def app(world: World) -> Flask:
    url = world.database.url.render_as_string(hide_password=False)
    # the reporters of the world are sealed with the key of its own folder
    app = new_app(url, world.store.folder)
    app.request_class = fuzz.Hearing
    return app


class Street:
    """Everybody with a browser of their own, and the ids they may try."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.ids = fuzz.Ids()
        self.paths = {name: path_of(name) for name in (HOME, ABROAD)}
        self._open: dict[str, Any] = {"visitor": app.test_client()}
        self._people = {name: holder_of(*seat) for name, seat in seats().items()}

    def get(self, who: str, address: str) -> TestResponse:
        if who not in self._open:
            self._open[who] = sign_in(self.app, *self._people[who]).client
        return self._open[who].get(address)

    def signed(self, who: str) -> Signed:
        """A session for one command: it may be the one that ends it."""
        return sign_in(self.app, *self._people[who])

    def task_of(self, who: str) -> str:
        """A task that waits for them."""
        query = select(Task.id).where(Task.status == "open", Task.post_id == self._people[who][1]).order_by(Task.id)
        with models.reading() as tx:
            return str(tx.execute(query).scalars().first())

    def own(self, route: Route, most: int = MANY) -> list[str]:
        return list(fuzz.addresses(self.ids, route, self.paths[HOME], most=most)) or self.any(route, most)

    def any(self, route: Route, most: int = MANY) -> list[str]:
        return list(fuzz.addresses(self.ids, route, "/", most=most))

    def foreign(self, route: Route) -> list[str]:
        return list(fuzz.addresses(self.ids, route, self.paths[ABROAD], most=MANY)) if route.arguments else []


def seats() -> dict[str, tuple[str, str]]:
    query = select(Unit.short_name).join(Enterprise, Enterprise.unit_id == Unit.id)
    county = select(Unit.id).where(Unit.short_name == HOME).scalar_subquery()
    with models.reading() as tx:
        enterprise = tx.execute(query.where(Enterprise.county_id == county).order_by(Unit.code)).scalars().first()
        admin = select(Unit.short_name).join(Post, Post.unit_id == Unit.id).where(Post.role == "admin")
        system = tx.execute(admin).scalars().first()
        audit = tx.execute(select(Unit.short_name).join(Post).where(Post.role == "auditor")).scalars().first()
    return {
        "liaison": (HOME, "liaison"),
        "leader": (HOME, "government_principal"),
        "township": ("乌金山镇", "officer"),
        "enterprise": (str(enterprise), "safety_officer"),
        "department": ("市应急局", "officer"),
        "office": (OFFICE, "dispatcher"),
        "city_leader": (OFFICE, "city_leader"),
        "admin": (str(system), "admin"),
        "auditor": (str(audit), "auditor"),
        "neighbour": (ABROAD, "liaison"),
        "signer": (ABROAD, "party_principal"),
    }


def path_of(county: str) -> str:
    with models.reading() as tx:
        return str(tx.execute(select(Unit.path).where(Unit.short_name == county)).scalar_one())


@pytest.fixture(scope="module")
def street(app: Flask) -> Street:
    return Street(app)


def pages(street: Street) -> list[Route]:
    """Everything that is looked at."""
    return [route for route in fuzz.routes(street.app, "GET") if route.endpoint not in UNWELL]


def visited(street: Street, who: str) -> Iterator[tuple[Route, str, bool]]:
    """What somebody asks for in the first place: everything there is, here and in the other county."""
    for route in pages(street):
        for address in street.own(route):
            yield route, address, False
        for address in street.foreign(route):
            yield route, address, True


@pytest.mark.parametrize("who", EVERYBODY)
def test_nobody_meets_a_fault_or_what_is_foreign(street: Street, backend: str, who: str) -> None:
    if backend == "postgresql" and who in OTHERS and not LONG:
        return  # the same pages in the same scopes as those of the office and the auditor
    found, shown = [], set()
    for route, address, foreign in visited(street, who):
        answer = street.get(who, address)
        said = fuzz.told(answer)
        if SECRET in said:
            shown.add(route.endpoint)
        if what := fuzz.wrong(answer) or (leaks(route, answer, said, foreign=foreign) if who in LOCAL else ""):
            found.append(f"{address}: {what}")
    assert not found, "\n".join(found)
    if who == "office":
        assert shown >= TELLING, "what would leak is not there to be found"


def leaks(route: Route, answer: TestResponse, said: str, *, foreign: bool) -> str:
    rule = POLICY[route.endpoint]
    if rule.roles is None:
        return ""
    if foreign and rule.relation in OWNED and answer.status_code not in (403, 404):
        return f"answers {answer.status_code} about another county"
    return "shows another county's words" if SECRET in said else ""


def absurd_ids(route: Route, turn: Iterator[int]) -> Iterator[str]:
    """This route with arguments that name nothing."""
    for value in CHOICES if LONG else [CHOICES[next(turn) % len(CHOICES)] for _ in range(4)]:
        yield fuzz.filled(route, dict.fromkeys(route.arguments, value))


def test_ids_that_are_none(street: Street) -> None:
    found, turn = [], count()
    for route in pages(street):
        for address in absurd_ids(route, turn) if route.arguments else ():
            for who in ("office", "admin", "liaison") if LONG else ("office", "admin"):
                if what := fuzz.wrong(street.get(who, address)):
                    found.append(f"{who} {address[:200]!r}: {what}")
    assert not found, "\n".join(found)


def test_values_that_are_none(street: Street, backend: str) -> None:
    """Every parameter that a page was heard to read, with what cannot be meant."""
    found, turn = [], count()
    for route in pages(street):
        who = reader(route)
        for address in street.own(route, 1):
            street.get(who, address)
            for query in queries(route, turn, backend):
                if what := fuzz.wrong(street.get(who, f"{address}?{query}")):
                    found.append(f"{who} {address}?{query[:200]}: {what}")
    assert not found, "\n".join(found)


def reader(route: Route) -> str:
    """Somebody whom the route lets in."""
    roles = POLICY[route.endpoint].roles
    by_role = {"office": "office", "admin": "admin", "leader": "city_leader", "staff": "liaison"}
    return next((who for role, who in by_role.items() if not roles or role in roles), "office")


def queries(route: Route, turn: Iterator[int], backend: str) -> Iterator[str]:
    names = sorted(fuzz.Heard.names[route.endpoint])
    if LONG:
        yield from (f"{name}={value}" for name in names for value in CHOICES)
        yield from ("&".join(f"{name}={value}" for name in names) for value in CHOICES)
        return
    # in turn, so that every value meets every kind of parameter somewhere; a file is dear and reads what its page reads
    times = (backend == "postgresql") if route.endpoint.endswith("export") else 1 + (backend == "postgresql")
    for name in names:
        for _ in range(times):
            yield f"{name}={CHOICES[next(turn) % len(CHOICES)]}"


# -- commands ----------------------------------------------------------------------------------------------------------
BODIES: tuple[dict[str, Any], ...] = (
    {},
    {"data": {"x": "y"}},
    {"data": b"[]", "content_type": "application/json"},
    {"data": b"null", "content_type": "application/json"},
    {"data": b'{"answers": ', "content_type": "application/json"},
    {"json": {"answers": 7, "version": "x", "outcome": [], "opinion": {}, "process": 1, "unit": None}},
    {"data": {"file": (io.BytesIO(b"PK\x03\x04 no archive"), "x.xlsx")}},
    {"data": b"\xff\xfe\x00", "content_type": "text/plain"},
)


def commands(street: Street) -> Iterator[tuple[Route, str, str, str]]:
    """(route, method, who may, an address that is there) of everything that changes something, in the other county."""
    for method in ("POST", "PUT"):
        for route in fuzz.routes(street.app, method):
            who = writer(route)
            own = [street.task_of(who)] if route.arguments == {"task_id"} else []
            filled = [fuzz.filled(route, {"task_id": task}) for task in own]
            for address in (filled or street.foreign(route) or street.any(route, 1))[:1]:
                yield route, method, who, address


def writer(route: Route) -> str:
    """Somebody whom the route lets in and the object too, where it lies in the other county."""
    roles = POLICY[route.endpoint].roles
    if route.endpoint.startswith("sign_offs"):
        return "signer"
    by_role = {"office": "office", "admin": "admin", "staff": "neighbour", "leader": "city_leader"}
    return next((who for role, who in by_role.items() if roles and role in roles), "neighbour")


def sent(street: Street, method: str, who: str, address: str, body: dict[str, Any]) -> TestResponse:
    person = street.signed(who)
    return person.client.open(address, method=method, headers={**JSON, "X-CSRF-Token": person.csrf}, **body)


def test_commands_without_sense_are_refused(street: Street, backend: str) -> None:
    if backend == "postgresql" and not LONG:
        return  # they are refused before any database is asked
    found = []
    for route, method, who, address in commands(street):
        for number, body in enumerate(BODIES):
            answer = sent(street, method, who, address, copied(body))
            what = fuzz.wrong(answer)
            if answer.status_code < 400 and route.endpoint not in NEED_NO_FORM:
                what = f"accepts it: {answer.status_code}"
            if what:
                found.append(f"{who} {method} {address} body {number}: {what}")
    assert not found, "\n".join(found)


def copied(body: dict[str, Any]) -> dict[str, Any]:
    """A file is read once."""
    file = (body.get("data") or {}).get("file") if isinstance(body.get("data"), dict) else None
    return {"data": {"file": (io.BytesIO(file[0].getvalue()), file[1])}} if file else body


def test_commands_with_absurd_fields_are_no_faults(street: Street) -> None:
    """Every field that a command was heard to read, all of them with the same absurd value."""
    found, turn = [], count()
    for route, method, who, address in commands(street):
        names = fuzz.Heard.names[route.endpoint]
        values = fuzz.ABSURD if LONG else [fuzz.ABSURD[next(turn) % len(fuzz.ABSURD)] for _ in range(4)]
        for value in values if names else ():
            answer = sent(street, method, who, address, {"data": dict.fromkeys(sorted(names), value)})
            if what := fuzz.wrong(answer):
                found.append(f"{who} {method} {address} {value[:40]!r}: {what}")
    assert not found, "\n".join(found)
