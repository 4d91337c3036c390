"""Photos of what was seen: of a visit, a finding, a hazard, a clue; before it was put right, and after."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Id, Key


class Photo(Base):
    """A photo; the bytes lie in the store of attachments under `sha256`. `subject` names the table it belongs to."""

    __tablename__ = "photo"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    campaign_id: Mapped[str] = mapped_column(ForeignKey("campaign.id"))
    subject: Mapped[str] = mapped_column(Key)  # inspection finding hazard clue
    subject_id: Mapped[str] = mapped_column(Id)
    moment: Mapped[str] = mapped_column(String(10))  # before | after
    name: Mapped[str] = mapped_column(String(200))
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int] = mapped_column(Integer)
    sha256: Mapped[str] = mapped_column(String(64))
    unit_id: Mapped[str] = mapped_column(ForeignKey("unit.id"))  # whose post took it
    added_at: Mapped[datetime]
    added_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    removed_at: Mapped[datetime | None]
    __table_args__ = (Index("ix_photo_subject", "subject", "subject_id"),)
