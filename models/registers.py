"""Registers kept by hand: who answers for which area (四级包保), what the media showed (宣传专栏), entries of lists."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Id, Json, Key


class Responsibility(Base):
    """One post answers for one unit, or for an area inside it. No names: who holds the post changes."""

    __tablename__ = "responsibility"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    campaign_id: Mapped[str] = mapped_column(ForeignKey("campaign.id"))
    level: Mapped[int] = mapped_column(Integer)  # of the plan's four
    unit_id: Mapped[str] = mapped_column(ForeignKey("unit.id"))  # the county (1) or township (2 to 4) it is about
    post: Mapped[str] = mapped_column(String(120))
    area: Mapped[str] = mapped_column(String(200), default="")  # villages (3), households (4)
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    ended_at: Mapped[datetime | None]
    __table_args__ = (Index("ix_responsibility_unit", "campaign_id", "unit_id", "level"),)


class Broadcast(Base):
    """A column that a county's television opened, or something it showed there."""

    __tablename__ = "broadcast"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    campaign_id: Mapped[str] = mapped_column(ForeignKey("campaign.id"))
    county_id: Mapped[str] = mapped_column(ForeignKey("unit.id"))
    kind: Mapped[str] = mapped_column(String(20))  # of the plan's kinds
    aired_on: Mapped[date]
    medium: Mapped[str] = mapped_column(String(60))
    title: Mapped[str] = mapped_column(String(120))
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    __table_args__ = (Index("ix_broadcast_county", "campaign_id", "county_id", "recorded_at"),)


class ListEntry(Base):
    """An entry of a list that a unit keeps up to date; the versions before stand in the ledger."""

    __tablename__ = "list_entry"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    campaign_id: Mapped[str] = mapped_column(ForeignKey("campaign.id"))
    list_key: Mapped[str] = mapped_column(Key)
    unit_id: Mapped[str] = mapped_column(ForeignKey("unit.id"))
    n: Mapped[int] = mapped_column(Integer)  # its number in the list
    content: Mapped[str] = mapped_column(String(2000))  # the first column, to be looked for
    cells: Mapped[object] = mapped_column(Json)  # column of the list -> text
    status: Mapped[str] = mapped_column(String(10), default="open")  # open closed
    reason: Mapped[str] = mapped_column(String(500), default="")  # why it was closed, or opened again
    version: Mapped[int] = mapped_column(Integer, default=1)
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    changed_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    __table_args__ = (
        UniqueConstraint("campaign_id", "list_key", "n"),
        Index("ix_list_entry_unit", "campaign_id", "list_key", "unit_id"),
    )
