"""What every view needs of a request, and the three ways to answer it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, cast
from urllib.parse import urlsplit

import orjson
from flask import Response, current_app, g, make_response, redirect, render_template, request, session, url_for
from itsdangerous import BadSignature, URLSafeSerializer

from config import Settings
from domain.authority import Actor
from domain.errors import NotSignedIn
from services.access import policies, sessions
from services.access.sessions import Signed
from web.session import BrowserSession

UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})
LONGEST = 200  # characters of a password that are looked at
NOTICE_COOKIE = "bihuan_notice"


def settings() -> Settings:
    """The installation's settings."""
    return cast(Settings, current_app.config["SETTINGS"])


def rules() -> policies.SignInPolicy:
    """The rules for signing in that are in force: a query, for the few pages that name them."""
    return policies.in_force(browser().defaults)


def now() -> datetime:
    """The moment of this request; the same however often it is asked."""
    if "now" not in g:
        g.now = datetime.now(UTC)
    return cast(datetime, g.now)


def browser() -> BrowserSession:
    """The session behind this request."""
    return cast(BrowserSession, session)


def actor() -> Actor:
    """Who asks; with the request's Idempotency-Key where it has one. Raises NotSignedIn."""
    found = browser().actor
    if found is None:
        raise NotSignedIn
    key = command_key()
    return found.with_key(key) if key else found


def signed() -> Signed:
    """The session of whoever asks. Raises NotSignedIn."""
    found = browser().signed
    if found is None:
        raise NotSignedIn
    return found


def confirmation(password: str) -> datetime | None:
    """When whoever asks last gave their password, for what they are about to sign; None where it is too long ago."""
    return sessions.confirmation(signed(), password[:LONGEST], defaults=browser().defaults, now=now())


def must_confirm() -> bool:
    """Whether a signature needs the password again."""
    return sessions.must_confirm(signed(), defaults=browser().defaults, now=now())


def command_key() -> str | None:
    """The Idempotency-Key header, or the hidden field `command_key` of a form."""
    if request.method not in UNSAFE:
        return None
    key = request.headers.get("Idempotency-Key")
    if key is None and request.mimetype != "application/json":
        key = request.form.get("command_key")
    return key[:80] if key else None


def wants_json() -> bool:
    """Whether the caller is a program: it accepts JSON, and HTML no more than JSON."""
    accepted = request.accept_mimetypes
    return accepted["application/json"] > accepted["text/html"]


def wants_part() -> bool:
    """Whether htmx asks for a part of the page."""
    return request.headers.get("HX-Request") == "true" and request.headers.get("HX-Boosted") != "true"


def as_json(data: Any, status: int = 200) -> Response:
    """A JSON answer; dataclasses and moments included."""
    return Response(orjson.dumps(data), status, content_type="application/json")


def answers(page: str, *, part: str | None = None, data: Any = None, status: int = 200, **context: Any) -> Response:
    """`data` as JSON to a program, `part` (a template) to htmx, the whole `page` to a browser."""
    if data is not None and wants_json():
        return as_json(data, status)
    template = part if part and wants_part() else page
    return make_response(render_template(template, data=data, **context), status)


def goes_to(endpoint: str, *, said: str = "", data: Mapping[str, Any] | None = None, **values: Any) -> Response:
    """After a command: a redirect with a sentence for the next page; to a program `data` as JSON."""
    if wants_json():
        return as_json(dict(data or {}))
    return sends_to(url_for(endpoint, **values), said)


def sends_to(address: str, said: str = "") -> Response:
    """A redirect to an address of ours; htmx is told to load the page."""
    if said:
        say(said)
    if wants_part():
        response = Response(status=204)
        response.headers["HX-Redirect"] = address
        return response
    return cast(Response, redirect(address, 303))


def say(sentence: str, kind: str = "success") -> None:
    """A sentence for the next page that is shown: success, info or warning."""
    g.said = (kind, sentence)


def take_said() -> tuple[str, str] | None:
    """The sentence left by the page before; shown once."""
    if "said" in g:
        return cast("tuple[str, str]", g.pop("said"))
    left = request.cookies.get(NOTICE_COOKIE)
    if not left:
        return None
    g.said_taken = True
    try:
        kind, sentence = _notices().loads(left)
    except (BadSignature, ValueError, TypeError):
        return None
    return str(kind), str(sentence)


def carry_said(response: Response) -> Response:
    """Keep a sentence that was not shown for the next page, in a signed cookie of its own."""
    secure = settings().secure_cookies
    if "said" in g:
        text = str(_notices().dumps(g.said))
        response.set_cookie(NOTICE_COOKIE, text, max_age=60, httponly=True, samesite="Lax", secure=secure)
    elif g.get("said_taken"):
        response.delete_cookie(NOTICE_COOKIE, httponly=True, samesite="Lax", secure=secure)
    return response


def _notices() -> URLSafeSerializer:
    return URLSafeSerializer(settings().secret_key(), salt="notice")


def safe_address(address: str | None, otherwise: str) -> str:
    """An address inside this site, or `otherwise`; a link cannot lead a person out of here after login."""
    if not address or not address.startswith("/") or address.startswith(("//", "/\\")):
        return otherwise
    parts = urlsplit(address)
    return otherwise if parts.scheme or parts.netloc else address
