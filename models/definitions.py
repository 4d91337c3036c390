"""What runs: campaign folders frozen into versions, with their processes and forms. Versions never change."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Id, Json, Key


class CampaignVersion(Base):
    """A campaign folder as it was published: plan, diagrams and forms belong to it."""

    __tablename__ = "campaign_version"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    campaign_key: Mapped[str] = mapped_column(Key)
    number: Mapped[int] = mapped_column(Integer)
    title: Mapped[str] = mapped_column(String(200))
    plan: Mapped[str] = mapped_column(Text)  # canonical JSON
    digest: Mapped[str] = mapped_column(String(64))
    published_at: Mapped[datetime]
    published_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    __table_args__ = (UniqueConstraint("campaign_key", "number"), UniqueConstraint("campaign_key", "digest"))


class ProcessDefinition(Base):
    """A process by its BPMN id, over all its versions."""

    __tablename__ = "process_definition"
    key: Mapped[str] = mapped_column(Key, primary_key=True)
    name: Mapped[str] = mapped_column(String(120))


class ProcessVersion(Base):
    """A checked diagram inside a campaign version."""

    __tablename__ = "process_version"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    campaign_version_id: Mapped[str] = mapped_column(ForeignKey("campaign_version.id"))
    key: Mapped[str] = mapped_column(ForeignKey("process_definition.key"))
    name: Mapped[str] = mapped_column(String(120))
    spec: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(String(64))
    xml: Mapped[str] = mapped_column(Text)
    schedule: Mapped[str | None] = mapped_column(Key)
    __table_args__ = (UniqueConstraint("campaign_version_id", "key"), Index("ix_process_version_key", "key"))


class FormVersion(Base):
    """A form inside a campaign version."""

    __tablename__ = "form_version"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    campaign_version_id: Mapped[str] = mapped_column(ForeignKey("campaign_version.id"))
    key: Mapped[str] = mapped_column(Key)
    title: Mapped[str] = mapped_column(String(120))
    schema: Mapped[object] = mapped_column(Json)
    __table_args__ = (UniqueConstraint("campaign_version_id", "key"),)
