"""人员与岗位: accounts, who holds which post since when, vacant posts."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, make_response, render_template, request

from domain.errors import Invalid
from services.directory import directory, people
from services.directory import units as unit_pages
from web.http import actor, answers, goes_to, now, rules, wants_json
from web.inputs import given, pages, typed

blueprint = Blueprint("people", __name__, url_prefix="/people")


@blueprint.get("")
def index() -> Response:
    """People by login name."""
    text, after = given("q"), given("after")
    shown = people.page(text, after, now())
    return answers("people/index.html", shown=shown, text=text, links=pages("after", shown.next_after))


@blueprint.route("/new", methods=["GET", "POST"])
def new() -> Response:
    """Add somebody; the one-time password is on the answer and nowhere else."""
    if request.method == "GET":
        return _new_page()
    try:
        made = people.create(
            actor(),
            username=typed("username"),
            name=typed("name"),
            post_id=typed("post"),
            min_length=rules().password_min_length,
            now=now(),
        )
    except Invalid as error:
        if wants_json():
            raise
        return _new_page(error)
    return answers("people/made.html", made=made, title="人员已新增", status=201)


def _new_page(error: Invalid | None = None) -> Response:
    text = typed("find") if error else given("find")
    context: dict[str, Any] = {
        "error": error,
        "find": text,
        "posts": people.posts_found(text),
        "username": typed("username") if error else given("username"),
        "name": typed("name") if error else given("name"),
        "post": typed("post") if error else given("post"),
    }
    return make_response(render_template("people/new.html", **context), 422 if error else 200)


@blueprint.get("/<person_id>")
def show(person_id: str) -> Response:
    """One person."""
    text = given("find")
    return answers("people/show.html", shown=people.one(person_id, text, now()), find=text)


@blueprint.post("/<person_id>/account")
def change(person_id: str) -> Response:
    """Rename, close, open again or unlock an account."""
    what = typed("what")
    if what == "rename":
        directory.rename_person(actor(), person_id, typed("name"), now())
    elif what in ("close", "open"):
        directory.set_active(actor(), person_id, what == "open", now())
    elif what == "unlock":
        directory.unlock(actor(), person_id, now())
    else:
        raise Invalid("请选择要做的修改。")
    said = {
        "rename": "姓名已修改。",
        "close": "账号已停用，其登录已全部退出。",
        "open": "账号已启用。",
        "unlock": "账号已解锁。",
    }
    return goes_to("people.show", person_id=person_id, said=said[what])


@blueprint.post("/<person_id>/password")
def reset(person_id: str) -> Response:
    """Give a one-time password again."""
    made = people.reset(actor(), person_id, min_length=rules().password_min_length, now=now())
    return answers("people/made.html", made=made, title="口令已重置")


@blueprint.get("/units")
def units() -> Response:
    """Units by code, found by any of their names."""
    text, level = given("q"), given("level")
    shown = unit_pages.page(text, level, given("after", 120))
    asked = {"text": text, "level": level}
    links = pages("after", shown.next_after)
    return answers("people/units.html", shown=shown, asked=asked, levels=people.LEVELS, links=links)


@blueprint.get("/units/<unit_id>")
def unit(unit_id: str) -> Response:
    """One unit: every name, every post."""
    return answers("people/unit.html", shown=unit_pages.one(unit_id, now()))


@blueprint.get("/posts")
def posts() -> Response:
    """Posts by unit, with their holders."""
    text, level, vacant = given("q"), given("level"), given("vacant") == "1"
    shown = people.posts(text, level, vacant, given("after", 120), now())
    asked = {"text": text, "level": level, "vacant": vacant}
    following = pages("after", shown.next_after)
    return answers("people/posts.html", shown=shown, asked=asked, levels=people.LEVELS, links=following)


@blueprint.get("/posts/<post_id>")
def post(post_id: str) -> Response:
    """One post over time."""
    text = given("find")
    return answers("people/post.html", shown=people.post(post_id, text, now()), find=text)


@blueprint.post("/posts/<post_id>/holders")
def give(post_id: str) -> Response:
    """Give the post to somebody, or let somebody stand in."""
    directory.set_holding(actor(), post_id, typed("person"), now(), kind=typed("kind") or "holder")
    return _back(post_id, "任职已更新。")


@blueprint.post("/holdings/<holding_id>/end")
def end(holding_id: str) -> Response:
    """The person does not hold the post any longer."""
    directory.end_holding(actor(), holding_id, now())
    return _back(typed("post"), "任职已结束。")


def _back(post_id: str, said: str) -> Response:
    """To the page the form stood on."""
    if typed("from") == "person" and typed("person_page"):
        return goes_to("people.show", person_id=typed("person_page"), said=said)
    return goes_to("people.post", post_id=post_id, said=said)
