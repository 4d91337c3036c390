"""Headers of every answer: content policy, no framing, no sniffing, no copies of pages on disk."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, request

from config import Settings
from web.http import carry_said

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# bpmn.io sets styles from script; scripts themselves come from our files alone. Tabler's icons are data: pictures.
CONTENT_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(), camera=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
HSTS = "max-age=31536000"


def register(app: Flask, settings: Settings) -> None:
    """Add the headers to every answer."""
    fixed = [*HEADERS.items(), *([("Strict-Transport-Security", HSTS)] if settings.secure_cookies else [])]
    # below Flask, whose headers are checked and compared one by one each time
    app.wsgi_app = _with_headers(app.wsgi_app, fixed)  # type: ignore[method-assign, assignment]
    app.after_request(_finish)


def _with_headers(inner: WSGIApplication, fixed: list[tuple[str, str]]) -> WSGIApplication:
    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            given = {name.lower() for name, _ in headers}
            return start_response(status, headers + [pair for pair in fixed if pair[0].lower() not in given], *more)

        return inner(environ, start)

    return answer


def _finish(response: Response) -> Response:
    if request.endpoint != "static":
        response.headers.setdefault("Cache-Control", "no-store")
    return carry_said(response)
