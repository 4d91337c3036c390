"""Commands about spot checks."""

from __future__ import annotations

import click
from flask import Flask
from flask.cli import AppGroup

from config import Settings
from domain.errors import DomainError
from services.oversight import spot_check_report


def commands(app: Flask, settings: Settings) -> None:
    """spot-check verify."""
    group = AppGroup("spot-check", help="市级抽查")
    app.cli.add_command(group)

    @group.command("verify", help="按名单和种子把抽查重新抽一遍，与记录逐项核对")
    @click.option("--campaign", help="只复核一个行动（编号或名称）")
    @click.option("--draw", "draw_id", help="只复核一次抽取（编号）")
    def verify(campaign: str | None, draw_id: str | None) -> None:
        try:
            report = spot_check_report.verify(campaign, draw_id)
        except DomainError as fault:
            raise click.ClickException(fault.message) from fault
        click.echo("\n".join(report.lines))
        if not report.sound:
            raise SystemExit(1)
