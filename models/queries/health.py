"""What readiness looks at."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, func, select, text

from models.records import WorkerBeat


def revision(tx: Connection) -> str | None:
    """The migration the database stands at."""
    return tx.execute(text("SELECT version_num FROM alembic_version")).scalar()


def last_beat(tx: Connection) -> datetime | None:
    """When a worker was last seen alive."""
    return tx.execute(select(func.max(WorkerBeat.at))).scalar()
