"""Photos of visits, findings, hazards and clues: before and after. Who sees the thing sees its photos.

What may carry photos registers itself with `photo_subject`: how it is looked up under the reader's scope, and which
units work on it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any

from domain.authority import Actor
from domain.errors import Conflict, Forbidden, Invalid, NotFound
from domain.ledger import Tag
from models import Tx, new_id, reading
from models.queries import photos as rows
from services._command import command
from services._record import record
from services.tasks import _files
from services.tasks.attachments import Store, Stored, clean_name, take_in

MOMENTS = {"before": "整改前", "after": "整改后"}
MOST = 20
ONLY_PHOTOS = "只能上传照片（JPG、PNG、WebP）。"


@dataclass(frozen=True, kw_only=True)
class Subject:
    """A thing that carries photos: its campaign, and the units that may add to it (the office always may)."""

    campaign_id: str
    units: frozenset[str]
    also: tuple[tuple[str, str], ...] = ()  # other things whose photos are shown with it


Look = Callable[[Tx, Actor, str, datetime], Subject]
SUBJECTS: dict[str, Look] = {}


def photo_subject(name: str) -> Callable[[Look], Look]:
    """Register how a thing is looked up; the function raises NotFound, and Forbidden outside the reader's scope."""

    def register(look: Look) -> Look:
        SUBJECTS[name] = look
        return look

    return register


def _look(tx: Tx, actor: Actor, subject: str, subject_id: str, now: datetime) -> Subject:
    look = SUBJECTS.get(subject)
    if look is None:
        raise NotFound("没有找到要上传照片的事项。")
    return look(tx, actor, subject_id, now)


def _post(actor: Actor, found: Subject) -> Any:
    """The post by which somebody adds photos."""
    for post in actor.in_use:
        if post.unit_id in found.units or post.role == "office":
            return post
    return None


# -- adding and removing -----------------------------------------------------------------------------------------------
def add(
    actor: Actor, about: tuple[str, str], moment: str, name: str, content: IO[bytes], store: Store, now: datetime
) -> str:
    """Put a photo on a thing that one's unit works on; its id. The bytes are on disk before the row is."""
    name, (subject, subject_id) = clean_name(name), about
    if moment not in MOMENTS:
        raise Invalid(fields={"moment": "请选择整改前或者整改后"})
    with reading() as tx:
        # before the bytes are taken; what counts is the look in the transaction below
        _demand(actor, _look(tx, actor, subject, subject_id, now))
    media_type, digest, size = take_in(content, name, store, only=_files.IMAGES, refusal=ONLY_PHOTOS)
    photo_id = new_id()
    with command(actor, ("photo:add", subject, subject_id, moment, name, digest), {"id": photo_id}, now) as run:
        if run.replay is not None:
            return str(run.replay["id"])
        found = _look(run.tx, actor, subject, subject_id, now)
        post = _demand(actor, found)
        if rows.count(run.tx, subject, subject_id) >= MOST:
            raise Invalid(f"每件事最多 {MOST} 张照片。", fields={"photos": f"最多 {MOST} 张"})
        row: dict[str, Any] = {
            "id": photo_id,
            "campaign_id": found.campaign_id,
            "subject": subject,
            "subject_id": subject_id,
        }
        row |= {"moment": moment, "name": name, "media_type": media_type, "size": size, "sha256": digest}
        rows.add(run.tx, row | {"unit_id": post.unit_id, "added_at": now, "added_by": actor.person_id})
        data = {"photo": photo_id, "subject": subject, "subject_id": subject_id, "sha256": digest}
        _note(run.tx, Tag.PHOTO_ADD, actor, found, post, data, now)
    return photo_id


def _demand(actor: Actor, found: Subject) -> Any:
    post = _post(actor, found)
    if post is None:
        raise Forbidden("照片由承办单位、责任单位或者行动办公室上传。")
    return post


def remove(actor: Actor, photo_id: str, now: datetime) -> tuple[str, str]:
    """Take off a photo that one has added oneself; the office may take off any. What it belonged to."""
    with command(actor, ("photo:remove", photo_id), {"id": photo_id}, now) as run:
        row = rows.one(run.tx, photo_id)
        if row is None:
            raise NotFound("没有找到这张照片，可能已被删除。")
        found = _look(run.tx, actor, row.subject, row.subject_id, now)
        if not _may_remove(actor, row):
            raise Forbidden("照片由上传的人或者行动办公室删除。")
        if not rows.remove(run.tx, photo_id, now):
            raise Conflict("这张照片已被删除。")
        data = {"photo": photo_id, "subject": row.subject, "subject_id": row.subject_id}
        _note(run.tx, Tag.PHOTO_REMOVE, actor, found, _post(actor, found), data, now)
        return row.subject, row.subject_id


def _may_remove(actor: Actor, row: Any) -> bool:
    return row.added_by == actor.person_id or "office" in actor.roles


def _note(tx: Tx, tag: Tag, actor: Actor, found: Subject, post: Any, data: dict[str, str], now: datetime) -> None:
    about = {"unit_id": post.unit_id, "post_id": post.id} if post else {}
    record(tx, tag, now, actor, data, campaign_id=found.campaign_id, **about)


# -- looking -----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class Album:
    """The photos of a thing as its page shows them."""

    subject: str
    subject_id: str
    groups: tuple[tuple[str, tuple[tuple[Any, bool], ...]], ...]  # 整改前 or 整改后; row, whether it may be taken off
    may_add: bool
    most: int = MOST

    @property
    def count(self) -> int:
        return sum(len(lines) for _, lines in self.groups)


def album(actor: Actor, subject: str, subject_id: str, now: datetime) -> Album:
    """The photos of a thing the actor sees, with those of what it came from."""
    with reading() as tx:
        found = _look(tx, actor, subject, subject_id, now)
        shown = rows.of_subjects(tx, [(subject, subject_id), *found.also])
    lines = [(row, row.subject_id == subject_id and _may_remove(actor, row)) for row in shown]
    groups = [(title, tuple(line for line in lines if line[0].moment == key)) for key, title in MOMENTS.items()]
    return Album(
        subject=subject,
        subject_id=subject_id,
        groups=tuple((title, own) for title, own in groups if own),
        may_add=_post(actor, found) is not None,
    )


def opened(actor: Actor, photo_id: str, store: Store, now: datetime) -> Stored:
    """A photo of a thing that the actor may see."""
    with reading() as tx:
        row = rows.one(tx, photo_id)
        if row is None:
            raise NotFound("没有找到这张照片，可能已被删除。")
        _look(tx, actor, row.subject, row.subject_id, now)
    path = store.path(row.sha256)
    if not path.is_file():
        raise NotFound("照片的内容不在存储中，请联系系统管理员。")
    return Stored(path=path, name=row.name, media_type=row.media_type, shown=True)
