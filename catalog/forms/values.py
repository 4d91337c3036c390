"""One answer at a time: from what a client sent to a value of the field's type, or a sentence why not."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

from catalog.forms.schema import ONE_OF, SOME_OF, TEXTS, Component
from domain.workdays import typed_day

MAX_TEXT = 20_000
MAX_CHOICES = 500
# Fifteen significant digits survive the way through a double unchanged.
MAX_DIGITS = 15
MAX_MAGNITUDE = Decimal("1e15")
_NUMBER = re.compile(r"-?[0-9]{1,30}(\.[0-9]{1,30})?([eE][+-]?[0-9]{1,3})?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9](Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])?")
_NEWLINES = str.maketrans({"\r": " ", "\n": " ", "\t": " "})


class Bad(ValueError):
    """The value is of no use; the message is the sentence."""


def empty(component: Component) -> Any:
    """What the field holds before anybody answers."""
    if component.type in TEXTS:
        return ""
    if component.type in SOME_OF:
        return []
    return False if component.type == "checkbox" else None


def initial(component: Component, given: Any) -> Any:
    """The value a form starts with: what the host gives, else the default, else empty."""
    for value in (given, component.raw.get("defaultValue")):
        if value is not None:
            try:
                return read(component, value)
            except Bad:
                continue
    return empty(component)


def read(component: Component, value: Any) -> Any:
    """The value as the field keeps it; raises Bad with a Chinese sentence."""
    if value is None:
        return empty(component)
    return _reader(component)(component, value)


def decimal_of(value: Any) -> Decimal | None:
    """The exact number that was written, or None."""
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        return None
    text = str(value).strip()
    if not _NUMBER.fullmatch(text):
        return None
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def plain(number: Decimal) -> int | float:
    """The number as JSON has it."""
    return int(number) if number == number.to_integral_value() else float(number)


def written(number: Decimal) -> str:
    """The number as a person writes it."""
    return format(number.normalize(), "f") if number else "0"


def _reader(component: Component) -> Callable[[Component, Any], Any]:
    if component.type in TEXTS:
        return _text
    if component.type in ONE_OF:
        return _choice
    if component.type in SOME_OF:
        return _choices
    return {"number": _number, "checkbox": _checkbox, "datetime": _datetime}.get(component.type, _nothing)


def _nothing(component: Component, value: Any) -> None:
    """An expression field: the server computes it, whatever was sent."""


def _text(component: Component, value: Any) -> str:
    if not isinstance(value, str):
        raise Bad(f"“{component.label}”应为文字")
    if len(value) > MAX_TEXT:
        raise Bad(f"“{component.label}”最多 {MAX_TEXT} 个字")
    refuse_unstorable(component.label, value)
    return value.translate(_NEWLINES) if component.type == "textfield" else value


def refuse_unstorable(label: str, text: str) -> None:
    """Refuse what no database keeps: NUL and halves of surrogate pairs."""
    if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise Bad(f"“{label}”含有不能保存的字符")


def _number(component: Component, value: Any) -> int | float | str | None:
    if value == "":
        return None
    number = decimal_of(value)
    if number is None:
        raise Bad(f"“{component.label}”应为数字")
    if len(number.normalize().as_tuple().digits) > MAX_DIGITS or abs(number) >= MAX_MAGNITUDE:
        raise Bad(f"“{component.label}”的数字位数过多")
    return written(number) if component.raw.get("serializeToString") else plain(number)


def _checkbox(component: Component, value: Any) -> bool:
    if not isinstance(value, bool):
        raise Bad(f"“{component.label}”应为勾选或不勾选")
    return value


def _choice(component: Component, value: Any) -> Any:
    if isinstance(value, str):
        refuse_unstorable(component.label, value)
    return None if value == "" else value


def _choices(component: Component, value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise Bad(f"“{component.label}”应为若干选项")
    if len(value) > MAX_CHOICES:
        raise Bad(f"“{component.label}”最多 {MAX_CHOICES} 项")
    chosen: list[Any] = []
    for each in value:
        if isinstance(each, str):
            refuse_unstorable(component.label, each)
        if not any(same(each, other) for other in chosen):
            chosen.append(each)
    return chosen


def same(one: Any, other: Any) -> bool:
    """JSON equality: true is not 1."""
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)


def _datetime(component: Component, value: Any) -> str | None:
    if value == "":
        return None
    if not isinstance(value, str) or not _is_moment(component.raw.get("subtype", "date"), value):
        raise Bad(f"“{component.label}”应为有效的{_MOMENTS.get(component.raw.get('subtype', 'date'), '日期')}")
    return value


_MOMENTS = {"date": "日期", "time": "时间", "datetime": "日期和时间"}


def _is_moment(subtype: str, text: str) -> bool:
    if subtype == "time":
        return bool(_TIME.fullmatch(text))
    if subtype == "date":
        return _is_date(text)
    day, separator, time = text.partition("T")
    return bool(separator) and _is_date(day) and bool(_TIME.fullmatch(time))


def _is_date(text: str) -> bool:
    if not _DATE.fullmatch(text):
        return False
    try:
        typed_day(text)
    except ValueError:
        return False
    return True
