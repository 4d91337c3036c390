"""The measurements' city: an office, 13 counties, 130 townships, 1,300 villages, somebody in each, a frozen campaign.

Everybody is signed in already: a row a session, as a login would write it. Logins are not what is measured.
"""

from __future__ import annotations

import hashlib
import secrets
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import insert

import models
from catalog.campaigns import load_campaign
from config import ROOT
from domain.authority import SYSTEM
from models import Holding, Person, Post, SignedSession, Unit, new_id
from services.access.passwords import hashed
from services.campaigns import definitions

FOLDER = Path(__file__).resolve().parent / "bench-city"
PASSWORD = "measured-2026-city"
LEVELS = {"county": 13, "township": 130, "village": 1300}
FAN_OUT = {13: "campaign", 130: "fan_out_130", 1300: "fan_out_1300"}
_GROUPS = {130: "townships", 1300: "villages"}


@dataclass(frozen=True)
class Seat:
    """Somebody with their unit and an open session."""

    username: str
    unit_id: str
    token: str
    csrf: str


@dataclass
class City:
    """Who is there."""

    office: Seat
    seats: dict[str, list[Seat]] = field(default_factory=dict)  # level -> seats

    @property
    def by_unit(self) -> dict[str, Seat]:
        """unit id -> its seat."""
        return {seat.unit_id: seat for seats in self.seats.values() for seat in seats}


def build(largest: int = 1300, folder: Path = FOLDER) -> City:
    """Write the city into the bound database and freeze a campaign; `largest` leaves the wider levels out."""
    moment = datetime.now(UTC)
    rows = _Rows(moment)
    root = rows.unit(None, "city", "测量市", 0)
    office = rows.seat(rows.unit(root, "city", "测量市行动办公室", 1), {"dispatcher": "office"}, "office")
    city = City(office)
    above = [root]
    for level, wanted in LEVELS.items():
        if wanted > largest:
            break
        units = [rows.unit(above[n % len(above)], level, f"{level}-{n}", n) for n in range(wanted)]
        posts = {"liaison": "staff", "principal": "leader"}
        city.seats[level] = [rows.seat(unit, posts, f"{level}{n}") for n, unit in enumerate(units)]
        above = units
    rows.write()
    with TemporaryDirectory() as temporary:
        nothing = Path(temporary) / "none"
        whole = _campaign_folder(Path(temporary)) if folder == FOLDER else folder
        definition = load_campaign(whole, nothing, nothing)
    definitions.store(SYSTEM, definition, moment)
    return city


def _campaign_folder(parent: Path) -> Path:
    """The folder with the wider fan-outs, which differ in their unit group alone."""
    folder = parent / FOLDER.name
    shutil.copytree(FOLDER, folder)
    narrow = (FOLDER / "campaign.bpmn").read_text()
    for width, key in FAN_OUT.items():
        if width in _GROUPS:
            text = narrow.replace('id="campaign"', f'id="{key}"').replace('"counties"', f'"{_GROUPS[width]}"')
            (folder / f"{key}.bpmn").write_text(text)
    return folder


class _Rows:
    """Rows table by table, written at once."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment
        self.password = hashed(PASSWORD)
        self.rows: dict[Any, list[dict[str, Any]]] = {m: [] for m in (Unit, Post, Person, Holding, SignedSession)}

    def unit(self, parent: dict[str, Any] | None, level: str, name: str, number: int) -> dict[str, Any]:
        unit_id = new_id()
        row = {
            "id": unit_id,
            "parent_id": parent["id"] if parent else None,
            "path": f"{parent['path'] if parent else '/'}{unit_id}/",
            "code": f"{level}-{number}",
            "name": name,
            "short_name": name,
            "level": level,
            "kind": "government",
        }
        self.rows[Unit].append(row)
        return row

    def seat(self, unit: dict[str, Any], posts: dict[str, str], username: str) -> Seat:
        person_id = new_id()
        self.rows[Person].append(
            {
                "id": person_id,
                "username": username,
                "name": username,
                "password_hash": self.password,
                "created_at": self.moment,
            }
        )
        for kind, role in posts.items():
            post_id = new_id()
            self.rows[Post].append({"id": post_id, "unit_id": unit["id"], "kind": kind, "name": kind, "role": role})
            since = self.moment - timedelta(days=1)
            self.rows[Holding].append({"id": new_id(), "post_id": post_id, "person_id": person_id, "since": since})
        return self._session(unit, person_id, username)

    def _session(self, unit: dict[str, Any], person_id: str, username: str) -> Seat:
        token, csrf = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        self.rows[SignedSession].append(
            {
                "token_hash": hashlib.sha256(token.encode()).hexdigest(),
                "person_id": person_id,
                "csrf": csrf,
                "created_at": self.moment,
                # seen in a minute: otherwise every session writes once while it is measured
                "seen_at": self.moment + timedelta(hours=2),
                "expires_at": self.moment + timedelta(days=7),
            }
        )
        return Seat(username, unit["id"], token, csrf)

    def write(self) -> None:
        with models.transaction() as tx:
            for model, rows in self.rows.items():
                for batch in _batches(rows):
                    tx.execute(insert(model), batch)


def _batches(rows: list[dict[str, Any]], size: int = 500) -> Iterator[list[dict[str, Any]]]:
    for start in range(0, len(rows), size):
        yield rows[start : start + size]


def database_folder() -> Path:
    """Where measurements keep their databases and results."""
    folder = ROOT / "var"
    folder.mkdir(exist_ok=True)
    return folder
