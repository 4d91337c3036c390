"""Is the process alive, is the installation ready."""

from __future__ import annotations

from flask import Blueprint, Response

from services.upkeep import health
from web.http import as_json, now

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def alive() -> Response:
    """The process answers."""
    return as_json({"status": "ok"})


@blueprint.get("/readyz")
def ready() -> Response:
    """Database, migrations and worker are as they should be; 503 with the reason where not."""
    found = health.readiness(now())
    return as_json(found, 200 if found.ready else 503)
