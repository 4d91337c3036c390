"""Measures of a plan in the units that do them: what is owed when, what was reported and accepted, notes meanwhile."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, Float, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Id, Json, Key


class MeasureWork(Base):
    """One date of one measure in one unit. A measure with targets at several dates has a row for each."""

    __tablename__ = "measure_work"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    campaign_id: Mapped[str] = mapped_column(ForeignKey("campaign.id"))
    list_key: Mapped[str] = mapped_column(Key)
    measure: Mapped[str] = mapped_column(Key)
    unit_id: Mapped[str] = mapped_column(ForeignKey("unit.id"))
    role: Mapped[str] = mapped_column(String(12))  # lead | responsible
    lead_unit_id: Mapped[str | None] = mapped_column(ForeignKey("unit.id"))  # who checks it; None: the office
    round: Mapped[int] = mapped_column(Integer)  # 1 is the first date
    last: Mapped[bool] = mapped_column(Boolean)  # the measure's last date
    due_at: Mapped[datetime]
    target: Mapped[bool] = mapped_column(Boolean)  # targets are due: its acceptance is signed
    status: Mapped[str] = mapped_column(String(10))  # waiting open reported checked returned accepted
    group_id: Mapped[str | None] = mapped_column(ForeignKey("child_group.id"))  # the call that hands it out
    instance_id: Mapped[str | None] = mapped_column(ForeignKey("instance.id"))
    reported: Mapped[Any] = mapped_column(Json)  # target -> {value, met}, as reported last
    met: Mapped[bool | None] = mapped_column(Boolean)  # all targets of this date; None: not reported yet
    returns: Mapped[int] = mapped_column(Integer, default=0)
    reported_at: Mapped[datetime | None]
    reported_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    accepted_at: Mapped[datetime | None]
    accepted_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    reason: Mapped[str] = mapped_column(Text, default="")  # of the last return, or why it was accepted below target
    __table_args__ = (
        UniqueConstraint("campaign_id", "measure", "unit_id", "round"),
        Index("ix_measure_work_due", "campaign_id", "due_at", "id"),
        Index("ix_measure_work_group", "group_id"),
        Index("ix_measure_work_unit", "unit_id", "due_at"),
        Index("ix_measure_work_instance", "instance_id"),
    )


class MeasureProgress(Base):
    """What a unit notes on its way: at any time, in its own words."""

    __tablename__ = "measure_progress"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    campaign_id: Mapped[str] = mapped_column(ForeignKey("campaign.id"))
    measure: Mapped[str] = mapped_column(Key)
    unit_id: Mapped[str] = mapped_column(ForeignKey("unit.id"))
    text: Mapped[str] = mapped_column(Text)
    figure: Mapped[float | None] = mapped_column(Float)  # how much of its quota is done by then
    noted_at: Mapped[datetime]
    noted_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    post_id: Mapped[str | None] = mapped_column(ForeignKey("post.id"))
    __table_args__ = (Index("ix_measure_progress_measure", "campaign_id", "measure", "noted_at"),)
