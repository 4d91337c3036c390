"""What inspections find and what follows: inspections, findings, disposals, draws for spot checks, oversight."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Boolean, Float, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Id, Json, Key


class Inspection(Base):
    """One visit to one enterprise, with the checklist as it was ticked."""

    __tablename__ = "inspection"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    campaign_id: Mapped[str] = mapped_column(ForeignKey("campaign.id"))
    kind: Mapped[str] = mapped_column(String(20))  # county city spot_check escalated look_back
    enterprise_id: Mapped[str] = mapped_column(ForeignKey("unit.id"))
    county_id: Mapped[str] = mapped_column(ForeignKey("unit.id"))  # of the enterprise, as it was then
    township: Mapped[str] = mapped_column(String(60), default="")
    sector: Mapped[str] = mapped_column(Key)
    unit_id: Mapped[str] = mapped_column(ForeignKey("unit.id"))  # whose inspection it is
    inspected_at: Mapped[datetime]
    teams: Mapped[int] = mapped_column(Integer, default=1)  # 检查组
    unannounced: Mapped[bool] = mapped_column(Boolean, default=False)  # 四不两直
    experts: Mapped[str] = mapped_column(String(200), default="")  # posts or bodies, no names
    checklist: Mapped[object] = mapped_column(Json)  # item -> ok | problem | not_applicable
    note: Mapped[str] = mapped_column(Text, default="")
    hindrance: Mapped[str] = mapped_column(
        String(12), default="", server_default=""
    )  # suspended | closed: not inspected
    pick_id: Mapped[str | None] = mapped_column(Id, index=True)  # the draw this visit answers
    clue_id: Mapped[str | None] = mapped_column(Id, index=True)
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    post_id: Mapped[str | None] = mapped_column(ForeignKey("post.id"))
    __table_args__ = (
        Index("ix_inspection_unit", "campaign_id", "unit_id", "kind", "inspected_at"),
        Index("ix_inspection_enterprise", "campaign_id", "enterprise_id", "kind"),
        Index("ix_inspection_county", "campaign_id", "county_id", "inspected_at"),
    )


class Finding(Base):
    """A problem that was found; who found it does not decide on it where experts report (查处分离)."""

    __tablename__ = "finding"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    campaign_id: Mapped[str] = mapped_column(ForeignKey("campaign.id"))
    inspection_id: Mapped[str | None] = mapped_column(ForeignKey("inspection.id"), index=True)
    clue_id: Mapped[str | None] = mapped_column(Id, index=True)
    enterprise_id: Mapped[str | None] = mapped_column(ForeignKey("unit.id"), index=True)
    enterprise_name: Mapped[str] = mapped_column(String(120))  # also of those that are not in the directory
    county_id: Mapped[str] = mapped_column(ForeignKey("unit.id"))
    township: Mapped[str] = mapped_column(String(60), default="")
    sector: Mapped[str] = mapped_column(Key, default="")
    kind: Mapped[str] = mapped_column(String(20))  # hazard illegal_act concealed_accident
    grade: Mapped[str] = mapped_column(String(10), default="general")  # general | major
    item: Mapped[str] = mapped_column(Key, default="")  # checklist item: coal_mine.i3, o5
    detail: Mapped[str] = mapped_column(Text)
    found_by: Mapped[str] = mapped_column(String(10), default="officer")  # officer | expert
    found_at: Mapped[datetime]
    recorded_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    unit_id: Mapped[str] = mapped_column(ForeignKey("unit.id"))  # whose finding: who counts it
    holder_unit_id: Mapped[str] = mapped_column(ForeignKey("unit.id"))  # who has to decide: changes with a transfer
    status: Mapped[str] = mapped_column(String(12), default="reported")  # reported transferred decided
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    illegality: Mapped[str] = mapped_column(String(200), default="")  # 违法性质
    escalated: Mapped[bool] = mapped_column(Boolean, default=False)  # 是否提级核查
    transferred_from: Mapped[str | None] = mapped_column(ForeignKey("unit.id"))
    transferred_at: Mapped[datetime | None]
    hazard_id: Mapped[str | None] = mapped_column(Id, index=True)
    __table_args__ = (
        Index("ix_finding_holder", "holder_unit_id", "status", "found_at"),
        Index("ix_finding_unit", "campaign_id", "unit_id", "kind", "found_at"),
    )


class Disposal(Base):
    """What was done to a unit or to persons: penalties, closures, admonitions, sanctions, and good examples."""

    __tablename__ = "disposal"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    campaign_id: Mapped[str] = mapped_column(ForeignKey("campaign.id"))
    # rectification_order fine suspension licence closure admonition accountability party_sanction criminal
    # joint_sanction disclosure commendation
    kind: Mapped[str] = mapped_column(String(30))
    measure: Mapped[str] = mapped_column(Key, default="")  # of the plan's seven: em1 .. em7
    finding_id: Mapped[str | None] = mapped_column(ForeignKey("finding.id"), index=True)
    clue_id: Mapped[str | None] = mapped_column(Id, index=True)
    enterprise_id: Mapped[str | None] = mapped_column(ForeignKey("unit.id"), index=True)
    subject: Mapped[str] = mapped_column(String(120))  # the unit, or a post: never a person's name
    county_id: Mapped[str | None] = mapped_column(ForeignKey("unit.id"))
    township: Mapped[str] = mapped_column(String(60), default="")
    facts: Mapped[str] = mapped_column(Text, default="")
    basis: Mapped[str] = mapped_column(String(300), default="")
    amount: Mapped[float | None] = mapped_column(Float)  # of a fine, in 10,000 yuan
    persons: Mapped[int | None] = mapped_column(Integer)  # dealt with
    until: Mapped[datetime | None]  # end of a sanction or suspension
    follow_up: Mapped[str] = mapped_column(Text, default="")
    unit_id: Mapped[str] = mapped_column(ForeignKey("unit.id"))  # who decided it
    decided_at: Mapped[datetime]
    recorded_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    __table_args__ = (
        Index("ix_disposal_unit", "campaign_id", "unit_id", "kind", "decided_at"),
        Index("ix_disposal_county", "campaign_id", "county_id", "kind"),
    )


class Referral(Base):
    """A matter handed to police or discipline inspection (两移交)."""

    __tablename__ = "referral"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    campaign_id: Mapped[str] = mapped_column(ForeignKey("campaign.id"), index=True)
    to: Mapped[str] = mapped_column(String(12))  # police | discipline
    clue_id: Mapped[str | None] = mapped_column(Id, index=True)
    finding_id: Mapped[str | None] = mapped_column(ForeignKey("finding.id"), index=True)
    old_clue_id: Mapped[str | None] = mapped_column(Id, index=True)
    reason: Mapped[str] = mapped_column(Text)
    unit_id: Mapped[str] = mapped_column(ForeignKey("unit.id"))
    referred_at: Mapped[datetime]
    recorded_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    answered_at: Mapped[datetime | None]
    answer: Mapped[str] = mapped_column(Text, default="")


class SpotCheck(Base):
    """A draw: which of the enterprises that a county inspected a lead department looks at again.

    Seed, list and size are all that is needed to draw again (`domain.sampling`).
    """

    __tablename__ = "spot_check"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    campaign_id: Mapped[str] = mapped_column(ForeignKey("campaign.id"))
    department_id: Mapped[str] = mapped_column(ForeignKey("unit.id"))
    county_id: Mapped[str] = mapped_column(ForeignKey("unit.id"))
    period: Mapped[str] = mapped_column(String(40))
    since: Mapped[datetime]  # inspections counted: since <= recorded_at < drawn_at
    drawn_at: Mapped[datetime]
    population: Mapped[object] = mapped_column(Json)  # codes of the enterprises, sorted
    seed: Mapped[str] = mapped_column(String(64))
    seal: Mapped[str] = mapped_column(String(64))  # sha256 of the campaign's secret, in the ledger since the launch
    size: Mapped[int] = mapped_column(Integer)
    instance_id: Mapped[str | None] = mapped_column(Id, index=True)
    __table_args__ = (UniqueConstraint("campaign_id", "department_id", "county_id", "period"),)


class SpotCheckPick(Base):
    """A drawn enterprise; `inspection_id` is the visit that answers it."""

    __tablename__ = "spot_check_pick"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    spot_check_id: Mapped[str] = mapped_column(ForeignKey("spot_check.id"), index=True)
    enterprise_id: Mapped[str] = mapped_column(ForeignKey("unit.id"), index=True)
    position: Mapped[int] = mapped_column(Integer)
    inspection_id: Mapped[str | None] = mapped_column(ForeignKey("inspection.id"))


class Oversight(Base):
    """One look of a supervising body at a unit: 督查检查, 综合督导, 提级核查, 开小灶, 重点督导."""

    __tablename__ = "oversight"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    campaign_id: Mapped[str] = mapped_column(ForeignKey("campaign.id"))
    # department comprehensive escalated_verification special_attention key_supervision
    mode: Mapped[str] = mapped_column(String(30))
    unit_id: Mapped[str] = mapped_column(ForeignKey("unit.id"))  # who oversees
    target_id: Mapped[str] = mapped_column(ForeignKey("unit.id"))  # who is overseen
    sector: Mapped[str] = mapped_column(Key, default="")
    began_at: Mapped[datetime]
    unannounced: Mapped[bool] = mapped_column(Boolean, default=False)
    team: Mapped[str] = mapped_column(String(60), default="")  # the supervision group
    media: Mapped[str] = mapped_column(String(200), default="")  # media invited
    reason: Mapped[str] = mapped_column(Text, default="")
    conclusion: Mapped[str] = mapped_column(Text, default="")
    problems: Mapped[int] = mapped_column(Integer, default=0)
    finished_at: Mapped[datetime | None]
    instance_id: Mapped[str | None] = mapped_column(Id, index=True)
    recorded_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    __table_args__ = (Index("ix_oversight_target", "campaign_id", "target_id", "mode"),)


class DrawSeal(Base):
    """The secret behind all seeds of a campaign: sealed at the launch, opened when the draws are over."""

    __tablename__ = "draw_seal"
    campaign_id: Mapped[str] = mapped_column(ForeignKey("campaign.id"), primary_key=True)
    secret: Mapped[str] = mapped_column(String(64))
    seal: Mapped[str] = mapped_column(String(64))
    sealed_at: Mapped[datetime]
    opened_at: Mapped[datetime | None]
