"""Who there is: units, posts, people, who holds which post since when, sessions, policy."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Boolean, Date, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Id, Json, Key


class Unit(Base):
    """A node of the unit tree; `path` (ids joined by /) is the data scope."""

    __tablename__ = "unit"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    parent_id: Mapped[str | None] = mapped_column(ForeignKey("unit.id"))
    path: Mapped[str] = mapped_column(String(400).with_variant(String(400, collation="C"), "postgresql"), index=True)
    code: Mapped[str] = mapped_column(Key, unique=True)
    name: Mapped[str] = mapped_column(String(120))
    short_name: Mapped[str] = mapped_column(String(60))
    level: Mapped[str] = mapped_column(String(20))  # province city county township village enterprise
    kind: Mapped[str] = mapped_column(String(40))  # government department office park enterprise ...
    active: Mapped[bool] = mapped_column(Boolean, default=True)
    category: Mapped[str] = mapped_column(String(60), default="")  # 市级部门, 垂管单位 ..., for pages
    note: Mapped[str] = mapped_column(String(400), default="")
    aliases: Mapped[object | None] = mapped_column(Json)  # what notices call it in every plan of its city: [...]
    # what only one notice calls it: campaign key -> {"title": of the notice, "names": [...]}
    named: Mapped[object | None] = mapped_column(Json)
    other_names: Mapped[str] = mapped_column(Text, default="")  # both, one a line: what searching looks at
    __table_args__ = (Index("ix_unit_name", "name"), Index("ix_unit_parent", "parent_id"))


class Enterprise(Base):
    """What is known of a unit of level enterprise beyond its place in the tree."""

    __tablename__ = "enterprise"
    unit_id: Mapped[str] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    county_id: Mapped[str] = mapped_column(ForeignKey("unit.id"), index=True)
    township: Mapped[str] = mapped_column(String(60), default="")
    sector: Mapped[str] = mapped_column(Key, index=True)
    sector_unit_id: Mapped[str | None] = mapped_column(ForeignKey("unit.id"), index=True)
    supervised_by: Mapped[str] = mapped_column(String(10))  # city | county
    enterprise_type: Mapped[str] = mapped_column(String(60), default="")


class Post(Base):
    """A post of a unit: 交口县 · 联络人. Tasks are addressed to it, not to people."""

    __tablename__ = "post"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    unit_id: Mapped[str] = mapped_column(ForeignKey("unit.id"))
    kind: Mapped[str] = mapped_column(Key)  # liaison principal deputy officer ...
    name: Mapped[str] = mapped_column(String(80))
    role: Mapped[str] = mapped_column(String(20))  # staff leader office enterprise admin auditor
    __table_args__ = (UniqueConstraint("unit_id", "kind"),)


class Person(Base):
    """Somebody who can sign in."""

    __tablename__ = "person"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    username: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(60))
    password_hash: Mapped[str] = mapped_column(String(200))
    must_change: Mapped[bool] = mapped_column(Boolean, default=False)
    active: Mapped[bool] = mapped_column(Boolean, default=True)
    demo: Mapped[bool] = mapped_column(Boolean, default=False)
    failures: Mapped[int] = mapped_column(Integer, default=0)
    locked_until: Mapped[datetime | None]
    created_at: Mapped[datetime]


class Holding(Base):
    """A person holds a post from a moment to a moment; `stand_in` acts for the holder."""

    __tablename__ = "holding"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    post_id: Mapped[str] = mapped_column(ForeignKey("post.id"), index=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    kind: Mapped[str] = mapped_column(String(10), default="holder")  # holder | stand_in
    since: Mapped[datetime]
    until: Mapped[datetime | None]


class SignedSession(Base):
    """A signed-in browser. Only the hash of the token is stored."""

    __tablename__ = "signed_session"
    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    post_id: Mapped[str | None] = mapped_column(ForeignKey("post.id"))  # the post acted for, None = all one's posts
    # the campaign looked at, None = the newest that runs
    campaign_id: Mapped[str | None] = mapped_column(ForeignKey("campaign.id"))
    csrf: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    address: Mapped[str] = mapped_column(String(60), default="")
    confirmed_at: Mapped[datetime | None]  # when the password was last given to sign something


class Policy(Base):
    """An installation-wide rule that an administrator may change, with who changed it last."""

    __tablename__ = "policy"
    key: Mapped[str] = mapped_column(Key, primary_key=True)
    value: Mapped[object] = mapped_column(Json)
    changed_at: Mapped[datetime]
    changed_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))


class CalendarDay(Base):
    """A day that an administrator entered: a holiday or a make-up working day."""

    __tablename__ = "calendar_day"
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    working: Mapped[bool] = mapped_column(Boolean)
    name: Mapped[str] = mapped_column(String(40), default="")


class CalendarVersion(Base):
    """The one row that is held by whoever counts working days, and changed by whoever changes them."""

    __tablename__ = "calendar_version"
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    version: Mapped[str] = mapped_column(Id)


class CalendarYear(Base):
    """A year whose official arrangement has been entered completely."""

    __tablename__ = "calendar_year"
    year: Mapped[int] = mapped_column(Integer, primary_key=True)
    entered_at: Mapped[datetime]
    entered_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
