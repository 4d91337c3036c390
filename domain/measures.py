"""What a target of a measure demands, in words, and whether a reported result meets it."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import replace

from domain.plan import Target

LEAD = "lead"
RESPONSIBLE = "responsible"
ROLES = {LEAD: "牵头", RESPONSIBLE: "责任"}

WAITING = "waiting"  # its date comes after one that is not accepted yet, or it is not handed out
OPEN = "open"
REPORTED = "reported"
CHECKED = "checked"
RETURNED = "returned"
ACCEPTED = "accepted"
STATES = (WAITING, OPEN, REPORTED, CHECKED, RETURNED, ACCEPTED)

_COMPARE: dict[str, tuple[str, Callable[[float, float], bool]]] = {
    ">=": ("不低于", operator.ge),
    "<=": ("不超过", operator.le),
    ">": ("大于", operator.gt),
    "<": ("小于", operator.lt),
    "=": ("等于", operator.eq),
}


def is_number(target: Target) -> bool:
    """Whether the system judges it; what is written in words people judge."""
    return not isinstance(target.value, str)


def portion(target: Target, unit: str) -> Target:
    """What is demanded of one unit: its part where the target is allocated among units."""
    return replace(target, value=target.values[unit], values={}) if unit in target.values else target


def wanted(target: Target) -> str:
    """What is demanded, in words: 不低于 75%."""
    if isinstance(target.value, str):
        return target.value
    if isinstance(target.value, tuple):
        low, high = target.value
        return f"{low:g} 至 {high:g}{_unit(target)}"
    return f"{_COMPARE[target.operator or '='][0]} {target.value:g}{_unit(target)}"


def shown(target: Target, value: object) -> str:
    """A reported result with its unit."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    return f"{value:g}{_unit(target)}"


def _unit(target: Target) -> str:
    return target.unit if target.unit in ("", "%", "‰") else f" {target.unit}"


def meets(target: Target, value: float) -> bool:
    """Whether a number reaches its target; the last binary digit does not decide."""
    if isinstance(target.value, str):
        raise TypeError("words are judged by people")
    if isinstance(target.value, tuple):
        low, high = target.value
        return round(low, 9) <= round(value, 9) <= round(high, 9)
    compare = _COMPARE[target.operator or "="][1]
    return compare(round(value, 9), round(target.value, 9))


def aim(target: Target) -> float | str:
    """A result that meets the target: what somebody reports who has done it."""
    if isinstance(target.value, str):
        return target.value
    if isinstance(target.value, tuple):
        return target.value[0]
    return target.value + {">": 1, "<": -1}.get(target.operator or "=", 0)
