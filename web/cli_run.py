"""Commands that run campaigns: rehearse one, publish one, check its clauses; the demo city; the database's schema."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from pathlib import Path
from typing import Any

import click
import orjson
from flask import Flask

import migrations
from config import ROOT, BadSetting, Settings
from domain.errors import DomainError, Refused
from domain.workdays import BEIJING
from services.campaigns import coverage, definitions
from services.rehearsal import demo, rehearsal_run
from services.tasks.attachments import Store
from web.rehearsal_table import tables

SHOWN_STUCK = 20
MEGABYTE = 1 << 20


def commands(app: Flask, settings: Settings) -> None:
    """rehearse, publish, coverage, demo-seed, demo-accounts, demo-reset, db-upgrade."""
    _rehearse(app)
    _definitions(app)
    _demo(app, settings)

    @app.cli.command("db-upgrade", help="把数据库升级到本程序的版本")
    def db_upgrade() -> None:
        if settings.sqlite_file:
            settings.sqlite_file.parent.mkdir(parents=True, exist_ok=True)
        migrations.upgrade(settings.database_url)
        click.echo("数据库已是最新版本。")


def _rehearse(app: Flask) -> None:
    @app.cli.command("rehearse", help="在空的数据库里把一个行动从启动到结束推演一遍")
    @click.argument("campaign")
    @click.option("--seed", default=1, show_default=True, help="种子：相同的种子得到相同的结果")
    @click.option("--on-time", default=0.9, show_default=True, type=click.FloatRange(0, 1), help="按时办理的比例")
    @click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="推演到哪一天（含当日）")
    @click.option("--enterprises", type=click.IntRange(0), help="只用单位目录里的前几户企业；不写则全部")
    @click.option("--database", help="空的数据库地址；不写则用临时的 SQLite 文件")
    @click.option("--json", "json_file", type=click.Path(dir_okay=False, path_type=Path), help="结果另存为 JSON 文件")
    def rehearse(
        campaign: str,
        seed: int,
        on_time: float,
        until: datetime | None,
        enterprises: int | None,
        database: str | None,
        json_file: Path | None,
    ) -> None:
        began = time.monotonic()
        order = rehearsal_run.Order(
            campaign=campaign,
            seed=seed,
            on_time=on_time,
            until=_end_of(until.date()) if until else None,
            enterprises=enterprises,
            database=_address(database) if database else None,
        )
        with _spoken():
            done = rehearsal_run.run(order, progress=_progress())
        if json_file:
            json_file.write_bytes(orjson.dumps(done.account, option=orjson.OPT_INDENT_2))
        click.echo(tables(done.account, _shortened(done.stuck)))
        click.echo(f"\n共办理 {done.acts} 件，用时 {time.monotonic() - began:.0f} 秒。")
        if done.stuck:
            raise SystemExit(1)


def _definitions(app: Flask) -> None:
    @app.cli.command("publish", help="检查行动方案文件夹，通过后发布为新版本")
    @click.argument("campaign")
    def publish(campaign: str) -> None:
        from domain.authority import SYSTEM

        with _spoken():
            edition = definitions.publish(SYSTEM, campaign, _now())
        click.echo(f"方案“{campaign}”已发布（版本编号 {edition}）。")

    @app.cli.command("coverage", help="逐条核对通知条款：方案里记在哪里、由什么办理")
    @click.argument("campaign")
    def clause_table(campaign: str) -> None:
        with _spoken():
            text, complete = coverage.clause_table(campaign)
        click.echo(text)
        if not complete:
            raise SystemExit(1)


def _demo(app: Flask, settings: Settings) -> None:
    @app.cli.command("demo-seed", help="建立演示城市：行动六周前启动，已办到今天；建过则不动")
    def demo_seed() -> None:
        _refuse_without_demo(settings)
        began = time.monotonic()
        with _spoken():
            built = demo.seed(_city(settings), _now(), lambda sentence: click.echo(sentence))
        if built:
            click.echo(f"用时 {time.monotonic() - began:.0f} 秒。")

    @app.cli.command("demo-accounts", help="列出演示账号和口令")
    def demo_accounts() -> None:
        _refuse_without_demo(settings)
        with _spoken():
            click.echo(_accounts(settings))

    @app.cli.command("demo-reset", help="清空并重建演示城市，现有数据先备份；须先停止服务")
    def demo_reset() -> None:
        _refuse_without_demo(settings)
        raise SystemExit(_run_script("scripts.demo_reset"))


# -- pieces ------------------------------------------------------------------------------------------------------------
def _now() -> datetime:
    return datetime.now(UTC)


def _end_of(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), clock_time.min, BEIJING)


def _address(url: str) -> str:
    """The address as the settings would read it; they refuse a bad one with a sentence."""
    try:
        return Settings.from_env({"DATABASE_URL": url}).database_url
    except BadSetting as bad:
        raise click.ClickException(str(bad).replace("环境变量 DATABASE_URL", "--database")) from None


@contextmanager
def _spoken() -> Iterator[None]:
    """What the product refuses is said in its own sentence, exit code 1."""
    try:
        yield
    except Refused as refused:
        raise click.ClickException(
            "\n".join(["未通过检查：", *(f"  {f.sentence}" for f in refused.findings)])
        ) from None
    except DomainError as fault:
        raise click.ClickException(fault.message) from fault


def _progress() -> Callable[[datetime, int], None]:
    """A line a simulated week, on the error stream: the table stays clean."""
    weeks: dict[tuple[int, int], None] = {}

    def show(at: datetime, acts: int) -> None:
        week = at.astimezone(BEIJING).isocalendar()[:2]
        if week not in weeks:
            weeks[week] = None
            click.echo(f"推演到 {at.astimezone(BEIJING):%Y-%m-%d}，已办 {acts} 件", err=True)

    return show


def _shortened(stuck: tuple[str, ...]) -> list[str]:
    rest = len(stuck) - SHOWN_STUCK
    return [*stuck[:SHOWN_STUCK], *([f"……另有 {rest} 项"] if rest > 0 else [])]


def _city(settings: Settings) -> demo.City:
    store = Store(settings.var_dir / "attachments", settings.max_upload_mb * MEGABYTE)
    return demo.City(var_dir=settings.var_dir, store=store, password_min_length=settings.password_min_length)


def _refuse_without_demo(settings: Settings) -> None:
    if not settings.demo:
        raise click.ClickException("没有启用演示城市（HOST 不是本机地址，或 DEMO=off），演示账号不可用。")


def _accounts(settings: Settings) -> str:
    city = _city(settings)
    word = demo.password(city)
    if word is None or not demo.is_built():
        return "还没有演示城市；请执行 make run 或 flask demo-seed。"
    lines = ["演示账号（口令相同，只供本机试用）："]
    for account in demo.accounts():
        lines.append(f"  {account.username:<20}{account.label}：{account.shows}")
    return "\n".join([*lines, f"  口令：{word}"])


def _run_script(module: str) -> int:
    import subprocess
    import sys

    return subprocess.run([sys.executable, "-m", module], cwd=ROOT, check=False).returncode


__all__: list[Any] = ["commands"]
