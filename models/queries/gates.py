"""Stage gates: the task that is to be signed, and what was said before."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, select

from models.directory import Person, Post, Unit
from models.records import Campaign, Stage, Submission
from models.running import Instance, Task


def gate(tx: Connection, task_id: str) -> Any:
    """A gate's task with its stage; None if the task is no gate."""
    query = (
        select(
            Task.id,
            Task.name,
            Task.element,
            Task.status,
            Task.version,
            Task.post_id,
            Task.opened_at,
            Task.opened_at.label("gate_opened_at"),
            Task.due_at,
            Task.completed_at,
            Task.outcome,
            Task.instance_id,
            Task.campaign_id,
            Instance.process_version_id,
            Stage.key.label("stage"),
            Stage.name.label("stage_name"),
            Stage.starts_at,
            Stage.ends_at,
            Stage.gate_signed_at,
            Post.name.label("post"),
            Unit.short_name.label("unit"),
            Unit.path,
        )
        .select_from(Task)
        .join(Instance, Instance.id == Task.instance_id)
        .join(Stage, (Stage.campaign_id == Task.campaign_id) & (Stage.gate_task_id == Task.id))
        .join(Post, Post.id == Task.post_id)
        .join(Unit, Unit.id == Task.unit_id)
        .where(Task.id == task_id)
    )
    return tx.execute(query).first()


def gates(tx: Connection) -> list[Row[Any]]:
    """The stages of all campaigns that still run, with their gates."""
    query = (
        select(
            Stage.__table__,
            Campaign.name.label("campaign"),
            Campaign.version_id,
            Task.status.label("gate_status"),
            Task.due_at.label("gate_due_at"),
            Task.opened_at.label("gate_opened_at"),
            Task.post_id.label("gate_post_id"),
        )
        .join_from(Stage, Campaign, Campaign.id == Stage.campaign_id)
        .outerjoin(Task, Task.id == Stage.gate_task_id)
        .where(Campaign.status == "running")
        .order_by(Campaign.launched_at.desc(), Campaign.id, Stage.position)
    )
    return list(tx.execute(query))


def reworks(tx: Connection, instance_id: str, elements: Sequence[str]) -> list[Row[Any]]:
    """What the office supplied after a gate was sent back."""
    query = (
        select(
            Submission.data,
            Submission.form_key,
            Submission.submitted_at,
            Person.name.label("person"),
            Post.name.label("post"),
        )
        .join_from(Submission, Task, Task.id == Submission.task_id)
        .join(Post, Post.id == Submission.post_id)
        .outerjoin(Person, Person.id == Submission.submitted_by)
        .where(Submission.instance_id == instance_id, Task.element.in_(elements))
        .order_by(Submission.submitted_at, Submission.id)
    )
    return list(tx.execute(query))
