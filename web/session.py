"""The session: a random token in a cookie, everything else in the table `signed_session`."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from flask import Flask, Request, Response
from flask.sessions import SessionInterface, SessionMixin

from config import Settings
from domain.authority import Actor
from domain.errors import Busy
from services.access import sessions
from services.access.policies import SignInPolicy

COOKIE = "bihuan_session"
VISITOR_COOKIE = "bihuan_visitor"
TOUCH_AFTER = timedelta(seconds=60)


class BrowserSession(dict[str, Any], SessionMixin):
    """What is known of the browser: looked up once, when somebody asks. Nothing can be kept in it."""

    def __init__(
        self, token: str | None, visitor: str | None, defaults: SignInPolicy, secret: bytes, demo: bool
    ) -> None:
        super().__init__()
        self.token = token
        self.visitor = visitor
        self.fresh_token: str | None = None
        self.fresh_visitor: str | None = None
        self.ended = False
        self.defaults = defaults
        self._secret = secret
        self._demo = demo
        self._signed: sessions.Signed | None = None
        self._asked = False

    def __setitem__(self, key: str, value: Any) -> None:
        raise TypeError("nothing is kept in the session; use web.http.say or a row")

    @property
    def signed(self) -> sessions.Signed | None:
        """The session's row with its person and posts; one query a request."""
        if not self._asked:
            self._asked = True
            if self.token:
                self._signed = sessions.find(self.token, datetime.now(UTC), self.defaults, demo=self._demo)
        return self._signed

    @property
    def actor(self) -> Actor | None:
        """The person behind the browser, if signed in."""
        return self.signed.actor if self.signed else None

    @property
    def csrf(self) -> str:
        """The token every unsafe request must bring: the session's, or a visitor's before login."""
        if self.signed:
            return self.signed.csrf
        if not self.visitor:
            self.visitor = self.fresh_visitor = secrets.token_urlsafe(24)
        return hmac.new(self._secret, self.visitor.encode(), hashlib.sha256).hexdigest()

    def brings(self, token: str | None) -> bool:
        """Whether the request brought the right token."""
        if not token or not (self.signed or self.visitor):
            return False
        return hmac.compare_digest(token.encode(), self.csrf.encode())

    def begin(self, token: str) -> None:
        """From the next request on the browser is signed in with `token`."""
        self.token = self.fresh_token = token
        self._asked, self._signed = False, None

    def end(self) -> None:
        """The browser forgets its token."""
        self.ended = True
        self.token, self._asked, self._signed = None, True, None


class TokenSessions(SessionInterface):
    """Flask's session as ours."""

    def __init__(self, settings: Settings) -> None:
        self._defaults = sign_in_defaults(settings)
        self._secure = settings.secure_cookies
        self._secret = settings.secret_key()
        self._demo = settings.demo

    def open_session(self, app: Flask, request: Request) -> BrowserSession:
        """Nothing is looked up yet: static files need no session."""
        cookies = request.cookies
        token, visitor = cookies.get(COOKIE), cookies.get(VISITOR_COOKIE)
        return BrowserSession(token, visitor, self._defaults, self._secret, self._demo)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Set or delete cookies, and note once a minute that the browser is still there."""
        browser = cast(BrowserSession, session)
        if browser.fresh_token:
            self._set(response, COOKIE, browser.fresh_token)
        elif browser.ended:
            response.delete_cookie(COOKIE, httponly=True, samesite="Lax", secure=self._secure)
        if browser.fresh_visitor and not browser.fresh_token:
            self._set(response, VISITOR_COOKIE, browser.fresh_visitor)
        self._touch(browser)

    def _set(self, response: Response, name: str, value: str) -> None:
        response.set_cookie(name, value, httponly=True, samesite="Lax", secure=self._secure)

    def _touch(self, browser: BrowserSession) -> None:
        signed = browser._signed
        moment = datetime.now(UTC)
        if signed is None or moment - signed.seen_at < TOUCH_AFTER:
            return
        try:
            sessions.touch(signed, moment)
        except Busy:
            # the answer is ready; being seen can wait for the next request
            return


def sign_in_defaults(settings: Settings) -> SignInPolicy:
    """The rules for signing in as long as no administrator changes them."""
    return SignInPolicy(**{rule.name: getattr(settings, rule.name) for rule in fields(SignInPolicy)})


def register(app: Flask, settings: Settings) -> None:
    """Use our sessions."""
    app.session_interface = TokenSessions(settings)
