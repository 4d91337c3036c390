"""One connection wakes one process; several at once are shared; a killed process is replaced."""

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

REQUESTS = 100


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


@pytest.mark.skipif(not hasattr(select, "EPOLLEXCLUSIVE"), reason="only Linux wakes one process alone")
def test_one_after_the_other_they_wake_one_process(server: Served) -> None:
    found = []
    for _ in range(5):  # on a busy machine the first one may not be back yet when the next connection comes
        before = {process: process.num_ctx_switches().voluntary for process in processes(server)}
        assert [get(server) for _ in range(REQUESTS)] == [200] * REQUESTS
        woken = sorted(process.num_ctx_switches().voluntary - count for process, count in before.items())
        found.append(woken)
        if woken[0] < REQUESTS / 4 < woken[1]:
            return
    raise AssertionError(found)


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
