"""Drafts, attachments and other records beside a task."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, select
from sqlalchemy.dialects import postgresql, sqlite

from models.records import Attachment, Draft, Submission


def put_draft(tx: Connection, row: dict[str, Any]) -> None:
    """Write a draft over one's earlier one."""
    dialect = sqlite if tx.dialect.name == "sqlite" else postgresql
    statement = dialect.insert(Draft).values(row)
    changed = {"data": statement.excluded.data, "saved_at": statement.excluded.saved_at}
    tx.execute(statement.on_conflict_do_update(index_elements=["task_id", "person_id"], set_=changed))


def draft(tx: Connection, task_id: str, person_id: str) -> Row[Any] | None:
    query: Any = select(Draft.data, Draft.saved_at).where(Draft.task_id == task_id, Draft.person_id == person_id)
    return tx.execute(query).first()


def has_attachment(tx: Connection, task_id: str) -> bool:
    query = select(Attachment.id).where(Attachment.task_id == task_id, Attachment.removed_at.is_(None)).limit(1)
    return tx.execute(query).first() is not None


def newest_submission(tx: Connection, instance_id: str, form: str) -> Row[Any] | None:
    """The form as it was handed in last in an instance."""
    query: Any = select(Submission.__table__).where(Submission.instance_id == instance_id, Submission.form_key == form)
    return tx.execute(query.order_by(Submission.submitted_at.desc(), Submission.id.desc()).limit(1)).first()
