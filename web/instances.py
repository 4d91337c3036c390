"""流程: one process instance with its diagram."""

from __future__ import annotations

from flask import Blueprint, Response

from services import instance_page
from web.http import actor, answers, as_json, now

blueprint = Blueprint("instances", __name__, url_prefix="/instances")


@blueprint.get("/<instance_id>")
def show(instance_id: str) -> Response:
    """One instance."""
    return answers("instances/show.html", shown=instance_page.page(actor(), instance_id, now()))


@blueprint.get("/<instance_id>/diagram")
def diagram(instance_id: str) -> Response:
    """The diagram with what happened on it, for the viewer."""
    return as_json(instance_page.diagram(actor(), instance_id))
