"""Alembic's environment: the URL comes from the caller (`config.attributes["url"]`) or from `-x url=`."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context

from models import Base, Database
from models.base import Json, Moment

config = context.config


def _url() -> str:
    return config.attributes.get("url") or context.get_x_argument(as_dictionary=True)["url"]


def _plain(kind: str, item: Any, _autogen: Any) -> str | Literal[False]:
    """A migration names the database's types, not ours: ours may change later."""
    if kind == "type" and isinstance(item, Json):
        return "sa.Text()"
    if kind == "type" and isinstance(item, Moment):
        return "sa.DateTime(timezone=True)"
    return False


def run() -> None:
    """Migrate in one transaction (both databases have transactional DDL)."""
    database = Database(_url())
    with database.engine.execution_options(write=True).begin() as connection:
        context.configure(
            connection=connection, target_metadata=Base.metadata, render_as_batch=True, render_item=_plain
        )
        context.run_migrations()
    database.dispose()


run()
