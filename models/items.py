"""Work that comes one item at a time (常设事项): a document to be reviewed, a project to be approved."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Id, Key


class Item(Base):
    """One item of a standing process: its number, what it is called, who started it; its course is the instance's."""

    __tablename__ = "item"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    campaign_id: Mapped[str] = mapped_column(ForeignKey("campaign.id"))
    kind: Mapped[str] = mapped_column(Key)  # entry of the plan's `standing`
    number: Mapped[str] = mapped_column(String(40))
    title: Mapped[str] = mapped_column(String(120))
    instance_id: Mapped[str] = mapped_column(ForeignKey("instance.id"), unique=True)
    unit_id: Mapped[str] = mapped_column(ForeignKey("unit.id"))
    post_id: Mapped[str] = mapped_column(ForeignKey("post.id"))
    started_at: Mapped[datetime]
    started_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    withdrawn_at: Mapped[datetime | None]
    withdrawn_for: Mapped[str] = mapped_column(String(400), default="")
    __table_args__ = (
        UniqueConstraint("campaign_id", "kind", "number"),
        Index("ix_item_started", "started_at", "id"),
        Index("ix_item_unit", "unit_id", "started_at"),
    )
