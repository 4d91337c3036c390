"""People at work over HTTP while processes die: every command is repeated with its key until it is answered.

What was acknowledged is written to a file and forced to disk before the next command: the truth outside the database.
"""

from __future__ import annotations

import http.client
import json
import os
import random
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any
from uuid import uuid4

from bench.city import City, Seat
from bench.client import Answer, Client
from bench.raw import FORM

IN_HAND = 3
PAUSE_SECONDS = (0.05, 0.3)
# Longer than any number of restarts on a slow machine: what takes so long hangs.
GIVE_UP_SECONDS = 240.0
# A task named so is answered so; the rest needs no form.
WITH_FORM = {"填报", "报告"}
WITH_OUTCOME = {"审批"}


class AckLog:
    """A line an acknowledged command."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = path.open("a", encoding="utf-8")
        self._lock = threading.Lock()
        self.count = 0

    def note(self, **line: Any) -> None:
        """Write and wait for the disk."""
        with self._lock:
            self._file.write(json.dumps(line, ensure_ascii=False) + "\n")
            self._file.flush()
            os.fsync(self._file.fileno())
            self.count += 1

    def lines(self) -> list[dict[str, Any]]:
        """Everything acknowledged so far."""
        return [json.loads(line) for line in self.path.read_text(encoding="utf-8").splitlines()]


class Crowd:
    """Some threads, each with seats of its own, one more with the office; two of them share a seat and race."""

    def __init__(self, port: int, city: City, acks: AckLog, *, people: int = 4, seed: int = 1) -> None:
        self.port = port
        self.city = city
        self.acks = acks
        self.answers: Counter[int] = Counter()
        self.faults: list[str] = []
        self.worst_seconds = 0.0  # until a command was settled, with what a killed server took to come back
        self.write_seconds: list[float] = []  # of each write that was answered
        self._stop = threading.Event()
        seats = city.seats["county"]
        shares = [[*seats[number::people], seats[0]] for number in range(people)]
        self._threads = [threading.Thread(target=self._work, args=(share, seed + n)) for n, share in enumerate(shares)]
        self._threads.append(threading.Thread(target=self._office, args=(seed,)))

    def start(self) -> None:
        """Begin."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Finish the command in hand and go home."""
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _work(self, seats: list[Seat], seed: int) -> None:
        draw = random.Random(seed)
        office = Client(self.port, self.city.office)
        while not self._stop.is_set():
            seat = draw.choice(seats)
            mine = self._inbox(seat)
            if len(mine) < IN_HAND:
                self._insist("start", lambda key, unit=seat.unit_id: office.start("approval", unit, key=key))
            if mine:
                self._complete(seat, draw.choice(mine), draw)

    def _office(self, seed: int) -> None:
        draw = random.Random(-seed)
        seat = self.city.office
        client = Client(self.port, seat)
        while not self._stop.is_set():
            mine = self._inbox(seat)
            if mine:
                self._complete(seat, mine[0], draw)
            else:
                self._insist("start", lambda key: client.start("campaign", seat.unit_id, key=key))
            self._stop.wait(1.0)

    def _inbox(self, seat: Seat) -> list[dict[str, Any]]:
        client = Client(self.port, seat)
        answer = self._insist("inbox", lambda _key: client.get("/api/tasks?size=10"))
        return list(answer.body["items"]) if answer is not None and answer.ok else []

    def _complete(self, seat: Seat, task: dict[str, Any], draw: random.Random) -> None:
        body: dict[str, Any] = {"answers": FORM} if task["name"] in WITH_FORM else {}
        if task["name"] in WITH_OUTCOME:
            body = {"outcome": draw.choice(("approve", "approve", "reject")), "opinion": "已阅。"}
        client = Client(self.port, seat)
        self._insist("complete", lambda key: client.complete(task["id"], key=key, **body), task=task["id"])

    def _insist(self, what: str, ask: Any, **about: Any) -> Answer | None:
        """Ask until there is an answer that settles it; what is acknowledged is noted."""
        key, began = uuid4().hex, time.monotonic()
        while True:
            asked = time.monotonic()
            answer = _answer(ask, key)
            waited = time.monotonic() - began
            if answer is not None and what != "inbox":
                self.write_seconds.append(time.monotonic() - asked)
            self.worst_seconds = max(self.worst_seconds, waited)
            if answer is not None:
                self.answers[answer.status] += 1
                if answer.status != 503:
                    break
            if waited > GIVE_UP_SECONDS:
                self.faults.append(f"{what}: no answer in {GIVE_UP_SECONDS} s")
                return None
            time.sleep(random.uniform(*PAUSE_SECONDS))
        if answer.ok and what != "inbox":
            self.acks.note(what=what, key=key, answer=answer.body, **about)
        elif not answer.ok and answer.status != 409:
            self.faults.append(f"{what}: {answer.status} {str(answer.body)[:300]}")
        return answer


def _answer(ask: Any, key: str) -> Answer | None:
    """None where the server was away or died while it worked."""
    try:
        answer: Answer = ask(key)
    except (OSError, http.client.HTTPException):
        return None
    return answer
