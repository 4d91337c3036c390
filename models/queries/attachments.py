"""Files of tasks."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from models.records import Attachment


def add(tx: Connection, row: dict[str, Any]) -> None:
    tx.execute(insert(Attachment), row)


def attachment(tx: Connection, attachment_id: str) -> Row[Any] | None:
    """The file's row, unless it was removed."""
    query = select(Attachment.__table__).where(Attachment.id == attachment_id, Attachment.removed_at.is_(None))
    return tx.execute(query).first()


def count(tx: Connection, task_id: str) -> int:
    query = select(func.count()).where(Attachment.task_id == task_id, Attachment.removed_at.is_(None))
    return tx.execute(query).scalar_one()


def remove(tx: Connection, attachment_id: str, now: datetime) -> bool:
    """Take a file off its task; the bytes stay. False where it was off already."""
    query = update(Attachment).where(Attachment.id == attachment_id, Attachment.removed_at.is_(None))
    return tx.execute(query.values(removed_at=now)).rowcount > 0
