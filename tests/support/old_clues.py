"""Clues of the last three years as people bring them: a workbook that is imported, then each disposed of."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from datetime import datetime
from typing import Any

import pytest
from openpyxl import Workbook
from sqlalchemy import select

from domain import errors
from domain.workdays import BEIJING
from models import OldClue, reading
from services.clues import old_clue_import, old_clues
from services.running import jobs
from tests.support.hazards import campaign_id, enterprise_of, holder
from tests.support.world import World


def book(*lines: Sequence[Any], head: Sequence[str] = old_clue_import.HEAD) -> bytes:
    """A workbook with these lines below the head."""
    made = Workbook()
    for line in (head, *lines):
        made.worksheets[0].append(line)
    stream = io.BytesIO()
    made.save(stream)
    return stream.getvalue()


def ledger() -> list[Any]:
    """Every clue, by its number."""
    with reading() as tx:
        return list(tx.execute(select(OldClue.__table__).order_by(OldClue.number)))


def take(
    world: World,
    *,
    unit: str,
    lines: Sequence[Sequence[Any]],
    added: int,
    faults: Sequence[str] = (),
    good_only: bool = False,
) -> None:
    """A unit's liaison imports a workbook: how many lines are taken, and what is said of the others."""
    actor = holder(unit, "liaison", world.now)
    read, taken = old_clue_import.take(actor, campaign_id(), book(*lines), world.now, good_only=good_only)
    told = [fault.sentence for fault in read.faults]
    assert (taken, len(told)) == (added, len(faults)), told
    assert all(word in sentence for word, sentence in zip(faults, told, strict=True)), told


def dispose(
    world: World,
    *,
    number: str,
    by: Sequence[str],
    way: str,
    said: str,
    refused: str = "",
    county: str = "",
    grade: str = "general",
    points: Sequence[str] = (),
) -> None:
    """Somebody disposes of a clue, or is refused; as a hazard it lies at the first enterprise of `county`."""
    (clue,) = [row for row in ledger() if row.number == number]
    found = {"enterprise_id": enterprise_of(county), "grade": grade} if county else None
    unit, post = by
    with pytest.raises(getattr(errors, refused)) if refused else nullcontext():
        old_clues.dispose(holder(unit, post, world.now), clue.id, way, said, world.now, found, points=points)
    jobs.drain(world.now)


def stand(_world: World, where: str, expected: Mapping[str, Mapping[str, Any]]) -> None:
    """How clues stand, by their number: what a scenario says of some of their columns."""
    rows = {row.number: row._mapping for row in ledger()}
    for number, wanted in expected.items():
        found = {name: _minute(rows[number][name]) for name in wanted}
        assert found == wanted, f"{where}: {number}"


def _minute(value: Any) -> Any:
    return value.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M") if isinstance(value, datetime) else value


ACTS: dict[str, Callable[..., None]] = {"old_clues_taken": take, "old_clue_disposed": dispose}
