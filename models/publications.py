"""What leaves the house as a paper or is made public: letters, publications, lists as they were handed in, rankings."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Float, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Id, Json, Key


class Letter(Base):
    """A hand-over letter (附件3): its number is never given twice."""

    __tablename__ = "letter"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    campaign_id: Mapped[str] = mapped_column(ForeignKey("campaign.id"))
    number: Mapped[str] = mapped_column(String(40))  # （煤）移〔2022〕1号
    clue_id: Mapped[str | None] = mapped_column(ForeignKey("clue.id"), index=True)
    addressee_id: Mapped[str] = mapped_column(ForeignKey("unit.id"))
    supervisor_id: Mapped[str | None] = mapped_column(ForeignKey("unit.id"))  # 挂牌督办的局
    content: Mapped[object] = mapped_column(Json)  # the fields of the annex as issued
    issued_at: Mapped[datetime]
    sealed_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    supervision_id: Mapped[str | None] = mapped_column(Id)  # the process of the supervising department
    __table_args__ = (UniqueConstraint("campaign_id", "number"),)


class Publication(Base):
    """Something made public, or sent to leaders, after approval: its content stays as it was approved."""

    __tablename__ = "publication"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    campaign_id: Mapped[str] = mapped_column(ForeignKey("campaign.id"))
    # clue_list assignment_list weekly_progress result daily_summary monthly_summary briefing ranking final_appraisal
    kind: Mapped[str] = mapped_column(String(20))
    audience: Mapped[str] = mapped_column(String(10), default="public")  # public | leaders
    unit_id: Mapped[str] = mapped_column(ForeignKey("unit.id"))
    period: Mapped[str] = mapped_column(String(40), default="")
    clue_id: Mapped[str | None] = mapped_column(ForeignKey("clue.id"), index=True)
    title: Mapped[str] = mapped_column(String(200))
    content: Mapped[object] = mapped_column(Json)
    body: Mapped[str] = mapped_column(Text, default="")  # what an editor wrote
    media: Mapped[str] = mapped_column(String(200), default="")
    status: Mapped[str] = mapped_column(String(12), default="draft")  # draft published withdrawn
    compiled_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    approved_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    content_hash: Mapped[str] = mapped_column(String(64), default="")
    withdrawn_at: Mapped[datetime | None]
    withdrawn_for: Mapped[str] = mapped_column(String(400), default="")
    instance_id: Mapped[str | None] = mapped_column(Id, index=True)
    __table_args__ = (
        Index("ix_publication_kind", "campaign_id", "kind", "compiled_at"),
        Index("ix_publication_public", "status", "audience", "published_at"),
    )


class ListSnapshot(Base):
    """One of the six lists as a unit handed it in at the end of a month."""

    __tablename__ = "list_snapshot"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    campaign_id: Mapped[str] = mapped_column(ForeignKey("campaign.id"))
    list_key: Mapped[str] = mapped_column(Key)  # l1 .. l6
    unit_id: Mapped[str] = mapped_column(ForeignKey("unit.id"))
    period: Mapped[str] = mapped_column(String(40))
    rows: Mapped[object] = mapped_column(Json)
    count: Mapped[int] = mapped_column(Integer)
    frozen_at: Mapped[datetime]
    instance_id: Mapped[str | None] = mapped_column(Id)
    __table_args__ = (UniqueConstraint("campaign_id", "list_key", "unit_id", "period"),)


class Standing(Base):
    """A county's place in a ranking (考评排队), with the figures it was made of."""

    __tablename__ = "standing"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    publication_id: Mapped[str] = mapped_column(ForeignKey("publication.id"), index=True)
    unit_id: Mapped[str] = mapped_column(ForeignKey("unit.id"))
    place: Mapped[int] = mapped_column(Integer)
    score: Mapped[float] = mapped_column(Float)
    figures: Mapped[object] = mapped_column(Json)
