"""Stands in for the application: answers, and knows the commands that the scripts call."""

import os
import sqlite3
import time

import click
import psycopg
from flask import Flask

from config import Settings


def create_app() -> Flask:
    """What gunicorn asks for."""
    if os.environ.get("STANDIN_BROKEN"):
        raise RuntimeError("broken on purpose")
    app = Flask(__name__)
    app.get("/healthz")(lambda: "ok")
    app.cli.command("db-upgrade")(_upgrade)
    app.cli.command("demo-seed")(_seed)
    app.cli.command("demo-accounts")(lambda: click.echo("ACCOUNTS"))
    return app


def _seed() -> None:
    click.echo("SEEDED")
    time.sleep(float(os.environ.get("STANDIN_SEED_SECONDS", "0")))


def _upgrade() -> None:
    click.echo("UPGRADED")
    settings = Settings.from_env(os.environ)
    if settings.sqlite_file:
        settings.sqlite_file.parent.mkdir(parents=True, exist_ok=True)
        with sqlite3.connect(settings.sqlite_file) as connection:
            connection.executescript(_STATEMENTS)
    else:
        with psycopg.connect(settings.database_url.replace("+psycopg", "")) as connection:
            connection.execute(_STATEMENTS)


_STATEMENTS = """
CREATE TABLE IF NOT EXISTS alembic_version (version_num VARCHAR(32));
CREATE TABLE IF NOT EXISTS note (words TEXT);
DELETE FROM alembic_version;
INSERT INTO alembic_version VALUES ('second');
"""
