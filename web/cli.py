"""Commands: `flask --app app NAME`. Each is a few lines around a verb of services/."""

from __future__ import annotations

from flask import Flask

from config import Settings


def register(app: Flask, settings: Settings) -> None:
    """Add the commands to `app`; the modules below hold one `commands(app, settings)` each."""
    from web import cli_admin, cli_run, cli_spot_check

    for module in (cli_admin, cli_run, cli_spot_check):
        module.commands(app, settings)
