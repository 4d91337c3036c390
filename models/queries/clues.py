"""Clues and their reporters, referrals, the letters of clues."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Text, and_, case, cast, func, insert, or_, select, update
from sqlalchemy.orm import aliased

from models.clues import Clue, ClueReporter
from models.directory import Enterprise, Person, Post, Unit
from models.inspections import Disposal, Finding, Oversight, Referral
from models.publications import Letter, Publication
from models.queries.scope import inside, like
from models.records import Ledger, Signature
from models.running import Task

_Responsible, _County = aliased(Unit), aliased(Unit)
_LINE = (
    *Clue.__table__.c,
    _Responsible.short_name.label("unit"),
    _Responsible.path.label("unit_path"),
    _Responsible.level.label("unit_level"),
    _County.short_name.label("county"),
)
_TABLES = {
    "clue": Clue,
    "reporter": ClueReporter,
    "letter": Letter,
    "referral": Referral,
    "disposal": Disposal,
    "finding": Finding,
    "oversight": Oversight,
    "publication": Publication,
}


def add(tx: Connection, table: str, row: Mapping[str, Any]) -> None:
    """Write one row of what a clue brings along."""
    tx.execute(insert(_TABLES[table]), dict(row))


def change(tx: Connection, clue_id: str, **values: Any) -> None:
    tx.execute(update(Clue).where(Clue.id == clue_id).values(values))


# -- one clue ----------------------------------------------------------------------------------------------------------
def locked(tx: Connection, clue_id: str) -> Row[Any] | None:
    """The clue, locked until the end of the transaction."""
    return tx.execute(select(Clue.__table__).where(Clue.id == clue_id).with_for_update()).first()


def of_instances(tx: Connection, instance_ids: Sequence[str]) -> list[Row[Any]]:
    """The clues that these processes work on, locked."""
    query = select(Clue.__table__).where(Clue.instance_id.in_(instance_ids)).order_by(Clue.id).with_for_update()
    return list(tx.execute(query))


def one(tx: Connection, clue_id: str) -> Row[Any] | None:
    """The clue with the names around it."""
    return tx.execute(_lines(*_LINE).where(Clue.id == clue_id)).first()


def _lines(*columns: Any) -> Any:
    return (
        select(*columns)
        .select_from(Clue)
        .outerjoin(_Responsible, _Responsible.id == Clue.unit_id)
        .outerjoin(_County, _County.id == Clue.county_id)
    )


def by_receipt(tx: Connection, receipt_hash: str) -> Row[Any] | None:
    query: Any = select(Clue.id, Clue.number, Clue.status, Clue.registered_at).where(Clue.receipt_hash == receipt_hash)
    return tx.execute(query).first()


def reporter(tx: Connection, clue_id: str) -> Row[Any] | None:
    return tx.execute(select(ClueReporter.__table__).where(ClueReporter.clue_id == clue_id)).first()


def reporters(tx: Connection) -> list[Row[Any]]:
    """Every sealed reporter, locked: keys are being changed."""
    query = select(ClueReporter.__table__).order_by(ClueReporter.clue_id).with_for_update()
    return list(tx.execute(query))


def reseal(tx: Connection, clue_id: str, sealed: bytes, key_id: str) -> None:
    tx.execute(update(ClueReporter).where(ClueReporter.clue_id == clue_id).values(sealed=sealed, key_id=key_id))


def has_reporter(tx: Connection, clue_id: str) -> bool:
    return tx.execute(select(ClueReporter.clue_id).where(ClueReporter.clue_id == clue_id)).first() is not None


# -- the list ----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What a list is to hold. `paths` None: everything; else handed over to these trees, supervised, or one's own."""

    campaign_id: str
    paths: tuple[str, ...] | None
    leads: tuple[str, ...] = ()
    person_id: str | None = None
    text: str = ""
    status: str = ""
    unit_id: str = ""
    sector: str = ""
    channel: str = ""
    overdue: bool = False


def visible(wanted: Wanted) -> Any:
    """A unit sees what was handed over to it or supervised by it, a person what he registered himself."""
    if wanted.paths is None:
        return Clue.campaign_id == wanted.campaign_id
    supervised = select(Letter.clue_id).where(Letter.supervisor_id.in_(wanted.leads))
    mine = and_(Clue.registered_by.is_not(None), Clue.registered_by == wanted.person_id)
    given = and_(Clue.assigned_at.is_not(None), or_(inside(wanted.paths, _Responsible.path), Clue.id.in_(supervised)))
    return and_(Clue.campaign_id == wanted.campaign_id, or_(mine, given))


def _conditions(wanted: Wanted, now: datetime) -> list[Any]:
    found: list[Any] = [visible(wanted)]
    if wanted.text:
        pattern = like(wanted.text)
        found.append(or_(*(c.like(pattern, escape="!") for c in (Clue.number, Clue.subject, Clue.place, Clue.text))))
    for column, value in (
        (Clue.status, wanted.status),
        (Clue.unit_id, wanted.unit_id),
        (Clue.sector, wanted.sector),
        (Clue.channel, wanted.channel),
    ):
        if value:
            found.append(column == value)
    if wanted.overdue:
        found.append(_is_overdue(now))
    return found


def _is_overdue(now: datetime) -> Any:
    return and_(
        Clue.result_due < now, Clue.reported_at.is_(None), Clue.status.not_in(("concluded", "released", "rejected"))
    )


def page(
    tx: Connection, wanted: Wanted, *, now: datetime, after: tuple[datetime, str] | None, limit: int
) -> list[Row[Any]]:
    """Clues, the newest first, from behind `after` (moment of registration, id) on."""
    query = _lines(*_LINE).where(*_conditions(wanted, now))
    if after is not None:
        at, clue_id = after
        query = query.where(or_(Clue.registered_at < at, and_(Clue.registered_at == at, Clue.id < clue_id)))
    return list(tx.execute(query.order_by(Clue.registered_at.desc(), Clue.id.desc()).limit(limit)))


def counts(tx: Connection, wanted: Wanted, now: datetime) -> dict[str, int]:
    """state -> how many, among all that the reader may see; `overdue` and `total` beside them."""
    seen = visible(wanted)
    query = _lines(Clue.status, func.count().label("n"), func.sum(case((_is_overdue(now), 1), else_=0)).label("late"))
    found = list(tx.execute(query.where(seen).group_by(Clue.status)))
    states = {row.status: row.n for row in found}
    return {**states, "total": sum(states.values()), "overdue": sum(int(row.late or 0) for row in found)}


def count(tx: Connection, wanted: Wanted, now: datetime) -> int:
    """How many the filters leave."""
    return int(tx.execute(_lines(func.count()).where(*_conditions(wanted, now))).scalar_one())


def seen(wanted: Wanted) -> Any:
    """The ids of the clues one may see, as a part of other statements."""
    return _lines(Clue.id).where(visible(wanted))


def may_see(tx: Connection, wanted: Wanted, clue_id: str) -> bool:
    query = _lines(Clue.id).where(Clue.id == clue_id, visible(wanted))
    return tx.execute(query).first() is not None


def units_of_clues(tx: Connection, wanted: Wanted) -> list[Row[Any]]:
    """The responsible units among what one sees, for a filter."""
    query = _lines(_Responsible.id, _Responsible.short_name, _Responsible.code).where(
        visible(wanted), _Responsible.id.is_not(None)
    )
    return list(tx.execute(query.distinct().order_by(_Responsible.code)))


# -- hand-over ---------------------------------------------------------------------------------------------------------
def to_hand_over(
    tx: Connection, campaign_id: str, until: datetime | None = None, *, lock: bool = False
) -> list[Row[Any]]:
    """Classified clues that wait for their hand-over, the oldest first; with `until` those classified by then."""
    query = _lines(*_LINE).where(Clue.campaign_id == campaign_id, Clue.status == "classified")
    if until is not None:
        query = query.where(Clue.classified_at <= until)
    if lock:
        query = query.with_for_update(of=Clue)
    return list(tx.execute(query.order_by(Clue.registered_at, Clue.id)))


def registered_between(tx: Connection, campaign_id: str, since: datetime, until: datetime) -> list[Row[Any]]:
    """The clues of a day."""
    query = _lines(*_LINE).where(
        Clue.campaign_id == campaign_id, Clue.registered_at >= since, Clue.registered_at < until
    )
    return list(tx.execute(query.order_by(Clue.registered_at, Clue.id)))


def in_order(tx: Connection, campaign_id: str) -> list[Row[Any]]:
    """All clues of a campaign with the post that signed last, in the order of registration."""
    query = _lines(*_LINE, Post.kind.label("signed_by_post")).outerjoin(Post, Post.id == Clue.signed_by_post_id)
    query = query.where(Clue.campaign_id == campaign_id)
    return list(tx.execute(query.order_by(Clue.registered_at, Clue.number)))


# -- around a clue -----------------------------------------------------------------------------------------------------
def events(tx: Connection, campaign_id: str, clue_id: str, tags: Sequence[str]) -> list[Row[Any]]:
    """What the ledger tells of a clue; ids hold letters and digits only, so the text may be searched."""
    query = (
        select(
            Ledger.at, Ledger.tag, Ledger.data, Person.name.label("person"), Post.name.label("post"),
            Unit.short_name.label("unit"), Ledger.task_id,
        )
        .select_from(Ledger)
        .outerjoin(Person, Person.id == Ledger.person_id)
        .outerjoin(Post, Post.id == Ledger.post_id)
        .outerjoin(Unit, Unit.id == func.coalesce(Post.unit_id, Ledger.unit_id))
        .where(Ledger.campaign_id == campaign_id, Ledger.tag.in_(tags))
        .where(cast(Ledger.data, Text).contains(clue_id, autoescape=True))
        .order_by(Ledger.seq)
    )  # fmt: skip
    return list(tx.execute(query))


def told(tx: Connection, campaign_id: str, tag: str) -> list[Any]:
    """What the ledger holds under a tag, the oldest first."""
    query = select(Ledger.data).where(Ledger.campaign_id == campaign_id, Ledger.tag == tag).order_by(Ledger.seq)
    return list(tx.execute(query).scalars())


def letters_of(tx: Connection, clue_id: str) -> list[Row[Any]]:
    supervisor, addressee = aliased(Unit), aliased(Unit)
    query = (
        select(
            Letter.id,
            Letter.number,
            Letter.issued_at,
            Letter.supervision_id,
            supervisor.short_name.label("supervisor"),
            addressee.short_name.label("addressee"),
        )
        .outerjoin(supervisor, supervisor.id == Letter.supervisor_id)
        .join(addressee, addressee.id == Letter.addressee_id)
        .where(Letter.clue_id == clue_id)
    )
    return list(tx.execute(query.order_by(Letter.issued_at, Letter.id)))


def letter(tx: Connection, letter_id: str) -> Row[Any] | None:
    """A letter as it was issued."""
    return tx.execute(select(Letter.__table__).where(Letter.id == letter_id)).first()


def referral(tx: Connection, referral_id: str) -> Row[Any] | None:
    return tx.execute(select(Referral.__table__).where(Referral.id == referral_id).with_for_update()).first()


def answer_referral(tx: Connection, referral_id: str, answer: str, at: datetime) -> None:
    tx.execute(update(Referral).where(Referral.id == referral_id).values(answer=answer, answered_at=at))


def referrals_of(tx: Connection, clue_id: str) -> list[Row[Any]]:
    query = select(Referral.__table__, Unit.short_name.label("unit")).join(Unit, Unit.id == Referral.unit_id)
    return list(tx.execute(query.where(Referral.clue_id == clue_id).order_by(Referral.referred_at, Referral.id)))


def disposals_of(tx: Connection, clue_id: str) -> list[Row[Any]]:
    query = select(Disposal.__table__).where(Disposal.clue_id == clue_id)
    return list(tx.execute(query.order_by(Disposal.decided_at, Disposal.id)))


def signatures_of(tx: Connection, instance_id: str) -> list[Row[Any]]:
    """Who signed in a process, in order, with the post and the person."""
    query = (
        select(
            Signature.signed_at,
            Signature.outcome,
            Signature.opinion,
            Signature.post_id,
            Post.kind.label("kind"),
            Post.name.label("post"),
            Person.name.label("person"),
            Unit.short_name.label("unit"),
        )
        .join(Post, Post.id == Signature.post_id)
        .join(Unit, Unit.id == Signature.unit_id)
        .outerjoin(Person, Person.id == Signature.signed_by)
        .where(Signature.instance_id == instance_id)
    )
    return list(tx.execute(query.order_by(Signature.signed_at, Signature.id)))


def tasks_named(tx: Connection, campaign_id: str, elements: Sequence[str]) -> list[Row[Any]]:
    """Open tasks of these steps anywhere in a campaign."""
    query = select(Task.id, Task.name, Task.due_at, Task.title, Post.name.label("post"))
    query = query.join(Post, Post.id == Task.post_id).where(Task.campaign_id == campaign_id, Task.status == "open")
    return list(tx.execute(query.where(Task.element.in_(elements)).order_by(Task.opened_at, Task.id)))


def tasks_of(tx: Connection, instance_id: str) -> list[Row[Any]]:
    """Open tasks of a process: what happens next, by whom, until when."""
    query = (
        select(
            Task.id,
            Task.name,
            Task.due_at,
            Task.element,
            Task.post_id,
            Post.name.label("post"),
            Unit.short_name.label("unit"),
        )
        .join(Post, Post.id == Task.post_id)
        .join(Unit, Unit.id == Task.unit_id)
        .where(Task.instance_id == instance_id, Task.status == "open")
    )
    return list(tx.execute(query.order_by(Task.opened_at, Task.id)))


def enterprise_named(tx: Connection, name: str) -> Row[Any] | None:
    """The enterprise of this very name, where there is exactly one."""
    query: Any = (
        select(Unit.id, Unit.name, Enterprise.county_id, Enterprise.sector, Enterprise.township)
        .join(Enterprise, Enterprise.unit_id == Unit.id)
        .where(or_(Unit.name == name, Unit.short_name == name), Unit.active.is_(True))
    )
    found = list(tx.execute(query.limit(2)))
    return found[0] if len(found) == 1 else None


def publication(tx: Connection, campaign_id: str, kind: str, period: str) -> Row[Any] | None:
    query = select(Publication.id).where(
        Publication.campaign_id == campaign_id, Publication.kind == kind, Publication.period == period
    )
    return tx.execute(query).first()
