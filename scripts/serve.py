"""make run, the last step: database ready, web server and workers up, accounts on the screen."""

from __future__ import annotations

import errno
import http.client
import socket
import sys

from config import Settings
from scripts.common import end_on_signals, read_settings, refuse, run_flask, say, sole_use
from scripts.prepare import prepare
from scripts.supervisor import Supervisor

EVERY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  compared with, not bound


def main() -> None:
    """The command."""
    end_on_signals()
    settings = read_settings()
    _refuse_taken_port(settings)
    with sole_use(settings):
        prepare(settings)
        supervisor = Supervisor(_commands(settings), lambda: _answers(settings))
        code = supervisor.run(lambda: _announce(settings))
    say("闭环已停止。")
    sys.exit(code)


def _commands(settings: Settings) -> list[tuple[str, list[str]]]:
    web = ("网页服务", [sys.executable, "-m", "gunicorn", "app:create_app()"])
    worker = ("后台进程", [sys.executable, "-m", "worker"])
    return [web, *[worker] * settings.workers]


def _refuse_taken_port(settings: Settings) -> None:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((settings.host, settings.port))
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            refuse(f"端口 {settings.port} 已被占用，请停止占用它的程序，或换一个端口：make run PORT=8001")
        refuse(f"不能在 {settings.host}:{settings.port} 上监听：{error.strerror}。请检查 HOST 和 PORT。")


def _answers(settings: Settings) -> bool:
    """Any answer will do: it shows that a worker has loaded the application."""
    host = EVERY_ADDRESS.get(settings.host, settings.host)
    connection = http.client.HTTPConnection(host, settings.port, timeout=1)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _announce(settings: Settings) -> None:
    shown = f"[{settings.host}]" if ":" in settings.host else settings.host
    say(f"\n闭环已启动：http://{shown}:{settings.port}")
    if settings.demo:
        run_flask("demo-accounts")
    else:
        say("演示账号未启用。首次使用请在项目目录下另开终端创建管理员：.venv/bin/flask create-admin")
    say("按 Ctrl-C 停止。\n")


if __name__ == "__main__":
    main()
