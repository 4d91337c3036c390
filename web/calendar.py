"""工作日历: the year, and what administrators enter."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, Response, make_response, render_template, request

from domain.errors import Invalid
from domain.holidays import STATUTORY
from services.plans import calendar
from web.http import actor, goes_to, now, settings, wants_json
from web.inputs import day, fresh_key, typed

blueprint = Blueprint("calendar", __name__, url_prefix="/calendar")

MAKEUP_DAYS = 3  # fields for make-up days beside each holiday


@blueprint.get("")
def index() -> Response:
    """This year."""
    return _page(now().astimezone(settings().zone).year)


@blueprint.get("/<int:year>")
def show(year: int) -> Response:
    """One year."""
    return _page(year)


@blueprint.post("/<int:year>")
def enter(year: int) -> Response:
    """Enter the official arrangement of a year."""
    try:
        done = calendar.enter_year(actor(), year, _entries(), now())
    except Invalid as error:
        if wants_json():
            raise
        return _page(year, error)
    return goes_to("calendar.show", year=year, said=_said(f"{year} 年节假日安排已录入。", done))


@blueprint.post("/days")
def set_day() -> Response:
    """Enter one day, or take it back."""
    which = day(typed("day"), "day")
    if which is None:
        raise Invalid(fields={"day": "请选择日期"})
    if typed("working") == "clear":
        done = calendar.clear_day(actor(), which, now())
    else:
        done = calendar.set_day(actor(), which, working=typed("working") == "yes", name=typed("name"), now=now())
    text = f"{which.month}月{which.day}日已更新。"
    return goes_to("calendar.show", year=which.year, said=_said(text, done))


def _entries() -> list[calendar.Entry]:
    return [
        calendar.Entry(
            name=name,
            first=day(typed(f"first-{i}"), f"first-{i}"),
            last=day(typed(f"last-{i}"), f"first-{i}"),
            makeup=_makeup(i),
        )
        for i, name in enumerate(STATUTORY)
    ]


def _makeup(i: int) -> tuple[date, ...]:
    found = (day(typed(f"makeup-{i}-{n}"), f"first-{i}") for n in range(MAKEUP_DAYS))
    return tuple(one for one in found if one)


def _said(text: str, done: calendar.Entered) -> str:
    return f"{text}正在按新日历重新计算 {done.recounted} 项在办任务的期限。" if done.recounted else text


def _page(year: int, error: Invalid | None = None) -> Response:
    shown = calendar.page(year, now())
    may_enter = bool(actor().roles & {"admin", "office"})
    sent = request.form if error else {}
    context = {
        "shown": shown,
        "error": error,
        "sent": sent,
        "may_enter": may_enter,
        "makeup_days": MAKEUP_DAYS,
        "command_key": fresh_key(),
        "today": now().astimezone(settings().zone).date(),
    }
    return make_response(render_template("calendar/show.html", **context), 422 if error else 200)
