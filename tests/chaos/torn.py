"""A planted bug for the chaos test: the application with a transaction that is none.

Every statement is kept as soon as it is run (SQLite). Nothing of this is reachable outside the tests.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask
from sqlalchemy import Connection, Engine, event

import app
import models
from models.faults import map_db_error

rows = sys.modules["models.database"]


class Torn(models.Database):
    """No BEGIN, no COMMIT."""

    def _sqlite(self) -> Engine:
        engine = super()._sqlite()
        event.remove(engine, "begin", rows._begun_by_core)
        event.listen(engine, "connect", _dawdle)
        return engine

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        with map_db_error(), self._turn(), self.engine.connect() as tx:
            yield tx


def _dawdle(connection: Any, _record: Any) -> None:
    """A pause before every statement: most kills then meet a command half written."""
    connection.set_trace_callback(lambda _statement: time.sleep(0.003))


def create_app() -> Flask:
    """The real application over the torn database."""
    application = app.create_app()
    rows._bound = Torn(models.database().url.render_as_string(hide_password=False))
    return application
