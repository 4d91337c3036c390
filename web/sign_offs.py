"""签批: what waits for somebody's signature, and the page on which it is given."""

from __future__ import annotations

from flask import Blueprint, Response, url_for

from services.publications import publications
from services.tasks import sign_offs
from web.http import actor, answers, as_json, must_confirm, now, say, sends_to
from web.inputs import given, pages
from web.policy import POLICY
from web.task import completed

blueprint = Blueprint("sign_offs", __name__, url_prefix="/sign-offs")


@blueprint.get("")
def index() -> Response:
    """What waits, the first due first, and what was signed."""
    shown = sign_offs.page(actor(), given("after", 60), now())
    links = pages("after", shown.next_after)
    may_see_gates = POLICY["gates.index"].allows(actor())
    return answers("sign_offs/index.html", shown=shown, links=links, may_see_gates=may_see_gates)


@blueprint.get("/<task_id>")
def show(task_id: str) -> Response:
    """One thing to sign."""
    shown = sign_offs.one(actor(), task_id, now())
    if shown.task.element.stage and shown.task.may_complete:
        return sends_to(url_for("gates.show", task_id=task_id))
    asks = shown.task.may_complete and must_confirm()
    publication = publications.of_instance(shown.task.row.instance_id)
    return answers("sign_offs/show.html", shown=shown, publication=publication, must_confirm=asks)


@blueprint.post("/<task_id>")
def sign(task_id: str) -> Response:
    """Sign it or send it back; the answer says where to go on."""
    answer = completed(task_id)
    following = sign_offs.next_task(actor())
    say("已签署并记入台账。" + ("下面是您的下一项签批。" if following else "您的签批事项已全部办完。"))
    address = url_for("sign_offs.show", task_id=following) if following else url_for("sign_offs.index")
    return as_json(answer | {"next": address})
