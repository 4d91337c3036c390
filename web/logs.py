"""One JSON line a request: number, method, route, status, milliseconds. No names, no addresses, no contents."""

from __future__ import annotations

import json
import logging
import secrets
import sys
import time
from collections.abc import Callable
from typing import Any

import orjson
import structlog
from flask import Flask, Response, g, request

from config import Settings

log = structlog.get_logger()


def register(app: Flask, settings: Settings) -> None:
    """Write a line for every request that is not a static file."""
    configure(settings.log_level)
    app.before_request(_begin)
    app.after_request(_finish)


def configure(level: str) -> None:
    """JSON lines on standard error, for the web and its commands."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(_as_line),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=lambda *_: structlog.BytesLogger(sys.stderr.buffer),
        cache_logger_on_first_use=False,
    )


def _as_line(event: dict[str, Any], default: Callable[[Any], Any]) -> bytes:
    try:
        return orjson.dumps(event, default=default)
    except TypeError:  # half a character in the text of a fault: the line must be written all the same
        return json.dumps(event, default=default).encode()


def request_id() -> str:
    """This request's number, as it stands in the log and on error pages."""
    if "request_id" not in g:
        g.request_id = secrets.token_hex(6)
    return str(g.request_id)


def _begin() -> None:
    g.began = time.perf_counter()


def _finish(response: Response) -> Response:
    number = request_id()
    response.headers["X-Request-Id"] = number
    if request.endpoint == "static":
        return response
    began = g.get("began")
    ms = round((time.perf_counter() - began) * 1000, 1) if began else None
    # the route, not the address: an address may hold what somebody searched for
    route = request.url_rule.rule if request.url_rule else None
    log.info("request", id=number, method=request.method, route=route, status=response.status_code, ms=ms)
    return response
