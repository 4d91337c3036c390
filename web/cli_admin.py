"""Commands of the installation: the first administrator, the list of settings."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click
from flask import Flask

import config
from config import Settings
from domain.authority import SYSTEM
from domain.errors import DomainError, Invalid
from services.access import policies
from services.clues import vault
from services.directory import directory, directory_import
from web.session import sign_in_defaults


def commands(app: Flask, settings: Settings) -> None:
    """create-admin, rotate-reporter-key, import-units and settings."""

    @app.cli.command("create-admin", help="新建系统管理员账号")
    @click.option("--username", prompt="登录名")
    @click.option("--name", prompt="姓名")
    @click.password_option("--password", prompt="口令", confirmation_prompt="再输一次口令")
    def create_admin(username: str, name: str, password: str) -> None:
        try:
            rules = policies.in_force(sign_in_defaults(settings))
            directory.create_admin(
                username, name, password, min_length=rules.password_min_length, now=datetime.now(UTC)
            )
        except DomainError as error:
            raise click.ClickException(_sentence(error)) from error
        click.echo(f"系统管理员“{username}”已建立，现在可以登录。")

    @app.cli.command("rotate-reporter-key", help="更换举报人信息的密钥：全部重新加密，旧密钥留给旧备份")
    def rotate_reporter_key() -> None:
        try:
            count = vault.rotate(vault.Vault(settings.var_dir / vault.KEY_FILE), SYSTEM, datetime.now(UTC))
        except DomainError as error:
            raise click.ClickException(_sentence(error)) from error
        click.echo(f"密钥已更换，{count} 条举报人信息已重新加密。")

    @app.cli.command("import-units", help="导入单位目录文件；再次导入按文件更新名称、别名和岗位，人员任职不变")
    @click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
    def import_units(file: Path) -> None:
        try:
            done = directory_import.import_file(SYSTEM, file, datetime.now(UTC))
        except DomainError as error:
            raise click.ClickException(_sentence(error)) from error
        click.echo(
            f"已导入：新增单位 {done.units} 个、企业 {done.enterprises} 家、岗位 {done.posts} 个，"
            f"更新 {done.changed} 项。"
        )

    @app.cli.command("settings", help="列出全部配置项")
    def list_settings() -> None:
        click.echo(config.reference())


def _sentence(error: DomainError) -> str:
    """What is wrong at the fields says more than that something is."""
    fields = error.fields.values() if isinstance(error, Invalid) else ()
    return "".join(fields) or error.message
