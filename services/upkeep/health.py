"""Whether the installation can work: the database answers, is migrated, and a worker is alive."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

from alembic.script import ScriptDirectory

from domain.errors import DomainError
from models import reading
from models.queries import health as rows

LONGEST_SILENCE_SECONDS = 60


@dataclass(frozen=True, kw_only=True)
class Readiness:
    """What was found; `worker_seconds` is the age of the last sign of life of any worker."""

    ready: bool
    database: str
    migration: str
    worker: str
    worker_seconds: float | None = None


def readiness(now: datetime) -> Readiness:
    """Look at the three things that must be right."""
    try:
        with reading() as tx:
            revision, beat = rows.revision(tx), rows.last_beat(tx)
    except DomainError:
        return Readiness(ready=False, database="down", migration="unknown", worker="unknown")
    age = (now - beat).total_seconds() if beat else None
    migrated = revision in _heads()
    alive = age is not None and age <= LONGEST_SILENCE_SECONDS
    return Readiness(
        ready=migrated and alive,
        database="ok",
        migration="ok" if migrated else "behind",
        worker="ok" if alive else "silent",
        worker_seconds=round(age, 1) if age is not None else None,
    )


@cache
def _heads() -> frozenset[str]:
    folder = Path(__file__).resolve().parents[2] / "migrations"
    return frozenset(ScriptDirectory(str(folder)).get_heads())
