"""Files of tasks: upload, list, preview, download, remove."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, render_template, request, send_file

from domain.errors import Invalid, NotFound
from services.tasks import attachments
from web.http import actor, as_json, goes_to, now, settings
from web.limits import MEGABYTE

blueprint = Blueprint("attachments", __name__)

# What somebody uploaded is shown without scripts, forms or a way back to our pages.
FILE_POLICY = "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; sandbox"
PDF_POLICY = "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'"


@blueprint.post("/tasks/<task_id>/attachments")
def add(task_id: str) -> Response:
    """Upload one file."""
    upload = request.files.get("file")
    if upload is None or not upload.filename:
        raise Invalid("请选择要上传的文件。", fields={"file": "请选择文件"})
    new = attachments.add(actor(), task_id, upload.filename, upload.stream, store(), now())
    return as_json({"id": new}, 201)


@blueprint.get("/tasks/<task_id>/attachments")
def of_task(task_id: str) -> Response:
    """The list of a task's files, as a part of its page."""
    files = attachments.of_task(actor(), task_id)
    editable = request.args.get("edit") == "1"
    return make_response(render_template("task/files.html", files=files, editable=editable))


@blueprint.get("/attachments/<attachment_id>")
def download(attachment_id: str) -> Response:
    """The file, to be saved."""
    return given(attachments.opened(actor(), attachment_id, store()), inline=False)


@blueprint.get("/attachments/<attachment_id>/preview")
def preview(attachment_id: str) -> Response:
    """A picture or a PDF in place."""
    found = attachments.opened(actor(), attachment_id, store())
    if not found.shown:
        raise NotFound("这种文件不能预览，请下载后查看。")
    return given(found, inline=True)


@blueprint.post("/attachments/<attachment_id>/remove")
def remove(attachment_id: str) -> Response:
    """Take a file off its task."""
    task_id = attachments.remove(actor(), attachment_id, now())
    return goes_to("task.show", said="附件已删除。", task_id=task_id)


def store() -> attachments.Store:
    """The installation's store."""
    own = settings()
    return attachments.Store(own.var_dir / "attachments", own.max_upload_mb * MEGABYTE)


def given(found: attachments.Stored, *, inline: bool) -> Response:
    """A stored file as an answer, without scripts."""
    response = send_file(
        found.path, mimetype=found.media_type, as_attachment=not inline, download_name=found.name, conditional=True
    )
    response.headers["Content-Security-Policy"] = PDF_POLICY if found.media_type == "application/pdf" else FILE_POLICY
    response.headers["Cache-Control"] = "private, no-store"
    return response
