"""What the notice says at a clause: the sentences that a plan keeps under it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

TEXT_KEYS = ("text", "rule_text", "due_text", "dates_text")
MOST = 6


def texts(raw: Any, clause: str) -> tuple[str, ...]:
    """The notice's sentences of a clause, each once, in the plan's order; an entry without a clause has its parent's.

    Short words are no sentences.
    """
    found = dict.fromkeys(text for text in _texts(raw, clause, "") if len(text) > 4)
    return tuple(found)[:MOST]


def _texts(node: Any, wanted: str, above: str) -> Iterator[str]:
    if isinstance(node, Mapping):
        clause = str(node.get("clause") or ("product" if node.get("source") == "product" else above))
        if clause == wanted:
            yield from (str(node[key]) for key in TEXT_KEYS if isinstance(node.get(key), str))
        for value in node.values():
            yield from _texts(value, wanted, clause)
    elif isinstance(node, list | tuple):
        for value in node:
            yield from _texts(value, wanted, above)
