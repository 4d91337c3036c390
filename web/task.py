"""The page of a task, its draft, its completion, its diagram."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, url_for
from marshmallow import Schema, ValidationError, fields

from domain.errors import Invalid
from services.tasks import inbox, task_page, tasks
from web.http import actor, answers, as_json, confirmation, now, say, sends_to
from web.limits import json_object

blueprint = Blueprint("task", __name__, url_prefix="/tasks")

LONGEST_OPINION = 2000


class Completion(Schema):
    """The body of a completion; unknown keys are refused."""

    answers = fields.Dict(keys=fields.String(), load_default=dict)
    outcome = fields.String(allow_none=True, load_default=None)
    opinion = fields.String(load_default="")
    version = fields.Integer(strict=True, allow_none=True, load_default=None)
    password = fields.String(load_default="")


class DraftBody(Schema):
    """The body of a draft."""

    data = fields.Dict(keys=fields.String(), required=True)


_COMPLETION = Completion()
_DRAFT = DraftBody()


@blueprint.get("/<task_id>")
def show(task_id: str) -> Response:
    """The task."""
    page = task_page.page(actor(), task_id, now())
    if page.element.stage and page.may_complete:
        # a leader signs on the gate's own page, where the figures stand
        return sends_to(url_for("gates.show", task_id=task_id))
    if page.element.sign_off and page.may_complete:
        return sends_to(url_for("sign_offs.show", task_id=task_id))
    return answers("task/show.html", data=page)


@blueprint.get("/<task_id>/diagram")
def diagram(task_id: str) -> Response:
    """The diagram of the task's process, for the viewer."""
    return as_json(task_page.diagram(actor(), task_id))


@blueprint.put("/<task_id>/draft")
def draft(task_id: str) -> Response:
    """Keep what was typed."""
    tasks.save_draft(actor(), task_id, loaded(_DRAFT)["data"], now())
    return as_json({"saved_at": now()})


@blueprint.post("/<task_id>/complete")
def complete(task_id: str) -> Response:
    """Complete the task from its page; the answer says where to go on."""
    answer = completed(task_id)
    following = inbox.next_task(actor(), now())
    say("已办结。下面是您的下一项待办。" if following else "已办结，您的待办已全部办完。")
    address = url_for("task.show", task_id=following) if following else url_for("inbox.todo")
    return as_json(answer | {"next": address})


def completed(task_id: str) -> dict[str, Any]:
    """Complete the task with the request's body."""
    body = loaded(_COMPLETION)
    confirmed = confirmation(body.pop("password"))
    return tasks.complete(actor(), task_id, confirmed=confirmed, now=now(), **body)


def loaded(schema: Schema) -> dict[str, Any]:
    """The request's JSON as the schema wants it; Invalid names the keys that are wrong."""
    try:
        found: dict[str, Any] = schema.load(json_object())
    except ValidationError as fault:
        raise Invalid(
            "请求的内容不符合要求。", fields=dict.fromkeys(map(str, fault.messages_dict), "不符合要求")
        ) from fault
    return found
