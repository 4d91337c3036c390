"""Long lists in handy pieces: a statement takes 65,535 parameters on PostgreSQL, and by default 32,766 on SQLite."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

SIZE = 500
T = TypeVar("T")


def batches(items: Iterable[T], size: int = SIZE) -> Iterator[list[T]]:
    """The items in order, at most `size` at a time."""
    rest = iter(items)
    while piece := list(islice(rest, size)):
        yield piece
