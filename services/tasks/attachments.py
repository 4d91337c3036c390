"""Files of a task: checked by their content, kept once by their hash outside the web's reach, given out as files."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import secrets
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from domain.authority import Actor
from domain.errors import Conflict, Forbidden, Invalid, NotFound, StorageFull, TooLarge
from domain.ledger import Tag
from models import Tx, new_id, reading
from models.queries import attachments as rows
from models.queries import running
from models.queries import task_page as task_rows
from services._command import command
from services._record import record
from services.tasks import _files
from services.tasks.task_page import visible

MOST_FILES = 20
LONGEST_NAME = 120
_CHUNK = 1 << 20
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True)
class Store:
    """Where the bytes lie, and how large a file may be."""

    folder: Path
    max_bytes: int

    def path(self, sha256: str) -> Path:
        """The place of a content."""
        return self.folder / sha256[:2] / sha256


@dataclass(frozen=True, kw_only=True)
class Stored:
    """A file to be handed out."""

    path: Path
    name: str
    media_type: str
    shown: bool  # whether a browser may show it in place


def add(actor: Actor, task_id: str, name: str, content: IO[bytes], store: Store, now: datetime) -> str:
    """Put a file on an open task of one's post; its id. The bytes are on disk before the row is."""
    name = clean_name(name)
    with reading() as tx:
        # before the bytes are taken; what counts is the look under the lock below
        _refuse_stranger(actor, task_rows.task(tx, task_id))
    media_type, digest, size = take_in(content, name, store)
    attachment_id = new_id()
    asked = ("attachment:add", task_id, name, digest)
    with command(actor, asked, {"id": attachment_id}, now) as run:
        if run.replay is not None:
            return str(run.replay["id"])
        _refuse_stranger(actor, running.open_task(run.tx, task_id))
        if rows.count(run.tx, task_id) >= MOST_FILES:
            raise Invalid(f"每项任务最多 {MOST_FILES} 个附件。")
        row = {"id": attachment_id, "task_id": task_id, "name": name, "media_type": media_type, "size": size}
        rows.add(run.tx, row | {"sha256": digest, "added_at": now, "added_by": actor.person_id})
        _note(run.tx, Tag.ATTACHMENT_ADD, actor, task_id, {"attachment": attachment_id, "sha256": digest}, now)
    return attachment_id


def remove(actor: Actor, attachment_id: str, now: datetime) -> str:
    """Take a file off an open task of one's post; the task's id."""
    with command(actor, ("attachment:remove", attachment_id), {"id": attachment_id}, now) as run:
        found = rows.attachment(run.tx, attachment_id)
        if found is None:
            raise NotFound("没有找到这个附件，可能已被删除。")
        _refuse_stranger(actor, running.open_task(run.tx, found.task_id))
        if rows.remove(run.tx, attachment_id, now):
            _note(run.tx, Tag.ATTACHMENT_REMOVE, actor, found.task_id, {"attachment": attachment_id}, now)
    return str(found.task_id)


def opened(actor: Actor, attachment_id: str, store: Store) -> Stored:
    """A file of a task that the actor may see."""
    with reading() as tx:
        found = rows.attachment(tx, attachment_id)
        if found is None:
            raise NotFound("没有找到这个附件，可能已被删除。")
        visible(tx, actor, found.task_id)
    path = store.path(found.sha256)
    if not path.is_file():
        raise NotFound("附件的内容不在存储中，请联系系统管理员。")
    shown = found.media_type in _files.SHOWN
    return Stored(path=path, name=found.name, media_type=found.media_type, shown=shown)


def of_task(actor: Actor, task_id: str) -> tuple[Any, ...]:
    """The files of a task that the actor may see."""
    with reading() as tx:
        visible(tx, actor, task_id)
        return tuple(task_rows.attachments(tx, [task_id]))


def clean_name(name: str) -> str:
    """The last part of a name without control characters; its ending is kept when it is cut."""
    last = _CONTROL.sub("", name.replace("\\", "/").rsplit("/", 1)[-1]).strip(" .")
    if not last or "." not in last:
        raise Invalid("文件名没有扩展名，不能上传。", fields={"file": "文件名没有扩展名。"})
    stem, _, ending = last.rpartition(".")
    return f"{stem[: LONGEST_NAME - len(ending) - 1]}.{ending}"


def _refuse_stranger(actor: Actor, task: Any) -> None:
    if task is None or task.status != "open":
        raise Conflict("该任务已办结或收回，附件不能再改动。")
    if actor.post(task.post_id) is None:
        raise Forbidden("这项任务不属于您的岗位，不能改动它的附件。")


def _note(tx: Tx, tag: Tag, actor: Actor, task_id: str, data: dict[str, str], now: datetime) -> None:
    task = task_rows.task(tx, task_id)
    if task is not None:
        about = {"instance_id": task.instance_id, "campaign_id": task.campaign_id, "unit_id": task.unit_id}
        record(tx, tag, now, actor, data, task_id=task_id, post_id=task.post_id, **about)


def take_in(
    content: IO[bytes], name: str, store: Store, *, only: Collection[str] | None = None, refusal: str = ""
) -> tuple[str, str, int]:
    """Put the bytes into the store: media type, hash and number. What is none of `only` is refused."""
    with _received(content, store) as (draft, digest, size):
        media_type = _files.media_type_of(draft, name)
        if only is not None and media_type not in only:
            raise Invalid(refusal, fields={"file": refusal})
        _keep(draft, store.path(digest))
    return media_type, digest, size


# -- bytes -------------------------------------------------------------------------------------------------------------
@contextmanager
def _received(content: IO[bytes], store: Store) -> Iterator[tuple[Path, str, int]]:
    """The bytes in a draft beside their final place, with their hash and number; the draft is gone at the end."""
    with _full_disk_is_said():
        incoming = store.folder / "incoming"
        incoming.mkdir(parents=True, exist_ok=True)
        draft = incoming / secrets.token_hex(16)
        try:
            digest, size = _written(content, draft, store.max_bytes)
            yield draft, digest, size
        finally:
            draft.unlink(missing_ok=True)


def _written(content: IO[bytes], draft: Path, limit: int) -> tuple[str, int]:
    hasher, size = hashlib.sha256(), 0
    with draft.open("xb") as handle:
        while chunk := content.read(_CHUNK):
            size += len(chunk)
            if size > limit:
                raise TooLarge(f"单个附件不能超过 {limit // (1024 * 1024)} MB。")
            hasher.update(chunk)
            handle.write(chunk)
        handle.flush()
        os.fsync(handle.fileno())
    return hasher.hexdigest(), size


def _keep(draft: Path, place: Path) -> None:
    """Move the draft to its place; the same content that is there already stays."""
    if place.exists():
        return
    place.parent.mkdir(parents=True, exist_ok=True)
    draft.chmod(0o440)
    draft.replace(place)
    folder = os.open(place.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


@contextmanager
def _full_disk_is_said() -> Iterator[None]:
    try:
        yield
    except OSError as fault:
        if fault.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StorageFull from fault
        raise
