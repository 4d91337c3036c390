"""Publications (三公开): started when a clue is concluded, listed, shown to the public, withdrawn with a reason."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from domain.authority import Actor
from domain.errors import Conflict, Forbidden, Invalid, NotFound
from domain.ledger import Tag
from domain.workdays import BEIJING
from models import Tx, reading
from models.queries import publications as rows
from services._command import command
from services._record import record
from services._scope import paths_of
from services.plans.versions import edition_of
from services.publications.publication_actions import note_of
from services.running import starts
from services.tasks.inbox import cursor, parsed_cursor

RESULT_PROCESS = "publish_result"
KINDS = {"assignment_list": "交办清单（每日）", "weekly_progress": "清单和进展（每周）", "result": "办理结果"}
# what everybody may read beside these; its own page and its withdrawal are elsewhere
PUBLIC_KINDS = {**KINDS, "ranking": "考评排队（每月）"}
STATES = {"draft": "待审批", "published": "已公开", "withdrawn": "已撤回"}
PAGE = 30
LONGEST_REASON = 400


def publish_result_later(tx: Tx, clue_id: str, now: datetime) -> None:
    """Behind this commit the result of a concluded clue goes the way to its publication, where the plan has one."""
    clue = rows.clue(tx, clue_id)
    if clue is None or RESULT_PROCESS not in edition_of(tx, clue.version_id).processes:
        return
    starts.start_later(
        tx,
        campaign_id=clue.campaign_id,
        process=RESULT_PROCESS,
        unit_id=clue.owner_unit_id,
        key=clue.id,
        title=f"办理结果公开：线索 {clue.number}（{clue.subject}）",
        inputs={"clue_id": clue.id},
        now=now,
    )


# -- lists -------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class Filters:
    """What somebody asked to see."""

    kind: str = ""
    unit_id: str = ""
    since: date | None = None
    until: date | None = None
    after: str = ""


@dataclass(frozen=True, kw_only=True)
class ListPage:
    """A page of publications, the latest first."""

    rows: tuple[Any, ...]
    publishers: tuple[tuple[str, str], ...]
    next_after: str


def public_page(filters: Filters) -> ListPage:
    """What stands published, for everybody."""
    with reading() as tx:
        return _page(tx, filters, public=True)


def page(actor: Actor, filters: Filters) -> ListPage:
    """Publications of the units one sees, drafts and withdrawn ones too."""
    with reading() as tx:
        return _page(tx, filters, public=False, paths=paths_of(actor))


def _page(tx: Tx, filters: Filters, *, public: bool, paths: Any = None) -> ListPage:
    before = parsed_cursor(filters.after) if filters.after else None
    if before is not None and before[0] is None:
        raise Invalid("页码有误，请回到第一页。")
    kinds = PUBLIC_KINDS if public else KINDS
    found = rows.page(
        tx,
        tuple(kinds),
        paths=paths,
        public=public,
        kind=filters.kind if filters.kind in kinds else "",
        unit_id=filters.unit_id,
        since=_start(filters.since),
        until=_start(filters.until, 1),
        before=before,
        limit=PAGE + 1,
    )
    last = found[PAGE - 1] if len(found) > PAGE else None
    at = (last.published_at if public else last.compiled_at) if last else None
    return ListPage(
        rows=tuple(found[:PAGE]),
        publishers=tuple((row.id, row.name) for row in rows.publishers(tx, tuple(kinds))),
        next_after=cursor(at, last.id) if last else "",
    )


def _start(day: date | None, more: int = 0) -> datetime | None:
    return datetime.combine(day + timedelta(days=more), time.min, BEIJING) if day else None


# -- one ---------------------------------------------------------------------------------------------------------------
def public_one(publication_id: str) -> Any:
    """A publication for everybody; what was withdrawn is gone."""
    with reading() as tx:
        row = rows.one(tx, publication_id)
    if row is None or row.audience != "public" or row.status == "draft" or row.kind not in PUBLIC_KINDS:
        raise NotFound("没有找到这项公开内容。")
    if row.status == "withdrawn":
        raise NotFound("这项公开内容已撤回。")
    return row


def one(actor: Actor, publication_id: str) -> Any:
    """A publication of a unit one sees, in whatever state."""
    with reading() as tx:
        row = rows.one(tx, publication_id)
    if row is None or row.kind not in KINDS:
        raise NotFound("没有找到这项公开内容。")
    if not actor.sees(row.path):
        raise Forbidden("该公开内容不在您的数据范围内。")
    return row


@dataclass(frozen=True, kw_only=True)
class Content:
    """What a process is about to publish, exactly as it will stand, with what the editor has written so far."""

    kind: str
    title: str
    content: Any
    body: str
    media: str


def of_instance(instance_id: str) -> Content | None:
    """What a process publishes; None where it is about something else."""
    with reading() as tx:
        row = rows.of_instance(tx, instance_id)
        if row is None or row.kind not in KINDS:
            return None
        note = note_of(tx, instance_id)
    return Content(kind=row.kind, title=row.title, content=row.content, **note)


def withdraw(actor: Actor, publication_id: str, reason: str, now: datetime) -> None:
    """Take a publication back: the public sees it no more, the reason stays."""
    if "office" not in actor.roles:
        raise Forbidden("公开内容由办公室撤回。")
    reason = reason.strip()
    if not 5 <= len(reason) <= LONGEST_REASON:
        raise Invalid(fields={"reason": f"请写明撤回理由，5 至 {LONGEST_REASON} 个字。"})
    with command(actor, ("publications.withdraw", publication_id, reason), {}, now) as run:
        if run.replay is not None:
            return
        row = rows.locked(run.tx, publication_id)
        if row is None or row.kind not in KINDS:
            raise NotFound("没有找到这项公开内容。")
        if row.status != "published":
            raise Conflict("这项内容没有公开或已经撤回。")
        rows.change(run.tx, row.id, status="withdrawn", withdrawn_at=now, withdrawn_for=reason)
        data = {"publication": row.id, "title": row.title, "reason": reason}
        record(run.tx, Tag.PUBLICATION_WITHDRAW, now, actor, data, campaign_id=row.campaign_id)
