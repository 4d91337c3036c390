"""Signs of life of worker processes, and what they clear away."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from models.directory import SignedSession
from models.records import Answered, WorkerBeat


def beat(tx: Connection, worker: str, at: datetime) -> None:
    """This worker is alive."""
    dialect = sqlite if tx.dialect.name == "sqlite" else postgresql
    upsert = dialect.insert(WorkerBeat).values(worker=worker, at=at)
    tx.execute(upsert.on_conflict_do_update(index_elements=["worker"], set_={"at": at}))


def forget(tx: Connection, worker: str) -> None:
    """This worker has left."""
    tx.execute(delete(WorkerBeat).where(WorkerBeat.worker == worker))


def forget_older(tx: Connection, than: datetime) -> None:
    """Workers that died without leaving."""
    tx.execute(delete(WorkerBeat).where(WorkerBeat.at < than))


def beats(tx: Connection) -> list[Row[Any]]:
    """All workers seen lately."""
    return list(tx.execute(select(WorkerBeat.worker, WorkerBeat.at).order_by(WorkerBeat.worker)))


def sweep(tx: Connection, *, answered_before: datetime, sessions_before: datetime) -> int:
    """Remove first answers that nobody can ask for again and sessions that ended long ago; how many rows went."""
    old = tx.execute(delete(Answered).where(Answered.at < answered_before)).rowcount
    return old + tx.execute(delete(SignedSession).where(SignedSession.expires_at < sessions_before)).rowcount
