"""The register of hazards and the ledger of clues of the last three years: both are worked off one by one."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Id, Json, Key


class Hazard(Base):
    """A hazard from its registration to its close-out; each round of rectification is an instance."""

    __tablename__ = "hazard"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    campaign_id: Mapped[str] = mapped_column(ForeignKey("campaign.id"))
    number: Mapped[str] = mapped_column(String(40))
    source: Mapped[str] = mapped_column(String(20))  # inspection clue self_inspection old_clue direct
    finding_id: Mapped[str | None] = mapped_column(ForeignKey("finding.id"), index=True)
    clue_id: Mapped[str | None] = mapped_column(Id, index=True)
    enterprise_id: Mapped[str | None] = mapped_column(ForeignKey("unit.id"), index=True)
    enterprise_name: Mapped[str] = mapped_column(String(120))  # also of those that are not in the directory
    county_id: Mapped[str] = mapped_column(ForeignKey("unit.id"))
    township: Mapped[str] = mapped_column(String(60), default="")
    sector: Mapped[str] = mapped_column(Key, default="")
    unit_id: Mapped[str] = mapped_column(ForeignKey("unit.id"))  # who found it and accepts the rectification
    grade: Mapped[str] = mapped_column(String(10))  # general | major
    text: Mapped[str] = mapped_column(Text)
    found_at: Mapped[datetime]
    registered_at: Mapped[datetime]
    registered_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    # registered rectifying submitted returned closed
    status: Mapped[str] = mapped_column(String(12), default="registered")
    # the plan: 责任、措施、资金、时限、预案
    responsible: Mapped[str] = mapped_column(String(120), default="")
    measures: Mapped[str] = mapped_column(Text, default="")
    funds: Mapped[str] = mapped_column(String(60), default="")
    due_at: Mapped[datetime | None]
    contingency: Mapped[str] = mapped_column(Text, default="")
    submitted_at: Mapped[datetime | None]
    submitted_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    closed_at: Mapped[datetime | None]
    accepted_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    rounds: Mapped[int] = mapped_column(Integer, default=1)
    reopened_at: Mapped[datetime | None]
    instance_id: Mapped[str | None] = mapped_column(Id, index=True)
    former: Mapped[object] = mapped_column(Json)  # rounds that were closed and re-opened, as they ended
    # listed supervision (挂牌督办)
    listed_at: Mapped[datetime | None]
    listed_by_post_id: Mapped[str | None] = mapped_column(ForeignKey("post.id"))
    plate: Mapped[str] = mapped_column(String(40), default="")
    delisted_at: Mapped[datetime | None]
    __table_args__ = (
        UniqueConstraint("campaign_id", "number"),
        Index("ix_hazard_unit", "campaign_id", "unit_id", "grade", "found_at"),
        Index("ix_hazard_open", "campaign_id", "status", "due_at"),
        Index("ix_hazard_county", "campaign_id", "county_id", "grade"),
    )


class OldClue(Base):
    """A matter reported in the last three years (四（三）3): imported, disposed of, closed out one by one."""

    __tablename__ = "old_clue"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    campaign_id: Mapped[str] = mapped_column(ForeignKey("campaign.id"))
    number: Mapped[str] = mapped_column(String(40))
    unit_id: Mapped[str] = mapped_column(ForeignKey("unit.id"))  # who works it off
    sector: Mapped[str] = mapped_column(Key, default="")
    subject: Mapped[str] = mapped_column(String(120))
    text: Mapped[str] = mapped_column(Text)
    received_on: Mapped[date | None] = mapped_column(Date)
    times: Mapped[int] = mapped_column(Integer, default=1)  # how often it was reported
    source: Mapped[str] = mapped_column(String(60), default="")
    status: Mapped[str] = mapped_column(String(12), default="open")  # open referred closed
    disposal: Mapped[str] = mapped_column(Text, default="")
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    imported_at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("campaign_id", "number"), Index("ix_old_clue_unit", "unit_id", "status"))
