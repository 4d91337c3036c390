"""流程: one process instance with its diagram."""

from __future__ import annotations

from flask import Blueprint, Response, url_for

from services.tasks import instance_page
from web.http import actor, answers, as_json, now
from web.inputs import given

blueprint = Blueprint("instances", __name__, url_prefix="/instances")


@blueprint.get("/<instance_id>")
def show(instance_id: str) -> Response:
    """One instance."""
    shown = instance_page.page(actor(), instance_id, now(), call=given("call", 80))
    return answers("instances/show.html", shown=shown)


@blueprint.get("/<instance_id>/diagram")
def diagram(instance_id: str) -> Response:
    """The diagram with what happened on it, for the viewer."""
    drawn = instance_page.diagram(actor(), instance_id)
    shown = url_for("instances.show", instance_id=instance_id)
    links = {element: f"{shown}?call={element}#children" for element in drawn.badges}
    return as_json({**vars(drawn), "links": links})
