"""The front door: `gunicorn "app:create_app()"`, `flask --app app COMMAND`."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from flask import Flask

import models
import web
from config import ROOT, Settings


class Bihuan(Flask):
    """No view of ours is a coroutine; Flask asks at each step of each request."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """The function as it is."""
        return func


def create_app(settings: Settings | None = None) -> Flask:
    """The application with these settings; without any they are read from the environment."""
    settings = settings or Settings.from_env(os.environ)
    models.bind(settings.database_url)
    app = Bihuan("bihuan", root_path=str(ROOT / "web"))
    web.install(app, settings)
    return app
