"""Scalars: the only values that leave or enter an instance."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from domain.errors import Invalid
from engine.contract import Scalar
from engine.expressions import BadExpression

MAX_TEXT = 4_000
MAX_INTEGER = 2**53  # what JSON readers keep exactly


def to_scalar(value: Any) -> Scalar:
    """An expression's value as it is stored; moments become ISO texts."""
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if is_scalar(value):
        return value  # type: ignore[no-any-return]
    raise BadExpression("表达式的结果须为数、文字、是/否或时间")


def is_scalar(value: Any) -> bool:
    """Whether a value may be stored: no containers, no endless texts, no numbers that JSON cannot hold."""
    if value is None or type(value) is bool:
        return True
    if type(value) is int:
        return abs(value) <= MAX_INTEGER
    if type(value) is float:
        return math.isfinite(value)
    return type(value) is str and len(value) <= MAX_TEXT and _is_text(value)


def _is_text(value: str) -> bool:
    # a lone surrogate cannot be encoded, a NUL cannot be stored by PostgreSQL
    return "\x00" not in value and not any("\ud800" <= char <= "\udfff" for char in value)


def refuse_bad_scalars(values: Mapping[str, Any]) -> None:
    """Refuse a mapping that holds anything but scalars under names."""
    for name, value in values.items():
        if not isinstance(name, str) or not name.isidentifier() or len(name) > 100:
            raise Invalid("数据项的名称不合规则")
        if not is_scalar(value):
            raise Invalid(f"“{name}”只能是数、文字、是/否或日期，且不能过长", fields={name: "类型不合要求"})


def fits(value: Scalar, type_: str) -> bool:
    """Whether a value given by a person has the declared type; empty always fits."""
    if value is None:
        return True
    if type_ == "bool":
        return isinstance(value, bool)
    if type_ == "int":
        return type(value) is int
    if type_ == "float":
        return type(value) in (int, float)
    if type_ == "date":
        return isinstance(value, str) and _is_date(value)
    return isinstance(value, str)


def _is_date(value: str) -> bool:
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True
