"""A connection wakes one process; several at once are shared; a killed process is replaced."""

from __future__ import annotations

import http.client
import os
import select
import signal
import threading
import time
from collections.abc import Callable

import psutil
import pytest

from tests.support.serving import Served

REQUESTS = 20


@pytest.fixture(scope="module")
def server(served: Callable[..., Served], sqlite_url: str) -> Served:
    return served(sqlite_url, web_workers=2, workers=0)


def get(server: Served) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status
    finally:
        connection.close()


def processes(server: Served) -> list[psutil.Process]:
    return psutil.Process(server.web.pid).children()


def turns(found: list[psutil.Process]) -> list[int]:
    """How often each process has gone to sleep, once all of them sleep: on a busy machine that may take a while."""
    deadline = time.monotonic() + 30
    before: list[int] = []
    while True:
        counts = [process.num_ctx_switches().voluntary for process in found]
        if counts == before and all(process.status() == psutil.STATUS_SLEEPING for process in found):
            return counts
        assert time.monotonic() < deadline, "the processes do not come to rest"
        before = counts
        time.sleep(0.02)


def test_a_connection_wakes_one_process(server: Served) -> None:
    """Where the system can do it; elsewhere gunicorn's plain worker answers, whichever wakes first."""
    both = processes(server)
    woken = []
    for _ in range(REQUESTS):
        before = turns(both)
        assert get(server) == 200
        woken.append(sum(after != count for after, count in zip(turns(both), before, strict=True)))
    # a process that rests looks up by itself, too: seldom, every half minute
    assert woken.count(2) <= REQUESTS / 4 or not hasattr(select, "EPOLLEXCLUSIVE"), woken
    assert 0 not in woken, woken


def test_many_at_once_are_all_answered(server: Served) -> None:
    answers: list[int] = []
    threads = [threading.Thread(target=lambda: answers.extend(get(server) for _ in range(20))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [200] * 160


def test_a_killed_process_is_replaced(server: Served) -> None:
    for victim in processes(server):
        os.kill(victim.pid, signal.SIGKILL)
        deadline = time.monotonic() + 30
        while victim in (left := processes(server)) or len(left) < 2:
            assert time.monotonic() < deadline, left
            time.sleep(0.1)
        assert get(server) == 200


def test_it_leaves_when_it_is_told(served: Callable[..., Served], sqlite_url: str) -> None:
    own = served(sqlite_url, web_workers=2, workers=0)
    began = time.monotonic()
    own.web.terminate()
    assert own.web.wait(20) == 0
    assert time.monotonic() - began < 10
