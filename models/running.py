"""What is going on: instances, tasks, timers, waits, children, and the jobs and incidents around them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Boolean, ForeignKey, Index, Integer, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Id, Json, Key


class Instance(Base):
    """A running or ended process. `state` is the engine's; `variables` are scalars only."""

    __tablename__ = "instance"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    process_version_id: Mapped[str] = mapped_column(ForeignKey("process_version.id"))
    campaign_id: Mapped[str | None] = mapped_column(Id, index=True)
    parent_id: Mapped[str | None] = mapped_column(ForeignKey("instance.id"))
    parent_ref: Mapped[str | None] = mapped_column(String(60))
    root_id: Mapped[str] = mapped_column(Id, index=True)
    unit_id: Mapped[str | None] = mapped_column(ForeignKey("unit.id"))
    title: Mapped[str] = mapped_column(String(200), default="")
    status: Mapped[str] = mapped_column(String(12), default="running")  # running failed ended cancelled
    state: Mapped[str] = mapped_column(Text)
    variables: Mapped[object] = mapped_column(Json)
    version: Mapped[int] = mapped_column(Integer, default=1)
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    __table_args__ = (
        Index("ix_instance_parent", "parent_id", "parent_ref", "status"),
        Index("ix_instance_unit", "unit_id", "status"),
    )


class ChildGroup(Base):
    """The counter of one entered call activity; `total` is known once its units are resolved."""

    __tablename__ = "child_group"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    parent_id: Mapped[str] = mapped_column(ForeignKey("instance.id"))
    ref: Mapped[str] = mapped_column(String(60))
    element: Mapped[str] = mapped_column(Key)
    called: Mapped[str] = mapped_column(Key)
    plan: Mapped[object] = mapped_column(Json)  # the resolved ChildPlan and inputs
    total: Mapped[int | None] = mapped_column(Integer)
    started: Mapped[int] = mapped_column(Integer, default=0)
    done: Mapped[int] = mapped_column(Integer, default=0)
    status: Mapped[str] = mapped_column(String(10), default="open")  # open done cancelled
    __table_args__ = (UniqueConstraint("parent_id", "ref"),)


class Task(Base):
    """A user task, addressed to a post. Open ones are somebody's inbox."""

    __tablename__ = "task"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    instance_id: Mapped[str] = mapped_column(ForeignKey("instance.id"))
    campaign_id: Mapped[str | None] = mapped_column(Id)
    ref: Mapped[str] = mapped_column(String(60))
    element: Mapped[str] = mapped_column(Key)
    name: Mapped[str] = mapped_column(String(120))
    title: Mapped[str] = mapped_column(String(200), default="")
    post_id: Mapped[str] = mapped_column(ForeignKey("post.id"))
    unit_id: Mapped[str] = mapped_column(ForeignKey("unit.id"))
    status: Mapped[str] = mapped_column(String(10), default="open")  # open done withdrawn
    opened_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    due_estimated: Mapped[bool] = mapped_column(Boolean, default=False)  # counted over a year not yet entered
    light: Mapped[str] = mapped_column(String(8), default="green")  # the ladder's, green yellow red
    rung: Mapped[str | None] = mapped_column(Key)  # last ladder step taken
    completed_at: Mapped[datetime | None]
    completed_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    outcome: Mapped[str | None] = mapped_column(String(40))
    version: Mapped[int] = mapped_column(Integer, default=1)
    __table_args__ = (
        Index(
            "ix_task_inbox",
            "post_id",
            "due_at",
            "id",
            sqlite_where=text("status = 'open'"),
            postgresql_where=text("status = 'open'"),
        ),
        Index(
            "ix_task_done",
            "completed_by",
            "completed_at",
            "id",
            sqlite_where=text("completed_by IS NOT NULL"),
            postgresql_where=text("completed_by IS NOT NULL"),
        ),
        Index("ix_task_instance", "instance_id", "status"),
        Index("ix_task_campaign_unit", "campaign_id", "unit_id", "status"),
    )


class Timer(Base):
    """Something due at a moment: an engine timer of an instance, or a ladder step of a task."""

    __tablename__ = "timer"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))  # engine | ladder
    instance_id: Mapped[str] = mapped_column(ForeignKey("instance.id"))
    ref: Mapped[str] = mapped_column(String(60))  # engine ref, or the task id
    element: Mapped[str] = mapped_column(Key)  # element id, or the rung
    set_at: Mapped[datetime | None]  # what it is counted from
    due_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    deaths: Mapped[int] = mapped_column(Integer, default=0)  # of workers that held it, one after the other
    lease_until: Mapped[datetime | None]
    lease: Mapped[str | None] = mapped_column(String(40))
    parked: Mapped[bool] = mapped_column(Boolean, default=False)  # gave up: an incident stands for it
    __table_args__ = (
        Index("ix_timer_due", "parked", "due_at", "id"),
        Index("ix_timer_instance", "instance_id", "kind", "ref"),
    )


class Wait(Base):
    """An instance waits for a message or a signal."""

    __tablename__ = "wait"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    instance_id: Mapped[str] = mapped_column(ForeignKey("instance.id"), index=True)
    ref: Mapped[str] = mapped_column(String(60))
    element: Mapped[str] = mapped_column(Key)
    kind: Mapped[str] = mapped_column(String(10))
    name: Mapped[str] = mapped_column(Key, index=True)


class Schedule(Base):
    """A report of a running campaign that recurs; the next period opens at `due_at`."""

    __tablename__ = "schedule"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    campaign_id: Mapped[str] = mapped_column(ForeignKey("campaign.id"), index=True)
    report: Mapped[str] = mapped_column(Key)
    process: Mapped[str] = mapped_column(Key)
    due_at: Mapped[datetime | None]  # when the next period opens; None = all opened
    next_index: Mapped[int] = mapped_column(Integer, default=0)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    deaths: Mapped[int] = mapped_column(Integer, default=0)
    lease_until: Mapped[datetime | None]
    lease: Mapped[str | None] = mapped_column(String(40))
    parked: Mapped[bool] = mapped_column(Boolean, default=False)
    __table_args__ = (UniqueConstraint("campaign_id", "report"), Index("ix_schedule_due", "parked", "due_at", "id"))


class Period(Base):
    """What one unit owes for one period of a schedule: the statement itself."""

    __tablename__ = "period"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    schedule_id: Mapped[str] = mapped_column(ForeignKey("schedule.id"))
    campaign_id: Mapped[str] = mapped_column(Id, index=True)
    report: Mapped[str] = mapped_column(Key)
    unit_id: Mapped[str] = mapped_column(ForeignKey("unit.id"))
    period: Mapped[str] = mapped_column(String(40))  # the days it covers: 2022-01-03, 2021-12-27~2022-01-02
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    due_at: Mapped[datetime]
    opened_at: Mapped[datetime]
    opened_late: Mapped[bool] = mapped_column(Boolean, default=False)
    instance_id: Mapped[str | None] = mapped_column(ForeignKey("instance.id"), index=True)
    submitted_at: Mapped[datetime | None]
    submission_id: Mapped[str | None] = mapped_column(Id)
    cases: Mapped[int | None] = mapped_column(Integer)
    status: Mapped[str] = mapped_column(String(12), default="owed")  # owed submitted accepted | work: no statement
    __table_args__ = (
        UniqueConstraint("schedule_id", "unit_id", "period"),
        Index("ix_period_campaign_due", "campaign_id", "due_at", "unit_id"),
    )


class Job(Base):
    """Work to do after the commit that wrote it. Done jobs are gone, failed ones have an incident."""

    __tablename__ = "job"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    kind: Mapped[str] = mapped_column(Key)
    key: Mapped[str] = mapped_column(String(120))
    args: Mapped[object] = mapped_column(Json)
    due_at: Mapped[datetime]
    taken: Mapped[bool] = mapped_column(Boolean, default=False)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    deaths: Mapped[int] = mapped_column(Integer, default=0)
    lease_until: Mapped[datetime | None]
    lease: Mapped[str | None] = mapped_column(String(40))
    parked: Mapped[bool] = mapped_column(Boolean, default=False)
    __table_args__ = (
        Index(
            "uq_job_waiting",
            "kind",
            "key",
            unique=True,
            sqlite_where=text("NOT taken"),
            postgresql_where=text("NOT taken"),
        ),
        Index("ix_job_due", "parked", "due_at", "id"),
    )


class Incident(Base):
    """Something a person must look at; closed by a repair, never deleted."""

    __tablename__ = "incident"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    kind: Mapped[str] = mapped_column(String(30))  # engine | timer | job | no_holder | no_post | schedule
    instance_id: Mapped[str | None] = mapped_column(ForeignKey("instance.id"), index=True)
    campaign_id: Mapped[str | None] = mapped_column(Id)
    source_id: Mapped[str | None] = mapped_column(Id)  # job, timer, task or schedule
    element: Mapped[str | None] = mapped_column(Key)
    ref: Mapped[str | None] = mapped_column(String(60))
    sentence: Mapped[str] = mapped_column(String(400))
    detail: Mapped[str] = mapped_column(Text, default="")
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    __table_args__ = (Index("ix_incident_open", "closed_at", "opened_at"),)
