"""What people wrote and what happened: campaigns, submissions, attachments, signatures, notices, the ledger."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Float, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Id, Json, Key


class Campaign(Base):
    """A launched plan. `shift_days` moves every date of the notice."""

    __tablename__ = "campaign"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    key: Mapped[str] = mapped_column(Key, index=True)
    name: Mapped[str] = mapped_column(String(200))
    version_id: Mapped[str] = mapped_column(ForeignKey("campaign_version.id"))
    instance_id: Mapped[str | None] = mapped_column(Id)
    owner_unit_id: Mapped[str] = mapped_column(ForeignKey("unit.id"))  # the campaign office
    parent_id: Mapped[str | None] = mapped_column(ForeignKey("campaign.id"), index=True)  # the programme's campaign
    shift_days: Mapped[int] = mapped_column(Integer, default=0)
    past: Mapped[str] = mapped_column(String(10), default="shift")  # keep | shift | late
    status: Mapped[str] = mapped_column(String(12), default="running")
    launched_at: Mapped[datetime]
    launched_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    ended_at: Mapped[datetime | None]


class Stage(Base):
    """A stage of a launched campaign with its (shifted) dates and its gate."""

    __tablename__ = "stage"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    campaign_id: Mapped[str] = mapped_column(ForeignKey("campaign.id"))
    key: Mapped[str] = mapped_column(Key)
    name: Mapped[str] = mapped_column(String(80))
    position: Mapped[int] = mapped_column(Integer)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    gate_task_id: Mapped[str | None] = mapped_column(Id)
    gate_signed_at: Mapped[datetime | None]
    __table_args__ = (UniqueConstraint("campaign_id", "key"),)


class Quota(Base):
    """A quota of a launched campaign, for the whole or for a unit, with what has been reached."""

    __tablename__ = "quota"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    campaign_id: Mapped[str] = mapped_column(ForeignKey("campaign.id"))
    key: Mapped[str] = mapped_column(Key)
    unit_id: Mapped[str | None] = mapped_column(ForeignKey("unit.id"))
    operator: Mapped[str] = mapped_column(String(10))
    target: Mapped[float] = mapped_column(Float)
    reached: Mapped[float] = mapped_column(Float, default=0.0)
    __table_args__ = (UniqueConstraint("campaign_id", "key", "unit_id"),)


class Submission(Base):
    """A submitted form, kept as it was checked; the engine never sees it."""

    __tablename__ = "submission"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    task_id: Mapped[str] = mapped_column(ForeignKey("task.id"), unique=True)
    instance_id: Mapped[str] = mapped_column(ForeignKey("instance.id"), index=True)
    campaign_id: Mapped[str | None] = mapped_column(Id)
    unit_id: Mapped[str] = mapped_column(ForeignKey("unit.id"))
    form_key: Mapped[str] = mapped_column(Key)
    data: Mapped[object] = mapped_column(Json)
    outcome: Mapped[str | None] = mapped_column(String(40))
    opinion: Mapped[str] = mapped_column(Text, default="")
    submitted_at: Mapped[datetime]
    submitted_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    post_id: Mapped[str] = mapped_column(ForeignKey("post.id"))
    __table_args__ = (Index("ix_submission_campaign_form", "campaign_id", "form_key", "unit_id"),)


class Draft(Base):
    """What somebody has typed into a task and not yet submitted."""

    __tablename__ = "draft"
    task_id: Mapped[str] = mapped_column(ForeignKey("task.id"), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    data: Mapped[object] = mapped_column(Json)
    saved_at: Mapped[datetime]


class Attachment(Base):
    """A file of a task; the bytes lie in the content-addressed store under `sha256`."""

    __tablename__ = "attachment"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    task_id: Mapped[str] = mapped_column(ForeignKey("task.id"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int] = mapped_column(Integer)
    sha256: Mapped[str] = mapped_column(String(64))
    added_at: Mapped[datetime]
    added_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    removed_at: Mapped[datetime | None]


class Signature(Base):
    """A sign-off: who signed what, under which plan entry, over which content."""

    __tablename__ = "signature"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    campaign_id: Mapped[str | None] = mapped_column(Id, index=True)
    instance_id: Mapped[str] = mapped_column(ForeignKey("instance.id"))
    task_id: Mapped[str] = mapped_column(ForeignKey("task.id"), unique=True)
    sign_off: Mapped[str] = mapped_column(Key)
    stage: Mapped[str | None] = mapped_column(Key)
    unit_id: Mapped[str] = mapped_column(ForeignKey("unit.id"))
    outcome: Mapped[str] = mapped_column(String(40))
    opinion: Mapped[str] = mapped_column(Text, default="")
    content_hash: Mapped[str] = mapped_column(String(64))
    signed_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]  # when the signer last gave the password
    signed_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    post_id: Mapped[str] = mapped_column(ForeignKey("post.id"))


class Notice(Base):
    """A reminder or message to a post; read once by a holder it is read."""

    __tablename__ = "notice"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    post_id: Mapped[str] = mapped_column(ForeignKey("post.id"))
    task_id: Mapped[str | None] = mapped_column(ForeignKey("task.id"), index=True)
    campaign_id: Mapped[str | None] = mapped_column(Id)
    kind: Mapped[str] = mapped_column(String(40))
    text: Mapped[str] = mapped_column(String(400))
    created_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
    __table_args__ = (Index("ix_notice_post", "post_id", "read_at", "created_at"),)


class Ledger(Base):
    """What happened, in order; rows are only ever added (a trigger refuses the rest)."""

    __tablename__ = "ledger"
    seq: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True)
    at: Mapped[datetime]
    tag: Mapped[str] = mapped_column(String(60))
    person_id: Mapped[str | None] = mapped_column(Id)
    post_id: Mapped[str | None] = mapped_column(Id)
    unit_id: Mapped[str | None] = mapped_column(Id)
    campaign_id: Mapped[str | None] = mapped_column(Id)
    instance_id: Mapped[str | None] = mapped_column(Id)
    task_id: Mapped[str | None] = mapped_column(Id)
    data: Mapped[object] = mapped_column(Json)
    __table_args__ = (
        Index("ix_ledger_instance", "instance_id", "seq"),
        Index("ix_ledger_campaign", "campaign_id", "tag"),
    )


class Answered(Base):
    """The first answer to a command with an Idempotency-Key; a retry gets it again."""

    __tablename__ = "answered"
    person_id: Mapped[str] = mapped_column(Id, primary_key=True)
    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(64))
    answer: Mapped[object] = mapped_column(Json)
    at: Mapped[datetime]


class WorkerBeat(Base):
    """A worker process that is alive; readiness looks at its age."""

    __tablename__ = "worker_beat"
    worker: Mapped[str] = mapped_column(String(60), primary_key=True)
    at: Mapped[datetime]
