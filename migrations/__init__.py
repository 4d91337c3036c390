"""Schema changes, dated and named; `upgrade(url)` brings a database to the newest."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory


def config(url: str) -> Config:
    """Alembic's configuration for this database, without an ini file."""
    settings = Config()
    settings.set_main_option("script_location", str(Path(__file__).parent))
    settings.attributes["url"] = url
    return settings


def upgrade(url: str) -> None:
    """Bring the database to the newest schema."""
    command.upgrade(config(url), "head")


def head() -> str:
    """The newest revision in this code."""
    return ScriptDirectory.from_config(config("sqlite://")).get_current_head() or ""
