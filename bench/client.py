"""A person's program: JSON over HTTP, one connection a request, as browsers behind a proxy look to gunicorn."""

from __future__ import annotations

import http.client
import time
from dataclasses import dataclass
from typing import Any

import orjson

from bench.city import Seat

SESSION_COOKIE = "bihuan_session"
PATIENCE_SECONDS = 60


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    body: Any

    @property
    def ok(self) -> bool:
        """Carried out, now or before."""
        return 200 <= self.status < 300


class Client:
    """Speaks for one seat."""

    def __init__(self, port: int, seat: Seat) -> None:
        self.port = port
        self.seat = seat
        self.headers = {
            "Accept": "application/json",
            "Content-Type": "application/json",
            "Cookie": f"{SESSION_COOKIE}={seat.token}",
            "X-CSRF-Token": seat.csrf,
            "Connection": "close",
        }

    def get(self, path: str) -> Answer:
        """Ask."""
        return self._request("GET", path, None, {})

    def post(self, path: str, body: Any, *, key: str | None = None) -> Answer:
        """Command, with an Idempotency-Key if given."""
        return self._request("POST", path, orjson.dumps(body), {"Idempotency-Key": key} if key else {})

    def start(self, process: str, unit_id: str, *, key: str | None = None) -> Answer:
        """Start a process by hand."""
        return self.post("/api/instances", {"process": process, "unit": unit_id}, key=key)

    def complete(self, task_id: str, *, key: str | None = None, **body: Any) -> Answer:
        """Complete a task."""
        return self.post(f"/api/tasks/{task_id}/complete", {"answers": {}, **body}, key=key)

    def _request(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS)
        try:
            connection.request(method, path, body, self.headers | headers)
            response = connection.getresponse()
            data = response.read()
        finally:
            connection.close()
        return Answer(response.status, _parsed(data))


def _parsed(data: bytes) -> Any:
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        return data[:2000]


class Stopwatch:
    """Milliseconds of every request."""

    def __init__(self) -> None:
        self.ms: list[float] = []

    def run(self, request: Any) -> Answer:
        """Time a request that must succeed."""
        began = time.perf_counter()
        answer: Answer = request()
        self.ms.append((time.perf_counter() - began) * 1000)
        assert answer.ok, (answer.status, answer.body)
        return answer
