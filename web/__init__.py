"""HTTP: blueprints by noun around one guard, one error map and one policy table."""

from __future__ import annotations

from importlib import import_module

from flask import Flask

import services.handlers  # noqa: F401  completing a task may carry out a host action
from config import Settings

# Every module here holds a `blueprint`; a route of it without a row in web/policy.py is refused.
BLUEPRINTS = (
    "account",
    "inbox",
    "attachments",
    "photos",
    "help",
    "task",
    "api",
    "processes",
    "campaigns",
    "standing",
    "instances",
    "statements",
    "lists",
    "briefings",
    "measures",
    "enterprises",
    "hazards",
    "old_clues",
    "commitments",
    "spot_checks",
    "rankings",
    "inspections",
    "findings",
    "disposals",
    "oversight",
    "clues",
    "letters",
    "liaisons",
    "responsibility",
    "publicity",
    "public_clues",
    "gates",
    "sign_offs",
    "publications",
    "people",
    "calendar",
    "incidents",
    "audit",
    "system",
    "health",
)


def install(app: Flask, settings: Settings) -> None:
    """Put the rooms of this storey together on `app`."""
    from web import assets, cli, errors, formats, guard, headers, limits, logs, navigation, session

    for room in (limits, logs, session, guard, headers, errors, assets, formats, navigation, cli):
        room.register(app, settings)
    for name in BLUEPRINTS:
        app.register_blueprint(import_module(f"web.{name}").blueprint)
