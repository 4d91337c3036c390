"""Ids made by the application: 20 characters, roughly ordered by time, unique over processes without asking anyone.

The time prefix keeps index pages together; no rule reads it. A rehearsal seeds the source, so that the same seed gives
the same ids on every database.
"""

from __future__ import annotations

import random
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
# two characters, ten bits, at a time
_PAIRS = [first + second for first in _ALPHABET for second in _ALPHABET]
_SHIFTS = range(90, -1, -10)
_RANDOM_BITS = 55
_last = 0


def _encode(value: int) -> str:
    return "".join([_PAIRS[value >> shift & 1023] for shift in _SHIFTS])


def _from_clock() -> str:
    global _last
    value = (time.time_ns() // 1_000_000 << _RANDOM_BITS) | secrets.randbits(_RANDOM_BITS)
    _last = value if value > _last else _last + 1
    return _encode(_last)


_source: Callable[[], str] = _from_clock


def new_id() -> str:
    """A fresh id; ids of one process grow."""
    return _source()


def seed(seed: int) -> None:
    """From now on this process makes a reproducible sequence of ids (rehearsal and tests only)."""
    global _source
    state = random.Random(seed).getrandbits(40) << 60  # noqa: S311 - reproducible on purpose

    def counted() -> str:
        nonlocal state
        state += 1
        return _encode(state)

    _source = counted


@contextmanager
def seeded(number: int) -> Iterator[None]:
    """Reproducible ids inside, the source from before afterwards."""
    global _source
    before = _source
    seed(number)
    try:
        yield
    finally:
        _source = before
