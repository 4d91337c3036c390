"""Timers counted again after the working calendar has changed: each from the moment it was set, nothing else moves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from domain.workdays import Calendar
from engine.codec import restore
from engine.contract import Context
from engine.events import Catch
from engine.expressions import BadExpression, Language
from engine.model import Trigger
from engine.process import Process
from engine.timers import arm
from engine.tokens import Instance, Token

COUNTING = ("deadline", "after")  # functions that may count working days


def may_count(process: Process, element: str) -> bool:
    """Whether a timer of the element may depend on the working calendar."""
    node = process.node(element)
    return node is not None and any(_may_count(trigger) for trigger in node.triggers)


def _may_count(trigger: Trigger) -> bool:
    return trigger.timer == "date" and any(name in trigger.expression for name in COUNTING)


def due_again(process: Process, state: str, timers: Mapping[str, datetime], context: Context) -> dict[str, datetime]:
    """When waiting timers are due by the context's calendar: reference -> moment, of those that ask it at all.

    `timers`: reference -> when it was set. One that can no longer be counted is left out and stays as it was.
    """
    instance = restore(process, state)
    found: dict[str, datetime] = {}
    for ref, set_at in timers.items():
        waiting = _waiting(instance, ref)
        if waiting is None or not _may_count(waiting[1]):
            continue
        due_at = _due(process, *waiting, replace(context, now=set_at))
        if due_at is not None:
            found[ref] = due_at
    return found


def _waiting(instance: Instance, ref: str) -> tuple[Token, Trigger] | None:
    name, _, place = ref.partition(".")
    token = instance.index.get(name)
    if token is None or not isinstance(token.task_spec, Catch):
        return None
    triggers, number = token.task_spec.node.triggers, int(place) if place.isdecimal() else 0
    return (token, triggers[number]) if number < len(triggers) and triggers[number].kind == "timer" else None


def _due(process: Process, token: Token, trigger: Trigger, context: Context) -> datetime | None:
    known = context.calendar
    asked = _Asked(overrides=known.overrides, entered_years=known.entered_years)
    context = replace(context, calendar=asked)
    language = Language(context, {**process.defaults, **context.variables})
    try:
        due_at = arm(trigger, context, language, token.data).due_at
    except BadExpression:
        return None
    return due_at if asked.days else None


@dataclass(frozen=True, kw_only=True)
class _Asked(Calendar):
    """A calendar that notes which days were asked for."""

    days: list[date] = field(default_factory=list)

    def is_workday(self, day: date) -> bool:
        self.days.append(day)
        return super().is_workday(day)
