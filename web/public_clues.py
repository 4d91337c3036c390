"""群众举报: two pages for everybody, without an account: report something, and ask how it stands."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, make_response, render_template, request

from domain.errors import Invalid
from services.clues import clue_page, public_clues
from services.clues.clues import Intake
from services.clues.vault import FIELDS
from web.clues import vault
from web.errors import status_of
from web.http import browser, now
from web.inputs import fresh_key, typed

blueprint = Blueprint("public_clues", __name__, url_prefix="/public/clues")
LONGEST = 5000
INTAKE = ("kind", "subject", "text", "place", "county_id", "sector")
TRAP = "website"  # a field that people do not see; what fills it in is no person


@blueprint.route("", methods=["GET", "POST"])
def report() -> Response:
    """Report something; the receipt code is on the answer and nowhere else."""
    if request.method == "GET":
        return _form()
    if typed(TRAP):
        return _form(Invalid("提交未被接受，请重新填写。"))
    try:
        made = public_clues.report(
            Intake(channel="web", **{name: typed(name, LONGEST) for name in INTAKE}),
            {name: typed(name) for name in FIELDS},
            vault(),
            form=typed("command_key", 80) or fresh_key(),
            visitor=browser().csrf,
            address=request.remote_addr or "",
            now=now(),
        )
    except Invalid as error:
        return _form(error)
    return _private(make_response(render_template("clues/public_made.html", made=made), 201))


@blueprint.route("/receipt", methods=["GET", "POST"])
def receipt() -> Response:
    """How a clue stands."""
    state, error = "", None
    if request.method == "POST":
        try:
            state = public_clues.ask(typed("code", 80), vault(), address=request.remote_addr or "", now=now())
        except Invalid as refused:
            error = refused
    html = render_template("clues/public_receipt.html", state=state, error=error)
    return _private(make_response(html, status_of(error) if error else 200))


def _form(error: Invalid | None = None) -> Response:
    values: dict[str, Any] = {name: typed(name, LONGEST) for name in (*INTAKE, *FIELDS)}
    key = typed("command_key", 80) or fresh_key()
    html = render_template(
        "clues/public_new.html", choices=clue_page.choices(None), values=values, error=error, key=key, trap=TRAP
    )
    return _private(make_response(html, status_of(error) if error else 200))


def _private(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response
