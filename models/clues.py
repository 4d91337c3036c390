"""Clues of the 12341 loop (附件1); who reported one lies apart, encrypted."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Boolean, ForeignKey, Index, Integer, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Id, Json, Key


class Clue(Base):
    """A clue from its registration to its conclusion, with the moments that its deadlines are counted from."""

    __tablename__ = "clue"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    campaign_id: Mapped[str] = mapped_column(ForeignKey("campaign.id"))
    number: Mapped[str] = mapped_column(String(40))
    channel: Mapped[str] = mapped_column(String(20))  # phone letter web inspection internal grid
    kind: Mapped[str] = mapped_column(String(20))  # illegal_act hazard concealed_accident
    subject: Mapped[str] = mapped_column(String(120))  # the unit it is about
    enterprise_id: Mapped[str | None] = mapped_column(ForeignKey("unit.id"), index=True)
    county_id: Mapped[str | None] = mapped_column(ForeignKey("unit.id"))  # 归属地
    place: Mapped[str] = mapped_column(String(120), default="")
    sector: Mapped[str] = mapped_column(Key, default="")
    text: Mapped[str] = mapped_column(Text)
    unit_id: Mapped[str | None] = mapped_column(ForeignKey("unit.id"))  # 责任单位: who handles it, once classified
    # registered classified assigned verified objected reported concluded escalated released rejected
    status: Mapped[str] = mapped_column(String(12), default="registered")
    registered_at: Mapped[datetime]
    registered_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    classified_at: Mapped[datetime | None]
    assigned_at: Mapped[datetime | None]
    received_at: Mapped[datetime | None]
    verified_at: Mapped[datetime | None]
    objection_due: Mapped[datetime | None]
    objected_at: Mapped[datetime | None]
    objection: Mapped[str] = mapped_column(Text, default="")
    ruled_at: Mapped[datetime | None]
    verdict: Mapped[str | None] = mapped_column(String(10))  # upheld | refused
    result_due: Mapped[datetime | None]
    reported_at: Mapped[datetime | None]  # signed and sent to the office
    result: Mapped[object | None] = mapped_column(Json)  # the ten items
    signed_by_post_id: Mapped[str | None] = mapped_column(ForeignKey("post.id"))  # the last signer
    escalated_at: Mapped[datetime | None]
    escalated_for: Mapped[str | None] = mapped_column(String(10))  # late | idle | false
    concluded_at: Mapped[datetime | None]
    conclusion: Mapped[str] = mapped_column(Text, default="")
    receipt_hash: Mapped[str | None] = mapped_column(String(64), unique=True)  # of the code given to the reporter
    instance_id: Mapped[str | None] = mapped_column(Id, index=True)
    letter_id: Mapped[str | None] = mapped_column(Id)
    anonymous: Mapped[bool] = mapped_column(Boolean, default=True)
    __table_args__ = (
        UniqueConstraint("campaign_id", "number"),
        Index("ix_clue_status", "campaign_id", "status", "registered_at"),
        Index("ix_clue_unit", "campaign_id", "unit_id", "status"),
    )


class ClueReporter(Base):
    """Who reported a clue: one sealed text that only the keeper may have opened, with reason and record."""

    __tablename__ = "clue_reporter"
    clue_id: Mapped[str] = mapped_column(ForeignKey("clue.id"), primary_key=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    key_id: Mapped[str] = mapped_column(String(16))
    sealed_at: Mapped[datetime]


class Serial(Base):
    """The last number given in a series: clues of a day, letters of a sector and year, plates."""

    __tablename__ = "serial"
    campaign_id: Mapped[str] = mapped_column(ForeignKey("campaign.id"), primary_key=True)
    series: Mapped[str] = mapped_column(Key, primary_key=True)
    last: Mapped[int] = mapped_column(Integer, default=0)
