"""阶段关口: what a leader signs."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, render_template, request

from domain.errors import Invalid
from services.tasks import gates, tasks
from web.http import actor, answers, confirmation, goes_to, must_confirm, now, wants_json
from web.inputs import fresh_key, typed

blueprint = Blueprint("gates", __name__, url_prefix="/gates")


@blueprint.get("")
def index() -> Response:
    """All gates of running campaigns."""
    return answers("gates/index.html", lines=gates.lines(actor(), now()))


@blueprint.get("/<task_id>")
def show(task_id: str) -> Response:
    """One gate."""
    return _page(task_id)


@blueprint.post("/<task_id>")
def sign(task_id: str) -> Response:
    """Sign it, or send it back with an opinion."""
    opinion = typed("opinion", 2000)
    shown = gates.page(actor(), task_id, now())
    try:
        done = tasks.complete(
            actor(),
            task_id,
            answers=gates.answers_of(shown, opinion),
            outcome=request.form.get("outcome"),
            opinion=opinion,
            version=request.form.get("version", type=int),
            confirmed=confirmation(request.form.get("password", "")),
            now=now(),
        )
    except Invalid as error:
        if wants_json():
            raise
        return _page(task_id, error, opinion)
    return goes_to("sign_offs.index", data=done, said="意见已签署并记入台账。")


def _page(task_id: str, error: Invalid | None = None, opinion: str = "") -> Response:
    shown = gates.page(actor(), task_id, now())
    context = {
        "shown": shown,
        "wrong": gates.complaint(shown, error, opinion) if error else "",
        "wrong_password": error.fields.get("password", "") if error else "",
        "must_confirm": shown.mine and must_confirm(),
        "opinion": opinion,
        "command_key": fresh_key(),
        "by_place": gates.by_place,
    }
    return make_response(render_template("gates/show.html", **context), 422 if error else 200)
