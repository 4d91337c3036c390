"""审计日志: searching the ledger."""

from __future__ import annotations

from flask import Blueprint, Response

from services.upkeep import audit
from web.excel import sends
from web.http import answers
from web.inputs import given, pages

blueprint = Blueprint("audit", __name__, url_prefix="/audit")

FIELDS = ("subject", "tag", "person", "unit", "since", "until", "before")


@blueprint.get("")
def index() -> Response:
    """Events, the newest first."""
    asked = _asked()
    shown = audit.page(asked)
    return answers("audit/index.html", shown=shown, asked=asked, links=pages("before", shown.next_before))


@blueprint.get("/export")
def export() -> Response:
    """The events found as an Excel file."""
    return sends("审计日志", audit.sheet(_asked()))


def _asked() -> audit.Filters:
    return audit.Filters(**{name: given(name) for name in FIELDS})
