"""When a timer is due. Computed once, on entry, from the advance's moment and plan; only a Tick fires it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from domain.workdays import Calendar, after
from engine.contract import Context
from engine.expressions import BadExpression, Language, as_moment, shown
from engine.model import Trigger

MAX_DAYS = 36_525  # a hundred years
_PART = r"(?:(\d{1,6})%s)?"
_DURATION = re.compile(
    "P" + "".join(_PART % unit for unit in "YMWD") + "(?:T" + "".join(_PART % unit for unit in "HMS") + ")?"
)
_CYCLE = re.compile(r"R(\d{0,4})/(P[0-9A-Z]{1,40})")


@dataclass(frozen=True)
class Duration:
    """An ISO 8601 duration: months count by the calendar (民法典 第二百零二条), the rest exactly."""

    months: int
    exact: timedelta

    def after(self, start: datetime, calendar: Calendar, times: int = 1) -> datetime:
        """The end of the duration, or of so many in a row, counted from `start` so that months do not drift."""
        moment = after(calendar, start, self.months * times, "month") if self.months else start
        return moment + self.exact * times


def read_duration(text: str) -> Duration:
    """`P3D`, `PT4H30M`, `P1M`, `P2W`; quotes around it are forgiven."""
    bare = unquoted(text)
    match = _DURATION.fullmatch(bare)
    if not match or bare.endswith(("P", "T")):
        raise BadExpression(f"“{shown(text)}”不是 ISO 8601 时长，例如 P3D、PT4H、P1M")
    years, months, weeks, days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    exact = timedelta(days=days + 7 * weeks, hours=hours, minutes=minutes, seconds=seconds)
    total = Duration(months + 12 * years, exact)
    if not 0 < total.exact.total_seconds() / 86_400 + 31 * total.months <= MAX_DAYS:
        raise BadExpression(f"时长“{shown(text)}”须大于零，且不超过一百年")
    return total


def read_cycle(text: str) -> tuple[int | None, Duration]:
    """`R3/PT1H`: how often, and how far apart; without a number for as long as the activity lasts."""
    match = _CYCLE.fullmatch(unquoted(text))
    if not match or match[1] in ("0", "00", "000", "0000"):
        raise BadExpression(f"“{shown(text)}”不是循环，只支持 R/P1D、R3/PT1H 这样的写法")
    return (int(match[1]) if match[1] else None), read_duration(match[2])


def read_moment(text: str) -> datetime | None:
    """An ISO literal with offset; None where the text is something else (an expression)."""
    try:
        moment = datetime.fromisoformat(unquoted(text))
    except ValueError:
        return None
    if moment.tzinfo is None:
        raise BadExpression(f"时间“{shown(text)}”须写明时区，例如 2022-01-10T24:00 写作 2022-01-11T00:00:00+08:00")
    return moment


def unquoted(text: str) -> str:
    """The text without the quotes that the library once demanded."""
    bare = text.strip()
    return bare[1:-1].strip() if len(bare) > 1 and bare[0] == bare[-1] and bare[0] in "'\"" else bare


@dataclass(frozen=True)
class Armed:
    """A timer that waits; `rnd` counts the rounds of a cycle from `start`."""

    due_at: datetime
    start: datetime
    rnd: int = 1


def arm(trigger: Trigger, context: Context, language: Language, local: Mapping[str, Any]) -> Armed:
    """The timer of an element that is entered now."""
    if trigger.timer == "date":
        literal = read_moment(trigger.expression)
        return Armed(literal or as_moment(language.value(trigger.expression, local)), context.now)
    if trigger.timer == "duration":
        step = _duration(trigger.expression, language, local)
    else:
        step = read_cycle(trigger.expression)[1]
    return Armed(step.after(context.now, context.calendar), context.now)


def rearm(trigger: Trigger, start: datetime, rnd: int, context: Context) -> Armed | None:
    """The next round of a cycle that is still to come; rounds missed meanwhile are not made up for."""
    if trigger.timer != "cycle":
        return None
    rounds, step = read_cycle(trigger.expression)
    rnd += 1
    if not step.months:
        rnd = max(rnd, (context.now - start) // step.exact + 1)
    while step.after(start, context.calendar, rnd) <= context.now:
        rnd += 1
    if rounds is not None and rnd > rounds:
        return None
    return Armed(step.after(start, context.calendar, rnd), start, rnd)


def _duration(expression: str, language: Language, local: Mapping[str, Any]) -> Duration:
    if unquoted(expression).startswith("P"):
        return read_duration(expression)
    value = language.value(expression, local)
    if not isinstance(value, str):
        raise BadExpression(f"表达式“{shown(expression)}”没有给出时长")
    return read_duration(value)
