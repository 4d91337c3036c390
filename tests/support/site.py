"""The web application on a test database, and browsers without a screen that are signed in."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert, select
from werkzeug.test import TestResponse

import models
from app import create_app
from config import Settings
from models import Holding, Person, Post, SignedSession, Unit
from services.access import sessions
from services.access.policies import SignInPolicy
from web.session import COOKIE

JSON = {"Accept": "application/json"}
PASSWORD = "correct-horse-9"
RULES = SignInPolicy(
    password_min_length=10,
    login_attempts=5,
    lockout_minutes=15,
    session_idle_minutes=30,
    session_hours=12,
    sign_reauth_minutes=10,
)


def new_app(url: str, folder: Path, **environ: str) -> Flask:
    """The application as gunicorn would make it, on this database."""
    settings = Settings.from_env({"DATABASE_URL": url, "VAR_DIR": str(folder), "LOG_LEVEL": "ERROR", **environ})
    return create_app(settings)


@dataclass
class Signed:
    """Somebody's browser: the session's cookie and the token that its forms carry."""

    client: FlaskClient
    person_id: str
    csrf: str
    token: str

    def get(self, path: str, **more: Any) -> TestResponse:
        return self.client.get(path, **more)

    def post(self, path: str, data: Any = None, **more: Any) -> TestResponse:
        """A form, sent as a page of ours sends it."""
        return self.client.post(path, data={"csrf_token": self.csrf, **(data or {})}, **more)

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> TestResponse:
        """JSON, sent as an island sends it."""
        return self.client.open(path, method=method, json=body, headers={**JSON, "X-CSRF-Token": self.csrf, **headers})


def sign_in(app: Flask, person_id: str, post_id: str | None = None, *, confirmed: bool = False) -> Signed:
    """A session of this person, written as a login writes it; passwords are hashed slowly on purpose.

    `confirmed`: the password was given a moment ago, so that something may be signed.
    """
    token, csrf, now = secrets.token_urlsafe(32), secrets.token_urlsafe(32), datetime.now(UTC)
    row = {
        "token_hash": sessions.digest(token),
        "person_id": person_id,
        "post_id": post_id,
        "csrf": csrf,
        "created_at": now,
        "seen_at": now,
        "expires_at": now + timedelta(hours=12),
        "confirmed_at": now if confirmed else None,
    }
    with models.transaction() as tx:
        tx.execute(insert(SignedSession), row)
    client = app.test_client()
    client.set_cookie(COOKIE, token)
    return Signed(client, person_id, csrf, token)


def holder_of(unit: str, kind: str) -> tuple[str, str]:
    """(person id, post id) of a post's holder, by the unit's short name."""
    query = (
        select(Holding.person_id, Holding.post_id)
        .join(Post, Post.id == Holding.post_id)
        .join(Unit, Unit.id == Post.unit_id)
        .where(Unit.short_name == unit, Post.kind == kind, Holding.until.is_(None))
    )
    with models.reading() as tx:
        found = tx.execute(query.limit(1)).one()
    return found.person_id, found.post_id


def as_holder(app: Flask, unit: str, kind: str, *, confirmed: bool = False) -> Signed:
    """The browser of the holder of a post, who acts for that post."""
    person_id, post_id = holder_of(unit, kind)
    return sign_in(app, person_id, post_id, confirmed=confirmed)


def new_person(name: str = "某人", *, must_change: bool = False) -> str:
    """Somebody without posts and without a password that anybody knows."""
    person_id = models.new_id()
    row = {
        "id": person_id,
        "username": f"user-{person_id}",
        "name": name,
        "password_hash": "!",
        "must_change": must_change,
        "created_at": datetime.now(UTC),
    }
    with models.transaction() as tx:
        tx.execute(insert(Person), row)
    return person_id


def new_post(unit_id: str, kind: str, role: str, person_id: str) -> str:
    """A post of a unit that this person holds."""
    post_id = models.new_id()
    holding = {"id": models.new_id(), "post_id": post_id, "person_id": person_id, "kind": "holder"}
    with models.transaction() as tx:
        tx.execute(insert(Post), {"id": post_id, "unit_id": unit_id, "kind": kind, "name": kind, "role": role})
        tx.execute(insert(Holding), holding | {"since": datetime.now(UTC) - timedelta(days=1)})
    return post_id


def new_unit(name: str, parent: str | None = None, path: str = "/") -> tuple[str, str]:
    """(id, path) of a new unit."""
    unit_id = models.new_id()
    own_path = f"{path}{unit_id}/"
    row = {"id": unit_id, "parent_id": parent, "path": own_path, "code": unit_id, "name": name, "short_name": name}
    with models.transaction() as tx:
        tx.execute(insert(Unit), row | {"level": "county", "kind": "government"})
    return unit_id, own_path
