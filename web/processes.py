"""Starting a process by hand, as JSON."""

from __future__ import annotations

from flask import Blueprint, Response
from marshmallow import Schema, fields

from services.running import processes
from web.http import actor, as_json, now
from web.task import loaded

blueprint = Blueprint("processes", __name__, url_prefix="/api/instances")


class Beginning(Schema):
    """The body of a start; unknown keys are refused."""

    process = fields.String(required=True)
    unit = fields.String(required=True)
    campaign = fields.String(allow_none=True, load_default=None)
    variables = fields.Dict(keys=fields.String(), load_default=dict)


_BEGINNING = Beginning()


@blueprint.post("")
def start() -> Response:
    """Start the newest edition of a process for a unit: {process, unit, campaign, variables}."""
    body = loaded(_BEGINNING)
    answer = processes.start(
        actor(),
        body["process"],
        unit_id=body["unit"],
        variables=body["variables"],
        campaign_id=body["campaign"],
        now=now(),
    )
    return as_json(answer, 201)
