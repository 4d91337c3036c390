"""Photos of visits, findings, hazards and clues: upload several, look at one, take one off."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, render_template, request, url_for
from werkzeug.datastructures import FileStorage

from domain.errors import DomainError, Invalid, NotFound
from services.tasks import photos
from web.attachments import given, store
from web.http import actor, as_json, now, say, sends_to, wants_json
from web.inputs import typed

blueprint = Blueprint("photos", __name__, url_prefix="/photos")

# the page that a thing's photos stand on
PAGES = {
    "inspection": ("inspections.show", "inspection_id"),
    "finding": ("findings.show", "finding_id"),
    "hazard": ("hazards.show", "hazard_id"),
    "clue": ("clues.show", "clue_id"),
}


@blueprint.post("/<subject>/<subject_id>")
def add(subject: str, subject_id: str) -> Response:
    """Upload photos; those that are refused are named, the others stay."""
    address = _page(subject, subject_id)
    uploads = [one for one in request.files.getlist("photos") if one.filename]
    if not uploads:
        raise Invalid("请选择要上传的照片。", fields={"photos": "请选择照片"})
    done, refused = _added(subject, subject_id, uploads)
    if not done:
        raise refused[0][1]
    if wants_json():
        return as_json({"ids": done, "refused": [f"“{name}”：{fault.message}" for name, fault in refused]}, 201)
    said = f"已上传 {len(done)} 张照片。" + "".join(f"“{name}”没有上传：{fault.message}" for name, fault in refused)
    say(said, "warning" if refused else "success")
    return sends_to(address)


def _added(
    subject: str, subject_id: str, uploads: list[FileStorage]
) -> tuple[list[str], list[tuple[str, DomainError]]]:
    done: list[str] = []
    refused: list[tuple[str, DomainError]] = []
    for one in uploads:
        name = str(one.filename)
        try:
            about = (subject, subject_id)
            done.append(photos.add(actor(), about, typed("moment"), name, one.stream, store(), now()))
        except DomainError as fault:
            refused.append((name, fault))
    return done, refused


@blueprint.get("/<photo_id>")
def show(photo_id: str) -> Response:
    """The photo in place."""
    return given(photos.opened(actor(), photo_id, store(), now()), inline=True)


@blueprint.post("/<photo_id>/remove")
def remove(photo_id: str) -> Response:
    """Take it off."""
    subject, subject_id = photos.remove(actor(), photo_id, now())
    if wants_json():
        return as_json({})
    return sends_to(_page(subject, subject_id), "照片已删除。")


def _page(subject: str, subject_id: str) -> str:
    if subject not in PAGES:
        raise NotFound("没有找到要上传照片的事项。")
    endpoint, argument = PAGES[subject]
    values: dict[str, Any] = {argument: subject_id}
    return f"{url_for(endpoint, **values)}#photos"


def section(subject: str, subject_id: str) -> str:
    """The photos of a thing, as a part of its page."""
    album = photos.album(actor(), subject, subject_id, now())
    values: dict[str, Any] = {"album": album, "moments": photos.MOMENTS}
    return render_template("photos/section.html", **values)
