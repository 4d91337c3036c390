"""Every route of the application with every method, called with made-up arguments."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from flask import Flask
from werkzeug.routing import Rule as Route


@dataclass(frozen=True)
class Call:
    """A route with a method and made-up arguments."""

    endpoint: str
    method: str
    path: str


def calls(app: Flask) -> Iterator[Call]:
    """Every route with every method it takes."""
    for route in app.url_map.iter_rules():
        for method in sorted((route.methods or set()) - {"HEAD", "OPTIONS"}):
            yield Call(route.endpoint, method, _address(app, route))


def _address(app: Flask, route: Route) -> str:
    # a number and a date fit where text is expected, and the other way round they do not
    made_up = {"year": 2026, "day": "2026-01-01", "filename": "img/mark.svg"}
    arguments = {name: made_up.get(name, "nothing") for name in route.arguments}
    return app.url_map.bind("localhost").build(route.endpoint, arguments)
