"""A task with everything its page shows around it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.orm import aliased

from models.directory import Person, Post, Unit
from models.records import Attachment, Campaign, Submission
from models.running import Instance, Task

_OF_INSTANCE = aliased(Unit)
_TASK = (
    select(
        Task.__table__,
        Post.name.label("post_name"),
        Unit.short_name.label("unit_name"),
        Unit.path.label("unit_path"),
        Person.name.label("completed_by_name"),
        Campaign.name.label("campaign_name"),
        Campaign.version_id.label("campaign_version_id"),
        Instance.process_version_id,
        Instance.variables,
        Instance.status.label("instance_status"),
        Instance.title.label("instance_title"),
        _OF_INSTANCE.path.label("instance_path"),
    )
    .join_from(Task, Instance, Instance.id == Task.instance_id)
    .join(Post, Post.id == Task.post_id)
    .join(Unit, Unit.id == Task.unit_id)
    .outerjoin(_OF_INSTANCE, _OF_INSTANCE.id == Instance.unit_id)
    .outerjoin(Person, Person.id == Task.completed_by)
    .outerjoin(Campaign, Campaign.id == Task.campaign_id)
    .where(Task.id == bindparam("id"))
)
_SUBMISSIONS = (
    select(
        Submission.id,
        Submission.task_id,
        Submission.form_key,
        Submission.data,
        Submission.outcome,
        Submission.opinion,
        Submission.submitted_at,
        Submission.post_id,
        Task.name.label("task_name"),
        Task.element,
        Person.name.label("person"),
        Post.name.label("post"),
        Unit.short_name.label("unit"),
    )
    .join_from(Submission, Task, Task.id == Submission.task_id)
    .join(Post, Post.id == Submission.post_id)
    .join(Unit, Unit.id == Submission.unit_id)
    .outerjoin(Person, Person.id == Submission.submitted_by)
    .where(Submission.instance_id == bindparam("instance"))
    .order_by(Submission.submitted_at, Submission.id)
)
_ATTACHMENTS = (
    select(
        Attachment.id,
        Attachment.task_id,
        Attachment.name,
        Attachment.media_type,
        Attachment.size,
        Attachment.sha256,
        Attachment.added_at,
        Attachment.added_by,
        Person.name.label("person"),
    )
    .outerjoin_from(Attachment, Person, Person.id == Attachment.added_by)
    .where(Attachment.task_id.in_(bindparam("tasks", expanding=True)), Attachment.removed_at.is_(None))
    .order_by(Attachment.added_at, Attachment.id)
)


def task(tx: Connection, task_id: str) -> Any:
    """The task with the names around it; None if there is none."""
    return tx.execute(_TASK, {"id": task_id}).first()


def submissions(tx: Connection, instance_id: str) -> Sequence[Any]:
    """What was handed in within an instance, in order."""
    return tx.execute(_SUBMISSIONS, {"instance": instance_id}).all()


def takes_part(tx: Connection, instance_id: str, post_ids: Sequence[str]) -> bool:
    """Whether one of these posts has or had a task in an instance."""
    query = select(Task.id).where(Task.instance_id == instance_id, Task.post_id.in_(post_ids)).limit(1)
    return bool(post_ids) and tx.execute(query).first() is not None


def attachments(tx: Connection, task_ids: Sequence[str]) -> Sequence[Any]:
    """The files of these tasks that were not removed."""
    return tx.execute(_ATTACHMENTS, {"tasks": list(task_ids)}).all() if task_ids else ()
