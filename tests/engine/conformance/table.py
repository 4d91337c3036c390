"""Every element of BPMN, what the library does with it, and what we do: run it as BPMN says, or refuse it.

`docs/bpmn-support.md` is written from these rows, and `test_conformance.py` proves each of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.engine.host import Host

Play = Callable[[Host], None]


@dataclass(frozen=True)
class Row:
    """One diagram. `library` is the verdict on SpiffWorkflow 3.2.0: OK, CAV(eat), SIL(ently wrong) or ERR(or)."""

    group: str
    element: str  # as the page names it
    library: str
    ours: str  # 支持 | 支持（归一） | 忽略 | 拒绝
    diagram: Callable[[], bytes]
    play: Play | None = None  # proves that it runs as BPMN says
    rule: str = ""  # of the finding that refuses it, or hints at it
    note: str = ""


ROWS: list[Row] = []


def runs(
    group: str, element: str, library: str, diagram: Callable[[], bytes], note: str = ""
) -> Callable[[Play], Play]:
    """A row that runs; the decorated function proves it."""

    def add(play: Play) -> Play:
        ROWS.append(Row(group, element, library, "支持", diagram, play=play, note=note))
        return play

    return add


def normalised(
    group: str, element: str, library: str, diagram: Callable[[], bytes], note: str = ""
) -> Callable[[Play], Play]:
    """A row that the library gets wrong or refuses, and that runs here as BPMN says."""

    def add(play: Play) -> Play:
        ROWS.append(Row(group, element, library, "支持（归一）", diagram, play=play, note=note))
        return play

    return add


def refused(group: str, element: str, library: str, rule: str, diagram: Callable[[], bytes], note: str = "") -> None:
    """A row that is not published."""
    ROWS.append(Row(group, element, library, "拒绝", diagram, rule=rule, note=note))


def ignored(
    group: str, element: str, library: str, rule: str, diagram: Callable[[], bytes], note: str = ""
) -> Callable[[Play], Play]:
    """A row that runs without the element, and says so."""

    def add(play: Play) -> Play:
        ROWS.append(Row(group, element, library, "忽略并提示", diagram, play=play, rule=rule, note=note))
        return play

    return add
