"""Two at the same moment, each with a connection of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from domain.errors import Conflict


def race(*verbs: Callable[[], Any]) -> list[Any]:
    """Let them all begin at once, each with a connection of its own; what each returned or was refused with."""
    together = threading.Barrier(len(verbs))
    outcomes: list[Any] = [None] * len(verbs)

    def run(place: int, verb: Callable[[], Any]) -> None:
        together.wait()
        try:
            outcomes[place] = verb()
        except Exception as fault:
            outcomes[place] = fault

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(verbs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for outcome in outcomes:
        if isinstance(outcome, Exception) and not isinstance(outcome, Conflict):
            raise outcome
    return outcomes


def is_conflict(outcome: Any) -> bool:
    return isinstance(outcome, Conflict)
