"""Settings: read once from the environment, refused with one sentence, then handed down as values."""

from __future__ import annotations

import ipaddress
import os
import secrets
from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

ROOT = Path(__file__).resolve().parent
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
SWITCH = {"on": True, "1": True, "true": True, "yes": True, "off": False, "0": False, "false": False, "no": False}


class BadSetting(SystemExit):
    """Ends the program with one sentence that names the variable; the exit code is 1."""


def _setting(about: str, default: Any = MISSING, *, unless_set: str = "", low: int = 0, high: int = 0) -> Any:
    metadata = {"about": about, "unless_set": unless_set, "low": low, "high": high}
    return field(metadata=metadata) if default is MISSING else field(default=default, metadata=metadata)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Every setting; each field is the environment variable of the same name in capitals."""

    host: str = _setting("监听地址；不是本机地址时演示账号自动停用", "127.0.0.1")
    port: int = _setting("监听端口", 8000, low=1, high=65535)
    var_dir: Path = _setting("数据目录：数据库、附件、密钥、备份", unless_set="项目目录下的 var")
    database_url: str = _setting(
        "数据库地址：sqlite:///文件 或 postgresql://用户:口令@主机/库名", unless_set="sqlite:///var/bihuan.db"
    )
    web_workers: int = _setting("网页服务的进程数", 3, low=1, high=64)
    workers: int = _setting("后台进程数；SQLite 只能为 1", unless_set="SQLite 为 1，PostgreSQL 为 2", low=1, high=64)
    trusted_hosts: str = _setting("允许的主机名，逗号分隔，其余一律拒绝", unless_set="本机地址只认本机，其余不限")
    secure_cookies: bool = _setting("会话 Cookie 只经 HTTPS 发送（on 或 off）", unless_set="本机地址为 off，其余为 on")
    session_idle_minutes: int = _setting("多少分钟不操作须重新登录", 30, low=1, high=1440)
    session_hours: int = _setting("登录后最长有效小时数", 12, low=1, high=168)
    sign_reauth_minutes: int = _setting(
        "签署时距上次输入口令超过多少分钟须再次输入，0 为每次都要", 10, low=0, high=1440
    )
    login_attempts: int = _setting("连续输错几次口令后锁定账号", 5, low=1, high=100)
    lockout_minutes: int = _setting("账号锁定分钟数", 15, low=1, high=1440)
    password_min_length: int = _setting("口令最短位数", 10, low=8, high=128)
    max_upload_mb: int = _setting("单个附件的上限（MB）", 20, low=1, high=1024)
    max_request_mb: int = _setting("单次请求的上限（MB），不得小于附件上限", 25, low=1, high=2048)
    log_level: str = _setting("日志级别：DEBUG、INFO、WARNING、ERROR", "INFO")
    timezone: str = _setting("页面上时间所用的时区", "Asia/Shanghai")
    demo: bool = _setting(
        "演示城市和演示账号（on 或 off）；只有本机地址可以打开", unless_set="本机地址为 on，其余为 off"
    )
    secret_key_file: Path = _setting("密钥文件，首次启动时生成，权限 0600", unless_set="数据目录下的 secret.key")

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Settings:
        """Read the environment; refuse the first value that is wrong."""
        given = {item.name: environ.get(item.name.upper(), "").strip() for item in fields(cls)}
        values = {item.name: _parsed(item, given[item.name]) for item in fields(cls) if given[item.name]}
        settings = cls(**{**_defaults(values), **values, "database_url": _database_url(values)})
        _refuse_contradictions(settings)
        return settings

    @property
    def loopback(self) -> bool:
        """Whether only this machine can reach the server."""
        return is_loopback(self.host)

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of the pages."""
        return ZoneInfo(self.timezone)

    @property
    def sqlite_file(self) -> Path | None:
        """The SQLite file; None on PostgreSQL."""
        return Path(self.database_url.removeprefix("sqlite:///")) if self.database_url.startswith("sqlite") else None

    def secret_key(self) -> bytes:
        """The installation's secret; made by the first call."""
        try:
            return self.secret_key_file.read_bytes()
        except FileNotFoundError:
            return _new_secret_key(self.secret_key_file)


def reference() -> str:
    """The configuration reference as a Markdown table, a row a variable."""
    rows = [
        f"| `{item.name.upper()}` | {_shown_default(item)} | {item.metadata['about']} |" for item in fields(Settings)
    ]
    return "\n".join(["| 环境变量 | 默认值 | 说明 |", "|---|---|---|", *rows])


def is_loopback(host: str) -> bool:
    """Localhost by name, 127.x.x.x or ::1."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _shown_default(item: Field[Any]) -> str:
    return str(item.metadata["unless_set"] or item.default)


def _parsed(item: Field[Any], text: str) -> Any:
    name = item.name.upper()
    if item.type == "int":
        return _whole_number(name, text, item.metadata["low"], item.metadata["high"])
    if item.type == "bool":
        if text.lower() not in SWITCH:
            raise BadSetting(f"环境变量 {name} 只能是 on 或 off，现在是“{text}”。")
        return SWITCH[text.lower()]
    if item.type == "Path":
        return ROOT / Path(text).expanduser()
    if item.name == "timezone" and text not in available_timezones():
        raise BadSetting(f"环境变量 {name} 不是已知的时区：“{text}”，例如 Asia/Shanghai。")
    if item.name == "log_level" and text.upper() not in LOG_LEVELS:
        raise BadSetting(f"环境变量 {name} 只能是 {'、'.join(LOG_LEVELS)} 之一，现在是“{text}”。")
    return text.upper() if item.name == "log_level" else text


def _whole_number(name: str, text: str, low: int, high: int) -> int:
    if not (text.isascii() and text.isdecimal() and low <= int(text) <= high):
        raise BadSetting(f"环境变量 {name} 必须是 {low} 到 {high} 之间的整数，现在是“{text}”。")
    return int(text)


def _defaults(values: Mapping[str, Any]) -> dict[str, Any]:
    loopback = is_loopback(values.get("host", "127.0.0.1"))
    var_dir = values.get("var_dir", ROOT / "var")
    on_sqlite = _database_url(values).startswith("sqlite")
    return {
        "var_dir": var_dir,
        "workers": 1 if on_sqlite else 2,
        "trusted_hosts": f"localhost,127.0.0.1,[::1],{values.get('host', 'localhost')}" if loopback else "",
        "secure_cookies": not loopback,
        "demo": loopback,
        "secret_key_file": var_dir / "secret.key",
    }


def _database_url(values: Mapping[str, Any]) -> str:
    """A relative SQLite path counts from the project folder; PostgreSQL is always reached by psycopg."""
    url: str = values.get("database_url", f"sqlite:///{values.get('var_dir', ROOT / 'var')}/bihuan.db")
    scheme, _, rest = url.partition("://")
    if scheme in ("postgres", "postgresql", "postgresql+psycopg") and rest:
        return f"postgresql+psycopg://{rest}"
    if scheme == "sqlite" and len(rest) > 1 and rest.startswith("/") and rest != "/:memory:":
        return f"sqlite:///{ROOT / rest[1:]}"
    raise BadSetting(
        f"环境变量 DATABASE_URL 须以 sqlite:/// 或 postgresql:// 开头并写明数据库，现在是“{_masked(url)}”。"
    )


def _masked(url: str) -> str:
    """A password must not reach screen or log."""
    scheme, separator, rest = url.partition("://")
    return f"{scheme}://…@{rest.rpartition('@')[2]}" if separator and "@" in rest else url


def _refuse_contradictions(settings: Settings) -> None:
    if settings.demo and not settings.loopback:
        raise BadSetting(f"环境变量 DEMO 不能为 on：HOST 是 {settings.host}，演示账号只在本机地址上可用。")
    if settings.workers > 1 and settings.sqlite_file:
        raise BadSetting("环境变量 WORKERS 不能大于 1：SQLite 只支持一个后台进程，多进程请用 PostgreSQL。")
    if settings.max_request_mb < settings.max_upload_mb:
        raise BadSetting("环境变量 MAX_REQUEST_MB 不能小于 MAX_UPLOAD_MB。")


def _new_secret_key(path: Path) -> bytes:
    """Written aside, then linked into place: processes that start together agree on one key."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_bytes(secrets.token_hex(32).encode())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return path.read_bytes()
