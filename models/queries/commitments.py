"""Commitments: who owes one, who has signed, how it was made public."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, case, func, literal, or_, select, tuple_
from sqlalchemy.orm import aliased

from models.directory import Enterprise, Person, Post, Unit
from models.queries.scope import inside, like
from models.records import Campaign, Signature, Submission
from models.running import Instance, Task

Elements = Sequence[tuple[str, str]]  # (process version id, element id)
_County = aliased(Unit)
DEPARTMENT = "department"  # kind of unit


def _papers(campaign_id: str, elements: Elements) -> Any:
    """One row a commitment, however many sign it: how many have to, how many have, by when the rest."""
    owing = Signature.id.is_(None)
    return (
        select(
            Task.instance_id,
            Task.unit_id,
            func.min(Task.id).label("task_id"),
            func.count().label("signers"),
            func.count(Signature.id).label("signatures"),
            func.max(Signature.signed_at).label("last_signed_at"),
            # what came after its limit is nobody's fault: it waits, but is not late
            func.min(case((and_(owing, Task.due_at > Task.opened_at), Task.due_at), else_=None)).label("waits_until"),
        )
        .select_from(Task)
        .join(Instance, Instance.id == Task.instance_id)
        .outerjoin(Signature, Signature.task_id == Task.id)
        .where(
            Task.campaign_id == campaign_id,
            Task.status != "withdrawn",
            tuple_(Instance.process_version_id, Task.element).in_(elements),
        )
        .group_by(Task.instance_id, Task.unit_id)
        .subquery("papers")
    )


def _of_units(papers: Any, *columns: Any) -> Any:
    return (
        select(*columns)
        .select_from(papers)
        .join(Unit, Unit.id == papers.c.unit_id)
        .outerjoin(Enterprise, Enterprise.unit_id == Unit.id)
    )


def _complete(papers: Any) -> Any:
    """Everybody who has to sign has signed."""
    return papers.c.signatures == papers.c.signers


def _scope(paths: Sequence[str] | None, leads: Sequence[str]) -> Any:
    return inside(paths) if paths is None else or_(inside(paths), Enterprise.sector_unit_id.in_(leads))


def counts(
    tx: Connection,
    campaign_id: str,
    elements: Elements,
    paths: Sequence[str] | None,
    leads: Sequence[str],
    now: datetime,
) -> list[Row[Any]]:
    """By level and kind of unit: how many owe one, how many have signed, how many are late."""
    papers = _papers(campaign_id, elements)
    query = _of_units(
        papers,
        Unit.level,
        Unit.kind,
        func.count().label("owed"),
        func.sum(case((_complete(papers), 1), else_=0)).label("signed"),
        func.sum(case((papers.c.waits_until < now, 1), else_=0)).label("late"),
    )
    return list(tx.execute(query.where(_scope(paths, leads)).group_by(Unit.level, Unit.kind)))


def page(
    tx: Connection,
    campaign_id: str,
    elements: Elements,
    *,
    paths: Sequence[str] | None,
    leads: Sequence[str],
    level: str,
    department: bool | None,
    text: str,
    state: str,
    after: str,
    limit: int,
) -> list[Row[Any]]:
    """Commitments of units of a level (departments only, or none of them), by the unit's code, from `after` on."""
    papers = _papers(campaign_id, elements)
    query = (
        _of_units(papers, papers.c.instance_id, papers.c.task_id, Unit.code, Unit.name.label("unit"))
        .where(_scope(paths, leads), Unit.level == level, Unit.code > after)
        .order_by(Unit.code, papers.c.task_id)
        .limit(limit)
    )
    if department is not None:
        query = query.where(Unit.kind == DEPARTMENT if department else Unit.kind != DEPARTMENT)
    if text:
        query = query.where(Unit.name.like(like(text), escape="!"))
    if state:
        query = query.where(_complete(papers) if state == "signed" else ~_complete(papers))
    return list(tx.execute(query))


def by_unit(tx: Connection, campaign_id: str, elements: Elements) -> list[Row[Any]]:
    """Commitments of all units but enterprises."""
    papers = _papers(campaign_id, elements)
    signed_at = case((_complete(papers), papers.c.last_signed_at), else_=None).label("signed_at")
    query = _of_units(papers, Unit.id.label("unit_id"), papers.c.waits_until.label("due_at"), signed_at)
    return list(tx.execute(query.where(Unit.level != "enterprise").order_by(papers.c.task_id)))


def signed_between(
    tx: Connection,
    campaign_id: str,
    elements: Elements,
    paths: Sequence[str] | None,
    since: datetime,
    until: datetime,
) -> list[Row[Any]]:
    """Units whose commitment became complete in this time, in the columns that figures are counted from."""
    papers = _papers(campaign_id, elements)
    at = papers.c.last_signed_at
    query = _of_units(
        papers,
        papers.c.instance_id.label("id"),
        at.label("at"),
        Unit.id.label("subject_id"),
        Unit.name.label("subject"),
        Enterprise.county_id,
        _County.short_name.label("county"),
        func.coalesce(Enterprise.township, "").label("township"),
        Unit.short_name.label("unit"),
        Unit.path.label("unit_path"),
        literal(1).label("n"),
        literal("commitment").label("kind"),
        literal("").label("text"),
        func.coalesce(Enterprise.sector, "").label("sector"),
        papers.c.task_id,
    )
    query = query.outerjoin(_County, _County.id == Enterprise.county_id)
    return list(
        tx.execute(
            query.where(_complete(papers), at >= since, at < until, inside(paths)).order_by(at, papers.c.task_id)
        )
    )


def signers(tx: Connection, instance_ids: Sequence[str], elements: Elements) -> dict[str, list[Any]]:
    """instance id -> who has to sign its commitment, and what they have signed."""
    query = (
        select(
            Task.instance_id,
            Task.id.label("task_id"),
            Task.due_at,
            Task.opened_at,
            Post.name.label("post"),
            Person.name.label("person"),
            Signature.signed_at,
            Signature.content_hash,
        )
        .select_from(Task)
        .join(Instance, Instance.id == Task.instance_id)
        .join(Post, Post.id == Task.post_id)
        .outerjoin(Signature, Signature.task_id == Task.id)
        .outerjoin(Person, Person.id == Signature.signed_by)
        .where(
            Task.instance_id.in_(instance_ids),
            Task.status != "withdrawn",
            tuple_(Instance.process_version_id, Task.element).in_(elements),
        )
        .order_by(Task.opened_at, Task.id)
    )
    found: dict[str, list[Any]] = {}
    for row in tx.execute(query):
        found.setdefault(row.instance_id, []).append(row)
    return found


def commitment(tx: Connection, task_id: str) -> Any:
    """One commitment by the task that signs it; None if there is none."""
    query = (
        select(
            Task.id.label("task_id"),
            Task.element,
            Task.status,
            Task.due_at,
            Task.campaign_id,
            Task.instance_id,
            Instance.process_version_id,
            Campaign.version_id,
            Unit.id.label("unit_id"),
            Unit.name.label("unit"),
            Unit.path,
            Unit.level,
            Enterprise.sector_unit_id,
        )
        .select_from(Task)
        .join(Instance, Instance.id == Task.instance_id)
        .join(Campaign, Campaign.id == Task.campaign_id)
        .join(Unit, Unit.id == Task.unit_id)
        .outerjoin(Enterprise, Enterprise.unit_id == Unit.id)
        .where(Task.id == task_id)
    )
    return tx.execute(query).first()


def publication(tx: Connection, instance_id: str, form_key: str) -> Any:
    """How the commitment was made public; None while it is not recorded."""
    query = (
        select(Submission.data, Submission.submitted_at)
        .where(Submission.instance_id == instance_id, Submission.form_key == form_key)
        .order_by(Submission.submitted_at.desc())
    )
    return tx.execute(query).first()
