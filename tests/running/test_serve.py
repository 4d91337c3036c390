"""make run: what is printed, what is restarted, and that nothing stays behind."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
from collections.abc import Callable

import psutil
import pytest

from tests.running.conftest import House, Service, wait_until

Serve = Callable[..., Service]
STARTED = "按 Ctrl-C 停止"


def running_in(house: House) -> list[psutil.Process]:
    """Every process whose working folder is the house: children that lost their parent count, zombies do not."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.cwd() == str(house.root):
                found.append(process)
        except psutil.Error:
            continue
    return found


def test_first_start_migrates_seeds_and_prints_the_accounts(house: House, serve: Serve) -> None:
    printed = serve().wait_for(STARTED)
    assert "UPGRADED" in printed
    assert printed.index("SEEDED") < printed.index(f"http://127.0.0.1:{house.port}") < printed.index("ACCOUNTS")


def test_second_start_does_not_migrate_again(serve: Serve) -> None:
    service = serve()
    service.wait_for(STARTED)
    service.stop()
    assert "UPGRADED" not in serve().wait_for(STARTED)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_everything(house: House, serve: Serve, number: signal.Signals) -> None:
    service = serve()
    service.wait_for(STARTED)
    assert service.children("gunicorn")
    assert service.children("worker")
    assert service.stop(number) == 0
    assert running_in(house) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_during_the_preparations_ends_them(house: House, serve: Serve, number: signal.Signals) -> None:
    service = serve(STANDIN_SEED_SECONDS="60")
    service.wait_for("SEEDED")
    assert service.stop(number) == 128 + number
    assert running_in(house) == []
    assert "Traceback" not in service.log.read_text()


def test_a_killed_supervisor_takes_the_service_with_it(house: House, serve: Serve) -> None:
    service = serve()
    service.wait_for(STARTED)
    service.stop(signal.SIGKILL)
    wait_until(lambda: running_in(house) == [], lambda: str(running_in(house)))


@pytest.mark.parametrize("module", ["gunicorn", "worker"])
def test_a_killed_process_is_restarted(serve: Serve, module: str) -> None:
    service = serve()
    service.wait_for(STARTED)
    (before,) = service.children(module)
    os.kill(before.pid, signal.SIGKILL)
    service.wait_for("1 秒后重启")
    wait_until(lambda: [child.pid for child in service.children(module)] not in ([], [before.pid]))


def test_a_web_server_that_cannot_start_is_an_error(house: House, serve: Serve) -> None:
    serve().wait_for(STARTED)
    for service in running_in(house):
        service.terminate()
    wait_until(lambda: running_in(house) == [])
    broken = serve(STANDIN_BROKEN="1", DEMO="off")
    assert broken.process.wait(60) == 1
    assert "网页服务未能启动" in broken.log.read_text()
    assert running_in(house) == []


def test_a_taken_port_is_refused(house: House) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", house.port))
        other.listen()
        done = house.command("serve")
    assert done.returncode == 1
    assert done.stdout == f"端口 {house.port} 已被占用，请停止占用它的程序，或换一个端口：make run PORT=8001\n"


def test_a_data_folder_in_use_is_refused(house: House, serve: Serve) -> None:
    serve().wait_for(STARTED)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        other_port = str(probe.getsockname()[1])
    done = house.command("serve", PORT=other_port)
    assert done.returncode == 1
    assert "正被运行中的闭环服务使用" in done.stdout


def test_a_bad_setting_is_one_sentence(house: House) -> None:
    done = house.command("serve", PORT="eight")
    assert (done.returncode, done.stdout) == (1, "环境变量 PORT 必须是 1 到 65535 之间的整数，现在是“eight”。\n")


def test_open_to_others_there_are_no_demo_accounts(serve: Serve) -> None:
    printed = serve(HOST="0.0.0.0").wait_for(STARTED)  # noqa: S104  what the test is about
    assert "flask create-admin" in printed
    assert "SEEDED" not in printed
    assert "ACCOUNTS" not in printed


def test_an_older_database_is_backed_up_before_it_is_migrated(house: House, serve: Serve) -> None:
    older_database(house, "first")
    printed = serve().wait_for(STARTED)
    assert printed.index("升级数据库之前已备份") < printed.index("UPGRADED")
    assert len(house.backups) == 1


def test_a_newer_database_is_refused(house: House) -> None:
    older_database(house, "third")
    done = house.command("serve")
    assert done.returncode == 1
    assert "数据库的版本（third）比本程序新" in done.stdout


def older_database(house: House, revision: str) -> None:
    """A database that stands at this migration."""
    (house.root / "var").mkdir()
    connection = sqlite3.connect(house.root / "var" / "bihuan.db")
    connection.execute("CREATE TABLE alembic_version (version_num VARCHAR(32))")
    connection.execute("INSERT INTO alembic_version VALUES (?)", (revision,))
    connection.commit()
    connection.close()
